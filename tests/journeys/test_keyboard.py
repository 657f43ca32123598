"""The main job by keyboard alone: everything is reached by Tab, the focus is always seen, Enter and Space act."""

from playwright.sync_api import Page, expect

from exercises.models import Exercise
from programs.models import Issue, Item
from tests.journeys.conftest import PASSWORD, sign_in
from tests.journeys.steps import (
    REASON,
    Hand,
    admit,
    asked_reasons,
    assess,
    row,
    said,
    screen,
    settled,
    start_program,
)

MOST_TABS = 250

WHERE = """() => {
  const at = document.activeElement;
  const label = at.labels?.length ? at.labels[0].innerText : "";
  const box = at.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 40) / 2);
  const beside = at.matches(".pick input") ? at.nextElementSibling : at.closest(".dose, .select2-selection");
  const seen = [at, beside].filter(Boolean).map((it) => getComputedStyle(it));
  // the body and the skip link's goal are places to start from
  const place = ["BODY", "MAIN"].includes(at.tagName);
  return {
    name: (at.getAttribute("aria-label") || label || at.innerText || at.value || "").trim().slice(0, 60),
    value: at.value || "",
    field: at.name || "",
    place,
    ring: seen.some((it) => it.outlineStyle !== "none" && parseFloat(it.outlineWidth) >= 2)
      || seen.some((it) => it.boxShadow.includes("0px 0px 0px 2px")),
    uncovered: Boolean(top) && (at.contains(top) || top.contains(at) || top.control === at),
  };
}"""

# One stop for each, and for radio buttons of one name together.
STOPS = """all => new Set(all.filter(it => it.tabIndex >= 0).map(it => it.type === "radio" ? it.name : it)).size"""


def tab_on(tab: Page, key: str = "Tab") -> dict:
    """Press Tab, or Shift+Tab; the focus must be seen where it lands."""
    tab.keyboard.press(key)
    at = tab.evaluate(WHERE)
    assert at["place"] or at["ring"], f"the focus has no ring on {at}"
    assert at["place"] or at["uncovered"], f"the focus is covered on {at}"
    return at


def go_to(tab: Page, name: str = "", *, field: str = "", key: str = "Tab") -> None:
    """Press Tab, or Shift+Tab, until the focus is on what has that name, or on that form field."""
    for _ in range(MOST_TABS):
        at = tab_on(tab, key)
        if (name and at["name"].startswith(name)) or (field and at["field"] == field):
            return
    raise AssertionError(f"{key} never came to {name or field}")


def follow(tab: Page, name: str, key: str = "Enter") -> None:
    """Press a key on a link or button and wait for the page it leads to."""
    go_to(tab, name)
    with tab.expect_navigation():
        tab.keyboard.press(key)


def retype(tab: Page, field: str, text: str) -> None:
    """Put other words into a field."""
    go_to(tab, field=field)
    tab.keyboard.press("Control+A")
    tab.keyboard.type(text)


def test_the_main_job_without_a_mouse(clinic, page):
    tab = page
    tab.goto("/accounts/login/")
    retype(tab, "login", "therapist@lakeside.invalid")
    retype(tab, "password", PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url("/")

    # a new patient
    follow(tab, "New patient")
    retype(tab, "name", "Maria Rivera")
    tab.keyboard.press("Enter")

    # the screening
    expect(tab.get_by_role("button", name="Finish screening")).to_be_visible()
    for _ in range(tab.get_by_label("None of these").count()):
        go_to(tab, "None of these")
        tab.keyboard.press("Space")
    follow(tab, "Finish screening")

    # the assessment
    expect(tab.get_by_role("heading", name="Assessment of Maria Rivera")).to_be_visible()
    for field in ("affected_side", "driver", "irritability"):
        go_to(tab, field=field)
        tab.keyboard.press("Space")
    follow(tab, "Save assessment")

    # a program, made this patient's own
    follow(tab, "New program")
    follow(tab, "Start from this", "Space")
    build(tab)

    # and the handout
    follow(tab, "Issue…")
    for _ in asked_reasons(tab):
        go_to(tab, "Your reason")
        tab.keyboard.type(REASON)
    follow(tab, "Issue the handout")
    expect(tab.get_by_role("link", name="Print handout 1")).to_be_visible()
    assert Issue.objects.get().program.patient.name == "Maria Rivera"


def build(tab: Page) -> None:
    """Search, add, move up and down, edit a dose and remove."""
    before = Item.objects.filter(stage__slug="w0_2").count()
    name = Exercise.objects.get(slug="bridge").name
    retype(tab, "q", name)
    expect(tab.locator(".catalog-found a").first).to_have_text(name)
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate(WHERE)["name"] == f"Add {name}"
    tab.keyboard.press("Enter")
    said(tab, f"{name} added to Strengthen.")
    item = Item.objects.get(stage__slug="w0_2", exercise__slug="bridge")

    act(tab, f"Move {name} up", "Space")
    act(tab, f"Move {name} down")
    act(tab, f"Move {name} up")
    assert Item.objects.get(pk=item.pk).position == item.position - 1
    retype(tab, f"reps-{item.pk}", "5")
    act(tab, f"More for {name}")
    retype(tab, f"note-{item.pk}", "Breathe on.")
    tab.keyboard.press("Enter")
    expect(row(tab, name).get_by_text("“Breathe on.”")).to_be_visible()
    settled(tab)
    assert Item.objects.get(pk=item.pk).reps == 5

    act(tab, f"Remove {name}")
    said(tab, f"{name} removed.")
    assert Item.objects.filter(stage__slug="w0_2").count() == before


def act(tab: Page, name: str, key: str = "Enter") -> None:
    """Press a key on a button of the builder and wait until the edit is saved."""
    go_to(tab, name)
    tab.keyboard.press(key)
    settled(tab)


def test_every_stop_of_the_builder_shows_the_focus(clinic, page):
    tab = sign_in(page)
    admit(tab, "Maria Rivera")
    screen(tab)
    hand = Hand(tab)
    assess(hand)
    start_program(hand)
    shown = "a:visible, button:visible:enabled, input:visible, select:visible, textarea:visible, summary:visible"
    stops_of_the_page = tab.locator(shown).evaluate_all(STOPS)

    stops = 0
    while not tab_on(tab)["place"]:
        stops += 1
        assert stops < 3 * MOST_TABS

    assert stops >= stops_of_the_page - 1  # the skip link may count as seen only while it has the focus


def test_the_skip_link_leads_past_the_menu(clinic, page):
    tab = sign_in(page)
    tab.goto("/patients/")

    go_to(tab, "Skip to the content")
    expect(tab.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    tab.keyboard.press("Enter")

    expect(tab.locator("#main")).to_be_focused()
    assert tab_on(tab)["name"] == "New patient"
