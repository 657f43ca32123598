"""An editor of the catalog turns its pages and looks at how exercises are used."""

from playwright.sync_api import expect

from exercises import browsing
from tests.journeys.conftest import violations


def test_turns_pages_and_sees_the_use(as_demo, monkeypatch):
    monkeypatch.setattr(browsing, "ON_A_PAGE", 20)
    tab = as_demo("editor")
    tab.set_viewport_size({"width": 390, "height": 844})

    # the next page of a search, by phase as the first
    tab.goto("/exercises/?q=a&driver=disc")
    found = tab.locator(".page-head p").inner_text()
    tab.get_by_role("link", name="Next").click()
    expect(tab.get_by_text("Page 2 of")).to_be_visible()
    expect(tab.locator(".page-head p")).to_have_text(found)
    expect(tab.get_by_label("Search", exact=True)).to_have_value("a")
    expect(tab.locator(".exercise-row")).to_have_count(20)
    assert violations(tab) == []

    # the lists of use, one exercise, and the way to its own page
    tab.get_by_role("link", name="How they are used").click()
    expect(tab.get_by_role("heading", name="Most used")).to_be_visible()
    assert violations(tab) == []
    tab.get_by_role("link", name="Never used").click()
    tab.get_by_label("Search", exact=True).fill("stretch")
    tab.get_by_role("button", name="Search").click()
    expect(tab.get_by_role("heading", name="Never used")).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    row = tab.locator(".use-table tbody a").first
    name = row.inner_text()
    row.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text(f"How “{name}” is used")
    assert violations(tab) == []
    tab.get_by_role("link", name="The exercise", exact=True).click()
    expect(tab.get_by_role("heading", level=1)).to_have_text(name)
    expect(tab.get_by_role("link", name="How it is used")).to_be_visible()
