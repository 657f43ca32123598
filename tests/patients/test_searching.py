"""A search for patients leaves its words in no address and nowhere else for longer than the session."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEntry, Role
from patients import searching
from tests.conftest import make_clinic, make_patient, make_user, signed_in
from tests.patients.pages import hidden, search, words_of
from tests.programs.clinical import make_ready

pytestmark = pytest.mark.django_db

WORDS = "Kestrel 555-0199"
PAGES = ["patients", "records", "program_copy"]


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def desk(clinic):
    """Return a page with a search and the browser of somebody who may search there."""
    makers = {
        "patients": lambda: (make_user(Role.ASSISTANT, clinic=clinic), []),
        "records": lambda: (make_user(Role.CLINIC_ADMIN, clinic=clinic), [clinic.pk]),
        "program_copy": lambda: (make_user(clinic=clinic), [_program(clinic).pk]),
    }

    def made(name: str) -> tuple[Client, str]:
        user, args = makers[name]()
        return signed_in(user), reverse(name, args=args)

    return made


def _program(clinic):
    return make_ready(by=make_user(clinic=clinic), patient=make_patient("Luis Ortega", clinic=clinic))


@pytest.mark.asvs("V14.2.1")
@pytest.mark.parametrize("name", PAGES)
def test_the_words_stand_in_no_address(desk, name):
    client, address = desk(name)

    found = search(client, address, WORDS)

    [(led_to, status)] = found.redirect_chain
    assert status == 302
    assert re.fullmatch(rf"{address}\?search=[0-9a-f]{{12}}", led_to)
    assert f'name="q" value="{WORDS}"' in found.content.decode()
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', found.content.decode())
    assert [one for one in addresses if "kestrel" in one.lower() or "0199" in one] == []
    assert "Kestrel" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("name", PAGES)
def test_the_form_works_without_script_and_is_kept_by_no_browser(desk, name):
    client, address = desk(name)

    shown = client.get(address).content.decode()

    [form] = re.findall(r'<form [^>]*role="search".*?</form>', shown, re.DOTALL)
    assert f'method="post" action="{address}"' in form
    assert 'name="csrfmiddlewaretoken"' in form
    assert re.search(r'<input [^>]*name="q"[^>]* autocomplete="off"', form)


@pytest.mark.asvs("V14.2.1")
@pytest.mark.parametrize("name", PAGES)
def test_an_address_with_words_finds_nothing_by_them(desk, name, clinic):
    make_patient("Tom Becker", clinic=clinic)
    client, address = desk(name)

    asked = client.get(f"{address}?q=Becker")

    assert 'name="q" value=""' in asked.content.decode()
    assert asked.context.get("text", "") == ""


@pytest.mark.asvs("V14.3.1")
def test_they_are_sealed_in_the_session_and_end_with_it(desk):
    client, address = desk("patients")
    found = search(client, address, WORDS).redirect_chain[-1][0]
    kept = Session.objects.get().get_decoded()[searching.PLACE]

    client.post("/accounts/logout/")

    assert "Kestrel" not in str(kept)
    assert [one for one in Session.objects.all() if searching.PLACE in one.get_decoded()] == []
    assert client.get(found).status_code == 302
    again = signed_in(make_user())
    assert "Kestrel" not in words_of(again.get(found))


def test_reloading_and_going_back_show_what_was_found_then(desk, clinic):
    for name in ("Tom Becker", "Ana Costa"):
        make_patient(name, clinic=clinic)
    client, address = desk("patients")

    first, second = (search(client, address, name).redirect_chain[-1][0] for name in ("becker", "costa"))

    for one, name, other in ((first, "Tom Becker", "Ana Costa"), (second, "Ana Costa", "Tom Becker")) * 2:
        shown = words_of(client.get(one))
        assert name in shown
        assert other not in shown
    everybody = words_of(client.get(address))
    assert "Tom Becker" in everybody
    assert "Ana Costa" in everybody


def test_an_empty_search_and_show_all_lead_to_everybody(desk):
    client, address = desk("patients")

    assert client.post(address, {"q": "  "})["Location"] == address
    assert client.post(address, {"archived": "1"})["Location"] == f"{address}?archived=1"
    assert f'href="{address}">Show all' in search(client, address, "x").content.decode()
    assert f'href="{address}?archived=1">Show all' in search(client, address, "x", archived="1").content.decode()
    assert "Show all" not in words_of(client.get(address))


def test_among_the_archived_the_search_stays_there(desk, clinic):
    make_patient("Jane Old", clinic=clinic, archived_at="2026-01-01T00:00Z")
    client, address = desk("patients")

    found = search(client, address, "jane", archived="1")

    assert "Archived patients" in words_of(found)
    assert "Jane Old" in words_of(found)
    assert parse_qs(urlsplit(found.redirect_chain[-1][0]).query)["archived"] == ["1"]
    assert hidden(found, "archived") == "1"


def test_keeps_the_last_few_of_a_session(desk):
    client, address = desk("patients")

    found = [search(client, address, f"word{n}").redirect_chain[-1][0] for n in range(searching.KEPT + 1)]

    assert "word0" not in words_of(client.get(found[0]))
    assert "word1" in words_of(client.get(found[1]))
    assert len(client.session[searching.PLACE]) == searching.KEPT


def test_asks_the_database_no_more_than_the_list_does(desk, clinic, django_assert_num_queries):
    make_patient("Maria Rivera", clinic=clinic)
    client, address = desk("patients")
    found = search(client, address, "maria").redirect_chain[-1][0]

    with django_assert_num_queries(8):  # as without a search: tests/patients/test_views.py
        client.get(found)


def test_with_another_key_of_the_site_it_is_forgotten(desk, settings):
    client, address = desk("patients")
    found = search(client, address, WORDS).redirect_chain[-1][0]
    settings.FIELD_KEYS = [b"n" * 32]

    assert "Kestrel" not in words_of(client.get(found))
