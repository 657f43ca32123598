"""Issuing: what is frozen stays frozen, what must stop stops, and nobody issues twice by accident."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest
from django.utils import timezone

from clinics import records
from clinics.models import AuditEntry
from clinics.pdf import Pdf
from exercises.models import Equipment, Exercise, ExerciseText, MusclePair
from patients import screening
from patients.models import Patient
from programs import builder, checking, drafting, handout, issuing, patient_link, printed_code
from programs.handout import Handout, content_hash
from programs.handout_options import Options
from programs.models import Issue, Item, StoredPdf
from tests.conftest import (
    make_assessment,
    make_driver,
    make_exercise,
    make_muscle,
    make_patient,
    make_precaution,
    make_user,
    signed_in,
)
from tests.programs.clinical import make_question, make_ready, make_rest, screen
from tests.programs.samples import act, add, items_of, make_program

pytestmark = pytest.mark.django_db

DOT = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" width="1" height="1"><path d="M0 0h1v1h-1z"/></svg>'
REASON = "Agreed with the patient today."


@pytest.fixture
def by():
    return make_user()


def issue(program, by, **reasons):
    """Issue as a person does who saw the program as it is now; `reasons` by rule."""
    program.refresh_from_db()
    return issuing.issue(
        program,
        number=drafting.next_number(program),
        seen_version=program.version,
        reasons={key: reasons[rule] for key in warnings_of(program, by) if (rule := key.split(":")[0]) in reasons},
        by=by,
    )


def warnings_of(program, by):
    """Return the keys of the verdicts that ask for a reason."""
    found = checking.verdicts_on(program, by=by, at=timezone.now())
    return [verdict.key for verdict in found if verdict.needs_reason]


def out_of_order(by):
    """Return a program that is ready but for a calm exercise after a strengthening one."""
    program = make_ready(by=by)
    rest = add(program, make_exercise("Rest", "calm"), by=by)
    act(program, f"place:{rest.pk}", by=by, phase="integrate")
    return program


def served(found, by):
    return signed_in(by).get(f"/issues/{found.pk}/handout.pdf").content


def text_of(content: bytes, folder: Path) -> str:
    (folder / "handout.pdf").write_bytes(content)
    command = ["pdftotext", "-layout", str(folder / "handout.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return " ".join(text.split())


def test_freezes_snapshot_hash_bytes_and_number(by, tmp_path):
    program = make_ready(by=by)

    made = issue(program, by)

    content = served(made, by)
    (tmp_path / "served.pdf").write_bytes(content)
    assert made.number == 1
    assert made.program_version == program.version
    assert made.stage_slug == "w0_2"
    assert made.content_hash == content_hash(made.snapshot) == made.snapshot["content_hash"]
    assert hashlib.sha256((tmp_path / "served.pdf").read_bytes()).hexdigest() == made.pdf_id
    assert content == bytes(made.pdf.content)
    assert content.startswith(b"%PDF-")
    assert (made.issued_by, made.assessment) == (by, program.patient.assessments.get())


def test_its_snapshot_reads_back_as_the_handout(by):
    made = Issue.objects.get(pk=issue(make_ready(by=by), by).pk)

    again = Handout.from_snapshot(made.snapshot)

    assert again.content_hash == made.content_hash
    assert [item.name for item in again.items] == ["Lying rest", "Bridge", "Clam", "Squat"]
    assert (again.patient_name, again.version, again.prepared_by) == ("Maria Rivera", 1, "Dana Okafor, PT")


def test_nothing_that_is_edited_later_changes_what_is_printed(by):
    program = make_ready(by=by)
    made = issue(program, by)
    before, snapshot = served(made, by), made.snapshot

    ExerciseText.objects.update(name="Another name", steps=["Do something else."], feel="Elsewhere.")
    Exercise.objects.update(name="Another name", status="retired")
    Item.objects.filter(stage__program=program).update(reps=99, note="Later.")
    Patient.objects.filter(pk=program.patient_id).update(name="Somebody Else")
    type(by).objects.filter(pk=by.pk).update(name="Another Clinician")
    type(program.patient.clinic).objects.update(name="Another clinic")

    made.refresh_from_db()
    assert served(made, by) == before
    assert made.snapshot == snapshot


def test_the_same_snapshot_gives_the_same_bytes_in_another_process(by, tmp_path):
    program = make_ready(by=by)
    made = issue(program, by)
    (tmp_path / "snapshot.json").write_text(json.dumps(made.snapshot), encoding="utf-8")
    for key, drawing in drafting.drawings(drafting.active_items(program), program.patient.clinic).items():
        (tmp_path / f"{key}.svg").write_bytes(drawing)
    script = (
        "import django, hashlib, json, sys; from pathlib import Path; django.setup()\n"
        "from programs.handout import Handout, render_pdf\n"
        "folder = Path(sys.argv[1])\n"
        "drawings = {path.stem: path.read_bytes() for path in folder.glob('*.svg')}\n"
        "frozen = Handout.from_snapshot(json.loads((folder / 'snapshot.json').read_text()))\n"
        "print(hashlib.sha256(render_pdf(frozen, drawings).content).hexdigest())"
    )

    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, str(tmp_path)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert result.stdout.strip() == made.pdf_id


def test_prints_the_exercises_in_order_with_their_doses(by, tmp_path):
    make_rest()
    program = make_program("Lying rest", "Bridge", by=by)
    stretch = make_exercise("Figure 4", "release", reps=3, hold_s=30, times_per_day=2, laterality="affected_side")
    add(program, stretch, by=by)
    add(program, make_exercise("Walk", "integrate", reps=None, minutes=12), by=by)
    screen(program.patient, by=by)

    text = text_of(bytes(issue(program, by).pdf.content), tmp_path)

    expected = [
        *("1. Lying rest", "10 times", "once a day"),
        *("2. Figure 4", "Hold 30 seconds", "3 times", "left side", "2 times a day"),
        *("3. Bridge", "10 times", "once a day"),
        *("4. Walk", "12 minutes", "once a day"),
    ]
    assert re.search(".*?".join(map(re.escape, expected)), text)


@pytest.mark.parametrize(
    ("side", "steps"),
    [
        ("left", ("Bend your left knee, then rest the right one.",)),
        ("right", ("Bend your right knee, then rest the left one.",)),
        ("each", ("Bend your right knee, then rest the left one.", "Then do the same on your other side.")),
    ],
)
def test_writes_the_steps_for_the_items_side(by, side, steps):
    program = make_program(by=by)
    exercise = make_exercise("Figure 4", "release", laterality="affected_side")
    ExerciseText.objects.filter(exercise=exercise).update(steps=["Bend your {side} knee, then rest the {other} one."])
    item = add(program, exercise, by=by)
    Item.objects.filter(pk=item.pk).update(side=side)

    draft = drafting.draft(
        program,
        drafting.active_items(program),
        issuing.current_assessment(program),
        by=by,
        on=timezone.localdate(),
    )

    assert draft.items[0].steps == steps


def test_counts_the_number_up(by):
    program = make_ready(by=by)

    first = issue(program, by)
    act(program, "next-visit", by=by, next_visit="Monday")
    second = issue(program, by)

    assert [first.number, second.number] == [1, 2]
    assert second.snapshot["version"] == 2
    assert "Version 2" not in str(first.snapshot)


def test_numbers_each_program_by_itself(by):
    make_assessment(patient := make_patient(clinic=by.memberships.get().clinic), by=by)
    issue(make_ready(by=by, patient=patient), by)
    other = builder.start(patient, protocol=None, by=by)

    assert drafting.next_number(other) == 1


def test_keeps_equal_bytes_once(by):
    content = b"%PDF-1.7 the same"
    digest = hashlib.sha256(content).hexdigest()
    StoredPdf.objects.create(sha256=digest, content=content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handout, "render_pdf", lambda *_, **__: Pdf(content, "roomy", 1))
        made = issue(make_ready(by=by), by)

    assert made.pdf_id == digest
    assert StoredPdf.objects.count() == 1


@pytest.mark.asvs("V2.3.1")
@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda patient, by: None, "haven't been asked"),
        (lambda patient, by: screen(patient, by=by, finish=False), "isn't finished"),
        (lambda patient, by: screen(patient, by=by, days_ago=15), "more than 14 days old"),
        (lambda patient, by: screen(patient, by=by, yes=("fever",)), "open red flag"),
    ],
    ids=["never screened", "not finished", "15 days ago", "an open flag"],
)
def test_a_stop_stays_a_stop_whatever_reason_is_given(by, prepare, said):
    program = make_program("Bridge", "Clam", "Squat", by=by)
    prepare(program.patient, by)
    everything = checking.verdicts_on(program, by=by, at=timezone.now())

    with pytest.raises(issuing.CannotIssue, match=said):
        issuing.issue(
            program,
            number=1,
            seen_version=program.version,
            reasons={verdict.key: REASON for verdict in everything},
            by=by,
        )
    assert not Issue.objects.exists()


def test_the_fourteenth_day_still_counts(by):
    make_rest()
    program = make_program("Lying rest", "Clam", "Squat", by=by)
    screen(program.patient, by=by, days_ago=14)

    assert issue(program, by).number == 1


def test_a_flag_that_does_not_block_lets_the_issue_through(by):
    make_rest()
    program = make_program("Lying rest", "Clam", "Squat", by=by)
    make_question("weight_loss", blocks=False)
    screen(program.patient, by=by, yes=("weight_loss",))

    assert issue(program, by).number == 1


def test_an_empty_stage_is_not_issued(by):
    program = make_ready(by=by)
    act(program, "remove-chosen", by=by, chosen=[item.pk for item in items_of(program)])

    with pytest.raises(issuing.CannotIssue, match="no exercises"):
        issue(program, by)


@pytest.mark.parametrize("reason", ["", "because", "nine char", "   nine char   "])
def test_a_warning_needs_a_reason_of_ten_characters(by, reason):
    program = out_of_order(by)

    with pytest.raises(issuing.CannotIssue, match="at least 10 characters"):
        issue(program, by, phase_order=reason)
    assert not Issue.objects.exists()


def test_keeps_the_reason_with_rule_sentence_and_name(by):
    made = issue(out_of_order(by), by, phase_order="  ten chars.  ")

    assert made.overrides == [
        {
            "rule": "phase_order",
            "title": "Rest comes too late",
            "sentence": "Rest (calm) comes after Squat (strengthen); phases run calm, release, restore, strengthen,"
            " integrate.",
            "reason": "ten chars.",
            "by": "Dana Okafor, PT",
            "exercise": "rest",
        }
    ]


def test_asks_a_reason_for_each_warning(by):
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by, tight=["piriformis"], weak=["gluteus_maximus"])
    tight, weak = make_muscle("piriformis"), make_muscle("gluteus_maximus")
    MusclePair.objects.create(tight=tight, weak=weak, relation="antagonist", weight="primary")
    program = make_ready(by=by, patient=patient)
    add(program, make_exercise("Hip lift", strengthens=["gluteus_maximus"]), by=by)
    act(program, f"place:{add(program, make_exercise('Rest', 'calm'), by=by).pk}", by=by, phase="integrate")

    with pytest.raises(issuing.CannotIssue, match="Release the piriformis before the gluteus maximus"):
        issue(program, by, phase_order=REASON, foundations=REASON)
    reasons = {"phase_order": REASON, "foundations": REASON, "pair_order": "Released by hand in the session."}
    made = issue(program, by, **reasons)

    assert {override["rule"] for override in made.overrides} == set(reasons)


@pytest.mark.parametrize(("number", "ahead"), [(2, 0), (0, 0), (1, -1), (1, 1)])
def test_refuses_a_page_that_is_out_of_date(by, number, ahead):
    program = make_ready(by=by)

    with pytest.raises(issuing.ChangedMeanwhile):
        issuing.issue(program, number=number, seen_version=program.version + ahead, reasons={}, by=by)
    assert not Issue.objects.exists()


def test_refuses_when_the_program_is_edited_while_the_pdf_is_drawn(by, monkeypatch):
    program = make_ready(by=by)
    meanwhile(monkeypatch, lambda: act(program, f"remove:{items_of(program)[0].pk}", by=by))

    with pytest.raises(issuing.ChangedMeanwhile):
        issue(program, by)
    assert not Issue.objects.exists()


def test_refuses_when_the_patient_is_assessed_anew_while_the_pdf_is_drawn(by, monkeypatch):
    program = make_ready(by=by)
    meanwhile(monkeypatch, lambda: make_assessment(program.patient, by=by, driver=make_driver("disc")))

    with pytest.raises(issuing.ChangedMeanwhile):
        issue(program, by)
    assert not Issue.objects.exists()


def test_refuses_when_a_flag_is_raised_while_the_pdf_is_drawn(by, monkeypatch):
    program = make_ready(by=by)
    make_question()
    meanwhile(monkeypatch, lambda: raise_flag(program.patient, by))

    with pytest.raises(issuing.CannotIssue, match="open red flag"):
        issue(program, by)
    assert not Issue.objects.exists()
    assert not StoredPdf.objects.exists()


def test_a_double_click_gives_the_same_issue(by):
    program = make_ready(by=by)

    first = issuing.issue(program, number=1, seen_version=program.version, reasons={}, by=by)
    second = issuing.issue(program, number=1, seen_version=program.version, reasons={}, by=by)

    assert first == second
    assert Issue.objects.count() == 1


def test_a_double_click_gives_the_same_issue_while_the_first_is_still_drawn(by, monkeypatch):
    program = make_ready(by=by)
    first = []
    meanwhile(monkeypatch, lambda: first.append(issue(program, by)))

    second = issue(program, by)

    assert first == [second]
    assert Issue.objects.count() == 1


def test_is_logged_once_without_clinical_text(by):
    program = out_of_order(by)
    logged = AuditEntry.objects.count()

    made = issue(program, by, phase_order=REASON)

    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == logged + 1
    assert (entry.action, entry.by, entry.patient_id) == ("issue handout", by, program.patient_id)
    assert entry.detail == {"number": 1, "content_hash": made.content_hash, "overrides": 1}


def meanwhile(monkeypatch, act):
    """Do `act` once, while the next PDF is drawn."""
    draw = handout.render_pdf
    waiting = [act]

    def draw_slowly(*args, **options):
        if waiting:
            waiting.pop()()
        return draw(*args, **options)

    monkeypatch.setattr(handout, "render_pdf", draw_slowly)


def raise_flag(patient, by):
    screening.save(patient, {"fever": True}, seen_version=0, finish=False, at=timezone.now(), by=by)


def test_an_archived_patient_gets_no_handout(by):
    program = make_ready(by=by)
    program.patient.archived_at = timezone.now()

    with pytest.raises(issuing.CannotIssue, match="archived"):
        issuing.issue(program, number=1, seen_version=program.version, reasons={}, by=by)


def test_prints_what_a_precaution_changes(by, tmp_path):
    rules = {"floor": {"level": "avoid", "reason": "Out of reach."}}
    bed = make_precaution("cannot_get_to_floor", rules=rules, change="Do this one on a firm bed.")
    make_exercise("Squeeze", attributes=["floor"], bed_ok=True)
    make_rest()
    program = make_program("Lying rest", "Squeeze", by=by)
    assessment = program.patient.assessments.get()
    assessment.precautions.add(bed)
    assessment.equipment.add(Equipment.objects.create(slug="bed", name="Bed"))
    screen(program.patient, by=by)

    made = issue(program, by)

    changes = {item["name"]: item["modify"] for phase in made.snapshot["phases"] for item in phase["items"]}
    assert changes == {"Lying rest": [], "Squeeze": ["Do this one on a firm bed."]}
    assert "Do this one on a firm bed." in text_of(bytes(made.pdf.content), tmp_path)


def test_what_should_be_avoided_takes_a_reason_and_for_a_trainer_a_therapist(by):
    rules = {"prone": {"level": "avoid", "reason": "Not on the front."}}
    belly = make_precaution("belly", rules=rules)
    make_exercise("Prone press", attributes=["prone"])
    make_rest()
    program = make_program("Lying rest", "Prone press", by=by)
    program.patient.assessments.get().precautions.add(belly)
    screen(program.patient, by=by)
    trainer = make_user("trainer", clinic=program.patient.clinic)

    with pytest.raises(issuing.CannotIssue, match="needs a reason"):
        issue(program, by)
    with pytest.raises(issuing.CannotIssue, match=r"A therapist must sign this program off\. Prone press: belly"):
        issue(program, trainer, precautions=REASON)

    assert issue(program, by, precautions=REASON).overrides[0]["title"] == "Prone press: belly"


def test_keeps_how_closely_it_was_set_and_on_how_many_pages(by):
    made = issue(make_ready(by=by), by)

    assert made.density in {name for name, _ in handout.STYLES["standard"].densities}
    assert made.pages == len(pypdf.PdfReader(io.BytesIO(served(made, by))).pages)


def test_looks_as_chosen_and_remembers_the_choice(by):
    program = make_ready(by=by)
    chosen = Options("checklist", "Letter", 4, "es")

    made = issuing.issue(program, number=1, seen_version=program.version, reasons={}, by=by, options=chosen)

    frozen = Handout.from_snapshot(made.snapshot)
    assert (frozen.layout, frozen.paper, frozen.weeks, frozen.language) == ("checklist", "Letter", 4, "es")
    by.refresh_from_db()
    assert by.handout_options == {"layout": "checklist", "paper": "Letter", "weeks": 4}


def test_remembers_nothing_of_an_issue_that_was_refused(by, monkeypatch):
    program = make_ready(by=by)
    meanwhile(monkeypatch, lambda: act(program, f"remove:{items_of(program)[0].pk}", by=by))
    chosen = Options("cards", "A4", 4, "en")

    with pytest.raises(issuing.ChangedMeanwhile):
        issuing.issue(program, number=1, seen_version=program.version, reasons={}, by=by, options=chosen)
    by.refresh_from_db()
    assert by.handout_options == {}


def test_prints_a_code_that_opens_the_issue(by, settings, monkeypatch):
    settings.SITE_ADDRESS = "https://clinic.example"
    program = make_ready(by=by)
    addresses = []
    monkeypatch.setattr(printed_code, "drawing", lambda address: addresses.append(address) or DOT)

    made = issue(program, by)

    link = made.links.get()
    [address] = addresses
    token = address.removeprefix("https://clinic.example/p/").rstrip("/")
    assert (link.way, link.made_by) == ("paper", by)
    assert patient_link.alive(token, timezone.now()) == link
    assert made.snapshot["has_code"] is True
    assert not [
        secret for secret in (link.seed, link.token_hash, token, "clinic.example") if secret in str(made.snapshot)
    ]


@pytest.mark.parametrize(("address", "wanted"), [("", True), ("https://clinic.example", False)])
def test_prints_no_code_where_the_clinic_wants_none_or_there_is_nowhere_to_lead(by, settings, address, wanted):
    settings.SITE_ADDRESS = address
    program = make_ready(by=by)
    type(program.patient.clinic).objects.update(prints_links=wanted)
    program = type(program).objects.get(pk=program.pk)

    made = issue(program, by)

    assert made.snapshot["has_code"] is False
    assert not made.links.exists()


def test_a_handout_that_cannot_be_drawn_is_not_issued_and_says_why(by):
    program = make_ready(by=by)
    records.keep_logo(program.patient.clinic, b"no picture at all")
    program = type(program).objects.get(pk=program.pk)

    with pytest.raises(issuing.CannotIssue, match="can't be drawn"):
        issue(program, by)
    assert not Issue.objects.exists()
