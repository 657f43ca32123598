"""The builder on a phone, at every width, without script, by keyboard, and how still and how small its page is."""

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Request, expect

from programs.models import Issue, Item, Program
from tests.journeys.conftest import listen, sign_in
from tests.journeys.steps import REASON, SEARCH, Hand, asked_reasons, find, names, number, row, said, settled
from tests.journeys.test_accessible import program_of
from tests.journeys.test_keyboard import follow, go_to, tab_on

PHONE = {"width": 390, "height": 844}
WIDTHS = (390, 768, 1024, 1440, 1920)
MOST_SHIFT = 0.02
MOST_BYTES = 150_000

CLAMSHELL, SQUEEZES, GLIDE = "Clamshell", "Buttock squeezes", "Seated sciatic nerve glide"


@pytest.fixture
def tab(as_demo) -> Page:
    """A therapist's builder on a phone."""
    tab = as_demo("therapist")
    tab.set_viewport_size(PHONE)
    tab.goto(program_of("Jonas Weber"))
    return tab


def test_the_catalog_is_a_sheet_on_a_phone(tab):
    opener = tab.get_by_role("button", name="Add exercises")
    opener.click()
    sheet = tab.get_by_role("dialog", name="Exercise catalog")
    expect(sheet.get_by_label(SEARCH)).to_be_focused()
    find(tab, "bridge", "Bridge")
    sheet.get_by_role("button", name="Add Bridge", exact=True).click()
    settled(tab)
    expect(sheet.get_by_role("status")).to_have_text("Bridge added to Strengthen.")
    expect(sheet.get_by_text("in the program").first).to_be_visible()
    sheet.get_by_role("button", name="Close").click()

    expect(opener).to_be_focused()
    assert "Bridge" in names(tab, "strengthen")
    opener.click()
    tab.keyboard.press("Escape")
    expect(sheet.get_by_label(SEARCH)).to_have_value("")
    tab.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(tab.locator("#catalog")).to_be_hidden()


def test_nothing_scrolls_sideways_at_any_width(tab):
    Hand(tab).unfold(CLAMSHELL)
    tab.get_by_label(f"Choose {CLAMSHELL}").check()
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, width


@pytest.fixture
def finger(browser: Browser, browser_context_args: dict, demo, refused: list[str]):
    """The builder on a screen that is touched."""
    context = browser.new_context(**{**browser_context_args, "viewport": PHONE, "has_touch": True, "is_mobile": True})
    listen(context, refused)
    tab = sign_in(context.new_page(), at="demo.invalid")
    tab.goto(program_of("Jonas Weber"))
    yield tab
    context.close()
    assert refused == []


def swipe(tab: Page, start: tuple[float, float], end: tuple[float, float], *, steps: int = 8) -> None:
    """Put a finger down, move it and lift it."""
    touch = tab.context.new_cdp_session(tab)
    for step in range(steps + 1):
        x, y = (a + (b - a) * step / steps for a, b in zip(start, end, strict=True))
        kind = "touchMove" if step else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def middle(tab: Page, selector: str) -> tuple[float, float]:
    box = tab.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_finger_drags_by_the_grip_and_scrolls_elsewhere(finger):
    row(finger, SQUEEZES).scroll_into_view_if_needed()
    moved = Item.objects.get(
        stage__slug="w0_2", stage__program__patient__name="Jonas Weber", exercise__slug="glute-contractions"
    )
    grip = f"#item-{moved.pk} [data-grip]"
    last = row(finger, CLAMSHELL).bounding_box()
    finger.evaluate("scrollBy(0, 200)")
    last = row(finger, CLAMSHELL).bounding_box()

    swipe(finger, middle(finger, grip), (middle(finger, grip)[0], last["y"] + last["height"] * 0.8))
    said(finger, f"{SQUEEZES} moved to Strengthen, now 6 of 6.")
    assert names(finger, "strengthen") == [CLAMSHELL, SQUEEZES]

    before = finger.evaluate("scrollY")
    swipe(finger, (200, 600), (200, 700))
    finger.wait_for_function("before => scrollY < before", arg=before)
    assert names(finger, "strengthen") == [CLAMSHELL, SQUEEZES]


def test_the_whole_job_without_script(no_script, demo):
    tab = sign_in(no_script, at="demo.invalid")
    hand = Hand(tab)
    tab.goto(program_of("Jonas Weber"))
    program = Program.objects.get(patient__name="Jonas Weber")

    # add, and stay in the search; a dose that was typed goes along with the next button
    find(tab, "bridge", "Bridge")
    number(tab, CLAMSHELL, "repetitions").fill("9")
    hand.press("Add Bridge")
    expect(tab.get_by_text("Bridge added to Strengthen.", exact=True)).to_be_visible()
    expect(tab.get_by_label(SEARCH)).to_have_value("bridge")
    expect(number(tab, CLAMSHELL, "repetitions")).to_have_value("9")
    number(tab, GLIDE, "repetitions").fill("8")
    hand.press("Move Bridge up")
    assert names(tab, "strengthen") == [SQUEEZES, "Bridge", CLAMSHELL]
    expect(number(tab, GLIDE, "repetitions")).to_have_value("8")

    # a dose by Enter; one that can't be isn't sent, says the browser
    number(tab, "Bridge", "repetitions").fill("7")
    number(tab, "Bridge", "repetitions").press("Enter")
    expect(tab.get_by_text("Bridge: 7 times.", exact=True)).to_be_visible()
    number(tab, "Bridge", "repetitions").fill("900")
    number(tab, "Bridge", "repetitions").press("Enter")
    expect(tab.locator("input:invalid")).to_have_value("900")
    number(tab, "Bridge", "repetitions").fill("8")
    number(tab, "Bridge", "repetitions").press("Enter")

    # remove and take it back
    hand.unfold("Bridge")
    hand.press("Remove Bridge")
    assert "Bridge" not in names(tab)
    tab.get_by_role("button", name=re.compile("^Undo ?: Bridge removed")).click()
    expect(number(tab, "Bridge", "repetitions")).to_have_value("8")

    # another stage and back; out of order, and accepted
    tab.get_by_role("button", name=re.compile("^Weeks 2–4")).click()
    expect(tab.get_by_role("button", name=re.compile("^Weeks 2–4"))).to_have_attribute("aria-current", "true")
    tab.get_by_role("button", name=re.compile("^Weeks 0–2")).click()
    hand.unfold("Bridge")
    row(tab, "Bridge").get_by_label("Phase", exact=True).select_option("calm")
    row(tab, "Bridge").get_by_role("button", name="Move", exact=True).click()
    assert "Bridge" in names(tab, "calm")
    warning = tab.locator("#checks .verdict", has=tab.locator("details.accept")).first
    warning.get_by_text("Accept with a reason").click()
    warning.get_by_role("textbox").fill("ok")
    number(tab, GLIDE, "repetitions").fill("11")
    warning.get_by_role("button", name="Accept", exact=True).click()
    expect(warning.locator(".field-error")).to_contain_text("at least 10 characters")
    expect(warning.get_by_role("textbox")).to_have_value("ok")
    expect(number(tab, GLIDE, "repetitions")).to_have_value("11")
    accept_all(tab)
    expect(number(tab, GLIDE, "repetitions")).to_have_value("11")

    # and the handout
    hand.follow("Issue…")
    assert {field.input_value() for field in asked_reasons(tab)} == {REASON}
    hand.press("Issue the handout")
    expect(tab.get_by_role("link", name="Print handout 1")).to_be_visible()
    assert Issue.objects.get(program=program).overrides


def accept_all(tab: Page) -> None:
    """Accept each warning with a reason; each stands there accepted then."""
    open_ones = tab.locator("#checks details.accept")
    for left in range(open_ones.count(), 0, -1):
        expect(open_ones).to_have_count(left)
        if not open_ones.first.get_by_role("textbox").is_visible():
            open_ones.first.locator("summary").click()
        open_ones.first.get_by_role("textbox").fill(REASON)
        open_ones.first.get_by_role("button", name="Accept", exact=True).click()
    expect(open_ones).to_have_count(0)


def test_from_search_to_issue_by_keyboard(as_demo):
    tab = as_demo("therapist")
    tab.goto(program_of("Jonas Weber"))
    tab.keyboard.press("/")
    expect(tab.get_by_label(SEARCH)).to_be_focused()
    tab.keyboard.type("bridge")
    expect(tab.locator(".catalog-found a").first).to_have_text("Bridge")
    tab.keyboard.press("Enter")
    said(tab, "Bridge added to Strengthen.")
    tab.keyboard.press("Alt+4")
    expect(tab.locator("#head-strengthen")).to_be_focused()
    go_to(tab, "Bridge: repetitions")
    tab.keyboard.type("8")
    tab.keyboard.press("Enter")
    said(tab, "Bridge: 8 times.")
    tab.keyboard.press("Alt+ArrowUp")
    said(tab, "Bridge moved up, now 6 of 7.")
    tab.keyboard.press("Control+z")
    said(tab, "Undone: Bridge moved up, now 6 of 7.")

    # what the keys are, and keys of one letter that stay off
    go_to(tab, "Keyboard shortcuts")
    tab.keyboard.press("?")
    sheet = tab.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    with tab.expect_response("**/edit/"):
        sheet.get_by_label("Keys of one letter").press("Space")
    tab.keyboard.press("Escape")
    tab.reload()
    tab.keyboard.press("/")
    tab.keyboard.press("?")
    expect(sheet).to_be_hidden()
    expect(tab.get_by_label(SEARCH)).not_to_be_focused()

    while tab_on(tab)["name"] != "Issue…":
        pass
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/issue/")
    for _ in asked_reasons(tab):
        go_to(tab, "Your reason")
        tab.keyboard.type(REASON)
    follow(tab, "Issue the handout")
    expect(tab.get_by_role("link", name="Print handout 1")).to_be_visible()


SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 300);
})"""


def test_the_page_stands_still_while_it_loads(as_demo):
    tab = as_demo("therapist")
    for width in (1440, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.goto(program_of("Harold Lindqvist"), wait_until="networkidle")

        assert tab.evaluate(SHIFTS) < MOST_SHIFT, width


def test_a_first_visit_is_small(as_demo):
    tab = as_demo("therapist")
    asked: list[Request] = []
    tab.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # a built-in can't be a handler
    answer = tab.goto(program_of("Jonas Weber"), wait_until="networkidle")
    paths = {urlsplit(request.url).path for request in asked if "/static/" in request.url}

    sizes = {path: compressed(Path(finders.find(path.removeprefix("/static/")))) for path in paths}
    sizes["the page"] = len(gzip.compress(answer.body(), 6))

    assert any(path.endswith("builder.js") for path in sizes)
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def compressed(path: Path) -> int:
    """Return the size in which a file is sent: fonts are compressed as well as they are."""
    content = path.read_bytes()
    return min(len(content), len(brotli.compress(content)), len(gzip.compress(content, 9)))
