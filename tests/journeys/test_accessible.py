"""Every page and state: no accessibility violation, no sideways scrolling, nothing that the content policy refused."""

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from clinics.models import User
from exercises import catalog_files, loading
from exercises.models import Exercise
from patients.models import Patient, RaisedFlag
from programs.models import Delivery, Issue, Item, Program, SignOff
from tests.journeys.conftest import violations

PASSWORD = "a quiet place to heal"
WIDTHS = (390, 1024, 1440)


@pytest.fixture
def demo(live_server, settings, monkeypatch):
    """The demo clinic, whose patients are at different points of the main job."""
    settings.DEMO = True
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    loading.load(catalog_files.read(settings.CATALOG_DIR))
    call_command("demo")


@pytest.fixture
def visit(page: Page, demo, live_server):
    """Sign in as a role and return a function that opens a page and lists what is wrong with it."""
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)

    def start(role: str):
        page.context.clear_cookies()
        page.goto(f"{live_server.url}/accounts/login/")
        page.locator("input[name=login]").fill(f"{role}@demo.invalid")
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{live_server.url}/")
        return look

    def look(path: str = "") -> list[str]:
        if path:
            page.goto(f"{live_server.url}{path}")
        found = [f"{page.url}: {problem}" for problem in violations(page)]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{page.url} scrolls sideways at {width} px")
        found += [f"{page.url}: {words}" for words in refused]
        refused.clear()
        return found

    return start


def key(model, **where) -> int:
    return model.objects.filter(**where).first().pk


def test_signed_out_pages(page, demo, live_server):
    found = []
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        page.goto(f"{live_server.url}{path}")
        found += violations(page)
    page.goto(f"{live_server.url}/accounts/login/")
    page.locator("input[name=login]").fill("nobody@demo.invalid")
    page.locator("input[name=password]").fill("wrong wrong wrong")
    page.get_by_role("button", name="Sign in").click()
    found += violations(page)

    assert found == []


def test_pages_about_patients(visit):
    look = visit("therapist")
    new, flagged = key(Patient, name="Tom Becker"), key(Patient, name="Agnes Moore")
    assessed, issued = key(Patient, name="Priya Nair"), key(Patient, name="Maria Rivera")
    paths = [
        "/",
        "/patients/",
        "/patients/?q=nobody",
        "/patients/?archived=1",
        "/patients/new/",
        *[f"/patients/{patient}/" for patient in (new, flagged, assessed, issued)],
        f"/patients/{issued}/edit/",
        f"/patients/{new}/screening/",
        f"/patients/{flagged}/screening/",
        f"/patients/{new}/assessment/",
        f"/patients/{assessed}/assessment/",
        f"/patients/{new}/referral.pdf",
        f"/flags/{key(RaisedFlag)}/close/",
        "/patients/999999/",
    ]

    assert [problem for path in paths for problem in look(path)] == []


def test_pages_about_programs(visit):
    look = visit("therapist")
    drafted, issued = (key(Program, patient__name=name) for name in ("Harold Lindqvist", "Maria Rivera"))
    paths = [
        f"/patients/{key(Patient, name='Priya Nair')}/programs/new/",
        f"/programs/{drafted}/",
        f"/programs/{issued}/?q=hip&phase=release",
        f"/programs/{issued}/?q=nothing+like+this",
        f"/programs/{drafted}/issue/",
        f"/programs/{issued}/preview/",
        f"/items/{key(Item)}/",
        f"/issues/{key(Issue)}/send/",
        f"/deliveries/{key(Delivery)}/",
        f"/sign-offs/{key(SignOff)}/",
    ]

    assert [problem for path in paths for problem in look(path)] == []


def test_the_catalog(visit):
    look = visit("therapist")
    paths = ["/exercises/", "/exercises/?q=nothing", "/exercises/bridge/", "/protocols/", "/accounts/password/change/"]

    assert [problem for path in paths for problem in look(path)] == []


def test_pages_with_errors(visit, page, live_server):
    look = visit("therapist")
    new = key(Patient, name="Tom Becker")
    found = []

    page.goto(f"{live_server.url}/patients/new/")
    page.get_by_role("button", name="Save").click()
    found += look()
    page.goto(f"{live_server.url}/patients/{new}/assessment/")
    page.get_by_role("button", name="Save assessment").click()
    found += look()
    page.goto(f"{live_server.url}/patients/{new}/screening/")
    page.locator(".question").first.get_by_role("radio", name="Yes").check()
    found += look()
    page.get_by_role("button", name="Finish screening").click()
    found += look()
    page.goto(f"{live_server.url}/items/{key(Item)}/")
    page.get_by_label("Days a week").fill("9")
    page.get_by_role("button", name="Save").click()
    found += look()
    page.goto(f"{live_server.url}/issues/{key(Issue)}/send/")
    page.get_by_label("Send to").fill("nowhere")
    page.get_by_role("button", name="Send").click()
    found += look()

    assert found == []


def test_a_builder_that_has_everything_wrong(visit, page, live_server):
    look = visit("therapist")
    program = Program.objects.get(patient__name="Harold Lindqvist")
    Item.objects.filter(stage__program=program, phase="release").delete()
    Item.objects.filter(stage__program=program, phase="calm").update(phase="integrate", position=99)

    assert look(f"/programs/{program.pk}/") + look(f"/programs/{program.pk}/issue/") == []
    assert page.locator(".verdict-warn").count() >= 2


def test_other_roles(visit):
    sees = {
        "trainer": ["/", f"/programs/{key(Program, patient__name='Luis Ortega')}/issue/"],
        "assistant": ["/", f"/patients/{key(Patient, name='Maria Rivera')}/", f"/programs/{key(Program)}/"],
        "admin": ["/", "/patients/"],
        "editor": ["/", "/admin/", "/admin/exercises/exercise/"],
    }
    found = []
    for role, paths in sees.items():
        look = visit(role)
        found += [problem for path in paths for problem in look(path)]

    assert found == []
    assert User.objects.filter(is_staff=True).count() == 1


def test_an_exercise_in_the_admin(visit, page):
    """Django's own select boxes set a style by script, which the policy refuses without harm."""
    visit("editor")
    page.goto(f"{page.url}admin/exercises/exercise/{key(Exercise, slug='bridge')}/change/")

    assert violations(page) == []
