"""A live site with people who can sign in, a browser that must stay quiet, and what axe says of a page."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from clinics.models import Clinic, Membership, Role, User
from tests.conftest import load_catalog, signed_in
from tests.journeys import browser as browsers
from tests.journeys import whole

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs its loop in this thread

PASSWORD = "a quiet place to heal"
PATIENCE_MS = 30_000  # a machine that is busy with much else may take 15 s to draw a PDF
expect.set_options(timeout=PATIENCE_MS)
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
    "preload": {"assets": ["media"]},  # style sheets are asked only by rules that aren't on
    "selectors": False,  # naming each element takes a sixth of the time: only those with a fault are named
}
# Axe parses the colours of each element anew, and copies each element's HTML, which isn't shown: a third of its time.
QUICKER = """;
(() => {
    axe.configure({ noHtml: true });
    const colour = axe.commons.color.Color.prototype;
    const parse = colour.parseString;
    const parsed = new Map();
    colour.parseString = function (text) {
        if (parsed.has(text)) {
            [this.r, this.g, this.b, this.alpha] = parsed.get(text);
        } else {
            parse.call(this, text);
            parsed.set(text, [this.r, this.g, this.b, this.alpha]);
        }
        return this;
    };
})()"""
AXE = AXE_SCRIPT + QUICKER
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is in this folder is a journey, on a database that a server in another thread can see.

    Those in the demo clinic come first, so that of two processes one makes it while the other makes the clinic.
    """
    for item in items:
        if is_journey(item):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.django_db(transaction=True))
    items.sort(key=lambda item: is_journey(item) and 1 + ("demo" not in item.fixturenames))


def is_journey(item: pytest.Item) -> bool:
    return "tests/journeys" in str(item.path)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite lies in a file: in memory all requests would share one connection, and one another's transactions.

    It doesn't wait for the disk, since no journey cuts the power.
    """
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "journeys.sqlite3")
        on_connect = connection.settings_dict["OPTIONS"]["init_command"]
        connection.settings_dict["OPTIONS"]["init_command"] = f"{on_connect} PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session")
def of_this_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(autouse=True, scope="session")
def emptied_at_once(
    emptied_log: None, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """On SQLite the database is emptied by putting it back as it was at first."""
    empty = TransactionTestCase._fixture_teardown
    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
        with django_db_blocker.unblock():
            whole.keep(file)
        TransactionTestCase._fixture_teardown = lambda case: whole.put_back(file)
    yield
    TransactionTestCase._fixture_teardown = empty


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return {**browser_type_launch_args, "executable_path": browsers.find(), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """Pages jump instead of gliding, so that what is looked at stands still."""
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def base_url(live_server) -> str:
    """The live site's address, so that journeys name pages by their path."""
    return live_server.url


@pytest.fixture
def refused() -> list[str]:
    """What browsers complained of so far; whatever is left at the end of a journey fails it."""
    return []


def listen(context: BrowserContext, refused: list[str]) -> None:
    """Write down each error of the console and of scripts, such as what the content policy refused.

    That a page itself was answered with 4xx is no error: forms with mistakes are.
    """

    def on_message(message: ConsoleMessage) -> None:
        of_the_page = message.page is not None and message.location["url"] == message.page.url
        if message.type == "error" and not (of_the_page and "Failed to load resource" in message.text):
            refused.append(f"{message.location['url']}: {message.text}")

    context.on("console", on_message)
    context.on("weberror", lambda error: refused.append(str(error.error)))
    context.set_default_timeout(PATIENCE_MS)


@pytest.fixture
def context(context: BrowserContext, refused: list[str]) -> Iterator[BrowserContext]:
    """The browser of one person; it must end without a word in its console."""
    listen(context, refused)
    yield context
    assert refused == []


@pytest.fixture
def second(browser: Browser, browser_context_args: dict, refused: list[str]) -> Iterator[Page]:
    """A page in somebody else's browser."""
    context = browser.new_context(**browser_context_args)
    listen(context, refused)
    yield context.new_page()
    context.close()


@pytest.fixture
def no_script(browser: Browser, browser_context_args: dict) -> Iterator[Page]:
    """A page in a browser with JavaScript off."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def clinic(live_server, of_this_run) -> Clinic:
    """A clinic with one person per role, who all sign in with PASSWORD, and the shipped catalog."""

    def make() -> None:
        load_catalog()
        made = Clinic.objects.create(
            name="Lakeside Physical Therapy",
            phone="(555) 010-4477",
            mail_policy="attach",
            requires_second_factor=False,
        )
        for role in Role:
            user = User.objects.create_user(f"{role}@lakeside.invalid", PASSWORD, name=f"{role.label} Person")
            Membership.objects.create(clinic=made, user=user, role=role)

    whole.make(of_this_run, "clinic", make)
    return Clinic.objects.get()


@pytest.fixture
def demo(live_server, of_this_run, settings, monkeypatch) -> None:
    """The demo clinic, whose patients are at different points of the main job; all sign in with PASSWORD."""

    def make() -> None:
        load_catalog()
        call_command("demo")

    settings.DEMO = True
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    whole.make(of_this_run, "demo", make)


def sign_in(tab: Page, role: str = "therapist", *, at: str = "lakeside.invalid") -> Page:
    """Give the tab the session of somebody who signed in, and return it on Today."""
    name = settings.SESSION_COOKIE_NAME
    session = signed_in(User.objects.get(email=f"{role}@{at}")).cookies[name].value
    tab.context.add_cookies([{"name": name, "value": session, "domain": "localhost", "path": "/"}])
    tab.goto("/")
    return tab


def sign_in_by_form(tab: Page, role: str = "therapist", *, at: str = "lakeside.invalid") -> Page:
    """Sign in through the sign-in page and return the page on Today."""
    tab.goto("/accounts/login/")
    tab.get_by_label("Email").fill(f"{role}@{at}")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url("/")
    return tab


@pytest.fixture
def as_demo(page: Page, demo) -> Callable[[str], Page]:
    """Sign in as another person of the demo clinic."""

    def act(role: str) -> Page:
        page.context.clear_cookies()
        return sign_in(page, role, at="demo.invalid")

    return act


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page, a line each; targets smaller than 24 px count.

    What sticks to an edge is laid flat first: it covers other things only until one scrolls.
    """
    page.evaluate(
        "document.querySelectorAll('.sticky-actions, .submit-row, .now').forEach(it => it.style.position = 'static')"
    )
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    run = "options => axe.run(options).then(results => results.violations)"
    found = page.evaluate(run, AXE_OPTIONS) and page.evaluate(run, AXE_OPTIONS | {"selectors": True})
    page.evaluate(
        "document.querySelectorAll('.sticky-actions, .submit-row, .now').forEach(it => it.style.position = '')"
    )
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
