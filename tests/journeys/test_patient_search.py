"""Somebody looks for patients: with and without script, back and forth, and no name is left in an address."""

from playwright.sync_api import Page, expect

from clinics.models import Clinic, User
from patients import records, views
from tests.journeys.conftest import sign_in, violations

BOX = "Name, e-mail or phone"


def many_patients(clinic: Clinic) -> None:
    by = User.objects.get(email="therapist@lakeside.invalid")
    blank = {"birth_date": None, "email": "", "phone": "", "contact_note": ""}
    for name in ("Rivera One", "Rivera Two", "Rivera Three", "Tom Becker"):
        records.create(clinic, {"name": name, **blank}, by=by)


def search(tab: Page, words: str) -> None:
    tab.get_by_label(BOX).fill(words)
    tab.get_by_label(BOX).press("Enter")
    expect(tab.locator(".page-head p")).to_contain_text(f"matching “{words}”")


def goes_back_and_forth(tab: Page) -> None:
    """Search twice, turn a page, reload, go back: each page is shown again without a question."""
    tab.get_by_role("link", name="Patients").first.click()
    search(tab, "rivera")
    expect(tab.get_by_text("3 patients matching “rivera”")).to_be_visible()
    tab.get_by_role("link", name="Next").click()
    expect(tab.get_by_text("Page 2 of 2")).to_be_visible()
    tab.reload()
    expect(tab.get_by_text("Page 2 of 2")).to_be_visible()
    expect(tab.get_by_label(BOX)).to_have_value("rivera")
    search(tab, "becker")
    expect(tab.get_by_role("link", name="Tom Becker")).to_be_visible()

    tab.go_back()
    expect(tab.get_by_text("Page 2 of 2")).to_be_visible()
    tab.go_back()
    expect(tab.get_by_text("3 patients matching “rivera”")).to_be_visible()
    tab.go_forward()
    tab.go_forward()
    expect(tab.get_by_role("link", name="Tom Becker")).to_be_visible()
    tab.get_by_role("link", name="Show all").click()
    expect(tab.get_by_text("4 patients")).to_be_visible()
    expect(tab.get_by_label(BOX)).to_have_value("")


def test_looks_for_patients(page, no_script, clinic, monkeypatch):
    monkeypatch.setattr(views, "ON_A_PAGE", 2)
    many_patients(clinic)
    for tab in (page, no_script):
        addresses: list[str] = []
        tab.on("request", lambda request, seen=addresses: seen.append(request.url))
        sign_in(tab)

        goes_back_and_forth(tab)

        assert len(addresses) > 8
        assert [address for address in addresses if "rivera" in address.lower() or "becker" in address.lower()] == []
    for width in (390, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for words in ("rivera", "nobody at all"):
            search(page, words)
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
