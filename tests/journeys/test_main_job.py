"""The main job: from sign-in to a PDF in the patient's hand, with script and without."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from exercises import wording
from programs.models import Issue, Item


@pytest.fixture(params=["script", "no script"])
def tab(request, page: Page, no_script) -> Page:
    """A browser tab with JavaScript on, then one with it off."""
    return page if request.param == "script" else no_script.new_page()


def admit(tab: Page, name: str) -> None:
    tab.get_by_role("link", name="New patient").first.click()
    tab.get_by_label("Full name").fill(name)
    tab.get_by_label("E-mail").fill("maria@patients.invalid")
    tab.get_by_role("button", name="Save").click()


def answer_none(tab: Page) -> None:
    """Tick “None of these” in each group: there is no button for all."""
    for box in tab.get_by_label("None of these").all():
        box.check()
    tab.get_by_role("button", name="Finish screening").click()


def assess(tab: Page, driver: str) -> None:
    tab.get_by_role("radio", name="Left", exact=True).check()
    tab.get_by_role("radio", name=driver).check()
    tab.get_by_role("radio", name=re.compile("^Low")).check()
    tab.get_by_role("button", name="Save assessment").click()


def texts_of(pdf: bytes, folder: Path) -> list[str]:
    """Return the PDF's text as pdftotext reads it, plain and by layout."""
    path = folder / "handout.pdf"
    path.write_bytes(pdf)
    ways = ([], ["-layout"])
    return [
        " ".join(
            subprocess.run(["pdftotext", *way, path, "-"], check=True, capture_output=True, text=True).stdout.split()
        )
        for way in ways
    ]


def test_from_sign_in_to_a_pdf_in_the_patients_hand(clinic, sign_in, tab, live_server, settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"
    settings.EMAIL_BACKEND = "programs.mail_folder.FolderBackend"
    sign_in(on=tab)

    # given a new patient without red flags, assessed
    admit(tab, "Maria Rivera")
    expect(tab.get_by_role("heading", name="Red-flag screening")).to_be_visible()
    answer_none(tab)
    expect(tab.get_by_role("heading", name="Assessment of Maria Rivera")).to_be_visible()
    assess(tab, "Piriformis")

    # when the clinician builds a program from the driver's protocol
    tab.get_by_role("link", name="New program").first.click()
    tab.get_by_role("button", name="Start from this").click()
    items = Item.objects.filter(stage__slug="w0_2").order_by("position")
    assert items.count() == 8
    add_move_edit_remove(tab)

    # and issues it
    tab.get_by_role("link", name="Issue…").click()
    for reason in tab.locator("textarea").all():
        reason.fill("Agreed with the patient today.")
    tab.get_by_role("button", name="Issue the handout").click()
    expect(tab.get_by_role("heading", name="Handouts")).to_be_visible()

    # then the PDF has the exercises in order with their doses
    address = tab.get_by_role("link", name="Print handout 1").get_attribute("href")
    answer = tab.context.request.get(f"{live_server.url}{address}")
    assert answer.headers["content-type"] == "application/pdf"
    for text in texts_of(answer.body(), tmp_path):
        expect_in_order(text, list(items.select_related("exercise")))
        assert "Keep it gentle." in text

    # and the patient gets it by e-mail
    tab.get_by_role("link", name="Send by e-mail").click()
    tab.get_by_role("button", name="Send").click()
    call_command("deliver", once=True)
    tab.get_by_role("link", name="Mail to maria@patients.invalid").click()
    expect(tab.get_by_text("exercise-program.pdf")).to_be_visible()
    assert answer.body() == bytes(Issue.objects.get().pdf.content)


def add_move_edit_remove(tab: Page) -> None:
    """Add one by search, move it up, edit its dose, remove another."""
    tab.get_by_label("Search exercises, muscles, equipment").fill("figure-4 sitting")
    tab.get_by_role("button", name="Search").click()
    name = tab.locator(".catalog-found a").first.inner_text()
    tab.get_by_role("button", name=f"Add {name}").click()
    expect(tab.locator(".builder-program").get_by_role("heading", name=name)).to_be_visible()
    tab.get_by_role("button", name=f"Move {name} up").click()
    tab.get_by_role("link", name=f"Edit dose of {name}").click()
    tab.get_by_label("Repetitions").fill("4")
    tab.get_by_label("Note for the patient").fill("Keep it gentle.")
    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("button", name="Remove Short, frequent walks").click()
    expect(tab.get_by_text("Short, frequent walks removed.")).to_be_visible()


def expect_in_order(text: str, items: list[Item]) -> None:
    """Each item stands after the one before, with its dose right behind its name."""
    at = 0
    for number, item in enumerate(items, start=1):
        dose = wording.dose_words(
            item.sets, item.reps, item.hold_s, item.minutes, item.times_per_day, item.days_per_week, item.side
        )
        line = " ".join([f"{number}. {item.exercise.name}", *dose])
        found = text.find(line, at)
        assert found >= 0, f"{line!r} isn't after position {at} in: {text}"
        at = found
