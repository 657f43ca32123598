"""F16: every page, asked for by everybody, answers as `clinics/access.csv` says, and tells nobody of another clinic.

A plain run asks once for each page and person, a deep one by each method.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.http import urlencode

from clinics import pdf, routes
from clinics.models import Role
from tests import kept
from tests.conftest import DEEP, make_user, signed_in
from tests.faults import sweep
from tests.faults.sweep import Actor, Page, Site

pytestmark = [pytest.mark.django_db, pytest.mark.fault]

# Who may come and still finds nothing: no factor is set up, nothing chosen, no such picture, a file somebody else sent.
NOTHING_TO_SHOW = {
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
}
NOTHING_TO_SHOW |= {"program_copy", "own_exercise_clone", "home_figure", "home_motion", "home_tick", "home_score"}
NOTHING_TO_SHOW |= {"home_open", "home_standing", "import", "import_confirm", "import_drop"}


@pytest.fixture(autouse=True)
def quick(settings, monkeypatch) -> Iterator[None]:
    """No line for each refusal, and no PDF drawn: who may have it is asked here, not how it looks."""
    settings.SITE_ADDRESS = "https://clinic.example"
    monkeypatch.setattr("clinics.pdf.render_html_to_pdf", lambda *_, **__: pdf.Pdf(b"%PDF", "", 1))
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def sites(db: None) -> tuple[Site, Site]:
    return kept.make("two clinics with everything", lambda: (Site(), Site()))


def asking(page: Page, people: list[Actor]) -> list[Actor]:
    """A page that is the same for everybody with an account is asked for by a few of them in a plain run."""
    return people if DEEP or not page.row.is_for_everyone or page.names_a_record else people[:3]


def methods(page: Page) -> tuple[str, ...]:
    return sweep.METHODS if DEEP else tuple(sorted(page.row.methods))[:1]


def smuggled(there: Site) -> dict[str, Any]:
    """Return what a form might be made to say: ids of another clinic under every name, and what nobody may set."""
    ids = {name: there.record(f"{name}_id", shared=False) for name in ("patient", "program", "issue", "delivery")}
    ids |= {"clinic": there.clinic.pk, "protocol": there.protocol.pk, "link": there.link.pk, "flag": there.flag.pk}
    ids |= {"item": there.item.pk, "items": there.item.pk, "do": f"remove:{there.item.pk}", "source": there.program.pk}
    ids |= {
        "exercise": there.own.slug,
        "substitute": there.own.slug,
        "user": there.therapist.pk,
        "id": there.patient.pk,
    }
    ids |= {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": there.patient.pk,
        "form-0-clinic": there.clinic.pk,
    }
    return ids | {"name": "Smuggled", "role": "clinic_admin", "is_staff": "on", "version": 1, "approved": "yes"}


def send(client: Client, method: str, address: str, typed: dict[str, Any], kind: str) -> HttpResponse:
    """Ask with `typed` in the form, as JSON or in the address, and let it happen."""
    if kind == "json":
        return sweep.asked(client, method, address, typed, content_type="application/json")
    if kind == "query":
        return sweep.asked(client, method, f"{address}?{urlencode(typed)}")
    return sweep.asked(client, method, address, typed)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    names = {name for name, _ in sweep.named()}

    assert [name for name in names if routes.route(name) is None] == []
    assert [name for name in routes.table() if not name.endswith("*") and name not in names] == []


def test_serves_no_page_without_a_row(monkeypatch, caplog) -> None:
    logging.disable(logging.NOTSET)
    rows = {name: row for name, row in routes.table().items() if name != "exercises"}
    monkeypatch.setattr(routes, "table", lambda: rows)
    routes.route.cache_clear()

    answer = signed_in(make_user()).get("/exercises/")
    routes.route.cache_clear()

    assert answer.status_code == 404
    assert "exercises has no row in clinics/access.csv" in caplog.text


@pytest.mark.asvs("V8.1.1", "V8.2.1", "V8.3.1")
def test_answers_everybody_as_the_table_says(sites) -> None:
    here, there = sites
    wrong, asked = [], 0
    people = sweep.actors(here, there)
    before = sweep.contents()
    for page in sweep.pages():
        for actor in asking(page, people):
            for method in methods(page):
                shared = actor.column in {"catalog_editor", "site_owner"}
                answer = sweep.ask(actor.client, method, page.address(here, shared=shared))
                said, right = sweep.answered(answer), sweep.expected(page, actor, method)
                asked += 1
                if said != right and said != "again" and not (said == "shut" and page.row.name in NOTHING_TO_SHOW):
                    wrong.append(f"{method} {page.row.name}, {actor.name}: {said} ({answer.status_code}), not {right}")

    assert not wrong, "\n".join(wrong)
    assert sweep.contents() == before
    assert asked > (4000 if DEEP else 800)


@pytest.mark.asvs("V8.2.2", "V8.4.1")
def test_answers_for_another_clinics_record_byte_for_byte_as_for_none(sites) -> None:
    here, there = sites
    clients = {role: signed_in(there.person(role)) for role in Role.values}
    before, asked = sweep.contents(), 0
    for page in sweep.pages():
        if not page.names_a_record:
            continue
        for role in sorted({*Role.values} & page.row.actors):
            for method in page.row.methods:
                theirs, none = (
                    sweep.ask(clients[role], method, page.address(here, missing=missing)) for missing in (False, True)
                )
                asked += 1
                if sweep.answered(theirs) == sweep.answered(none) == "again":
                    continue  # the password is asked for before anything is looked up
                assert theirs.status_code == none.status_code, page.row.name
                assert theirs.content == none.content, page.row.name
                assert theirs.status_code in (403, 404), page.row.name
                assert b"csrfmiddlewaretoken" not in theirs.content or theirs.status_code == 403

    assert asked > 100
    assert sweep.contents() == before


@pytest.mark.asvs("V8.2.2", "V15.3.3")
@pytest.mark.parametrize("kind", ["form", "json", "query"] if DEEP else ["form", "json"])
def test_a_foreign_id_in_a_form_or_query_reaches_nothing(sites, kind) -> None:
    """In one's own clinic's pages, with another clinic's ids under every name a form might have."""
    here, there = sites
    other = sweep.rows_of(there)
    clients = {role: signed_in(here.person(role)) for role in (Role.THERAPIST, Role.CLINIC_ADMIN)}
    for page in sweep.pages():
        for role in sorted(set(clients) & page.row.actors):
            for method in page.row.methods if DEEP else page.row.methods & {"GET" if kind == "query" else "POST"}:
                with sweep.undone(clients[role]):
                    send(clients[role], method, page.address(here), smuggled(there), kind)
                    assert sweep.rows_of(there) == other, f"{method} {page.row.name}"
