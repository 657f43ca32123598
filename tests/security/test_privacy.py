"""What a browser, a cache or anybody else keeps of patients: nothing, and less after signing out."""

import re

import pytest
from django.conf import settings
from django.test import Client

from clinics.presence import KEY
from tests import kept
from tests.clinics.accounts import log_in, make_person
from tests.programs.test_audited import AT_HOME, SHOWN, Whole
from tests.test_house_rules import ROOT

KEPT_BY_BROWSERS = re.compile(r"\b(localStorage|sessionStorage|indexedDB|caches\.|document\.cookie)")


@pytest.fixture
def here(db: None, settings) -> Whole:
    settings.SITE_ADDRESS = "https://clinic.example"
    return kept.make("one clinic, all pages", Whole)


@pytest.mark.asvs("V7.4.4", "V14.2.3", "V14.3.2")
def test_each_page_about_patients_is_kept_by_no_cache_asks_nobody_else_and_has_the_way_out(here: Whole) -> None:
    pages = 0
    for name in [*SHOWN, *AT_HOME]:
        response = here.open(name)()
        assert "no-store" in response["Cache-Control"], name
        if not response["Content-Type"].startswith("text/html"):
            continue
        text = response.content.decode()
        if text.startswith("<!doctype html>"):  # and no part of a page
            pages += 1
            assert name in AT_HOME or 'action="/accounts/logout/"' in text, name
            allowed = set(response["Content-Security-Policy"].split("; "))
            assert {"default-src 'self'", "form-action 'self'"} <= allowed, name
        asked = re.findall(r'(?:<link[^>]*href|src|srcset|action|formaction|poster)="([^"]+)"', text)
        assert [address for address in asked if re.match(r"\w+:|//", address) and not address.startswith("data:")] == []
    assert pages > 20


@pytest.mark.asvs("V14.3.1")
@pytest.mark.django_db
@pytest.mark.parametrize("way", ["signed out", "left alone"])
def test_who_goes_leaves_nothing_in_the_browser(way: str) -> None:
    person, client = make_person(), Client()
    log_in(client, person)
    before = client.get("/exercises/")

    if way == "left alone":
        session = client.session
        session[KEY] = {**session[KEY], "seen": session[KEY]["seen"] - 901}
        session.save()
    response = client.get("/exercises/") if way == "left alone" else client.post("/accounts/logout/")

    assert "Clear-Site-Data" not in before
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert client.cookies[settings.DEVICE_COOKIE_NAME].value


@pytest.mark.asvs("V14.3.3")
def test_no_page_of_the_staff_writes_into_the_browser() -> None:
    scripts = sorted((ROOT / "static/js").rglob("*.js"))
    keeping = {path.parent.name for path in scripts if KEPT_BY_BROWSERS.search(path.read_text(encoding="utf-8"))}

    # A patient's own phone keeps the patient's own page, and “Leave” takes it away.
    assert keeping == {"home"}
    assert len(scripts) > 20
