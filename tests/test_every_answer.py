"""What each answer of the site carries, whatever was asked: a crawl over all routes, as production has them."""

import re
from collections.abc import Iterator
from http.cookies import Morsel
from typing import NamedTuple

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from programs import patient_views
from tests.clinics.accounts import PASSWORD
from tests.everywhere import Site, everything, in_production, site

__all__ = ["in_production", "site"]

pytestmark = pytest.mark.django_db

EVIL = "https://evil.test"
# Leaving and signing out would end what the crawl needs; they are asked last, by themselves.
ENDS = {"home_leave", "account_logout"}
POLICY = {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"}
OF_PICTURES = {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'none'"}
STATIC = "/static/css/app.css"


class Answer(NamedTuple):
    """What one request was answered; `route` is a name or a path, with the method where it isn't GET."""

    route: str
    response: HttpResponse
    content: bytes
    cookies: list[Morsel]

    @property
    def kind(self) -> str:
        return self.response.get("Content-Type", "")


def ask(client: Client, route: str, path: str, **data: str) -> Answer:
    """Ask as another site's page would."""
    send = client.post if data else client.get
    response = send(path, data, secure=True, headers={"Origin": EVIL, "Accept-Encoding": "identity"})
    return Answer(route, response, response.getvalue(), list(response.cookies.values()))


_crawled: list[Answer] = []
_changed: list[str] = []


@pytest.fixture
def answers(site: Site, in_production: None) -> list[Answer]:
    """Return what each route answers to those who come there; they are asked once."""
    if not _crawled:
        before = everything()
        _crawled.extend(crawl(site))
        _changed.extend(table for table, rows in everything().items() if rows != before[table])
    return _crawled


def crawl(site: Site) -> Iterator[Answer]:
    comers = {who: site.client(who) for who in ("root", "admin", "therapist", "home", "nobody")}
    for route in site.routes():
        if route.name not in ENDS:
            yield ask(comers[route.who], route.name, route.path)
    stranger = comers["nobody"]
    for path in ("/nowhere/", STATIC, "/static/js/clinic.js", "/static/", "/media/", "/.git/config", "/p/never-made/"):
        yield ask(stranger, path, path)
    yield ask(comers["therapist"], "not allowed", "/catalog/exchange/")
    yield ask(comers["admin"], "another's", reverse("clinic", args=[987_654]))
    yield broken(comers["therapist"])
    email = site.admin.email
    yield ask(stranger, "POST account_login", "/accounts/login/", login=email, password=PASSWORD)
    yield ask(stranger, "POST account_logout", "/accounts/logout/", sure="yes")
    yield ask(comers["home"], "POST home_leave", "/p/leave/", sure="yes")


def broken(client: Client) -> Answer:
    """Ask for a page that fails."""
    client.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patient_views.today_page, "read", None)
        return ask(client, "500", "/")


def wrong(answers: list[Answer], is_right) -> list[str]:
    """Return the routes of those answers that aren't as they should be."""
    return [
        f"{answer.route}: {answer.response.status_code} {answer.kind}" for answer in answers if not is_right(answer)
    ]


def is_file(one: Answer) -> bool:
    """Whether it is one of the site's own files, which are the same for all."""
    return one.route.startswith("/static/") and one.response.status_code == 200


def test_the_crawl_reaches_what_it_asks_for(answers):
    """A crawl that only met refusals would show nothing; the admin refuses to add or delete what other tools write."""
    found = {one.route: one.response.status_code for one in answers if not one.route.startswith("admin:")}
    refused = {route: status for route, status in found.items() if status not in {200, 302, 405}}

    assert len(found) > 90
    assert refused == {
        **dict.fromkeys(("/nowhere/", "/static/", "/media/", "/.git/config", "/p/never-made/", "another's"), 404),
        **dict.fromkeys(("clinic_logo", "mfa_deactivate_totp", "mfa_view_recovery_codes"), 404),  # there is none
        **{"not allowed": 403, "500": 500},
    }


@pytest.mark.asvs("V3.5.3")
def test_looking_changes_nothing(answers):
    """The crawl looks at everything; beside that a patient's link is opened, and somebody signs in and out."""
    assert set(_changed) == {"clinics_user", "programs_patientlink"}


@pytest.mark.asvs("V3.4.1", "V3.4.4")
def test_every_answer_asks_for_https_for_a_year_and_says_what_it_is(answers):
    year = "max-age=31536000; includeSubDomains; preload"

    assert wrong(answers, lambda one: one.response.get("Strict-Transport-Security") == year) == []
    assert wrong(answers, lambda one: one.response.get("X-Content-Type-Options") == "nosniff") == []


@pytest.mark.asvs("V3.4.2")
def test_no_answer_lets_another_site_read_it(answers):
    assert wrong(answers, lambda one: not one.response.has_header("Access-Control-Allow-Origin")) == []


@pytest.mark.asvs("V3.4.3", "V3.4.6")
def test_every_page_has_the_whole_policy(answers):
    """In a picture nothing at all is allowed to run or load."""

    def is_right(one: Answer) -> bool:
        said = set(re.split("; *", one.response.get("Content-Security-Policy", "")))
        whole = POLICY if one.kind != "image/svg+xml" else OF_PICTURES
        framed = one.response.get("X-Frame-Options") in {"DENY", None if one.response.status_code == 405 else "DENY"}
        return said >= whole and not any("unsafe" in part for part in said) and framed

    assert wrong([one for one in answers if not is_file(one)], is_right) == []


@pytest.mark.asvs("V3.4.5")
def test_a_patients_pages_tell_no_other_page_their_address(answers):
    def is_right(one: Answer) -> bool:
        of_patients = one.route.startswith(("home", "POST home", "/p/", "join")) and one.response.status_code != 405
        return one.response["Referrer-Policy"] == ("no-referrer" if of_patients else "same-origin")

    assert wrong(answers, is_right) == []


@pytest.mark.asvs("V14.3.2")
def test_no_answer_about_anybody_is_stored(answers):
    """Pictures of exercises may be kept by the browser, and what is the same for all by anybody."""
    pictures = {"clinic_colour", "body_map", "exercise_figure", "exercise_motion", "home_figure", "home_motion"}
    same_for_all = {"home_worker", "admin:jsi18n"}

    def is_right(one: Answer) -> bool:
        said = one.response.get("Cache-Control", "")
        return "private" in said if one.route in pictures else "no-store" in said

    asked = [one for one in answers if one.response.status_code != 405 and not is_file(one)]
    assert wrong([one for one in asked if one.route not in same_for_all], is_right) == []


@pytest.mark.asvs("V4.1.1")
def test_every_answer_is_what_it_says(answers):
    starts = {"application/pdf": b"%PDF-", "image/svg+xml": b"<svg", "application/json": b"{"}
    starts |= {"application/manifest+json": b"{"}

    def is_right(one: Answer) -> bool:
        if one.kind.startswith("text/"):
            return "charset=utf-8" in one.kind.replace('"', "") and one.content.decode() is not None
        return one.content.startswith(starts.get(one.kind, b"?"))

    assert wrong(answers, is_right) == []


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4")
def test_every_cookie_is_for_this_host_over_https_alone(answers):
    set_ = [(one, cookie) for one in answers for cookie in one.cookies]

    assert {cookie.key for _, cookie in set_} == {"__Host-sid", "__Host-csrf", "__Host-device", "__Host-home"}
    for _, cookie in set_:
        assert cookie["samesite"] in {"Lax", "Strict"}, cookie
        assert (cookie["path"], cookie["domain"]) == ("/", ""), cookie
        assert (cookie["secure"] and cookie["httponly"]) or not cookie.value, cookie  # one taken back is empty


@pytest.mark.asvs("V3.3.4")
def test_no_page_holds_the_key_of_a_session(answers):
    keys = {cookie.value.encode() for one in answers for cookie in one.cookies if cookie.key == "__Host-sid"} - {b""}

    assert keys
    assert wrong(answers, lambda one: not any(key in one.content for key in keys)) == []


@pytest.mark.asvs("V13.4.1", "V13.4.3")
@pytest.mark.parametrize("path", ["/.git/config", "/static/", "/media/", "/static/js/", "/static/../manage.py"])
def test_shows_no_folder_and_nothing_of_the_code(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.asvs("V13.4.5")
def test_says_nothing_of_its_health_but_whether_it_is_ready(client):
    assert client.get("/healthz").content in {b"ok", b"not ready"}


@pytest.mark.asvs("V13.4.4")
@pytest.mark.parametrize("path", ["/", "/healthz", "/p/", "/accounts/login/", "/nowhere/", "/admin/", STATIC])
def test_sends_no_request_back(client, path):
    assert client.trace(path).status_code == 405


def test_takes_no_method_that_no_page_has(client):
    assert {
        client.generic(method, "/nowhere/").status_code for method in ("PUT", "PATCH", "DELETE", "CONNECT", "X")
    } == {405}


@pytest.mark.asvs("V14.3.1")
def test_a_browser_forgets_the_site_when_one_signs_out(answers):
    out = next(one for one in answers if one.route == "POST account_logout")

    assert out.response["Clear-Site-Data"] == '"cache", "storage"'


def test_a_page_asked_for_in_clear_is_asked_for_again_over_https(in_production, client):
    response = client.get("/accounts/login/")

    assert (response.status_code, response["Location"]) == (301, "https://testserver/accounts/login/")


def test_somebody_without_a_password_is_led_to_one_by_mail(site):
    site.therapist.set_unusable_password()
    site.therapist.save(update_fields=["password"])

    response = site.client("therapist").get("/accounts/password/change/", follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/password/reset/"
