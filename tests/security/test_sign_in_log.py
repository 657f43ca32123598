"""What of signing in is in the audit log: one entry for each event, with its method, and nothing that was typed."""

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client

from clinics.models import AuditEntry, User
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

HERE = "127.0.0.1"
SECOND = "/accounts/login/second/"
OWN = "/accounts/security/"


@pytest.fixture
def person(db: None) -> User:
    cache.clear()
    return make_person()


@pytest.fixture
def break_log(monkeypatch) -> Callable[[], None]:
    """Return what makes the log refuse entries from then on."""

    def refuse(**entry: object) -> None:
        raise DatabaseError("no room")

    return lambda: monkeypatch.setattr(AuditEntry.objects, "create", refuse)


def written(person: User | None) -> list[tuple[str, dict[str, object]]]:
    """Return action and detail of each entry about the account, each with its clinic and the address."""
    subject = f"user:{person.pk if person else 'unknown'}"
    entries = AuditEntry.objects.filter(subject=subject).order_by("id")
    clinic = person.memberships.get().clinic_id if person else None
    assert {entry.clinic_id for entry in entries} <= {clinic}
    assert {entry.detail.pop("address") for entry in entries} == {HERE}
    return [(entry.action, entry.detail) for entry in entries]


@pytest.mark.asvs("V16.3.1")
def test_tells_who_came_in_with_what_and_went(person: User) -> None:
    code, client = code_of(give_app(person)), Client()

    log_in(client, person)
    client.post(SECOND, {"code": code})
    client.post("/accounts/logout/")
    recovery = give_recovery_codes(person)[0]
    log_in(client, person)
    client.post(SECOND, {"code": recovery})

    assert written(person) == [
        ("sign in", {"methods": ["password", "totp"]}),
        ("sign out", {}),
        ("sign in", {"methods": ["password", "recovery_codes"]}),
    ]


@pytest.mark.asvs("V16.3.1")
def test_tells_of_failed_tries_and_of_a_lock_once(person: User) -> None:
    for number in range(9):
        log_in(Client(), person, f"secret {number}")

    assert written(person) == [("refuse sign-in", {"method": "password"})] * 5 + [
        ("lock sign-in", {"method": "password"})
    ]


@pytest.mark.asvs("V16.2.5")
def test_tells_of_tries_at_no_account_without_what_was_typed(person: User) -> None:
    Client().post("/accounts/login/", {"login": "my-own-password@typed.invalid", "password": "another secret"})

    assert written(None) == [("refuse sign-in", {"method": "password"})]
    assert "typed" not in str(AuditEntry.objects.values_list("by_name", "subject", "detail"))


@pytest.mark.asvs("V16.3.1")
def test_tells_of_wrong_codes_and_their_lock(person: User) -> None:
    give_app(person)
    client = Client()
    log_in(client, person)

    for _ in range(7):
        client.post(SECOND, {"code": "000000"})

    assert written(person) == [("refuse sign-in", {"method": "code"})] * 5 + [("lock sign-in", {"method": "code"})]


@pytest.mark.parametrize("way", ["/accounts/login/passkey/", "/resume/"])
@pytest.mark.parametrize("sent", ['{"id": "it"}', "[1]", '"it"', "7", '{"id": [], "rawId": {}, "response": 0}'])
def test_tells_of_a_passkey_that_opens_nothing(person: User, way: str, sent: str) -> None:
    give_app(person)
    client, prefix = Client(), "second-" if way == "/resume/" else ""
    if prefix:
        log_in(client, person)

    client.post(way, {f"{prefix}credential": sent, f"{prefix}code": "", "resume_target": "/"})

    assert written(person if prefix else None) == [("refuse sign-in", {"method": "webauthn"})]


@pytest.mark.asvs("V16.3.1")
@pytest.mark.django_db(transaction=True)
def test_tells_of_each_change_of_a_factor() -> None:
    person, client = make_person(), Client()
    log_in(client, person)

    seed = re.search(r'class="seed">(\w+)<', client.get(OWN + "app/").content.decode())
    assert seed is not None
    client.post(OWN + "app/", {"code": code_of(seed[1])})
    client.post(OWN + "codes/new/")
    client.post(OWN + "app/remove/")

    assert written(person)[1:] == [
        ("add second factor", {"method": "totp"}),
        ("add second factor", {"method": "recovery_codes"}),
        ("remove second factor", {"method": "totp"}),
    ]


@pytest.mark.asvs("V16.3.1")
def test_tells_how_a_password_was_changed_and_of_sessions_that_were_ended(person: User) -> None:
    client, new = Client(), "quite another password"
    log_in(client, person)

    client.post("/accounts/again/", {"password": PASSWORD})
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    client.post(OWN + "sessions/end/")
    Client().post("/accounts/password/reset/", {"email": person.email})
    link = re.search(r"http://testserver(/\S+)", str(mails()[-1].body))
    assert link is not None
    form = Client().get(link[1], follow=True)
    form.client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})

    assert written(person) == [
        ("sign in", {"methods": ["password"]}),
        ("confirm sign-in", {"method": "password"}),
        ("change password", {"method": "old password"}),
        ("end sessions", {}),
        ("change password", {"method": "mailed link"}),
    ]


@pytest.mark.asvs("V16.5.3")
@pytest.mark.fault
@pytest.mark.parametrize("password", [PASSWORD, "a wrong password"])
def test_lets_nobody_in_while_the_log_cannot_be_written(person: User, break_log, password: str) -> None:
    client = Client()
    break_log()

    response = log_in(client, person, password)

    assert response.status_code == 503
    assert not is_in(client)


@pytest.mark.asvs("V16.5.3")
@pytest.mark.fault
def test_changes_no_password_while_the_log_cannot_be_written(person: User, break_log) -> None:
    client, new = Client(), "quite another password"
    log_in(client, person)
    break_log()

    response = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    person.refresh_from_db()
    assert response.status_code == 503
    assert person.check_password(PASSWORD)
