"""A patient's timeline: what it says of each thing that happened, in which order, and who sees it."""

import datetime
import html
import itertools
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exercises.models import Protocol
from patients.models import Assessment, RaisedFlag, Screening
from programs import delivery, sign_offs, timeline
from programs.models import Delivery, Issue, Program, SignOff
from programs.timeline import Entry, Found
from tests.conftest import (
    make_assessment,
    make_clinic,
    make_driver,
    make_patient,
    make_precaution,
    make_user,
    signed_in,
)
from tests.programs.clinical import close_flags, make_question, screen
from tests.programs.samples import make_issue, make_program
from tests.reading import words_of

NOON = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)
PAGE_QUERIES = 28
BEFORE = Found("Disc", "left", "high", "extension", ("Pregnancy", "Fall risk"))


def hours_ago(hours: float) -> datetime.datetime:
    return NOON - datetime.timedelta(hours=hours)


def entry(title: str, *, hours: float = 0, kind: str = "program") -> Entry:
    return Entry(hours_ago(hours), kind, title)


def titles(shown: timeline.Timeline) -> list[str]:
    return [row.title for day in shown.days for row in day.entries]


def test_puts_the_newest_first_and_groups_by_day():
    found = timeline.merge(
        [entry("old", hours=30), entry("new"), entry("middle", hours=13), entry("same day", hours=2)]
    )

    assert [(day.date.day, [row.title for row in day.entries]) for day in found.days] == [
        (20, ["new", "same day"]),
        (19, ["middle", "old"]),
    ]


def test_groups_by_the_day_where_the_clinic_is():
    late = Entry(datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC), "program", "late")

    with timezone.override("America/Los_Angeles"):
        found = timeline.merge([late])

    assert found.days[0].date == datetime.date(2026, 11, 19)


def test_puts_what_follows_above_what_it_follows_from_at_the_same_moment():
    kinds = ["at home", "delivery", "flag", "screening", "issue", "assessment", "sign-off", "program", "flag closed"]

    found = timeline.merge(entry(kind, kind=kind) for kind in kinds)

    assert titles(found) == list(reversed(timeline.KINDS))


@pytest.mark.parametrize(
    ("count", "most", "shown", "more"), [(0, 50, 0, 0), (50, 50, 50, 0), (51, 50, 50, 1), (73, None, 73, 0)]
)
def test_shows_so_many_and_says_how_many_more(count, most, shown, more):
    found = timeline.merge((entry(f"{hours}", hours=hours) for hours in range(count)), most=most)

    assert titles(found) == [f"{hours}" for hours in range(shown)]
    assert (found.shown, found.total, found.more) == (shown, count, more)


def test_counts_nothing_that_was_noted_at_home_when_it_cuts():
    """A patient who notes something every day must not push the visits out of sight."""
    visits = [entry(f"visit {number}", hours=24 * number) for number in range(4)]
    days = [entry(f"home {number}", hours=24 * number + 1, kind="at home") for number in range(4)]

    found = timeline.merge([*visits, *days], most=2)

    assert titles(found) == ["visit 0", "home 0", "visit 1", "home 1"]
    assert (found.shown, found.total) == (4, 8)


@pytest.mark.parametrize(("days", "folded"), [(2, [False]), (3, [True])])
def test_folds_a_row_of_days_on_which_the_patient_alone_noted_something(days, folded):
    found = timeline.merge(entry("home", hours=24 * number, kind="at home") for number in range(days))

    assert [run.folded for run in found.runs] == folded


def test_folds_no_day_on_which_something_else_happened():
    found = timeline.merge([entry("visit"), *(entry("home", hours=24 * number, kind="at home") for number in range(3))])

    assert [(len(run.days), run.folded) for run in found.runs] == [(1, False), (2, False)]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({}, ()),
        ({"driver": "Stenosis"}, ("Suspected driver: Stenosis, before Disc",)),
        ({"side": "both"}, ("Side: both, before left",)),
        ({"irritability": "low"}, ("Irritability: low, before high",)),
        ({"direction": "not tested"}, ("Direction: not tested, before extension",)),
        ({"precautions": ("Fall risk",)}, ("Precautions removed: Pregnancy",)),
        ({"precautions": (*BEFORE.precautions, "Glaucoma")}, ("Precautions added: Glaucoma",)),
        (
            {"irritability": "low", "precautions": ("Glaucoma",)},
            (
                "Irritability: low, before high",
                "Precautions added: Glaucoma",
                "Precautions removed: Pregnancy, Fall risk",
            ),
        ),
    ],
    ids=["nothing", "driver", "side", "irritability", "direction", "precaution gone", "precaution new", "several"],
)
def test_says_what_changed_since_the_assessment_before(new, said):
    assert timeline.changes(BEFORE, replace(BEFORE, **new)) == said


@pytest.fixture
def clinic(db):
    return make_clinic()


@pytest.fixture
def by(clinic):
    return make_user("therapist", clinic=clinic)


@pytest.fixture
def maria(clinic):
    return make_patient("Maria Rivera", clinic=clinic)


def page(user, patient, query: str = "") -> str:
    """Return the timeline as a person reads it, or nothing when the page has none."""
    content = signed_in(user).get(f"/patients/{patient.pk}/{query}").content.decode()
    panel = content.partition('id="timeline"')[2].partition("</section>")[0]
    return words_of(f"<{panel}")


def test_says_when_nothing_happened_yet(by, maria):
    assert "Timeline Nothing happened yet." in page(by, maria)


def test_says_that_a_screening_found_nothing(by, maria):
    screen(maria, by=by)

    assert "Screening finished: none found Dana Okafor" in page(by, maria)


def test_counts_what_a_screening_answered_yes(by, maria):
    screen(maria, by=by, yes=("fever", "falls"))

    assert "Screening finished: 2 answered yes Dana Okafor" in page(by, maria)


def test_does_not_call_a_screening_clear_whose_yes_was_taken_back(by, maria):
    begun = screen(maria, by=by, yes=("fever",), finish=False)
    begun.answers.update(yes=False)
    Screening.objects.filter(pk=begun.pk).update(completed_at=timezone.now(), completed_by=by)

    text = page(by, maria)

    assert "Screening finished: a yes was taken back, the flag stays" in text
    assert "none found" not in text


def test_says_that_a_screening_is_still_open(by, maria):
    screen(maria, by=by, finish=False)

    assert "Screening begun, still open Dana Okafor" in page(by, maria)


def test_says_who_raised_and_who_closed_a_flag_and_what_came_of_it(clinic, by, maria):
    screen(maria, by=make_user("trainer", clinic=clinic, name="Milo Hartmann"), yes=("fever",))
    close_flags(maria, by=by)
    RaisedFlag.objects.update(assessed_by="Dr. Lee", assessed_on=datetime.date(2026, 11, 3))

    text = page(by, maria)

    assert "Red flag raised: Cause of fever Milo Hartmann Routine referral" in text
    closed = "Red flag closed: Cause of fever Dana Okafor Seen by a doctor, no cause found."
    assert f"{closed} Medically assessed by Dr. Lee on 3 November 2026" in text


def test_says_what_an_assessment_found_and_what_is_new_in_the_next(by, maria):
    first = make_assessment(maria, by=by, irritability="high", directional_preference="extension")
    first.precautions.add(make_precaution("pregnancy"))
    second = make_assessment(maria, by=by, irritability="low", affected_side="both", driver=make_driver("disc"))
    Assessment.objects.filter(pk=first.pk).update(at=hours_ago(50))
    Assessment.objects.filter(pk=second.pk).update(at=hours_ago(2))

    text = page(by, maria)

    found = "Assessment: Disc suspected, both, irritability low Dana Okafor"
    changed = "Suspected driver: Disc, before Piriformis Side: both, before left Irritability: low, before high"
    assert f"{found} {changed} Direction: not tested, before extension Precautions removed: Pregnancy" in text
    first_found = "First assessment: Piriformis suspected, left, irritability high Dana Okafor"
    assert f"{first_found} Direction: extension Precautions: Pregnancy" in text
    assert text.index(found) < text.index(first_found)


def test_says_that_an_assessment_found_the_same(by, maria):
    make_assessment(maria, by=by)
    make_assessment(maria, by=by)

    assert "Driver, side, irritability, direction and precautions are the same" in page(by, maria)


def test_says_what_a_program_was_started_from(by, maria):
    make_program(by=by, patient=maria)

    assert "Program started Dana Okafor Open the program Started empty" in page(by, maria)

    protocol = Protocol.objects.create(slug="start", driver=make_driver(), title="Release first", rationale="Why.")
    Program.objects.update(protocol=protocol)

    assert "Program started Dana Okafor Open the program From “Release first”" in page(by, maria)


@pytest.mark.parametrize(
    ("approved", "said"),
    [(True, "Program signed off Dana Okafor “Fine.”"), (False, "Sign-off refused Dana Okafor “Fine.”")],
)
def test_says_what_a_therapist_answered(clinic, by, maria, approved, said):
    trainer = make_user("trainer", clinic=clinic, name="Milo Hartmann")
    program = make_program("Bridge", by=trainer, patient=maria)
    asked = sign_offs.ask(program, reasons=["A reason."], question="May I?", by=trainer)
    sign_offs.decide(asked, approved=approved, answer="Fine.", seen_version=program.version, by=by)

    text = page(by, maria)

    assert "Sign-off asked for Milo Hartmann A reason. “May I?”" in text
    assert said in text


def test_says_nothing_of_an_answer_that_is_awaited(by, maria):
    sign_offs.ask(make_program("Bridge", by=by, patient=maria), reasons=["A reason."], question="", by=by)

    text = page(by, maria)

    assert "Sign-off asked for" in text
    assert "signed off" not in text


def test_links_a_handout_and_counts_what_was_accepted(by, maria):
    issue = make_issue(make_program("Bridge", by=by, patient=maria), by=by)
    Issue.objects.update(overrides=[{"rule": "size"}, {"rule": "minutes"}])

    text = page(by, maria)

    assert "Handout 1 issued, weeks 0–2 Dana Okafor Handout 1 as PDF 2 warnings accepted with a reason" in text
    assert f'href="/issues/{issue.pk}/handout.pdf">Handout 1 as PDF' in _content(by, maria)


def _content(user, patient) -> str:
    return signed_in(user).get(f"/patients/{patient.pk}/").content.decode()


@pytest.mark.parametrize(
    ("status", "words"),
    [("queued", "waiting to be sent"), ("sent", "handed over"), ("failed", "failed Open the mail No such user.")],
)
def test_says_how_a_mail_went(by, maria, status, words):
    issue = make_issue(make_program("Bridge", by=by, patient=maria), by=by)
    delivery.queue_handout(issue, to="m@patients.invalid", form_key="key", by=by)
    trouble = "No such user." if status == "failed" else ""
    Delivery.objects.update(status=status, trouble=trouble, sent_at=timezone.now() if status == "sent" else None)

    assert f"Handout 1, mail to m@patients.invalid: {words}" in page(by, maria)


def test_says_in_a_line_a_day_what_was_noted_at_home(by, maria):
    first, second = (make_issue(make_program("Bridge", by=by, patient=maria), by=by) for _ in range(2))
    today, day = timezone.localdate(), datetime.timedelta(days=1)
    first.ticks.create(day=today, number=1)
    first.pain_scores.create(day=today, score=6)
    second.ticks.create(day=today, number=1)
    second.pain_scores.create(day=today, score=3)
    first.ticks.create(day=today - day, number=2)
    second.pain_scores.create(day=today - 2 * day, score=0)

    text = page(by, maria)

    for date, said in (
        (today, "2 exercises ticked, worst pain 6 of 10"),
        (today - day, "1 exercise ticked"),
        (today - 2 * day, "worst pain 0 of 10"),
    ):
        assert f"{date:%A}, {date.day} {date:%B %Y} Noted at home: {said}" in text  # the day has no hour
    assert text.count("Noted at home") == 3


def test_folds_what_was_noted_between_visits(by, maria):
    issue = make_issue(make_program("Bridge", by=by, patient=maria), by=by)
    for days in range(1, 5):
        issue.pain_scores.create(day=timezone.localdate() - datetime.timedelta(days=days), score=days)

    text = page(by, maria)

    assert "Noted at home on 4 days," in text
    assert text.index("Noted at home on 4 days,") < text.index("worst pain 1 of 10")


def test_keeps_the_panels_programs_and_handouts(by, maria):
    make_issue(make_program("Bridge", by=by, patient=maria), by=by)

    heads = re.findall(r'<h2 id="([^"]+)"', _content(by, maria))

    assert heads == ["flags-head", "programs-head", "issues-head", "timeline-head", "contact-head", "assessment-head"]


def test_has_its_headings_in_order(by, maria):
    screen(maria, by=by, yes=("fever",))
    make_issue(make_program("Bridge", by=by, patient=maria), by=by)

    levels = [int(level) for level in re.findall(r"<h([1-6])", _content(by, maria))]

    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_cuts_at_fifty_and_shows_all_when_asked(by, maria):
    for number in range(55):
        row = make_assessment(maria, by=by)
        Assessment.objects.filter(pk=row.pk).update(at=hours_ago(number))

    cut, full = page(by, maria), page(by, maria, "?all=1")

    assert "the newest 50 of 55 · Show all" in cut
    assert 'href="?all=1#timeline"' in _content(by, maria)
    assert cut.count("Assessment: ") == 50
    assert "First assessment" not in cut
    assert "55 entries" in full
    assert "Show all" not in full
    assert (full.count("Assessment: "), full.count("First assessment: ")) == (54, 1)


@pytest.mark.parametrize("query", ["?all=", "?all=2", "?all=nul%00"])
def test_stays_cut_for_any_other_wish(by, maria, query):
    for _ in range(51):
        make_assessment(maria, by=by)

    assert "the newest 50 of 51" in page(by, maria, query)


def test_is_for_clinicians_only(clinic, by, maria):
    make_issue(make_program("Bridge", by=by, patient=maria), by=by)

    assert "Program started" in page(make_user("trainer", clinic=clinic), maria)
    assert page(make_user("assistant", clinic=clinic), maria) == "<"
    assert "Handout 1, weeks 0–2" in html.unescape(_content(make_user("assistant", clinic=clinic), maria))


def test_shows_nothing_of_another_patient(clinic, by, maria):
    make_issue(make_program("Bridge", by=by, patient=make_patient("Luis", clinic=clinic)), by=by)

    assert "Nothing happened yet." in page(by, maria)


@pytest.mark.parametrize("visits", [1, 12])
def test_reads_the_page_in_the_same_number_of_queries_whatever_the_past(by, maria, visits):
    first = make_assessment(maria, by=by)
    program = make_program("Bridge", by=by, patient=maria)
    issue = make_issue(program, by=by)
    make_question("fever")
    for number in range(visits):
        screen(maria, by=by, yes=("fever",))
        close_flags(maria, by=by)
        again = make_program("Bridge", by=by, patient=maria)
        copy = Issue.objects.get(pk=issue.pk)
        copy.pk, copy.program = None, again
        copy.save()
        delivery.queue_handout(copy, to="m@patients.invalid", form_key=f"key-{number}", by=by)
        SignOff.objects.create(program=again, asked_by=by, reasons=["A reason."])
        copy.ticks.create(day=NOON.date() + datetime.timedelta(days=number), number=1)
        copy.pain_scores.create(day=NOON.date() + datetime.timedelta(days=number), score=4)
        make_assessment(maria, by=by).precautions.add(make_precaution(f"care_{number}"))
    first.precautions.add(make_precaution("pregnancy"))
    client = signed_in(by)

    with CaptureQueriesContext(connection) as queries:
        text = client.get(f"/patients/{maria.pk}/?all=1").content.decode()

    assert text.count("Red flag closed") == text.count("worst pain 4 of 10") == visits
    assert len(queries) == PAGE_QUERIES, "\n".join(query["sql"][:200] for query in queries)
