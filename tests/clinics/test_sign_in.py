"""Signing in, and what was typed when the session had ended."""

import re
from html import unescape

import pytest
from django.test import Client

from clinics.models import Clinic, User
from tests.clinics.accounts import PASSWORD, mails, make_person

TYPED = {"note": "Felt tingling <left>\r\nsecond line", "tight": ["piriformis", "hamstrings"], "empty": ""}


@pytest.fixture
def person(db: None) -> User:
    return make_person()


def credentials(person: User) -> dict[str, str]:
    return {"login": person.email, "password": PASSWORD}


def carried(page: str) -> list[tuple[str, str]]:
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return [(name, unescape(value)) for name, value in fields if name not in {"csrfmiddlewaretoken", "resume_target"}]


EXPECTED = [
    ("note", "Felt tingling <left>\r\nsecond line"),
    ("tight", "piriformis"),
    ("tight", "hamstrings"),
    ("empty", ""),
]


def test_signs_in_by_email_in_any_case(person: User) -> None:
    client = Client()

    response = client.post("/accounts/login/", {"login": person.email.upper(), "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("email", ["known", "unknown"])
def test_says_the_same_of_a_wrong_password_and_an_unknown_person(person: User, email: str) -> None:
    login = person.email if email == "known" else "nobody@clinic.invalid"

    page = Client().post("/accounts/login/", {"login": login, "password": "wrong"}).content.decode()

    assert "The email address and/or password you specified are not correct." in page


def test_keeps_closed_accounts_out(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = Client()

    client.post("/accounts/login/", credentials(person))

    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/signup/", "/accounts/email/", "/accounts/confirm-email/", "/accounts/"])
def test_has_no_page_to_sign_up_or_to_change_addresses(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.asvs("V6.4.3")
def test_sends_a_link_for_a_new_password_that_works_once(person: User) -> None:
    client = Client()

    client.post("/accounts/password/reset/", {"email": person.email})
    address = re.search(r"http://testserver(/\S+)", str(mails()[0].body))
    assert address is not None
    form = client.get(address[1], follow=True)
    done = client.post(
        form.redirect_chain[-1][0],
        {"password1": "another long password", "password2": "another long password"},
    )
    used = Client().get(address[1])

    person.refresh_from_db()
    assert done["Location"] == "/accounts/password/reset/key/done/"
    assert person.check_password("another long password")
    assert "This link no longer works" in used.content.decode()


@pytest.mark.django_db
def test_answers_alike_and_mails_nobody_when_the_address_is_unknown(client: Client) -> None:
    response = client.post("/accounts/password/reset/", {"email": "nobody@clinic.invalid"})

    assert response["Location"] == "/accounts/password/reset/done/"
    assert mails() == []


@pytest.mark.django_db
def test_keeps_the_typed_fields_when_the_session_has_ended(client: Client) -> None:
    response = client.post("/exercises/?q=clam", TYPED)

    page = response.content.decode()
    assert response.status_code == 401
    assert carried(page) == EXPECTED
    assert 'name="resume_target" value="/exercises/?q=clam"' in page


def test_offers_to_send_them_with_one_button_after_signing_in(person: User) -> None:
    client = Client()

    response = client.post("/resume/", {**TYPED, **credentials(person), "resume_target": "/exercises/?q=clam"})

    page = response.content.decode()
    assert response.status_code == 200
    assert client.session["_auth_user_id"] == str(person.pk)
    assert '<form method="post" action="/exercises/?q=clam">' in page
    assert carried(page) == EXPECTED
    assert PASSWORD not in page
    assert person.email not in page


def test_keeps_them_through_a_wrong_password(person: User) -> None:
    wrong = {"login": person.email, "password": "wrong"}

    response = Client().post("/resume/", {**TYPED, **wrong, "resume_target": "/exercises/"})

    assert response.status_code == 401
    assert carried(response.content.decode()) == EXPECTED


def test_does_not_let_a_closed_account_resume(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = Client()

    response = client.post("/resume/", {**TYPED, **credentials(person), "resume_target": "/exercises/"})

    assert "_auth_user_id" not in client.session
    assert "Send what you typed" not in response.content.decode()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.invalid/",
        "//evil.invalid/take",
        "javascript:alert(1)",
        "https:///evil.invalid",
        "",
        "\\\\evil",
    ],
)
def test_refuses_to_send_them_anywhere_else(person: User, target: str) -> None:
    response = Client().post("/resume/", {**TYPED, **credentials(person), "resume_target": target})

    assert (response.status_code, response["Location"]) == (302, "/")


def test_only_resumes_what_was_posted(client: Client) -> None:
    assert client.get("/resume/").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/exercises/", "/resume/"])
def test_checks_for_forged_forms_before_anything_is_carried(address: str) -> None:
    response = Client(enforce_csrf_checks=True).post(address, TYPED)

    assert response.status_code == 403
    assert "This form was open too long" in response.content.decode()
    assert "Felt tingling" not in response.content.decode()


def test_carries_nothing_for_somebody_who_is_signed_in(person: User) -> None:
    client = Client()
    client.post("/accounts/login/", credentials(person))

    assert client.post("/exercises/", TYPED).status_code == 405


def test_signs_out_by_button_and_not_by_link(person: User) -> None:
    client = Client()
    client.post("/accounts/login/", credentials(person))

    asked = client.get("/accounts/logout/")
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")

    assert "Sign out?" in asked.content.decode()
    assert "_auth_user_id" not in client.session


def test_names_the_person_and_the_clinic_on_every_page(person: User) -> None:
    client = Client()
    client.post("/accounts/login/", credentials(person))

    page = client.get("/exercises/").content.decode()

    assert Clinic.objects.values_list("name", flat=True)[0] in page
    assert "Dana Okafor, PT" in page
