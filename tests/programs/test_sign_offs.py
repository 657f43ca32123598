"""Sign-offs: when a trainer must ask, what a therapist's answer holds for, and for how long."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinics.models import AuditEntry
from exercises.models import Precaution
from programs import bench, checking, issuing, sign_offs
from programs.models import Issue, SignOff
from tests.conftest import make_assessment, make_clinic, make_patient, make_precaution, make_user
from tests.programs.clinical import close_flags, make_question, make_ready, screen
from tests.programs.samples import act, items_of, make_program

pytestmark = pytest.mark.django_db

DEFICIT = "The leg has weakness, numbness or a lost reflex."
POSITIVE = "A red-flag question was answered yes."


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def therapist(clinic):
    return make_user("therapist", clinic=clinic)


@pytest.fixture
def trainer(clinic):
    return make_user("trainer", clinic=clinic, name="Milo Hartmann")


def needing(trainer, **assessed):
    """Return a trainer's program that nothing but a missing sign-off stops."""
    patient = make_patient(clinic=trainer.memberships.get().clinic)
    make_assessment(patient, by=trainer, **(assessed or {"neurological_deficit": True}))
    return make_ready(by=trainer, patient=patient)


def reasons(program, by):
    found, now = bench.read(program.pk, by=by), timezone.now()
    return checking.sign_off_reasons(found, checking.facts_of(found, at=now), now)


def stopped(program, by):
    return checking.facts_of(bench.read(program.pk, by=by), at=timezone.now()).patient.sign_off_stop


def asked(program, by, question="All right to start?"):
    return sign_offs.ask(program, reasons=reasons(program, by), question=question, by=by)


def answer(request, by, *, approved, text=""):
    request.program.refresh_from_db()
    seen = request.program.version
    sign_offs.decide(request, approved=approved, answer=text, seen_version=seen, by=by)


def flagged_and_closed(program, by):
    screen(program.patient, by=by, yes=("night_pain",))
    close_flags(program.patient, by=by)


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        pytest.param(lambda p, by: screen(p.patient, by=by), [], id="a clear screening needs nobody"),
        pytest.param(
            lambda p, by: screen(p.patient, by=by, yes=("night_pain",)), [POSITIVE], id="an open flag needs one"
        ),
        pytest.param(flagged_and_closed, [POSITIVE], id="a flag that was closed needs one"),
        pytest.param(
            lambda p, by: (make_question("weight", blocks=False), screen(p.patient, by=by, yes=("weight",))),
            [POSITIVE],
            id="a flag that doesn't block needs one",
        ),
        pytest.param(
            lambda p, by: (flagged_and_closed(p, by), screen(p.patient, by=by)),
            [],
            id="a later clear round ends it",
        ),
        pytest.param(
            lambda p, by: make_assessment(p.patient, by=by, neurological_deficit=True),
            [DEFICIT],
            id="a neurological deficit needs one",
        ),
        pytest.param(
            lambda p, by: p.patient.assessments.get().precautions.add(make_precaution("spine_surgery", sign_off=True)),
            ["Spine surgery: a therapist looks at the program first."],
            id="spine surgery needs one",
        ),
        pytest.param(
            lambda p, by: p.patient.assessments.get().precautions.add(make_precaution("osteoporosis", sign_off=False)),
            [],
            id="another precaution needs nobody",
        ),
        pytest.param(
            lambda p, by: (
                screen(p.patient, by=by, yes=("night_pain",)),
                make_assessment(p.patient, by=by, neurological_deficit=True),
            ),
            [POSITIVE, DEFICIT],
            id="each reason is said",
        ),
    ],
)
def test_says_why_a_therapist_must_look(therapist, prepare, expected):
    program = make_program("Bridge", by=therapist)

    prepare(program, therapist)

    assert reasons(program, therapist) == expected


def test_ships_spine_surgery_as_a_precaution_that_needs_one(loaded_catalog):
    assert Precaution.objects.get(slug="recent_spine_surgery").sign_off
    assert not Precaution.objects.get(slug="fall_risk").sign_off


def test_never_stops_a_therapist(therapist, trainer):
    program = needing(trainer)

    assert reasons(program, therapist) == [DEFICIT]
    assert stopped(program, therapist) == ""


def test_stops_a_trainer_only_when_there_is_a_reason(trainer):
    assert stopped(make_ready(by=trainer), trainer) == ""
    assert stopped(needing(trainer), trainer) == f"A therapist must sign this program off. {DEFICIT}"


def test_stops_the_issue_itself(trainer):
    program = needing(trainer)

    with pytest.raises(issuing.CannotIssue, match="must sign this program off"):
        issuing.issue(program, number=1, seen_version=program.version, reasons={}, by=trainer)
    assert not Issue.objects.exists()


def test_a_therapist_elsewhere_is_a_trainer_here(trainer, clinic):
    both = make_user("therapist")
    both.memberships.create(clinic=clinic, role="trainer")

    assert "must sign" in stopped(needing(trainer), both)


def test_waits_until_it_is_approved(trainer, therapist):
    program = needing(trainer)
    request = asked(program, trainer)
    assert "waiting for an answer" in stopped(program, trainer)

    answer(request, therapist, approved=True)

    assert stopped(program, trainer) == ""
    assert issuing.issue(program, number=1, seen_version=program.version, reasons={}, by=trainer).number == 1


def test_an_edit_after_the_approval_stops_it_again(trainer, therapist):
    program = needing(trainer)
    answer(asked(program, trainer), therapist, approved=True)

    act(program, f"down:{items_of(program)[1].pk}", by=trainer)

    assert "changed after that" in stopped(program, trainer)


def test_a_new_assessment_after_the_approval_stops_it_again(trainer, therapist):
    program = needing(trainer)
    answer(asked(program, trainer), therapist, approved=True)

    make_assessment(program.patient, by=trainer, neurological_deficit=True)

    assert "changed after that" in stopped(program, trainer)


def test_an_approval_after_the_edit_lets_it_go_again(trainer, therapist):
    program = needing(trainer)
    answer(asked(program, trainer), therapist, approved=True)
    act(program, f"down:{items_of(program)[1].pk}", by=trainer)
    program.refresh_from_db()

    answer(asked(program, trainer), therapist, approved=True)

    assert stopped(program, trainer) == ""
    assert SignOff.objects.count() == 2


def test_shows_who_refused_and_why(trainer, therapist):
    program = needing(trainer)

    answer(asked(program, trainer), therapist, approved=False, text="Leave the bridge out.")

    assert stopped(program, trainer).endswith("Dana Okafor said no: Leave the bridge out.")


def test_keeps_name_date_answer_and_version(trainer, therapist):
    program = needing(trainer)
    request = asked(program, trainer)

    answer(request, therapist, approved=True, text="Go ahead.")

    request.refresh_from_db()
    assert (request.decided_by, request.approved, request.answer) == (therapist, True, "Go ahead.")
    assert request.program_version == program.version
    assert timezone.localdate(request.decided_at) == timezone.localdate()


@pytest.mark.parametrize("role", ["trainer", "assistant", "clinic_admin"])
def test_takes_an_answer_from_no_other_role(trainer, clinic, role):
    request = asked(needing(trainer), trainer)

    with pytest.raises(PermissionDenied, match="sign programs off"):
        answer(request, make_user(role, clinic=clinic), approved=True)

    request.refresh_from_db()
    assert request.decided_at is None


def test_takes_no_answer_from_a_therapist_of_another_clinic(trainer):
    request = asked(needing(trainer), trainer)

    with pytest.raises(PermissionDenied):
        answer(request, make_user("therapist"), approved=True)


def test_a_yes_is_only_for_what_the_therapist_saw(trainer, therapist):
    program = needing(trainer)
    request = asked(program, trainer)
    seen = program.version
    act(program, f"down:{items_of(program)[1].pk}", by=trainer)

    with pytest.raises(sign_offs.CannotDecide, match="changed"):
        sign_offs.decide(request, approved=True, answer="", seen_version=seen, by=therapist)

    assert "waiting for an answer" in stopped(program, trainer)


def test_a_second_answer_does_not_replace_the_first(trainer, therapist, clinic):
    request = asked(needing(trainer), trainer)
    answer(request, therapist, approved=False, text="Not yet.")

    with pytest.raises(sign_offs.CannotDecide, match="already"):
        answer(request, make_user("therapist", clinic=clinic), approved=True)

    request.refresh_from_db()
    assert (request.approved, request.answer, request.decided_by) == (False, "Not yet.", therapist)


def test_asking_twice_keeps_one_waiting_request(trainer):
    program = needing(trainer)

    first = asked(program, trainer, "Is it all right?")
    second = asked(program, trainer, "Please look before noon.")

    assert first == second
    assert sign_offs.waiting_on(program).question == "Please look before noon."


def test_has_nothing_to_ask_without_a_reason(trainer):
    program = make_ready(by=trainer)

    with pytest.raises(sign_offs.CannotAsk, match="needs no sign-off"):
        asked(program, trainer)
    assert not SignOff.objects.exists()


def test_logs_asking_and_each_kind_of_answer(trainer, therapist):
    program = needing(trainer)
    before = AuditEntry.objects.latest("pk").pk

    answer(asked(program, trainer), therapist, approved=False, text="Not yet.")
    answer(asked(program, trainer), therapist, approved=True)

    since = AuditEntry.objects.filter(pk__gt=before).order_by("id")
    assert list(since.values_list("action", "by")) == [
        ("ask for sign-off", trainer.pk),
        ("refuse sign-off", therapist.pk),
        ("ask for sign-off", trainer.pk),
        ("sign program off", therapist.pk),
    ]
    assert not since.exclude(detail={}).exists()


def test_the_database_holds_one_waiting_request_per_program(trainer):
    program = needing(trainer)
    asked(program, trainer)

    with pytest.raises(IntegrityError, match=r"one_waiting_sign_off_per_program|programs_signoff.program_id"):
        insert(SignOff(program=program, asked_by=trainer))


@pytest.mark.parametrize(
    "half",
    [
        {"decided_at": timezone.now()},
        {"approved": True},
        {"decided_at": timezone.now(), "approved": True},
        {"decided_at": timezone.now(), "by": True},
        {"approved": False, "by": True},
    ],
    ids=["date only", "answer only", "no name", "no answer", "no date"],
)
def test_the_database_holds_no_half_an_answer(trainer, therapist, half):
    request = asked(needing(trainer), trainer)
    values = {name: value for name, value in half.items() if name != "by"}
    if half.get("by"):
        values["decided_by"] = therapist

    with (
        pytest.raises(IntegrityError, match="decided_sign_off_has_name_date_and_answer"),
        transaction.atomic(),
    ):
        SignOff.objects.filter(pk=request.pk).update(**values)


def insert(row):
    with transaction.atomic():
        row.save(force_insert=True)
