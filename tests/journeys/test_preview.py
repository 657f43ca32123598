"""The handout beside its options: on its own page, beside the builder, on a phone, by keyboard, without script."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from clinics.models import User
from programs.models import Issue
from tests.journeys.conftest import sign_in, violations
from tests.journeys.steps import Hand, give_reasons, settled
from tests.journeys.test_accessible import program_of
from tests.journeys.test_keyboard import go_to

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
MARIA = "Maria Rivera"


@pytest.fixture
def tab(as_demo) -> Page:
    tab = as_demo("therapist")
    tab.set_viewport_size(DESK)
    return tab


def sheet(tab: Page):
    """Return the sheet that is seen, in a shadow too; the next one waits hidden for its styles."""
    return tab.locator("[data-sheet] .handout").filter(visible=True)


def expect_layout(tab: Page, layout: str, words: str) -> None:
    expect(sheet(tab)).to_have_class(re.compile(rf"\blayout-{layout}\b"))
    expect(tab.locator("[data-preview-said]")).to_have_text(re.compile(rf"^{words}: \d+ pages?(, set \w+)?\.$"))


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_sheet_follows_its_options_and_the_issue_keeps_them(tab, size):
    tab.set_viewport_size(size)
    tab.goto(f"{program_of(MARIA)}preview/")
    expect_layout(tab, "standard", "Standard, A4")
    looks = (("Large print", "large"), ("Picture cards", "cards"), ("Checklist only", "checklist"))
    for label, layout in looks if size is DESK else looks[-1:]:
        tab.get_by_label(label).check()
        expect_layout(tab, layout, f"{label}, A4")
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    tab.get_by_label("Letter").check()
    tab.get_by_label("4 weeks").check()
    expect_layout(tab, "checklist", "Checklist only, Letter")
    tab.reload()
    expect_layout(tab, "checklist", "Checklist only, Letter")
    assert User.objects.get(email="therapist@demo.invalid").handout_options != {"layout": "checklist"}

    tab.get_by_role("link", name="Issue…").click()
    expect(tab.get_by_text("The sheet: Checklist only, Letter, log for 4 weeks, English.")).to_be_visible()
    tab.get_by_role("link", name="Change").click()
    expect_layout(tab, "checklist", "Checklist only, Letter")
    tab.get_by_role("link", name="Issue…").click()
    give_reasons(tab)
    tab.get_by_role("button", name="Issue the handout").click()
    expect(tab.get_by_role("link", name="Print handout 2")).to_be_visible()

    snapshot = Issue.objects.get(program__patient__name=MARIA, number=2).snapshot
    assert (snapshot["layout"], snapshot["paper"], snapshot["weeks"]) == ("checklist", "Letter", 4)
    tab.goto(f"{program_of('Harold Lindqvist')}preview/")
    expect_layout(tab, "checklist", "Checklist only, Letter")


def test_the_last_of_quick_choices_is_shown(tab):
    tab.goto(f"{program_of(MARIA)}preview/")
    for label in ("Large print", "Compact", "Picture cards", "Standard", "Large print"):
        tab.get_by_label(label).check()

    expect_layout(tab, "large", "Large print, A4")


def test_it_says_so_when_it_cannot_be_shown(tab, refused):
    tab.goto(f"{program_of(MARIA)}preview/")
    expect_layout(tab, "standard", "Standard, A4")
    tab.context.clear_cookies(name="sessionid")
    tab.get_by_label("Large print").check()

    expect(tab.locator("[data-preview-said]")).to_have_text("This couldn't be shown. Load the page again.")
    expect(sheet(tab)).to_have_class(re.compile("layout-standard"))


def test_a_first_length_that_fails_late_takes_back_nothing_that_was_said_since(tab):
    late = []

    def hold(route: Route) -> None:
        late.append(route)

    tab.route("**/preview.pdf?*layout=standard*", hold)
    tab.goto(f"{program_of(MARIA)}preview/")
    tab.get_by_label("Large print").check()
    expect_layout(tab, "large", "Large print, A4")
    with tab.expect_event("requestfinished", lambda asked: "layout=standard" in asked.url):
        late.pop().fulfill(body="no JSON")
    tab.evaluate("new Promise((resolve) => setTimeout(resolve, 100))")

    expect_layout(tab, "large", "Large print, A4")


def test_it_stays_beside_the_builder_and_follows_each_edit(tab):
    tab.goto(program_of(MARIA))
    opener = tab.get_by_role("link", name="Preview handout")
    opener.click()
    panel = tab.get_by_role("dialog", name="Handout preview")
    expect(panel).to_be_visible()
    expect(sheet(tab)).to_contain_text("1. Short, frequent walks")
    box, place = sheet(tab).bounding_box(), panel.bounding_box()
    assert place["x"] <= box["x"]
    assert box["x"] + box["width"] <= place["x"] + place["width"]
    assert violations(tab) == []

    # an edit while it is open, by another's control than its own
    tab.locator(".item", has_text="Lying figure-4").get_by_role("button", name=re.compile("^Move .* up")).click()
    settled(tab)
    expect(sheet(tab)).to_contain_text("2. Lying figure-4 stretch")
    tab.get_by_role("radio", name="Large print").check()
    expect_layout(tab, "large", "Large print, A4")
    assert "Atkinson" in sheet(tab).evaluate("it => getComputedStyle(it).fontFamily")

    # the page's own link takes the choice along, also after an edit made it anew
    tab.get_by_role("button", name=re.compile("^Undo ?:")).click()
    settled(tab)
    expect(sheet(tab)).to_contain_text("3. Lying figure-4 stretch")
    panel.get_by_role("button", name="Close").click()
    expect(opener).to_be_focused()
    expect(panel).to_be_hidden()


COUNT_LISTENERS = """() => {
    const add = document.addEventListener.bind(document);
    window.listeners = 0;
    document.addEventListener = (...words) => { window.listeners += 1; add(...words); };
}"""


def test_the_builders_issue_takes_along_what_the_panel_shows(tab):
    tab.goto(program_of(MARIA))
    tab.evaluate(COUNT_LISTENERS)
    heard = []
    for layout, words in (("large", "Large print"), ("cards", "Picture cards")):
        tab.evaluate("document.getElementById('preview').close()")
        tab.get_by_role("link", name="Preview handout").click()
        tab.get_by_role("radio", name=words).check()
        expect_layout(tab, layout, f"{words}, A4")
        heard.append(tab.evaluate("window.listeners"))
    assert heard[0] == heard[1]  # opened again, the page listens to no more than before
    tab.locator(".builder-bar").get_by_role("link", name="Issue…").click()

    expect(tab.get_by_text("The sheet: Picture cards, A4, log for 2 weeks, English.")).to_be_visible()


def test_it_opens_over_the_builder_on_a_phone(tab):
    tab.set_viewport_size(PHONE)
    tab.goto(program_of(MARIA))
    opener = tab.get_by_role("link", name="Preview handout")
    opener.click()
    expect(tab.get_by_role("dialog", name="Handout preview")).to_be_visible()
    expect_layout(tab, "standard", "Standard, A4")
    assert violations(tab) == []
    assert sheet(tab).evaluate("it => it.scrollWidth <= innerWidth")
    tab.keyboard.press("Escape")

    expect(opener).to_be_focused()


def test_by_keyboard(tab):
    tab.goto(program_of(MARIA))
    go_to(tab, "Preview")
    tab.keyboard.press("Enter")
    panel = tab.get_by_role("dialog", name="Handout preview")
    expect(panel.get_by_role("button", name="Close")).to_be_focused()
    go_to(tab, "Standard")
    tab.keyboard.press("ArrowDown")
    expect_layout(tab, "large", "Large print, A4")
    expect(panel.get_by_role("radio", name="Large print")).to_be_focused()
    tab.keyboard.press("Escape")

    expect(panel).to_be_hidden()
    expect(tab.get_by_role("link", name="Preview handout")).to_be_focused()


def test_without_script(no_script, demo):
    tab = sign_in(no_script, at="demo.invalid")
    hand = Hand(tab)
    tab.goto(program_of(MARIA))
    hand.follow("Preview handout")
    hand.choose("Large print")
    hand.choose("4 weeks")
    hand.press("Show")
    expect(sheet(tab)).to_have_class(re.compile("layout-large"))
    expect(tab.get_by_role("link", name="See the PDF")).to_have_attribute(
        "href", re.compile(r"\?layout=large&paper=A4&weeks=4$")
    )
    hand.follow("Issue…")

    expect(tab.get_by_text("The sheet: Large print, A4, log for 4 weeks, English.")).to_be_visible()


def test_the_pdf_opens(tab):
    tab.goto(f"{program_of(MARIA)}preview/")
    address = tab.get_by_role("link", name="See the PDF").get_attribute("href")

    answer = tab.request.get(address)

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
