"""The main job by keyboard alone: everything is reached by Tab, the focus is always seen, Enter and Space act."""

from playwright.sync_api import Page, expect

from patients.models import Patient
from programs.models import Issue, Item
from tests.journeys.conftest import PASSWORD

MOST_TABS = 220

WHERE = """() => {
  const at = document.activeElement;
  const seen = getComputedStyle(at);
  const label = at.labels && at.labels.length ? at.labels[0].innerText : "";
  return {
    name: (at.getAttribute("aria-label") || label || at.innerText || at.value || "").trim().slice(0, 60),
    value: at.value || "",
    field: at.name || "",
    // the body, and the skip link's goal, are places to start from and need no ring
    ring: ["BODY", "MAIN"].includes(at.tagName) || seen.outlineStyle !== "none" || seen.boxShadow !== "none",
  };
}"""


def go_to(tab: Page, name: str = "", *, field: str = "", value: str = "") -> None:
    """Press Tab until the focus is on what has that name, or that form field; it must be seen at every stop."""
    for _ in range(MOST_TABS):
        tab.keyboard.press("Tab")
        at = tab.evaluate(WHERE)
        assert at["ring"], f"the focus can't be seen on {at}"
        if (name and at["name"].startswith(name)) or (field and at["field"] == field and value in at["value"]):
            return
    raise AssertionError(f"Tab never came to {name or field}")


def press(tab: Page, name: str, key: str = "Enter") -> None:
    """Press a key on what has that name and stay on the page."""
    go_to(tab, name)
    tab.keyboard.press(key)


def follow(tab: Page, name: str) -> None:
    """Press Enter on a link or button and wait for the page it leads to."""
    go_to(tab, name)
    with tab.expect_navigation():
        tab.keyboard.press("Enter")


def test_the_main_job_without_a_mouse(clinic, page, live_server):
    tab = page
    tab.set_default_timeout(10_000)
    tab.goto(f"{live_server.url}/accounts/login/")
    go_to(tab, field="login")
    tab.keyboard.type("therapist@lakeside.invalid")
    go_to(tab, field="password")
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{live_server.url}/")

    # a new patient
    follow(tab, "New patient")
    go_to(tab, field="name")
    tab.keyboard.type("Maria Rivera")
    follow(tab, "Save")

    # the screening, past the menu by the skip link
    expect(tab.get_by_role("heading", name="Red-flag screening")).to_be_visible()
    press(tab, "Skip to the content")
    for _ in range(tab.get_by_label("None of these").count()):
        press(tab, "None of these", "Space")
    follow(tab, "Finish screening")

    # the assessment
    expect(tab.get_by_role("heading", name="Assessment of Maria Rivera")).to_be_visible()
    for field in ("affected_side", "driver", "irritability"):
        go_to(tab, field=field)
        tab.keyboard.press("Space")
    follow(tab, "Save assessment")

    # a program, an exercise added and moved
    follow(tab, "New program")
    follow(tab, "Start from this")
    before = Item.objects.filter(stage__slug="w0_2").count()
    follow(tab, "Add ")
    expect(tab.get_by_text("added to").first).to_be_visible()
    assert Item.objects.filter(stage__slug="w0_2").count() == before + 1

    # and the handout
    follow(tab, "Issue…")
    for reason in range(tab.locator("textarea").count()):
        go_to(tab, "Your reason")
        tab.keyboard.type(f"Agreed with the patient today, point {reason + 1}.")
    follow(tab, "Issue the handout")
    expect(tab.get_by_role("link", name="Print handout 1")).to_be_visible()
    assert Issue.objects.get().program.patient == Patient.objects.get(name="Maria Rivera")
