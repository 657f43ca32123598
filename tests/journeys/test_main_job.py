"""The main job: from sign-in to a PDF in the patient's hand and mailbox, with script and without."""

import signal
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from exercises import wording
from exercises.models import DriverMuscle
from patients.models import MuscleFinding
from programs.models import Issue, Item
from tests.journeys.conftest import sign_in_by_form
from tests.journeys.steps import Hand, admit, assess, find, issue, number, row, screen, settled, start_program

MOST_CLICKS = 11  # from picking the driver to the handout, with nothing to change


@pytest.fixture(params=["script on", "script off"])
def tab(request: pytest.FixtureRequest) -> Page:
    """A browser tab with JavaScript on, then one with it off."""
    return request.getfixturevalue("page" if request.param == "script on" else "no_script")


@pytest.fixture
def mailbox(settings, tmp_path, monkeypatch) -> Path:
    """The folder that mails are written to."""
    settings.EMAIL_BACKEND = "programs.mail_folder.FolderBackend"
    settings.MAIL_DIR = tmp_path / "mail"
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the worker would take Ctrl-C for itself
    return settings.MAIL_DIR


def test_from_sign_in_to_a_pdf_in_the_patients_hand(clinic, tab, mailbox, tmp_path):
    # given a new patient without red flags
    sign_in_by_form(tab)
    admit(tab, "Maria Rivera")
    screen(tab)

    # when the clinician picks the driver and starts from its protocol
    hand = Hand(tab)
    assess(hand, "Piriformis")
    expect_the_usual_muscles("piriformis")
    start_program(hand)
    assert stage_items()[1].exercise.slug == "hip-flexor-half-kneeling"  # nobody has a foam roller at home

    # and makes it this patient's own
    straight = hand.clicks
    edit(hand)
    hand.clicks = straight

    # and issues it
    issue(hand)
    with tab.expect_download() as saved:
        hand.follow("Download")
    pdf = tmp_path / "handout.pdf"
    saved.value.save_as(pdf)
    assert hand.clicks <= MOST_CLICKS

    # then the PDF has the exercises in the program's order with their doses
    assert saved.value.suggested_filename == "exercise-program-maria-rivera-v1.pdf"
    for way in ([], ["-layout"]):
        expect_in_order(words_of(pdf, *way), stage_items())
        assert "Keep it gentle." in words_of(pdf, *way)
        assert "Clamshell" not in words_of(pdf, *way)
    assert pdf.read_bytes() == bytes(Issue.objects.get().pdf.content)

    # and the patient, who was asked, gets it by e-mail
    tab.get_by_role("link", name="Send by e-mail").click()
    agrees = tab.get_by_role("group", name="The patient agrees to get by e-mail")
    agrees.get_by_label("The handout as a PDF").check()
    tab.get_by_role("button", name="Send", exact=True).click()
    expect(tab.get_by_text("The handout is on its way to maria@patients.invalid.")).to_be_visible()
    call_command("deliver", once=True)
    tab.get_by_role("link", name="Mail to maria@patients.invalid").click()
    expect(tab.get_by_role("heading", name="Handed over to the mail server")).to_be_visible()
    expect(tab.get_by_text("exercise-program.pdf")).to_be_visible()
    assert len(list(mailbox.glob("*.eml"))) == 1


def edit(hand: Hand) -> None:
    """Add one by search, move it up, change its dose, side and note, and remove another."""
    tab = hand.tab
    program = tab.locator(".builder-program")
    name = "Seated figure-4 stretch"
    find(tab, "figure-4 sitting", name)
    hand.press(f"Add {name}")
    expect(program.get_by_role("heading", name=name)).to_be_visible()

    hand.press(f"Move {name} up")
    settled(tab)
    order = [item.exercise.name for item in stage_items()]
    expect(program.get_by_role("heading", level=3)).to_have_text(order)
    assert order.index(name) == 2

    hand.unfold(name)
    number(tab, name, "repetitions").fill("4")
    row(tab, name).get_by_label("Note for the patient").fill("Keep it gentle.")
    number(tab, name, "side").select_option("each")
    save(tab, name)
    expect(program.get_by_text("“Keep it gentle.”")).to_be_visible()

    hand.unfold("Clamshell")
    hand.press("Remove Clamshell")
    expect(tab.get_by_text("Clamshell removed.", exact=True)).to_be_visible()
    changed = next(item for item in stage_items() if item.exercise.name == name)
    assert (changed.reps, changed.side, changed.note) == (4, "each", "Keep it gentle.")


def save(tab: Page, name: str) -> None:
    """Save what was typed into a line: without script by its button, with script by Enter."""
    button = row(tab, name).get_by_role("button", name="Save", exact=True)
    if button.is_visible():
        button.click()
    else:
        row(tab, name).get_by_label("Note for the patient").press("Enter")
    settled(tab)


def stage_items() -> list[Item]:
    """Return the first stage's items in the program's order."""
    return list(Item.objects.filter(stage__slug="w0_2").order_by("position").select_related("exercise"))


def expect_the_usual_muscles(driver: str) -> None:
    """The driver's usual muscles were marked without a hand laid on them."""
    usual = DriverMuscle.objects.filter(driver__slug=driver, state__in=["tight", "weak"])
    marked = MuscleFinding.objects.values_list("muscle__slug", "finding")
    assert set(marked) == set(usual.values_list("muscle__slug", "state")) != set()


def words_of(pdf: Path, *way: str) -> str:
    """Return the PDF's text as pdftotext reads it, with single spaces."""
    read = subprocess.run(["pdftotext", *way, pdf, "-"], check=True, capture_output=True, text=True)
    return " ".join(read.stdout.split())


def expect_in_order(text: str, items: list[Item]) -> None:
    """Each item stands after the one before, with its dose right behind its name."""
    at = 0
    for place, item in enumerate(items, start=1):
        dose = wording.dose_words(
            item.sets, item.reps, item.hold_s, item.minutes, item.times_per_day, item.days_per_week, item.side
        )
        line = " ".join([f"{place}. {item.exercise.name}", *dose])
        found = text.find(line, at)
        assert found >= 0, f"{line!r} isn't after position {at} in: {text}"
        at = found + len(line)
