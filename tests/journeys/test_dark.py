"""In a dark room the site is dark and reads well; what goes to the patient stays white paper."""

import re

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import violations
from tests.journeys.steps import say_yes
from tests.journeys.test_accessible import of, program_of

pytestmark = pytest.mark.browser_context_args(color_scheme="dark")

DARK, LIGHT = range(70), range(215, 256)
PAPER = ".handout, .handout .phase-head, .handout .chip, .handout .strip li, .handout .aside, .handout .figure"


def brightness(tab: Page, selector: str) -> list[int]:
    """Return how bright the grounds of the elements are, 0 to 255 each; one without a ground of its own is left out."""
    grounds = tab.locator(selector).evaluate_all("all => all.map(it => getComputedStyle(it).backgroundColor)")
    return [sum(map(int, re.findall(r"\d+", ground))) // 3 for ground in grounds if not ground.startswith("rgba")]


def looked_at(tab: Page) -> list[str]:
    """Return what is wrong with the page: findings of axe, and a ground that isn't dark."""
    wrong = violations(tab)
    if any(ground not in DARK for ground in brightness(tab, "body, .site-header, .bar, .panel, .verdict")):
        wrong.append("not dark")
    return [f"{tab.url}: {problem}" for problem in wrong]


def test_the_site_in_the_dark(page, demo, as_demo):
    page.goto("/accounts/login/")
    saw = looked_at(page)
    tab = as_demo("therapist")
    saw += looked_at(tab)

    for path in ("/patients/", "/patients/new/", "/exercises/bridge/", "/protocols/", "/no/such/page/"):
        tab.goto(path)
        saw += looked_at(tab)
    for path in (of("Agnes Moore"), program_of("Harold Lindqvist"), f"{program_of('Harold Lindqvist')}issue/"):
        tab.goto(path)
        saw += looked_at(tab)
    tab.goto(f"{of('Tom Becker')}screening/")
    say_yes(tab, "Have you lost control of your bowels")
    saw += looked_at(tab)
    tab.goto(f"{of('Maria Rivera')}assessment/")
    saw += looked_at(tab)

    assert saw == []


def test_pictures_and_handouts_on_white_in_the_dark(page, demo, as_demo):
    tab = as_demo("therapist")
    tab.goto("/exercises/?q=bridge")
    pictures = brightness(tab, "img.figure")
    tab.goto(f"{program_of('Maria Rivera')}preview/")
    saw = looked_at(tab)
    paper = brightness(tab, PAPER)
    tab.emulate_media(media="print")
    printed = brightness(tab, "body, .bar, .handout")

    assert saw == []
    assert pictures
    assert all(ground in LIGHT for ground in pictures + paper + printed)
    assert len(paper) > 5
