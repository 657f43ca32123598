"""F19: forms that another site sends, addresses that lead outside, sessions and hosts that somebody made up."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from clinics.hashers import SmallArgon2
from tests.clinics.accounts import PASSWORD, is_in, log_in, mails, make_person
from tests.everywhere import Route, Site, everything, site

__all__ = ["site"]

pytestmark = [pytest.mark.django_db, pytest.mark.fault]

EVIL = "evil.test"
# Pages of patients, who have no account: no token, and each has its reason to answer.
OF_PATIENTS = {
    "home_standing": 404,  # says to a signed code whether its link works
    "home_leave": 200,  # ends the visit of this browser; twice is no mistake
}
KINDS = ("application/x-www-form-urlencoded", "text/plain", "application/json")
OUTSIDE = [
    *(f"//{EVIL}", f"///{EVIL}", f"////{EVIL}", f"/\\{EVIL}", f"\\\\{EVIL}", f"\\/{EVIL}", f"https://{EVIL}"),
    *(f"https:{EVIL}", f"https:/{EVIL}", f"http:///{EVIL}", f"HTTPS://{EVIL}", f"/\t/{EVIL}", f"\t//{EVIL}"),
    *(f" //{EVIL}", f"\n//{EVIL}", f"/\r\n/{EVIL}", f"//testserver@{EVIL}", f"https://testserver@{EVIL}"),
    *(f"https://testserver.{EVIL}", f"//{EVIL}/testserver", f"//{EVIL}%2f@testserver", f"javascript:alert('{EVIL}')"),
    *(f"data:text/html,{EVIL}", f"%2f%2f{EVIL}", f"//{EVIL}\\@testserver"),
]


def forged(site: Site, client: Client, route: Route, kind: str, token: str = "") -> int:
    """Send what another site's form could send, and return how it was answered."""
    body = '{"notes": [], "key": "made-up"}' if kind == "application/json" else f"csrfmiddlewaretoken={token}&on=1"
    return client.generic("POST", route.path, body, content_type=kind).status_code


@pytest.mark.asvs("V3.5.1", "V3.5.2")
@pytest.mark.parametrize("kind", KINDS)
def test_a_form_of_another_site_changes_nothing_anywhere(site, kind):
    """Whatever it says its body is; half of them carry a token, one of another session."""
    clients = {
        who: site.client(who, enforce_csrf_checks=True) for who in ("root", "admin", "therapist", "home", "nobody")
    }
    before = everything()

    answers = {
        route.name: forged(site, clients[route.who], route, kind, token="a" * 64 if number % 2 else "")
        for number, route in enumerate(site.routes())
    }

    assert len(answers) > 180
    assert {name: status for name, status in answers.items() if status not in {400, 403, 405}} == OF_PATIENTS
    assert list(answers.values()).count(403) > 100
    assert everything() == before


def leads_outside(location: str) -> bool:
    """Say whether a browser would leave the site, which drops tabs and line ends and takes \\ for /."""
    read = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    read = re.sub(r"^//+", "//", read)
    if re.match(r"[a-zA-Z][\w+.-]*:(?!//[^/])", read):
        return True
    return urlsplit(urljoin("http://testserver/accounts/login/", read)).netloc != "testserver"


def test_a_browsers_eye_for_what_leads_outside():
    assert [address for address in OUTSIDE if not leads_outside(address)] == [f"%2f%2f{EVIL}"]
    assert not leads_outside("/patients/1/?q=//x")


@pytest.mark.asvs("V3.7.2")
@pytest.mark.parametrize("address", OUTSIDE)
def test_nobody_is_led_outside(db, monkeypatch, address):
    """After signing in, in and out again, after confirming who one is, and with typed text that rides along."""
    cache.clear()
    person = make_person()
    monkeypatch.setattr(SmallArgon2, "verify", lambda *given: True)  # which takes time
    answers = []
    for name in ("next", "return", "url"):
        client = Client()
        answers.append(
            client.post(f"/accounts/login/?{name}=/x", {"login": person.email, "password": PASSWORD, name: address})
        )
        answers.append(client.get("/accounts/login/", {name: address}))
        answers.append(client.post("/accounts/again/", {"password": PASSWORD, name: address}))
        answers.append(client.get("/admin/login/", {name: address}))
        answers.append(client.post("/accounts/logout/", {name: address}))
    carried = {"login": person.email, "password": PASSWORD, "resume_target": address, "typed": "text"}
    answers.append(Client().post("/resume/", carried))

    led = [answer["Location"] for answer in answers if answer.has_header("Location")]
    assert len(led) > 8
    assert [location for location in led if leads_outside(location)] == []
    assert not leads_outside(address) or EVIL.encode() not in answers[-1].content


@pytest.mark.asvs("V7.2.4")
def test_a_session_that_somebody_else_knows_is_nobodys_after_signing_in(site):
    person, client = make_person(), Client()
    session = client.session
    session["planted"] = True
    session.save()
    known = session.session_key
    client.cookies["sessionid"] = known

    log_in(client, person)

    other = Client()
    other.cookies["sessionid"] = known
    assert is_in(client)
    assert client.cookies["sessionid"].value != known
    assert not is_in(other)


@pytest.mark.asvs("V4.1.3")
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Forwarded-Proto"])
def test_mail_leads_to_the_sites_own_address_whatever_a_request_says(site, settings, header):
    settings.ALLOWED_HOSTS = ["*"]  # as if somebody had left the door open
    person = make_person()
    cache.clear()

    Client().post("/accounts/password/reset/", {"email": person.email}, headers={header: EVIL})

    (mail,) = mails()
    assert EVIL not in mail.body + mail.subject + str(mail.extra_headers)
    assert "https://clinic.example/accounts/password/reset/key/" in mail.body


def test_a_host_that_is_not_the_sites_is_answered_nothing(client):
    response = client.get("/accounts/login/", headers={"Host": EVIL})

    assert response.status_code == 400
    assert EVIL.encode() not in response.content
