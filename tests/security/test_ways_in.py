"""Ways in: those that are written down are all there are, and each is as strong as the others."""

import ast
import re

import pytest
from allauth.account import app_settings as allauth_settings
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from clinics.middleware import ON_THE_WAY
from clinics.models import AuditEntry, Clinic, User
from tests.clinics.accounts import PASSWORD, give_app, give_recovery_codes, is_in, log_in, mails, make_person
from tests.conftest import signed_in
from tests.test_house_rules import CODE, name_of, pages

SECOND = "/accounts/login/second/"
WAYS = {
    "/accounts/login/": "password",
    "/accounts/login/passkey/": "passkey",
    "/resume/": "password, with typed text kept",
}
# What begins a session, or writes what one is known by.
BEGINS = {"login", "alogin", "force_login", "perform_login", "resume_login", "perform_password_login"}
KEYS = ("_auth_user_id", "SESSION_KEY", "HASH_SESSION_KEY", "BACKEND_SESSION_KEY")
ANY = {
    "IntConverter": "1",
    "SlugConverter": "x1",
    "StringConverter": "x",
    "PathConverter": "x",
}


@pytest.fixture
def person(db: None) -> User:
    cache.clear()
    return make_person()


def beginnings() -> set[tuple[str, str]]:
    """Return each function of our own in which a session begins."""
    found = set()
    for path in (path for path in CODE if not name_of(path).startswith("benchmarks/")):
        text = path.read_text(encoding="utf-8")
        assert not any(key in text for key in KEYS), path
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef):
                calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
                names = {getattr(call, "attr", getattr(call, "id", "")) for call in calls}
                found |= {(name_of(path), function.name)} if names & BEGINS else set()
    return found


@pytest.mark.asvs("V6.1.3")
def test_all_ways_in_are_written_down() -> None:
    text = (settings.BASE_DIR / "docs/auth.md").read_text(encoding="utf-8")

    assert dict(re.findall(r"^\| ([^|]+) \| `(/[^`]*)` \|", text, re.M)) == {way: at for at, way in WAYS.items()}
    # The library's own step, and the first step of the way that keeps typed text.
    assert beginnings() == {("clinics/sign_in.py", "login"), ("clinics/sign_in.py", "_first_step")}


def test_the_second_factors_are_those_that_are_written_down() -> None:
    text = (settings.BASE_DIR / "docs/auth.md").read_text(encoding="utf-8")
    rate = allauth_settings.RATE_LIMITS["login_failed"].split(",")

    assert settings.MFA_SUPPORTED_TYPES == ["totp", "webauthn", "recovery_codes"]
    assert app_settings.RECOVERY_CODE_COUNT == 10
    assert f"Ten recovery codes of {settings.MFA_RECOVERY_CODE_DIGITS} digits are shown once; each works once." in text
    assert (app_settings.TOTP_PERIOD, settings.MFA_TOTP_TOLERANCE) == (30, 1)
    assert "a step of 30 s before and after its own. Five wrong ones in a minute" in text
    assert "5/m/key" in rate


@pytest.mark.asvs("V6.3.4")
@pytest.mark.parametrize("way", ["/accounts/login/", "/resume/"])
def test_each_way_with_a_password_asks_for_the_second_factor_counts_and_is_logged(person: User, way: str) -> None:
    give_app(person)
    fields, client = {"login": person.email, "resume_target": "/exercises/"}, Client()

    client.post(way, {**fields, "password": PASSWORD})
    inside = is_in(client)
    for _ in range(6):
        Client().post(way, {**fields, "password": "a wrong one"})
    after = Client()
    log_in(after, person)

    assert not inside
    assert after.get(SECOND).status_code == 302  # its right password wasn't even looked at
    said = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert said == ["refuse sign-in"] * 5 + ["lock sign-in"]


@pytest.mark.asvs("V6.3.4")
def test_a_passkey_alone_checks_who_holds_it() -> None:
    assert settings.MFA_WEBAUTHN_USER_VERIFICATION == "required"
    assert settings.MFA_SUPPORTED_TYPES == ["totp", "webauthn", "recovery_codes"]
    assert not settings.DEBUG
    assert not app_settings.TRUST_ENABLED
    assert not app_settings.TOTP_INSECURE_BYPASS_CODE


@pytest.mark.asvs("V6.3.4")
@pytest.mark.django_db
def test_the_admin_has_no_way_in_of_its_own() -> None:
    owner = User.objects.create_superuser("owner@site.invalid", PASSWORD, name="Olga Owner")
    client = Client()

    response = client.post("/admin/login/", {"username": owner.email, "password": PASSWORD})

    assert response["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def private_addresses() -> list[str]:
    """Return an address of every page that needs a sign-in, but for those one sets a factor up with."""
    found = []
    for name, pattern in pages(get_resolver()):
        public = not getattr(pattern.callback, "login_required", True)
        if public or name.startswith(ON_THE_WAY):
            continue
        kinds = {key: type(kind).__name__ for key, kind in pattern.pattern.converters.items()}
        try:
            found.append(reverse(name, kwargs={key: ANY[kind] for key, kind in kinds.items()}))
        except NoReverseMatch:  # a pattern of words; the admin's lists of one app
            continue
    return found


@pytest.mark.asvs("V6.3.3")
def test_a_password_alone_opens_no_page_where_a_second_factor_is_asked(person: User) -> None:
    Clinic.objects.update(requires_second_factor=True)
    User.objects.update(is_staff=True, is_superuser=True)
    client = signed_in(User.objects.get())
    addresses = private_addresses()

    opened = [at for at in addresses if client.get(at).headers.get("Location") != "/accounts/security/"]

    assert opened == []
    assert len(addresses) > 150


@pytest.mark.asvs("V6.4.4")
def test_a_recovery_code_that_was_used_is_mailed(person: User) -> None:
    give_app(person)
    client = Client()
    log_in(client, person)
    client.post(SECOND, {"code": give_recovery_codes(person)[0]})

    (mail,) = mails()
    assert is_in(client)
    assert mail.to == [person.email]
    assert "Somebody signed in with one of your recovery codes." in str(mail.body)


@pytest.mark.asvs("V6.4.4")
def test_a_factor_that_the_site_owner_removes_is_logged_and_mailed(person: User) -> None:
    give_app(person)
    one = Authenticator.objects.get()
    desk = signed_in(User.objects.create_superuser("owner@site.invalid", name="Olga Owner"))

    several = {"action": "delete_selected", "_selected_action": str(one.pk), "post": "yes"}
    desk.post("/admin/mfa/authenticator/", several)
    assert Authenticator.objects.exists()
    desk.post(f"/admin/mfa/authenticator/{one.pk}/delete/", {"post": "yes"})

    (mail,) = mails()
    entry = AuditEntry.objects.get(subject=f"user:{person.pk}")
    assert not Authenticator.objects.exists()
    assert (mail.to, entry.action) == ([person.email], "remove second factor")
    assert str(entry.by) == "Olga Owner"


@pytest.mark.asvs("V7.5.1")
@pytest.mark.parametrize("page", ["user/{}/change/", "user/{}/password/", "user/add/", "clinic/{}/change/"])
def test_the_admin_asks_again_before_people_and_roles_are_changed(person: User, page: str) -> None:
    owner, client = User.objects.create_superuser("owner@site.invalid", PASSWORD, name="Olga Owner"), Client()
    log_in(client, owner)
    number = person.pk if "user" in page else person.memberships.get().clinic_id
    address = f"/admin/clinics/{page.format(number)}"
    assert client.get(address).status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()

    answers = [client.get(address), client.post(address, {"password1": "typed", "email": "typed@it.invalid"})]

    assert {answer["Location"] for answer in answers} == {f"/accounts/again/?next={address.replace('/', '%2F')}"}
    assert "typed" not in str(dict(client.session))


@pytest.mark.asvs("V6.4.4")
def test_a_mailed_link_removes_no_factor_and_lets_nobody_in(person: User) -> None:
    give_app(person)
    client = Client()
    client.post("/accounts/password/reset/", {"email": person.email})
    link = re.search(r"http://testserver(/\S+)", str(mails()[-1].body))
    assert link is not None
    form = client.get(link[1], follow=True).redirect_chain[-1][0]

    client.post(form, {"password1": "quite another password", "password2": "quite another password"})

    assert Authenticator.objects.get().type == Authenticator.Type.TOTP
    assert not is_in(client)


@pytest.mark.asvs("V6.5.4")
@pytest.mark.django_db
def test_recovery_codes_have_more_than_fifty_bits(person: User) -> None:
    codes = [*give_recovery_codes(person), *RecoveryCodes.activate(make_person()).generate_codes()]

    assert len(set(codes)) == 20
    assert all(len(code) == 16 and code.isdecimal() for code in codes)
    assert 10**settings.MFA_RECOVERY_CODE_DIGITS > 2**50


@pytest.mark.asvs("V16.5.3")
@pytest.mark.fault
def test_lets_nobody_in_while_tries_cannot_be_counted(person: User) -> None:
    client = Client(raise_request_exception=False)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cache RENAME TO gone")

    response = log_in(client, person)

    assert response.status_code >= 500
    assert "sessionid" not in client.cookies


@pytest.mark.asvs("V6.5.3")
def test_no_secret_comes_from_a_random_that_can_be_foretold() -> None:
    foretold = {name_of(path) for path in CODE if re.search(r"^(import random|from random)", path.read_text(), re.M)}

    # A slug's end, from the system's own randomness.
    assert {name for name in foretold if not name.startswith("benchmarks/")} == {"exercises/own.py"}
