"""Warnings accepted while building: with a reason and a name, taken back, and kept when the program is issued."""

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditEntry, Role
from clinics.pdf import Pdf
from programs import bench, builder_page, checking, issuing
from programs.builder import CannotEdit
from programs.models import Issue
from programs.typed_dose import Impossible
from tests.conftest import make_assessment, make_driver, make_exercise, make_patient, make_user, signed_in
from tests.programs.clinical import make_ready, make_rest, screen
from tests.programs.samples import act, items_of, make_program
from tests.reading import shown

pytestmark = pytest.mark.django_db

REASON = "Agreed with the patient."


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def program(by):
    """A program with one warning: the rest stands behind what it should go before."""
    made = make_ready("Bridge", "Clam", "Squat", by=by)
    make_rest()
    act(made, "add:lying-rest", by=by, phase="integrate")
    return made


def warning(program):
    return f"phase_order:{items_of(program)[-1].pk}:Lying rest comes too late"


def accept(program, reason, *, by, key=None):
    key = key or warning(program)
    return act(program, f"accept:{key}", by=by, **{f"reason:{key}": reason})


def warnings_of(program, by):
    return {
        verdict.key: verdict
        for verdict in checking.verdicts_on(program, by=by, at=timezone.now())
        if verdict.needs_reason
    }


def checks_of(program, by):
    page = builder_page.of(bench.read(program.pk, by=by), at=timezone.now())
    return {check.verdict.key: check for level in page.levels for check in level.checks}


def test_the_program_has_the_warning_that_this_is_about(program, by):
    assert warning(program) in warnings_of(program, by)


@pytest.mark.parametrize(
    "reason",
    ["", "too short", "   too short   ", "\n" * 50, "\0" * 50, "123456789", "ßßßßßßßßß", "😀" * 9],
    ids=lambda reason: repr(reason)[:16],
)
def test_takes_no_reason_of_less_than_ten_characters(program, by, reason):
    with pytest.raises(Impossible) as caught:
        accept(program, reason, by=by)

    length = len(reason.replace("\0", "").strip())
    sentence = f"A reason has at least 10 characters; this one has {length}."
    assert caught.value.errors == {f"reason:{warning(program)}": sentence}
    program.refresh_from_db()
    assert program.accepted_now == {}


@pytest.mark.parametrize("reason", ["1234567890", "  1234567890  ", "ßßßßßßßßßß", "😀" * 10, "“Ja”, ok.\nGut."])
def test_takes_ten_characters(program, by, reason):
    assert accept(program, reason, by=by).said == "Accepted with your reason."

    said = warnings_of(program, by)[warning(program)].sentence
    assert program.accepted_now == {
        warning(program): {
            "reason": reason.strip(),
            "by": "Dana Okafor, PT",
            "sentence": said,
            "exercise": "lying-rest",
        }
    }


def test_keeps_of_a_long_reason_what_the_field_takes(program, by):
    accept(program, "x" * 10_000, by=by)

    assert program.accepted_now[warning(program)]["reason"] == "x" * 500


def test_shows_who_accepted_it_and_why(program, by):
    milo = make_user(clinic=program.patient.clinic, name="Milo Hartmann")

    accept(program, REASON, by=milo)

    check = checks_of(program, by)[warning(program)]
    assert (check.accepted, check.by) == (REASON, "Milo Hartmann, PT")
    text = shown(signed_in(by).get(program.get_absolute_url()))
    assert f"Accepted by Milo Hartmann, PT: “{REASON}” Take back" in text


def test_is_an_edit_that_counts_and_is_logged(program, by):
    version, logged = program.version, AuditEntry.objects.count()

    accept(program, REASON, by=by)

    assert program.version == version + 1
    assert AuditEntry.objects.count() == logged + 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.detail) == ("accept warning", {"rule": warning(program)})
    assert REASON not in str(entry.detail)


def test_a_second_reason_takes_the_place_of_the_first(program, by):
    accept(program, REASON, by=by)

    accept(program, "Her physician asked for it.", by=by)

    assert [said["reason"] for said in program.accepted_now.values()] == ["Her physician asked for it."]


def test_is_taken_back(program, by):
    accept(program, REASON, by=by)

    assert act(program, f"withdraw:{warning(program)}", by=by).said == "No longer accepted."

    assert program.accepted_now == {}
    assert checks_of(program, by)[warning(program)].accepted == ""
    assert AuditEntry.objects.latest("pk").action == "withdraw acceptance"


@pytest.mark.parametrize("which", ["a note", "a stop", "no such", "another item"])
def test_takes_a_reason_only_for_what_may_be_accepted(program, by, which):
    screen(program.patient, by=by, yes=("fever",))
    verdicts = checking.verdicts_on(program, by=by, at=timezone.now())
    key = {
        "a note": next((verdict.key for verdict in verdicts if verdict.level == "note"), "size::A short program"),
        "a stop": next(verdict.key for verdict in verdicts if verdict.forbids),
        "no such": "phase_order::Nothing",
        "another item": warning(program).replace(":", ":9", 1),
    }[which]

    with pytest.raises(CannotEdit, match="nothing to accept"):
        accept(program, REASON, by=by, key=key)

    program.refresh_from_db()
    assert program.accepted_now == {}


def test_a_stop_that_may_be_overridden_is_accepted_with_a_reason(by):
    patient = make_patient(clinic=by.memberships.get().clinic)
    driver = make_driver("disc")
    driver.attribute_rules = {
        "spinal_flexion_end": {"level": "avoid", "reason": "Bending loads the disc.", "citations": ["practice"]}
    }
    driver.save(update_fields=["attribute_rules"])
    make_assessment(patient, by=by, driver=driver)
    make_exercise("Toe touch", attributes=["spinal_flexion_end"])
    program = make_ready("Toe touch", by=by, patient=patient)
    key = next(key for key, verdict in warnings_of(program, by).items() if verdict.level == "stop")

    accept(program, REASON, by=by, key=key)

    assert checks_of(program, by)[key].accepted == REASON


def test_is_forgotten_with_its_cause_and_comes_back_with_it(program, by):
    accept(program, REASON, by=by)
    key = warning(program)
    rest = items_of(program)[-1].pk

    act(program, f"place:{rest}", by=by, phase="calm")
    assert key not in checks_of(program, by)
    act(program, f"place:{rest}", by=by, phase="integrate")

    assert checks_of(program, by)[key].accepted == REASON


# When the program is issued.


@pytest.fixture
def client(by):
    return signed_in(by)


def issue_page(client, program):
    return client.get(reverse("issue", args=[program.pk]))


def reasons_on(response):
    """Return what the issue page has in its reason fields, by their names."""
    text = response.content.decode()
    found = re.findall(r'<textarea[^>]*name="(reason-[^"]*)"[^>]*>([^<]*)</textarea>', text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def send(client, program, reasons, **fields):
    return client.post(
        reverse("issue", args=[program.pk]), {"number": 1, "version": program.version, **reasons, **fields}
    )


def answered(program, client, by, monkeypatch):
    """Accept what the program is warned of and issue it as the page is filled; return the answer."""
    monkeypatch.setattr("programs.handout.render_pdf", lambda *_, **__: Pdf(b"%PDF-1.7 sample", "", 1))
    for key in warnings_of(program, by):
        accept(program, REASON, by=by, key=key)
    return send(client, program, reasons_on(issue_page(client, program)))


def test_fills_the_issue_page(program, by, client):
    assert reasons_on(issue_page(client, program))[f"reason-{warning(program)}"] == ""

    accept(program, "“Ja” <b>& so</b> on.", by=by)

    assert reasons_on(issue_page(client, program))[f"reason-{warning(program)}"] == "“Ja” <b>& so</b> on."


def test_is_kept_with_the_issue(program, by, client, monkeypatch):
    response = answered(program, client, by, monkeypatch)

    assert response.status_code == 302
    override = next(row for row in Issue.objects.get().overrides if row["rule"] == "phase_order")
    assert override == {
        "rule": "phase_order",
        "title": "Lying rest comes too late",
        "sentence": override["sentence"],
        "exercise": "lying-rest",
        "reason": REASON,
        "by": "Dana Okafor, PT",
    }


def test_is_printed_nowhere(program, by, client, monkeypatch):
    answered(program, client, by, monkeypatch)

    assert REASON not in str(Issue.objects.get().snapshot)
    assert REASON not in client.get(reverse("preview", args=[program.pk])).content.decode()


def test_is_asked_for_when_it_was_not_accepted(program, client):
    response = send(client, program, {})

    assert response.status_code == 422
    assert "needs a reason of at least 10 characters" in shown(response)


def test_what_is_typed_on_the_issue_page_comes_before_what_was_accepted(program, by, client, monkeypatch):
    accept(program, REASON, by=by)
    short = send(client, program, {f"reason-{warning(program)}": "short"})

    assert reasons_on(short)[f"reason-{warning(program)}"] == "short"

    monkeypatch.setattr("programs.handout.render_pdf", lambda *_, **__: Pdf(b"%PDF-1.7 sample", "", 1))
    others = {f"reason-{key}": REASON for key in warnings_of(program, by)}
    send(client, program, others | {f"reason-{warning(program)}": "Another good reason."})

    reasons = {row["rule"]: row["reason"] for row in Issue.objects.get().overrides}
    assert reasons["phase_order"] == "Another good reason."


def test_issuing_alone_takes_no_acceptance_for_granted(program, by):
    accept(program, REASON, by=by)

    with pytest.raises(issuing.CannotIssue, match="needs a reason"):
        issuing.issue(program, number=1, seen_version=program.version, reasons={}, by=by)


def test_what_was_withdrawn_is_asked_for_again(program, by, client):
    accept(program, REASON, by=by)
    act(program, f"withdraw:{warning(program)}", by=by)

    assert reasons_on(issue_page(client, program))[f"reason-{warning(program)}"] == ""


def test_what_was_fixed_is_not_asked_for_or_kept(program, by, client, monkeypatch):
    accept(program, REASON, by=by)
    key = warning(program)
    moved = key.split(":")[1]
    act(program, f"fix:{key}#place {moved} calm", by=by)

    assert f"reason-{key}" not in reasons_on(issue_page(client, program))
    answered(program, client, by, monkeypatch)

    assert "phase_order" not in [row["rule"] for row in Issue.objects.get().overrides]


def test_a_trainer_s_reason_opens_nothing_that_needs_a_therapist(by):
    trainer = make_user(Role.TRAINER, clinic=by.memberships.get().clinic, name="Milo Hartmann")
    patient = make_patient(clinic=by.memberships.get().clinic)
    driver = make_driver("disc")
    driver.attribute_rules = {
        "spinal_flexion_end": {"level": "avoid", "reason": "Bending loads the disc.", "citations": ["practice"]}
    }
    driver.save(update_fields=["attribute_rules"])
    make_assessment(patient, by=by, driver=driver)
    make_exercise("Toe touch", attributes=["spinal_flexion_end"])
    program = make_ready("Toe touch", by=by, patient=patient)
    for key in warnings_of(program, trainer):
        accept(program, REASON, by=trainer, key=key)
    reasons = {key: said["reason"] for key, said in program.accepted_now.items()}

    with pytest.raises(issuing.CannotIssue, match="A therapist must sign this program off"):
        issuing.issue(program, number=1, seen_version=program.version, reasons=reasons, by=trainer)


# On the builder's page.


def test_the_page_says_at_the_field_what_a_reason_lacks_and_keeps_it(program, client):
    key = warning(program)

    response = client.post(
        reverse("program_edit", args=[program.pk]),
        {"do": f"accept:{key}", "version": program.version, f"reason:{key}": "too short"},
    )

    assert response.status_code == 422
    text = html.unescape(response.content.decode())
    assert "A reason has at least 10 characters; this one has 9." in text
    assert ">too short</textarea>" in text


def test_the_script_is_told_the_field_and_the_sentence(program, client):
    key = warning(program)

    response = client.post(
        reverse("program_edit", args=[program.pk]),
        {"do": f"accept:{key}", "version": program.version, f"reason:{key}": "too short"},
        headers={"X-Requested-With": "fetch"},
    )

    assert response.status_code == 422
    assert list(response.json()["errors"]) == [f"reason:{key}"]


def test_another_clinic_can_accept_nothing_here(program):
    stranger = signed_in(make_user())

    response = stranger.post(
        reverse("program_edit", args=[program.pk]),
        {"do": f"accept:{warning(program)}", f"reason:{warning(program)}": REASON},
    )

    assert response.status_code == 404
    program.refresh_from_db()
    assert program.accepted_now == {}


def test_each_item_s_warning_is_accepted_by_itself(by):
    program = make_ready("Bridge", by=by)
    for name in ("Rest", "Lean"):
        make_exercise(name, "calm", kind="posture")
        act(program, f"add:{name.lower()}", by=by, phase="integrate")
    keys = [key for key in warnings_of(program, by) if key.startswith("phase_order")]
    assert len(keys) == 2

    accept(program, REASON, by=by, key=keys[0])

    checks = checks_of(program, by)
    assert [checks[key].accepted for key in keys] == [REASON, ""]


def test_a_program_starts_with_nothing_accepted(by):
    assert make_program("Bridge", by=by).accepted == {}


def test_a_reason_holds_only_while_the_check_says_the_same(by, client):
    program = make_ready("Bridge", "Clam", "Squat", by=by)
    make_rest()
    bridge = items_of(program)[0]
    act(program, "dose", by=by, **{f"reps-{bridge.pk}": 25})
    key = next(key for key in warnings_of(program, by) if key.startswith("dose_range"))
    accept(program, "25 is fine for her.", by=by, key=key)

    act(program, "dose", by=by, **{f"reps-{bridge.pk}": 100})

    assert key in warnings_of(program, by)
    assert checks_of(program, by)[key].accepted == ""
    assert reasons_on(issue_page(client, program))[f"reason-{key}"] == ""
