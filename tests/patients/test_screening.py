"""Red-flag screening: unanswered is never no, a yes raises a flag at once, only a therapist closes it."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clinics.models import AuditEntry, Role
from patients import screening
from patients.models import RaisedFlag, Screening, ScreeningAnswer
from tests.conftest import make_patient, make_user
from tests.patients.samples import MONDAY, close, make_flag, make_question, moment, screen

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def patient(by):
    return make_patient(clinic=by.memberships.get().clinic)


@pytest.fixture
def questions():
    """Three questions in two groups: an emergency, an urgent and a routine one."""
    return (
        make_question("bladder", "emergency"),
        make_question("fever", "refer_urgent", group="infection"),
        make_question("osteoporosis", "refer", group="infection"),
    )


def no_to_all(**changes):
    return {"bladder": False, "fever": False, "osteoporosis": False, **changes}


def prepare(case, patient, by):
    """Bring the patient into the state that the case names."""
    if case == "half of it":
        screen(patient, by=by, bladder=False)
    elif case == "all no":
        screen(patient, by=by, **no_to_all())
    elif case == "half after all no":
        screen(patient, by=by, at=MONDAY - 15 * DAY, **no_to_all())
        screen(patient, by=by, bladder=False)
    elif case == "new round in time":
        screen(patient, by=by, **no_to_all())
        screen(patient, by=by, finish=False, bladder=False)
    elif case == "emergency":
        screen(patient, by=by, **no_to_all(bladder=True))
    elif case == "two yes":
        screen(patient, by=by, **no_to_all(bladder=True, fever=True))
    elif case == "yes in half":
        screen(patient, by=by, finish=False, fever=True)
    elif case == "refer":
        screen(patient, by=by, **no_to_all(osteoporosis=True))
    elif case == "closed":
        screen(patient, by=by, **no_to_all(fever=True))
        close(RaisedFlag.objects.get(), by=by)
    elif case == "closed, then no":
        screen(patient, by=by, **no_to_all(fever=True))
        close(RaisedFlag.objects.get(), by=by)
        screen(patient, by=by, at=MONDAY + DAY / 24, **no_to_all())
    elif case == "open, then no":
        screen(patient, by=by, **no_to_all(fever=True))
        screen(patient, by=by, at=MONDAY + DAY / 24, **no_to_all())


@pytest.mark.parametrize(
    ("case", "status", "positive", "blocks", "words"),
    [
        ("nothing", "none", False, True, "Not screened"),
        ("half of it", "incomplete", False, True, "Not finished"),
        ("all no", "clear", False, False, "None found, 02 Mar"),
        ("half after all no", "incomplete", False, True, "Not finished"),
        ("new round in time", "clear", False, False, "None found, 02 Mar"),
        ("emergency", "flagged", True, True, "Emergency flag open"),
        ("two yes", "flagged", True, True, "Emergency flag open"),
        ("yes in half", "flagged", True, True, "1 open"),
        ("refer", "clear", True, False, "1 to refer"),
        ("closed", "clear", True, False, "None open, 02 Mar"),
        ("closed, then no", "clear", False, False, "None found, 02 Mar"),
        ("open, then no", "flagged", True, True, "1 open"),
    ],
)
@pytest.mark.usefixtures("questions")
def test_says_what_the_screening_means_today(case, status, positive, blocks, words, patient, by):
    prepare(case, patient, by)

    state = screening.state_of(patient, MONDAY + DAY / 12)

    assert (state.status, state.positive, state.blocks_issuing, state.words) == (status, positive, blocks, words)


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("nothing", "The red-flag questions haven't been asked yet."),
        ("half of it", "The red-flag screening isn't finished. Unanswered doesn't count as no."),
        ("all no", "No open red flags. Screen again by 16 March 2026."),
        (
            "two yes",
            "An open red flag stops issuing: Trouble with the bladder; Trouble with the fever. "
            "Print the referral sheet instead.",
        ),
        (
            "refer",
            "No open red flag stops issuing. Still to refer: Trouble with the osteoporosis. "
            "Screen again by 16 March 2026.",
        ),
        ("closed", "No open red flags. Screen again by 16 March 2026."),
    ],
)
@pytest.mark.usefixtures("questions")
def test_says_what_to_do(case, sentence, patient, by):
    prepare(case, patient, by)

    assert screening.state_of(patient, MONDAY).sentence == sentence


@pytest.mark.parametrize(
    ("zone", "finished", "now", "status"),
    [
        ("UTC", "2026-03-02 12:00", "2026-03-16 23:59", "clear"),
        ("UTC", "2026-03-02 12:00", "2026-03-17 00:00", "expired"),
        # 2 March, 23:00 in New York is 3 March in UTC: the 14 days are counted on the clinic's calendar.
        ("America/New_York", "2026-03-03 04:00", "2026-03-17 03:59", "clear"),
        ("America/New_York", "2026-03-03 04:00", "2026-03-17 04:00", "expired"),
        ("Australia/Sydney", "2026-03-02 14:00", "2026-03-17 12:59", "clear"),
        ("Australia/Sydney", "2026-03-02 14:00", "2026-03-17 13:00", "expired"),
    ],
)
@pytest.mark.usefixtures("questions")
def test_holds_through_the_fourteenth_day(zone, finished, now, status, patient, by):
    screen(patient, by=by, at=moment(finished), **no_to_all())

    with timezone.override(zone):
        state = screening.state_of(patient, moment(now))

    assert state.status == status


@pytest.mark.usefixtures("questions")
def test_asks_again_after_fifteen_days(patient, by):
    screen(patient, by=by, **no_to_all())

    state = screening.state_of(patient, MONDAY + 15 * DAY)

    assert state.words == "Screen again"
    assert state.sentence == "The last complete screening is more than 14 days old. Ask the questions again."


@pytest.mark.usefixtures("questions")
def test_never_takes_an_unanswered_question_for_a_no(patient, by):
    saved = screen(patient, by=by, finish=True, bladder=False, fever=False)

    assert saved.completed_at is None
    assert saved.completed_by is None
    assert screening.answers_of(screening.open_round(patient)) == {"bladder": False, "fever": False}
    assert screening.state_of(patient, MONDAY).status == "incomplete"


@pytest.mark.usefixtures("questions")
def test_finishes_only_when_it_is_asked_to(patient, by):
    later = screen(patient, by=by, finish=False, **no_to_all())
    finished = screen(patient, by=by, finish=True, **no_to_all())

    assert later.completed_at is None
    assert (finished.pk, finished.completed_at, finished.completed_by) == (later.pk, MONDAY, by)


def test_is_never_complete_without_a_question(patient, by):
    saved = screen(patient, by=by, finish=True)

    assert saved.completed_at is None
    assert screening.state_of(patient, MONDAY).blocks_issuing


@pytest.mark.usefixtures("questions")
def test_raises_a_flag_before_the_round_is_finished_and_only_once(patient, by):
    screen(patient, by=by, finish=False, bladder=True)
    screen(patient, by=by, finish=False, bladder=True, fever=False)
    screen(patient, by=by, **no_to_all(bladder=True))

    flag = RaisedFlag.objects.get()
    assert (flag.red_flag.slug, flag.raised_by, flag.raised_at, flag.closed_at) == ("bladder", by, MONDAY, None)


@pytest.mark.usefixtures("questions")
def test_does_not_raise_an_open_flag_again_in_the_next_round(patient, by):
    screen(patient, by=by, **no_to_all(bladder=True))
    screen(patient, by=by, at=MONDAY + DAY, **no_to_all(bladder=True))

    assert RaisedFlag.objects.count() == 1


@pytest.mark.usefixtures("questions")
def test_raises_a_closed_flag_again_in_the_next_round(patient, by):
    screen(patient, by=by, **no_to_all(bladder=True))
    close(RaisedFlag.objects.get(), by=by)

    screen(patient, by=by, at=MONDAY + DAY, **no_to_all(bladder=True))

    assert RaisedFlag.objects.open().count() == 1
    assert RaisedFlag.objects.count() == 2


@pytest.mark.usefixtures("questions")
def test_keeps_the_flag_open_when_the_yes_is_taken_back(patient, by):
    screen(patient, by=by, finish=False, bladder=True)

    screen(patient, by=by, **no_to_all())

    assert RaisedFlag.objects.open().count() == 1
    assert screening.state_of(patient, MONDAY).status == "flagged"


@pytest.mark.usefixtures("questions")
def test_forgets_an_answer_that_is_taken_back(patient, by):
    screen(patient, by=by, finish=False, bladder=False, fever=False)

    screen(patient, by=by, finish=False, fever=False)

    assert screening.answers_of(screening.open_round(patient)) == {"fever": False}


@pytest.mark.parametrize("seen", [0, 1, 3])
@pytest.mark.usefixtures("questions")
def test_a_second_clinician_never_overwrites_the_first(seen, patient, by):
    screen(patient, by=by, finish=False, bladder=True)
    screen(patient, by=by, finish=False, bladder=True, fever=False)
    logged = AuditEntry.objects.count()

    with pytest.raises(screening.EditedMeanwhile):
        screening.save(patient, no_to_all(), seen_version=seen, finish=True, at=MONDAY, by=by)

    assert screening.answers_of(screening.open_round(patient)) == {"bladder": True, "fever": False}
    assert AuditEntry.objects.count() == logged


@pytest.mark.usefixtures("questions")
def test_notices_that_somebody_finished_the_round_meanwhile(patient, by):
    screen(patient, by=by, finish=False, bladder=False)
    screen(patient, by=by, **no_to_all())

    with pytest.raises(screening.EditedMeanwhile):
        screening.save(patient, no_to_all(bladder=True), seen_version=1, finish=True, at=MONDAY, by=by)

    assert Screening.objects.count() == 1


@pytest.mark.usefixtures("questions")
def test_counts_the_version_up(patient, by):
    versions = [screen(patient, by=by, finish=False, bladder=False).version for _ in range(3)]

    assert versions == [1, 2, 3]


@pytest.mark.usefixtures("questions")
def test_ignores_answers_to_retired_and_unknown_questions(patient, by):
    make_question("rash", retired=True)

    saved = screen(patient, by=by, **no_to_all(rash=True, nonsense=True))

    assert saved.completed_at == MONDAY
    assert RaisedFlag.objects.count() == 0
    assert ScreeningAnswer.objects.count() == 3


@pytest.mark.usefixtures("questions")
def test_asks_nothing_that_is_retired(patient, by):
    make_question("rash", group="only_retired", retired=True)
    make_question("weight", group="infection", retired=True)

    asked = {group.slug: [question.slug for question in group.questions.all()] for group in screening.groups()}

    assert asked == {"bladder_bowel": ["bladder"], "infection": ["fever", "osteoporosis"]}


@pytest.mark.usefixtures("questions")
def test_logs_each_save_once_with_counts_and_no_words(patient, by):
    saved = screen(patient, by=by, finish=False, bladder=True)
    screen(patient, by=by, **no_to_all(bladder=True))

    finished, started = AuditEntry.objects.all()[:2]
    assert (started.action, started.subject, started.patient_id) == (
        "save screening",
        f"screening:{saved.pk}",
        patient.pk,
    )
    assert started.detail == {"answered": 1, "raised": ["bladder"]}
    assert (finished.action, finished.detail) == ("finish screening", {"answered": 3, "raised": []})


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.usefixtures("questions")
def test_asks_two_queries_for_any_number_of_patients(count, by, django_assert_num_queries):
    clinic = by.memberships.get().clinic
    patients = [make_patient(f"Patient {number}", clinic=clinic) for number in range(count)]
    for patient in patients:
        screen(patient, by=by, **no_to_all(bladder=True, osteoporosis=True))

    with django_assert_num_queries(2):
        states = screening.states_of(patients, MONDAY)
        sentences = {(state.words, state.sentence) for state in states.values()}

    assert len(states) == count
    assert len(sentences) == 1


@pytest.mark.usefixtures("questions")
def test_keeps_patients_apart(patient, by):
    other = make_patient("Tom Berg", clinic=patient.clinic)
    screen(patient, by=by, **no_to_all(bladder=True))
    screen(other, by=by, **no_to_all())

    states = screening.states_of([patient, other], MONDAY)

    assert (states[patient.pk].status, states[other.pk].status) == ("flagged", "clear")


MISSING = "needs a medical assessment"


@pytest.mark.parametrize(
    ("urgency", "changes", "trouble"),
    [
        pytest.param("emergency", {"outcome": "all good"}, "at least 10 characters", id="outcome too short"),
        pytest.param("emergency", {"outcome": "   good         "}, "at least 10 characters", id="spaces don't count"),
        pytest.param("refer", {"outcome": ""}, "at least 10 characters", id="every flag needs an outcome"),
        pytest.param("emergency", {"assessed_by": "", "assessed_on": None}, MISSING, id="emergency not assessed"),
        pytest.param("same_day", {"assessed_by": "", "assessed_on": None}, MISSING, id="same day not assessed"),
        pytest.param("same_day", {"assessed_by": "  "}, MISSING, id="assessed by nobody"),
        pytest.param("same_day", {"assessed_on": None}, MISSING, id="assessed at no time"),
        pytest.param("emergency", {"assessed_on": datetime.date(2026, 3, 5)}, "in the future", id="future"),
        pytest.param("refer", {"assessed_on": datetime.date(2026, 3, 5)}, "in the future", id="future referral"),
        pytest.param("emergency", {"assessed_on": datetime.date(2026, 3, 1)}, "older than the flag", id="too old"),
    ],
)
def test_does_not_close_a_flag_without_what_it_takes(urgency, changes, trouble, patient, by):
    flag = make_flag(make_question("bladder", urgency), patient=patient, by=by, at=MONDAY)

    with pytest.raises(screening.CannotClose, match=trouble):
        close(flag, by=by, at=MONDAY + 2 * DAY, **changes)

    flag.refresh_from_db()
    assert (flag.closed_at, flag.outcome) == (None, "")


@pytest.mark.parametrize(
    ("urgency", "changes"),
    [
        pytest.param("emergency", {"assessed_on": datetime.date(2026, 3, 2)}, id="assessed on the day it was raised"),
        pytest.param("same_day", {"assessed_on": datetime.date(2026, 3, 4)}, id="assessed today"),
        pytest.param("same_day", {"outcome": "0123456789"}, id="ten characters"),
        pytest.param("refer_urgent", {"assessed_by": "", "assessed_on": None}, id="urgent referral, not assessed"),
        pytest.param("refer", {"assessed_by": "", "assessed_on": None}, id="referral, not assessed"),
        pytest.param("refer", {"assessed_on": datetime.date(2026, 1, 4)}, id="referral, assessed before"),
    ],
)
def test_closes_a_flag_with_name_date_and_outcome(urgency, changes, patient, by):
    flag = make_flag(make_question("bladder", urgency), patient=patient, by=by, at=MONDAY)

    close(flag, by=by, at=MONDAY + 2 * DAY, **changes)

    flag.refresh_from_db()
    assert (flag.closed_at, flag.closed_by) == (MONDAY + 2 * DAY, by)
    assert len(flag.outcome) >= 10
    assert AuditEntry.objects.filter(action="close red flag", subject=f"raisedflag:{flag.pk}").count() == 1


def test_counts_the_day_of_the_assessment_on_the_clinics_calendar(patient, by):
    flag = make_flag(patient=patient, by=by, at=moment("2026-03-03 03:00"))

    with timezone.override("America/New_York"):
        close(flag, by=by, at=moment("2026-03-03 04:00"), assessed_on=datetime.date(2026, 3, 2))

    flag.refresh_from_db()
    assert flag.closed_at


@pytest.mark.parametrize("role", [Role.TRAINER, Role.ASSISTANT, Role.CLINIC_ADMIN])
def test_lets_only_a_therapist_of_the_clinic_close_a_flag(role, patient, by):
    flag = make_flag(patient=patient, by=by)

    with pytest.raises(PermissionDenied, match="may not close red flags"):
        close(flag, by=make_user(role, clinic=patient.clinic))
    with pytest.raises(PermissionDenied, match="may not close red flags"):
        close(flag, by=make_user(Role.THERAPIST))

    flag.refresh_from_db()
    assert flag.closed_at is None


def test_closes_a_flag_once_and_keeps_the_first_outcome(patient, by):
    flag = make_flag(patient=patient, by=by)
    close(flag, by=by, outcome="Scan was clear.")

    with pytest.raises(screening.CannotClose, match="Somebody else closed this flag already"):
        close(flag, by=by, outcome="Another story.")

    flag.refresh_from_db()
    assert flag.outcome == "Scan was clear."
    assert AuditEntry.objects.filter(action="close red flag").count() == 1


def test_lists_flags_open_and_most_urgent_first(patient, by):
    for slug, urgency in [("a", "refer"), ("b", "refer_urgent"), ("c", "emergency"), ("d", "same_day"), ("e", "refer")]:
        make_flag(make_question(slug, urgency), patient=patient, by=by)
    close(RaisedFlag.objects.get(red_flag__slug="c"), by=by)

    flags = screening.flags_of(patient)

    assert [flag.red_flag.slug for flag in flags] == ["d", "b", "a", "e", "c"]


def test_a_flag_closed_in_the_middle_of_a_round_is_not_raised_again_by_the_same_yes():
    therapist = make_user()
    patient = make_patient(clinic=therapist.memberships.get().clinic)
    make_question("weight_loss", "refer_urgent")
    make_question("fever")
    now = timezone.now()
    screening.save(patient, {"weight_loss": True}, seen_version=0, finish=False, at=now, by=therapist)
    flag = RaisedFlag.objects.get()
    screening.close(flag, outcome="Diet was planned.", assessed_by="", assessed_on=None, at=now, by=therapist)

    answers = {"weight_loss": True, "fever": False}
    screening.save(patient, answers, seen_version=1, finish=True, at=now, by=therapist)

    assert RaisedFlag.objects.count() == 1
