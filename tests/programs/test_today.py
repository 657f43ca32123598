"""Due for review on the Today page, the order of its lists, and how many they hold."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import AuditEntry
from patients.models import Patient
from programs import delivery, sign_offs, today_page
from programs.models import Delivery, Issue, Program
from tests.conftest import make_clinic, make_patient, make_user, signed_in
from tests.programs.clinical import screen
from tests.programs.samples import make_issue, make_program
from tests.reading import shown

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)
DUE_QUERIES = 7


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def by(clinic):
    return make_user("therapist", clinic=clinic)


def handed_out(name, *, by, days_ago=0, hours=0, stage="w0_2", program=None, at=NOON) -> Issue:
    """Return a handout of a patient with that name, issued some days and hours before `at`."""
    if program is None:
        program = make_program("Bridge", by=by, patient=make_patient(name, clinic=by.memberships.get().clinic))
    made = make_issue(program, by=by)
    when = at - datetime.timedelta(days=days_ago, hours=hours)
    Issue.objects.filter(pk=made.pk).update(issued_at=when, stage_slug=stage)
    made.refresh_from_db()
    return made


def due(user, at=NOON) -> list[str]:
    return [row.patient.name for row in today_page.read(user, at=at).due.rows]


def today_of(user) -> str:
    return shown(signed_in(user).get("/"))


@pytest.mark.parametrize(("stage", "days"), [("w0_2", 14), ("w2_4", 14), ("w4_8", 28)])
def test_calls_a_patient_due_on_the_day_after_the_last_of_the_stage(by, stage, days):
    handed_out("Early", by=by, days_ago=days - 1, stage=stage)
    handed_out("Maria", by=by, days_ago=days, stage=stage)

    rows = today_page.read(by, at=NOON).due.rows

    assert [row.patient.name for row in rows] == ["Maria"]
    assert rows[0].since == datetime.date(2026, 11, 20)


@pytest.mark.parametrize(("hours", "names"), [(-11, ["Maria"]), (-12, []), (11, ["Maria"])])
def test_counts_days_and_not_hours(by, hours, names):
    handed_out("Maria", by=by, days_ago=14, hours=hours)

    assert due(by) == names


def test_counts_days_where_the_clinic_is(by):
    handed_out("Maria", by=by, days_ago=14, hours=-18)  # 22:00 on the 6th there, and the 7th in Greenwich

    with timezone.override("America/Los_Angeles"):
        rows = today_page.read(by, at=NOON).due.rows

    assert [row.since for row in rows] == [datetime.date(2026, 11, 20)]


def test_forgets_a_patient_who_got_something_newer(by):
    old = handed_out("Maria", by=by, days_ago=30)

    handed_out("Maria", by=by, days_ago=3, program=old.program)

    assert due(by) == []


def test_takes_the_newest_handout_of_any_program(by):
    old = handed_out("Maria", by=by, days_ago=30)
    other = make_program("Clam", by=by, patient=old.program.patient)

    handed_out("Maria", by=by, days_ago=3, program=other)

    assert due(by) == []


def test_names_a_patient_once_with_the_newest_of_two_old_handouts(by):
    old = handed_out("Maria", by=by, days_ago=60)
    newer = handed_out("Maria", by=by, days_ago=20, program=old.program)

    rows = today_page.read(by, at=NOON).due.rows

    assert [row.issue for row in rows] == [newer]


def test_names_a_patient_once_when_two_handouts_are_of_the_same_moment(by):
    old = handed_out("Maria", by=by, days_ago=20)
    twin = handed_out("Maria", by=by, days_ago=20, program=old.program)

    rows = today_page.read(by, at=NOON).due.rows

    assert [row.issue for row in rows] == [twin]


def test_goes_by_the_stage_that_was_issued(by):
    made = handed_out("Maria", by=by, days_ago=20, stage="w4_8")

    Program.objects.filter(pk=made.program_id).update(stage_slug="w0_2")

    assert due(by) == []


def test_keeps_a_patient_due_whose_program_was_edited_since(by):
    made = handed_out("Maria", by=by, days_ago=20)

    Program.objects.filter(pk=made.program_id).update(version=made.program_version + 3, changed_at=NOON)

    assert due(by) == ["Maria"]


def test_puts_who_is_due_longest_first(by):
    handed_out("Two days", by=by, days_ago=30, stage="w4_8")
    handed_out("Six days", by=by, days_ago=20)
    handed_out("Four days", by=by, days_ago=18, stage="w2_4")

    assert due(by) == ["Six days", "Four days", "Two days"]


def test_leaves_out_archived_patients(by):
    handed_out("Maria", by=by, days_ago=20)

    Patient.objects.update(archived_at=NOON)

    assert due(by) == []


def test_leaves_out_patients_without_a_handout(by):
    make_program("Bridge", by=by)

    assert due(by) == []


@pytest.mark.parametrize(
    ("role", "names"),
    [("therapist", ["Maria"]), ("trainer", ["Maria"]), ("assistant", []), ("clinic_admin", [])],
)
def test_shows_who_is_due_to_clinicians_only(clinic, by, role, names):
    handed_out("Maria", by=by, days_ago=20)

    assert due(make_user(role, clinic=clinic)) == names


def test_shows_nobody_of_another_clinic(by):
    handed_out("Maria", by=by, days_ago=20)

    assert due(make_user("therapist")) == []


def test_shows_nobody_of_a_clinic_where_the_clinician_is_an_assistant(clinic, by):
    handed_out("Maria", by=by, days_ago=20)
    both = make_user("therapist")
    both.memberships.create(clinic=clinic, role="assistant")

    assert due(both) == []


def test_says_since_when_and_links_to_the_builder(by):
    made = handed_out("Maria", by=by, days_ago=20, at=timezone.now())

    response = signed_in(by).get("/")

    text = shown(response)
    since = timezone.localdate() - datetime.timedelta(days=6)
    assert f"Due for review 1 patient Maria since {since.day} {since:%B %Y} handout 1 for weeks 0–2, issued" in text
    panel = response.content.decode().split('id="due"')[1].split("</section>")[0]
    assert f'href="/programs/{made.program_id}/"' in panel


def test_says_when_nobody_is_due(by):
    assert "Due for review Nobody is due. No handout has run past its weeks." in today_of(by)


def test_shows_an_assistant_no_list_of_who_is_due(clinic, by):
    handed_out("Maria", by=by, days_ago=20, at=timezone.now())

    assert "Due for review" not in today_of(make_user("assistant", clinic=clinic))


def test_shows_twenty_and_says_how_many_more(by):
    for number in range(23):
        handed_out(f"Patient {number:02}", by=by, days_ago=50 - number, at=timezone.now())

    page = today_page.read(by, at=timezone.now())
    text = today_of(by)

    assert [row.patient.name for row in page.due.rows] == [f"Patient {number:02}" for number in range(20)]
    assert (page.due.total, page.due.more) == (23, 3)
    panel = text[text.index("Due for review 23 patients") : text.index("Programs not issued yet")]
    assert panel.endswith("and 3 more ")


def test_says_nothing_of_more_when_all_are_shown(by):
    handed_out("Maria", by=by, days_ago=20, at=timezone.now())

    assert " more " not in today_of(by)


def test_counts_every_list(clinic, by):
    for number in range(2):
        make_program("Bridge", by=by, patient=make_patient(f"Draft {number}", clinic=clinic))

    page = today_page.read(by, at=NOON)

    assert (page.drafts.total, page.recent.total, page.flags.total) == (2, 2, 0)
    assert "Programs not issued yet 2 programs" in today_of(by)
    assert "Newest patients 2 patients in all" in today_of(by)


def test_orders_the_lists_by_how_much_they_press(clinic, by):
    trainer = make_user("trainer", clinic=clinic)
    asked = make_program("Bridge", by=trainer)
    sign_offs.ask(asked, reasons=["A reason."], question="", by=trainer)
    screen(make_patient("Agnes", clinic=clinic), by=by, yes=("fever",))
    made = handed_out("Maria", by=by, days_ago=20, at=timezone.now())
    mail = delivery.queue_handout(made, to="m@patients.invalid", form_key="key", by=by)
    Delivery.objects.filter(pk=mail.pk).update(status="failed")

    heads = re.findall(r'<h2 id="([^"]+)"', signed_in(by).get("/").content.decode())

    assert heads == ["sign-offs", "flags", "failed", "due", "drafts", "recent"]


@pytest.mark.parametrize("count", [0, 1, 25])
def test_reads_in_the_same_number_of_queries_however_many_are_due(by, count):
    for number in range(count):
        handed_out(f"Patient {number}", by=by, days_ago=20)

    with CaptureQueriesContext(connection) as queries:
        page = today_page.read(by, at=NOON)
        named = [(row.patient.name, row.program.get_absolute_url(), row.issue.number) for row in page.due.rows]

    assert len(named) == min(count, today_page.MOST)
    assert len(queries) == DUE_QUERIES, "\n".join(query["sql"][:200] for query in queries)


def test_logs_who_was_named_as_due(by):
    made = handed_out("Maria", by=by, days_ago=20, at=timezone.now())
    others = [make_patient(f"New {number}", clinic=by.memberships.get().clinic) for number in range(today_page.NEWEST)]

    signed_in(by).get("/")

    entry = AuditEntry.objects.first()
    assert entry.action == "view today"
    assert entry.detail["patients"] == sorted([made.program.patient_id, *(patient.pk for patient in others)])
