"""The pictures of an exercise: they move when asked to, and stay still for those who ask for less motion."""

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import sign_in, violations

A_WHILE_MS = 1_600


@pytest.fixture(params=["no-preference", "reduce"])
def motion(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def tab(browser: Browser, browser_context_args: dict, motion: str) -> Page:
    """A tab of somebody who asks for less motion, or doesn't."""
    context = browser.new_context(**{**browser_context_args, "reduced_motion": motion})
    yield context.new_page()
    context.close()


def test_moves_when_asked_and_only_for_those_who_like_it(clinic, tab, motion):
    sign_in(tab)
    tab.goto("/exercises/bridge/")
    moving = tab.get_by_alt_text("The movement from picture to picture")
    assert not moving.is_visible()

    tab.get_by_text("Show the movement").click()
    moving.scroll_into_view_if_needed()
    tab.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=moving.element_handle())
    looks = set()
    for _ in range(3):
        looks.add(moving.screenshot())
        tab.wait_for_timeout(A_WHILE_MS)

    assert (len(looks) > 1) == (motion == "no-preference")
    assert violations(tab) == []


def test_moves_when_opened_by_itself(clinic, tab, motion):
    sign_in(tab)
    tab.goto("/exercises/bridge/motion.svg")

    assert tab.evaluate("document.getAnimations().length") == (1 if motion == "no-preference" else 0)
