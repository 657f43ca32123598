"""A live site with the demo's people, a browser, and helpers that act as a person does."""

import os
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from clinics.models import Clinic, Membership, Role, User
from exercises import catalog_files, loading
from tests.journeys import browser as browsers

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs its loop in this thread

PASSWORD = "a quiet place to heal"
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
    """All that is in this folder is a journey, on a database that a server in another thread can see."""
    for item in items:
        if "tests/journeys" in str(item.path):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return {**browser_type_launch_args, "executable_path": browsers.find(), "args": FLAGS}


@pytest.fixture(scope="session")
def base_url(live_server) -> str:
    """The live site's address, so that journeys name pages by their path."""
    return live_server.url


@pytest.fixture
def clinic(live_server, settings) -> Clinic:
    """A clinic with one person per role, who all sign in with PASSWORD, and the shipped catalog."""
    loading.load(catalog_files.read(settings.CATALOG_DIR))
    made = Clinic.objects.create(name="Lakeside Physical Therapy", phone="(555) 010-4477", email="hi@lakeside.invalid")
    for role in Role:
        user = User.objects.create_user(f"{role}@lakeside.invalid", PASSWORD, name=f"{role.label} Person")
        Membership.objects.create(clinic=made, user=user, role=role)
    return made


@pytest.fixture
def sign_in(live_server, page: Page) -> Callable[..., Page]:
    """Sign in through the sign-in page and return the page."""

    def act(role: str = "therapist", on: Page | None = None) -> Page:
        tab = on or page
        tab.set_default_timeout(10_000)
        tab.goto(f"{live_server.url}/accounts/login/")
        tab.get_by_label(re.compile("e-?mail", re.IGNORECASE)).fill(f"{role}@lakeside.invalid")
        tab.get_by_label("Password").fill(PASSWORD)
        tab.get_by_role("button", name="Sign in").click()
        tab.wait_for_url(f"{live_server.url}/")
        return tab

    return act


@pytest.fixture
def no_script(browser: Browser) -> Iterator[BrowserContext]:
    """A browser with JavaScript off."""
    context = browser.new_context(java_script_enabled=False)
    yield context
    context.close()


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page, a line each."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
