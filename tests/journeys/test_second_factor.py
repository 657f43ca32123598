"""Setting up a second factor, and signing in with it: an app by keyboard alone, and a passkey."""

import pytest
from playwright.sync_api import Page, expect

from clinics.models import Clinic, Membership, Role, User
from tests.clinics.accounts import code_of
from tests.journeys.conftest import PASSWORD, violations

WIDTHS = (390, 1440)


@pytest.fixture
def person(live_server) -> User:
    """A therapist of a clinic that asks for a second factor."""
    clinic = Clinic.objects.create(name="Lakeside Physical Therapy")
    user = User.objects.create_user("therapist@lakeside.invalid", PASSWORD, name="Dana Okafor")
    Membership.objects.create(clinic=clinic, user=user, role=Role.THERAPIST)
    return user


@pytest.fixture
def passkeys(page: Page) -> None:
    """A device with a fingerprint reader that always recognizes the finger."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def look(tab: Page) -> None:
    """The page suits everyone, and nothing of it is cut off."""
    assert violations(tab) == []
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def go_to(tab: Page, name: str) -> None:
    """Press Tab until that button, link or field is reached."""
    for _ in range(60):
        tab.keyboard.press("Tab")
        if tab.evaluate("(document.activeElement.labels?.[0] || document.activeElement).innerText").strip() == name:
            return
    raise AssertionError(f"{name} isn't reached by Tab")


def type_password(tab: Page) -> None:
    tab.goto("/accounts/login/")
    go_to(tab, "Email")
    tab.keyboard.type("therapist@lakeside.invalid")
    go_to(tab, "Password")
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")


def test_sets_up_an_app_by_keyboard_and_signs_in_with_it(person, page):
    tab = page
    type_password(tab)

    # given somebody who is led to the page that says why
    expect(tab.get_by_text("Set up a second step first.")).to_be_visible()
    look(tab)

    # when the app is set up with the key that stands beside the picture
    go_to(tab, "Set up an app")
    tab.keyboard.press("Enter")
    seed = tab.locator(".seed").inner_text()
    look(tab)
    go_to(tab, "Authenticator code")
    tab.keyboard.type(code_of(seed))
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("they are shown once")).to_be_visible()
    assert tab.locator(".recovery-codes code").count() == 10
    look(tab)
    go_to(tab, "I have kept them")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()

    # then the next sign-in asks for its code
    tab.get_by_role("button", name="Sign out").click()
    type_password(tab)
    expect(tab.get_by_role("heading", name="Second step")).to_be_visible()
    look(tab)
    go_to(tab, "Code")
    tab.keyboard.type(code_of(seed, steps=1))
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()


def test_adds_a_passkey_and_signs_in_with_nothing_else(person, page, passkeys):
    tab = page
    type_password(tab)
    tab.get_by_role("link", name="Add a passkey").click()
    look(tab)
    tab.get_by_label("Name, to tell it from others").fill("Laptop")
    tab.get_by_role("button", name="Add the passkey").click()
    expect(tab.get_by_text("they are shown once")).to_be_visible()
    tab.get_by_role("link", name="Sign-in and security").last.click()
    expect(tab.get_by_text("Laptop", exact=True).first).to_be_visible()
    expect(tab.get_by_text("Set up a second step first.")).to_have_count(0)
    look(tab)

    # signed in by the passkey alone
    tab.get_by_role("button", name="Sign out").click()
    look(tab)
    tab.get_by_role("button", name="Sign in with a passkey").click()
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()

    # by password and passkey
    tab.get_by_role("button", name="Sign out").click()
    type_password(tab)
    tab.get_by_role("button", name="Use a passkey").click()
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()

    # typed text comes along, and an old session asks who one is
    tab.goto("/patients/new/")
    tab.get_by_label("Full name").fill("Maria Rivera")
    tab.context.clear_cookies(name="sessionid")
    tab.get_by_role("button", name="Save").click()
    tab.get_by_label("Email").fill("therapist@lakeside.invalid")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in and go on").click()
    tab.get_by_role("button", name="Use a passkey").click()
    expect(tab.get_by_role("heading", name="Send what you typed")).to_be_visible()
    expect(tab.get_by_text("Maria Rivera")).to_be_visible()
