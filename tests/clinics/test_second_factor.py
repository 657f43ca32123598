"""The second factor: asked for, set up, used once, kept sealed."""

import re
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from clinics import presence
from clinics.models import Clinic, User
from tests.clinics.accounts import (
    PASSWORD,
    code_of,
    give_app,
    give_recovery_codes,
    is_in,
    log_in,
    mails,
    make_person,
)
from tests.conftest import make_clinic, make_editor, signed_in

SECURITY = "/accounts/security/"


@pytest.fixture
def strict_clinic(db: None) -> Clinic:
    clinic = make_clinic()
    clinic.requires_second_factor = True
    clinic.save(update_fields=["requires_second_factor"])
    return clinic


@pytest.fixture
def person(strict_clinic: Clinic) -> User:
    return make_person(clinic=strict_clinic)


@pytest.mark.django_db
def test_new_clinics_ask_for_one() -> None:
    assert Clinic.objects.create(name="Bayside").requires_second_factor


@pytest.mark.asvs("V6.3.3")
@pytest.mark.parametrize("address", ["/", "/patients/", "/exercises/", "/admin/", "/signed-in/"])
def test_leads_who_has_none_to_set_one_up_before_anything_else(person: User, address: str) -> None:
    client = Client()
    log_in(client, person)

    response = client.get(address)

    assert response["Location"] == SECURITY
    assert "Set up a second step first" in client.get(SECURITY).content.decode()


def test_keeps_a_script_out_as_well(person: User) -> None:
    client = signed_in(person)

    response = client.post("/patients/", headers={"X-Requested-With": "fetch"})

    assert (response.status_code, response.json()) == (401, {})


def test_lets_somebody_without_one_sign_out(person: User) -> None:
    assert signed_in(person).post("/accounts/logout/").status_code == 302


@pytest.mark.django_db
def test_asks_those_who_edit_for_all_clinics_too(settings) -> None:
    settings.STAFF_NEED_SECOND_FACTOR = True

    assert signed_in(make_editor()).get("/")["Location"] == SECURITY


def test_sets_up_an_app_shows_the_recovery_codes_once_and_lets_in(person: User) -> None:
    client = Client()
    log_in(client, person)

    page = client.get(SECURITY + "app/").content.decode()
    seed = re.search(r'class="seed">(\w+)<', page)
    assert seed is not None
    assert "data:image/svg+xml;base64," in page
    wrong = client.post(SECURITY + "app/", {"code": "000000"})
    assert "Incorrect code" in wrong.content.decode()
    done = client.post(SECURITY + "app/", {"code": code_of(seed[1])})
    assert done["Location"] == SECURITY + "codes/"
    codes = re.findall(r"<code>(\d{4} \d{4} \d{4} \d{4})</code>", client.get(done["Location"]).content.decode())
    again = client.get(done["Location"]).content.decode()

    assert len(set(codes)) == 10
    assert not re.search(r"\d{4} \d{4} \d{4} \d{4}", again)
    assert is_in(client)


@pytest.mark.django_db(transaction=True)
def test_mails_what_was_changed_of_an_account() -> None:
    person, client = make_person(), Client()
    log_in(client, person)

    seed = re.search(r'class="seed">(\w+)<', client.get(SECURITY + "app/").content.decode())
    assert seed is not None
    client.post(SECURITY + "app/", {"code": code_of(seed[1])}, REMOTE_ADDR="192.0.2.7")

    (mail,) = mails()
    assert mail.to == [person.email]
    assert "Authenticator app activated" in str(mail.body)
    assert "192.0.2.7" in str(mail.body)


@pytest.mark.asvs("V2.3.1")
def test_password_alone_opens_nothing_once_there_is_one(person: User) -> None:
    give_app(person)
    client = Client()

    response = log_in(client, person)

    assert response["Location"] == "/accounts/login/second/"
    assert not is_in(client)


@pytest.mark.asvs("V6.5.1")
def test_takes_a_code_of_the_app_once(person: User) -> None:
    seed = give_app(person)
    first, second = Client(), Client()
    code = code_of(seed)
    for client in (first, second):
        log_in(client, person)

    entered = first.post("/accounts/login/second/", {"code": code})
    # The library's own note ends after 30 s, while the code lives on.
    cache.delete(f"allauth.mfa.totp.used?user={person.pk}&code={code}")
    refused = second.post("/accounts/login/second/", {"code": f"{code[:3]} {code[3:]}"})

    assert (entered.status_code, entered["Location"]) == (302, "/")
    assert "Incorrect code" in refused.content.decode()
    assert is_in(first)
    assert not is_in(second)


@pytest.mark.asvs("V6.5.5")
@pytest.mark.parametrize(("steps", "works"), [(-3, False), (-1, True), (1, True), (3, False)])
def test_takes_a_code_a_step_beside_its_time_and_no_more(person: User, steps: int, works: bool) -> None:
    seed = give_app(person)
    client = Client()
    log_in(client, person)

    client.post("/accounts/login/second/", {"code": code_of(seed, steps=steps)})

    assert is_in(client) is works


@pytest.mark.asvs("V6.5.1", "V6.5.4")
def test_takes_a_recovery_code_once_with_or_without_spaces(person: User) -> None:
    give_app(person)
    code = give_recovery_codes(person)[3]
    first, second = Client(), Client()

    for client in (first, second):
        log_in(client, person)
        client.post("/accounts/login/second/", {"code": f"{code[:4]} {code[4:]}"})

    assert len(code) == 16
    assert is_in(first)
    assert not is_in(second)


def test_stops_guessing_at_codes(person: User) -> None:
    seed = give_app(person)
    client = Client()
    log_in(client, person)

    for _ in range(5):
        client.post("/accounts/login/second/", {"code": "000000"})
    client.post("/accounts/login/second/", {"code": code_of(seed)})

    assert not is_in(client)


@pytest.mark.asvs("V6.5.2")
def test_keeps_seeds_sealed(person: User) -> None:
    seed = give_app(person)
    give_recovery_codes(person)

    kept = [str(value) for data in Authenticator.objects.values_list("data", flat=True) for value in data.values()]

    assert not any(seed in value for value in kept)
    assert sum(value.startswith("1:") for value in kept) == 2


@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_keeps_the_last_one_where_the_clinic_asks_for_it(person: User, kind: str) -> None:
    client = Client()
    log_in(client, person)
    kinds = {"app": Authenticator.Type.TOTP, "passkey": Authenticator.Type.WEBAUTHN}
    one = Authenticator.objects.create(user=person, type=kinds[kind], data={"name": "Key", "credential": {}})
    addresses = {"app": SECURITY + "app/remove/", "passkey": f"{SECURITY}passkeys/{one.pk}/remove/"}

    page = client.post(addresses[kind]).content.decode()

    assert "Add another first" in unescape(page)
    assert Authenticator.objects.filter(pk=one.pk).exists()


@pytest.mark.django_db
def test_removes_the_app_where_nobody_asks_for_it() -> None:
    person, client = make_person(), Client()
    log_in(client, person)
    give_app(person)

    client.post(SECURITY + "app/remove/")

    assert not Authenticator.objects.exists()


@pytest.mark.django_db
def test_touches_no_passkey_of_somebody_else() -> None:
    theirs = Authenticator.objects.create(
        user=make_person(), type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}}
    )
    client = Client()
    log_in(client, make_person())

    for act in ("name", "remove"):
        assert client.post(f"{SECURITY}passkeys/{theirs.pk}/{act}/", {"name": "Mine"}).status_code == 404

    theirs.refresh_from_db()
    assert theirs.data["name"] == "Key"


@pytest.mark.asvs("V7.5.1")
@pytest.mark.django_db
@pytest.mark.parametrize("page", ["app/", "passkeys/add/"])
def test_asks_again_before_a_factor_is_changed_in_an_old_session(page: str) -> None:
    person, client = make_person(), Client()
    log_in(client, person)
    assert client.get(SECURITY + page).status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()

    asked = client.get(SECURITY + page)
    assert asked["Location"].startswith("/accounts/again/?next=")
    wrong = client.post(asked["Location"], {"password": "not the password"})
    confirmed = client.post(asked["Location"], {"password": PASSWORD, "next": SECURITY + page})

    assert wrong.status_code == 200
    assert confirmed["Location"] == SECURITY + page
    assert client.get(SECURITY + page).status_code == 200


def test_carries_typed_fields_through_both_steps(person: User) -> None:
    seed = give_app(person)
    client = Client()
    typed = {"note": "Felt <tingling>", "code": "their own field", "resume_target": "/exercises/"}

    asked = client.post("/resume/", {**typed, "login": person.email, "password": PASSWORD})
    wrong = client.post("/resume/", {**typed, "second-code": "000000"})
    done = client.post("/resume/", {**typed, "second-code": code_of(seed)})

    for response in (asked, wrong):
        assert response.status_code == 401
        assert 'name="second-code"' in response.content.decode()
    for response in (asked, wrong, done):
        assert 'name="note" value="Felt &lt;tingling&gt;"' in response.content.decode()
        assert 'name="code" value="their own field"' in response.content.decode()
    assert done.status_code == 200
    assert PASSWORD not in asked.content.decode()
    assert is_in(client)


def test_a_code_alone_resumes_nothing(person: User) -> None:
    seed = give_app(person)
    client = Client()

    client.post("/resume/", {"second-code": code_of(seed), "resume_target": "/exercises/"})

    assert not is_in(client)


@pytest.mark.asvs("V6.4.3")
def test_asks_for_it_after_the_password_was_reset_too(person: User) -> None:
    give_app(person)
    client = Client()
    client.post("/accounts/password/reset/", {"email": person.email})
    link = re.search(r"http://testserver(/\S+)", str(mails()[-1].body))
    assert link is not None

    form = client.get(link[1], follow=True)
    new = "quite another password"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    assert not is_in(client)
    assert log_in(client, person, new)["Location"] == "/accounts/login/second/"


def test_a_clinic_that_begins_to_ask_costs_nobody_what_they_typed(strict_clinic: Clinic) -> None:
    Clinic.objects.update(requires_second_factor=False)
    client = signed_in(make_person(clinic=strict_clinic))
    Clinic.objects.update(requires_second_factor=True)
    session = client.session
    session[presence.KEY] = {**session[presence.KEY], "seen": session[presence.KEY]["seen"] - 61}
    session.save()

    sent = client.post("/patients/new/", {"name": ""})
    session = client.session
    session[presence.KEY] = {**session[presence.KEY], "seen": session[presence.KEY]["seen"] - 61}
    session.save()

    assert "Location" not in sent
    assert client.get("/patients/")["Location"] == SECURITY
    assert client.post("/patients/new/", {"name": ""})["Location"] == SECURITY


def test_keeps_what_came_along_until_the_factor_is_set_up(person: User) -> None:
    client = Client()
    typed = {"note": "Felt tingling", "resume_target": "/exercises/", "login": person.email, "password": PASSWORD}

    page = client.post("/resume/", typed).content.decode()

    assert "Set it up in a new tab" in page
    assert 'name="note" value="Felt tingling"' in page
