"""Sessions: by chance alone, checked by the server, ended where they should be."""

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEntry, Membership, Role, User
from clinics.presence import KEY
from tests.clinics.accounts import PASSWORD, code_of, give_app, is_in, log_in, make_person
from tests.conftest import make_clinic, make_user, signed_in

COOKIE = settings.SESSION_COOKIE_NAME
SECOND = "/accounts/login/second/"
AGAIN = "/accounts/again/"


@pytest.fixture
def person(db: None) -> User:
    return make_person()


@pytest.fixture
def client(person: User) -> Client:
    client = Client()
    log_in(client, person)
    return client


@pytest.fixture
def admin(person: User) -> User:
    return make_user(Role.CLINIC_ADMIN, clinic=person.memberships.get().clinic, name="Ada Admin")


def browser_with(key: str) -> Client:
    client = Client()
    client.cookies[COOKIE] = key
    return client


@pytest.mark.asvs("V7.2.1")
@pytest.mark.parametrize("forge", [lambda key: key[:-1], lambda key: key[::-1], lambda key: "a" * 32, lambda key: ""])
def test_a_made_up_session_is_nobodys(client: Client, forge) -> None:
    key = client.cookies[COOKIE].value

    assert is_in(browser_with(key))
    assert not is_in(browser_with(forge(key)))


@pytest.mark.asvs("V7.2.1")
def test_a_session_of_another_site_is_nobodys(client: Client, settings) -> None:
    settings.SECRET_KEY = "of another site" * 5

    assert not is_in(client)


@pytest.mark.asvs("V7.2.2")
def test_each_sign_in_has_a_key_of_its_own(client: Client, person: User) -> None:
    other = Client()
    log_in(other, person)

    assert client.cookies[COOKIE].value != other.cookies[COOKIE].value


@pytest.mark.asvs("V7.2.3")
@pytest.mark.django_db
def test_keys_have_165_bits_of_chance() -> None:
    keys = {SessionStore()._get_new_session_key() for _ in range(20)}

    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    assert len(keys) == 20
    assert all(len(key) == 32 and key.isalnum() and key.islower() for key in keys)  # 36 to the 32nd


@pytest.mark.asvs("V7.2.4")
@pytest.mark.parametrize("step", ["password", "second factor", "confirming"])
def test_each_step_of_a_sign_in_takes_a_new_key_and_the_old_one_is_dead(person: User, step: str) -> None:
    seed, client = give_app(person), Client()
    client.get("/accounts/login/")
    steps = {
        "password": lambda: log_in(client, person),
        "second factor": lambda: client.post(SECOND, {"code": code_of(seed)}),
        "confirming": lambda: client.post(AGAIN, {"password": PASSWORD}),
    }

    for name, take in steps.items():
        session = client.session
        session["planted"] = "yes"
        session.save()
        client.cookies[COOKIE] = before = session.session_key
        take()
        if name == step:
            break

    assert client.cookies[COOKIE].value != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.asvs("V7.2.4")
def test_confirming_who_one_is_keeps_the_session_in_the_list(client: Client, person: User) -> None:
    client.post(AGAIN, {"password": PASSWORD})

    assert is_in(client)
    assert UserSession.objects.get(user=person).session_key == client.cookies[COOKIE].value


@pytest.mark.asvs("V7.4.1")
@pytest.mark.parametrize("end", ["signed out", "left alone"])
def test_a_copied_cookie_opens_nothing_after_the_end(client: Client, end: str) -> None:
    copy = browser_with(client.cookies[COOKIE].value)
    assert is_in(copy)

    if end == "signed out":
        client.post("/accounts/logout/")
    else:
        session = client.session
        session[KEY] = {**session[KEY], "seen": session[KEY]["seen"] - 901}
        session.save()

    for name in ("today", "patients", "patient_new", "exercises", "protocols", "evidence", "mfa_index", "own_clinic"):
        assert copy.get(reverse(name))["Location"].startswith("/accounts/login/")


@pytest.mark.asvs("V7.4.2")
@pytest.mark.parametrize("end", ["closed", "without a usable password"])
def test_a_closed_account_is_out_with_the_next_page(client: Client, person: User, end: str) -> None:
    assert is_in(client)

    if end == "closed":
        person.is_active = False
        person.save(update_fields=["is_active"])
    else:
        person.set_unusable_password()
        person.save(update_fields=["password"])

    assert not is_in(client)


@pytest.mark.asvs("V7.4.5")
def test_a_clinics_admin_signs_a_colleague_out(client: Client, person: User, admin: User) -> None:
    desk = signed_in(admin)
    membership = person.memberships.get()
    clinic = membership.clinic_id

    page = desk.get(reverse("people", args=[clinic])).content.decode()
    desk.post(reverse("person_sign_out", args=[clinic, membership.pk]))

    assert page.count("Signed in with 1 browser,") == 1
    assert page.count("Sign out<span") == 1
    assert not is_in(client)
    entry = AuditEntry.objects.get(action="end sessions")
    assert (entry.by, entry.clinic_id, entry.subject) == (admin, clinic, f"user:{person.pk}")


@pytest.mark.asvs("V7.4.5")
def test_a_clinics_admin_signs_nobody_else_out(client: Client, person: User, admin: User) -> None:
    desk, theirs = signed_in(admin), make_clinic()
    Membership.objects.create(clinic=theirs, user=make_person(), role=Role.TRAINER)
    member, foreign = person.memberships.get(), theirs.memberships.get()
    own = member.clinic_id

    tries = [(own, foreign.pk), (theirs.pk, foreign.pk), (theirs.pk, member.pk), (own, 999_999)]
    answers = {desk.post(reverse("person_sign_out", args=numbers)).status_code for numbers in tries}

    assert answers == {404}
    assert desk.get(reverse("people", args=[theirs.pk])).status_code == 404
    assert is_in(client)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role != Role.CLINIC_ADMIN])
def test_no_other_role_signs_colleagues_out(client: Client, person: User, role: Role) -> None:
    member = person.memberships.get()
    other = signed_in(make_user(role, clinic=member.clinic))

    assert other.get(reverse("people", args=[member.clinic_id])).status_code == 403
    assert other.post(reverse("person_sign_out", args=[member.clinic_id, member.pk])).status_code == 403
    assert is_in(client)


def test_signing_out_colleagues_is_by_post_alone_and_for_who_is_signed_in(person: User, admin: User) -> None:
    member = person.memberships.get()
    address = reverse("person_sign_out", args=[member.clinic_id, member.pk])

    assert signed_in(admin).get(address).status_code == 405
    assert Client().get(reverse("people", args=[member.clinic_id]))["Location"].startswith("/accounts/login/")


@pytest.mark.asvs("V7.6.2")
@pytest.mark.django_db
def test_no_other_site_signs_anybody_in(person: User) -> None:
    client = Client(enforce_csrf_checks=True)

    assert log_in(client, person).status_code == 403
    assert not is_in(client)
