"""A record is exported, then erased, by keyboard alone; the pages on the way suit everyone."""

import io
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from clinics.models import Clinic
from patients.models import Patient
from programs.record import PARTS
from tests.journeys.conftest import PASSWORD, sign_in, violations
from tests.journeys.test_keyboard import follow, go_to, retype

NAME = "Maria Rivera"


def confirm(tab: Page) -> None:
    """Say with the password that it is still oneself."""
    expect(tab.get_by_role("heading", name="Is it still you?")).to_be_visible()
    retype(tab, "password", PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name=f"Record of {NAME}")).to_be_visible()


def look(tab: Page) -> None:
    """The page suits everyone, and nothing of it is cut off on a phone."""
    assert violations(tab) == []
    wide = tab.viewport_size
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.set_viewport_size(wide)


def test_exports_a_record_and_erases_it(clinic, page, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    patient = Patient.objects.create(clinic=Clinic.objects.get(), name=NAME, folded_name=NAME.casefold())

    tab = sign_in(page)
    tab.goto(patient.get_absolute_url())
    follow(tab, "Export or disclosures")
    confirm(tab)
    look(tab)
    go_to(tab, "Export the record")
    with tab.expect_download() as given:
        tab.keyboard.press("Enter")
    packed = zipfile.ZipFile(io.BytesIO(Path(given.value.path()).read_bytes()))
    assert NAME in packed.read("record.json").decode()
    follow(tab, "Show or note disclosures")
    look(tab)

    tab.context.clear_cookies()
    sign_in(tab, "clinic_admin")
    tab.goto(f"/clinic/{patient.clinic_id}/")
    follow(tab, "Hold or erase one")
    look(tab)
    follow(tab, NAME)
    confirm(tab)
    look(tab)
    follow(tab, "Erase…")
    retype(tab, "name", "Maria")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("This isn’t the name of this patient")).to_be_visible()
    look(tab)
    retype(tab, "name", NAME)
    go_to(tab, field="reason")
    tab.keyboard.press("Space")
    follow(tab, "Erase for good")
    expect(tab.get_by_text(f"The record of patient {patient.pk} is erased.")).to_be_visible()
    assert not any(part.model.objects.exists() for part in PARTS)
