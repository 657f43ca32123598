"""What holds for every page: refusals, headers, no script or style that the policy would block."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.template import engines
from django.test import Client, RequestFactory

from clinics import page
from clinics.models import Role
from tests.conftest import make_exercise, make_user, signed_in

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
# Printed documents: their style goes to the PDF engine, never to a browser.
PRINTED = {"handout", "referral"}


@pytest.mark.django_db
def test_gives_the_same_bytes_for_everything_that_is_missing() -> None:
    therapist, editor = make_user(), make_user(Role.CLINIC_ADMIN, name="Somebody Else")

    answers = {
        signed_in(user).get(address).content
        for user in (therapist, editor)
        for address in ("/exercises/no-such/", "/exercises/nor-this/", "/nowhere/")
    }
    signed_out = Client().get("/nowhere/").content

    assert answers == {signed_out}
    assert b"csrfmiddlewaretoken" not in signed_out
    assert b"There is no such page" in signed_out


def test_leaves_a_waiting_message_for_the_next_page(db: None) -> None:
    user = make_user()
    client = signed_in(user)
    user.set_password("a long enough password")
    user.save(update_fields=["password"])
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": "a long enough password"})
    client.post("/accounts/logout/")

    assert "You are signed out." not in client.get("/nowhere/").content.decode()
    assert "You are signed out." in client.get("/accounts/login/").content.decode()


def test_says_in_one_sentence_what_a_role_may_not_do(rf: RequestFactory, db: None) -> None:
    request = rf.get("/patients/")
    request.user = make_user()

    response = page.forbidden(request, PermissionDenied("Your role may not print or send handouts."))

    assert response.status_code == 403
    assert "Your role may not print or send handouts." in response.content.decode()


def test_escapes_the_sentence_of_a_refusal(rf: RequestFactory, db: None) -> None:
    request = rf.get("/")
    request.user = make_user()

    assert "<script>" not in page.forbidden(request, PermissionDenied("<script>")).content.decode()


def test_says_that_it_broke_without_asking_anything(rf: RequestFactory) -> None:
    response = page.broken(rf.get("/"))

    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/nowhere/", "/exercises/", "/admin/"])
def test_sends_the_security_headers(client: Client, address: str) -> None:
    response = client.get(address)

    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


def test_keeps_no_page_on_a_shared_computer(db: None) -> None:
    make_exercise("Bridge")

    assert "no-store" in signed_in(make_user()).get("/exercises/bridge/")["Cache-Control"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_has_no_script_or_style_inside_a_template(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    if path.parent.name not in PRINTED:
        assert not re.search(r"\sstyle\s*=|<style", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "javascript:" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_has_templates_that_parse(path: Path) -> None:
    engines["django"].get_template(str(path.relative_to(settings.BASE_DIR / "templates")))


@pytest.mark.django_db
def test_does_not_show_passwords_on_the_sign_in_page(client: Client, settings: pytest.FixtureRequest) -> None:
    shown = client.get("/accounts/login/").content.decode()

    assert "demo.invalid" not in shown
    assert not re.search(r'type="password"[^>]*value=', shown)


def test_offers_each_role_the_menu_it_can_use(db: None) -> None:
    for_therapist = signed_in(make_user(Role.THERAPIST)).get("/exercises/").content.decode()
    for_admin = signed_in(make_user(Role.CLINIC_ADMIN)).get("/exercises/").content.decode()

    assert ">Patients</a>" in for_therapist
    assert ">Patients</a>" not in for_admin
    assert ">Admin</a>" not in for_therapist


def test_says_that_one_is_signed_in_to_people_of_every_role(db: None) -> None:
    for role in Role:
        response = signed_in(make_user(role)).get("/signed-in/")

        assert response.status_code == 200
        assert "Close this tab and go back" in response.content.decode()


def test_sends_to_sign_in_and_comes_back_to_say_so(db: None) -> None:
    assert Client().get("/signed-in/")["Location"] == "/accounts/login/?next=/signed-in/"


def test_takes_nothing_where_it_only_says_that_one_is_signed_in(db: None) -> None:
    assert signed_in(make_user()).post("/signed-in/").status_code == 405


def test_tells_a_pages_script_that_one_is_signed_out_and_keeps_nothing(db: None) -> None:
    response = Client().post("/signed-in/", {"note": "typed"}, headers={"X-Requested-With": "fetch"})

    assert (response.status_code, response.json()) == (401, {})
    assert "no-store" in response["Cache-Control"]
