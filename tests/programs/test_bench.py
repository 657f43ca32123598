"""The bench: one query that says the same as all the tables it is read from, to those who may see them."""

import datetime
import threading
import time

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import Membership, Role
from exercises import known
from exercises.models import Driver, Equipment
from patients import screening
from patients.models import Assessment, RaisedFlag
from programs import bench, checking, commands, drafting, issuing, sign_offs
from programs.clashes import Sent
from programs.models import Issue, Item, Program
from programs.rows import EDITABLE
from tests.conftest import (
    make_assessment,
    make_clinic,
    make_driver,
    make_exercise,
    make_muscle,
    make_patient,
    make_precaution,
    make_user,
)
from tests.programs.clinical import close_flags, make_question, screen
from tests.programs.samples import act, add, items_of, make_issue, make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def patient(by):
    return make_patient(clinic=by.memberships.get().clinic)


def make_thing(slug):
    return Equipment.objects.create(slug=slug, name=slug.capitalize())


def assessed(program, by):
    return bench.read(program.pk, by=by).assessed


# Rows.


def test_reads_the_rows_of_every_stage_in_order(by):
    program = make_program("Bridge", "Clam", by=by)
    rest = add(program, make_exercise("Rest", "calm", laterality="affected_side", hold_s=20), by=by)
    act(program, "dose", by=by, **{f"note-{rest.pk}": "Langsam “ß” 😀", f"tempo_s-{rest.pk}": 3})
    act(program, "stage:w4_8", by=by)
    add(program, make_exercise("Walk", "integrate", reps=None, minutes=10), by=by)

    found = bench.read(program.pk, by=by)

    for slug, rows in found.rows_by_stage.items():
        items = Item.objects.filter(stage__program=program, stage__slug=slug).select_related("exercise")
        assert [
            (row.key, row.exercise, row.phase, row.version, *(getattr(row, name) for name in EDITABLE)) for row in rows
        ] == [
            (item.pk, item.exercise.slug, item.phase, item.version, *(getattr(item, name) for name in EDITABLE))
            for item in items.order_by("position")
        ]
    assert [len(rows) for rows in found.rows_by_stage.values()] == [3, 0, 1]
    assert found.rows == found.rows_by_stage["w4_8"]
    assert found.stage_keys == dict(program.stages.values_list("slug", "pk"))


def test_reads_an_empty_program_with_all_its_stages(by):
    found = bench.read(make_program(by=by).pk, by=by)

    assert found.rows_by_stage == {"w0_2": (), "w2_4": (), "w4_8": ()}
    assert (found.sign_off, found.issued, found.screenings, found.flags) == (None, {}, (), ())


def test_reads_a_retired_exercise(by):
    program = make_program("Bridge", by=by)
    exercise = items_of(program)[0].exercise
    exercise.status = "retired"
    exercise.save(update_fields=["status"])
    known.forget()

    found = bench.read(program.pk, by=by)

    assert found.catalog.exercise(found.rows[0].exercise).name == "Bridge"


# What the assessment says.


def rich(patient, by):
    """Return an assessment that says something of everything."""
    made = make_assessment(
        patient,
        by=by,
        driver=make_driver("stenosis"),
        affected_side="alternating",
        irritability="high",
        directional_preference="flexion",
        neurological_deficit=True,
        due_date=timezone.localdate() + datetime.timedelta(days=90),
        tight=["piriformis", "tfl"],
        weak=["gluteus_medius"],
        muscle_side="right",
    )
    made.other_drivers.set([make_driver("disc"), make_driver("piriformis")])
    made.precautions.set([make_precaution("pregnancy"), make_precaution("osteoporosis", sign_off=True)])
    made.equipment.set([make_thing("mat"), make_thing("ball")])
    made.muscle_findings.create(muscle=make_muscle("hamstrings"), finding="lengthened", side="left")
    known.forget()
    return made


def plain(patient, by):
    return make_assessment(patient, by=by)


@pytest.mark.parametrize("make", [plain, rich])
def test_says_of_the_assessment_what_its_tables_say(by, patient, make):
    made = make(patient, by)
    program = make_program(by=by, patient=patient)

    found = assessed(program, by)

    loaded = Assessment.objects.select_related("driver").with_everything().get(pk=made.pk)
    assert found == bench.assessed_from(loaded, known.catalog())
    assert (found.key, found.at, found.drivers[0]) == (made.pk, made.at, made.driver.slug)
    others = set(made.other_drivers.values_list("slug", flat=True))
    assert list(found.drivers[1:]) == [slug for slug in known.catalog().drivers if slug in others]
    assert set(found.precautions) == set(made.precautions.values_list("slug", flat=True))
    assert found.equipment == set(made.equipment.values_list("slug", flat=True))
    rows = made.muscle_findings.values_list("muscle__slug", "finding", "side")
    assert sorted(found.muscles) == sorted(rows)
    for name in ("affected_side", "irritability", "directional_preference", "neurological_deficit", "due_date"):
        assert getattr(found, name) == getattr(made, name)


def test_names_other_drivers_and_precautions_in_the_catalog_s_order(by, patient):
    first, second, third = (make_driver(slug) for slug in ("zebra", "disc", "mule"))
    Driver.objects.filter(pk=first.pk).update(order=1)
    Driver.objects.filter(pk=second.pk).update(order=3)
    Driver.objects.filter(pk=third.pk).update(order=2)
    known.forget()
    made = make_assessment(patient, by=by)
    made.other_drivers.set([second, third, first])

    assert assessed(make_program(by=by, patient=patient), by).drivers == ("piriformis", "zebra", "mule", "disc")


def test_takes_the_latest_assessment_with_what_belongs_to_it(by, patient):
    rich(patient, by)
    program = make_program(by=by, patient=patient)
    at = timezone.now() + datetime.timedelta(hours=1)
    latest = make_assessment(patient, by=by, at=at, driver=make_driver("disc"), tight=["soleus"])

    found = assessed(program, by)

    assert found.key == latest.pk
    assert (found.drivers, found.precautions, found.equipment) == (("disc",), (), frozenset())
    assert list(found.muscles) == [("soleus", "tight", "both")]


def test_takes_the_later_of_two_assessments_of_one_moment(by, patient):
    at = timezone.now()
    first = make_assessment(patient, by=by, at=at)
    second = make_assessment(patient, by=by, at=at)

    assert assessed(make_program(by=by, patient=patient), by).key == second.pk > first.pk


def test_gives_rules_the_same_patient_as_the_tables(by, patient):
    made = rich(patient, by)
    program = make_program(by=by, patient=patient)
    today = timezone.localdate()

    until = today + datetime.timedelta(days=13)
    found = checking.patient_of(assessed(program, by), known.catalog(), on=today, until=until)

    loaded = Assessment.objects.select_related("driver").with_everything().get(pk=made.pk)
    assert found == checking.patient_facts(loaded, known.catalog(), stage="w2_4", on=today)
    assert found.tight == {"piriformis": "right", "tfl": "right"}
    assert found.lengthened == {"hamstrings"}


# What the screenings mean.


def not_asked(patient, by):
    pass


def unfinished(patient, by):
    screen(patient, by=by, finish=False)


def clear(patient, by):
    screen(patient, by=by)


def last_day(patient, by):
    screen(patient, by=by, days_ago=14)


def expired(patient, by):
    screen(patient, by=by, days_ago=15)


def expired_and_begun_again(patient, by):
    screen(patient, by=by, days_ago=15)
    screen(patient, by=by, finish=False)


def flagged(patient, by):
    make_question("numb saddle", urgency="emergency")
    make_question("night pain")
    screen(patient, by=by, yes=("numb saddle", "night pain"))


def to_refer(patient, by):
    make_question("weight loss", blocks=False)
    screen(patient, by=by, yes=("weight loss",))


def closed(patient, by):
    screen(patient, by=by, yes=("fever",))
    close_flags(patient, by=by)


def closed_long_ago(patient, by):
    screen(patient, by=by, yes=("fever",), days_ago=40)
    close_flags(patient, by=by)
    screen(patient, by=by)


def flagged_long_ago(patient, by):
    screen(patient, by=by, yes=("fever",), days_ago=40)
    screen(patient, by=by)


STATES = {
    not_asked: "none",
    unfinished: "incomplete",
    clear: "clear",
    last_day: "clear",
    expired: "expired",
    expired_and_begun_again: "incomplete",
    flagged: "flagged",
    to_refer: "clear",
    closed: "clear",
    closed_long_ago: "clear",
    flagged_long_ago: "flagged",
}


def said(state):
    """Return a screening's state with its flags by what they suspect, as those of the bench have no key."""
    return (
        state.status,
        state.completed_on,
        [flag.red_flag.suspects for flag in state.open_blocking],
        [flag.red_flag.suspects for flag in state.open_other],
        state.positive,
        state.emergency,
        state.blocks_issuing,
        state.words,
        state.sentence,
    )


@pytest.mark.parametrize("make", STATES, ids=lambda make: make.__name__.replace("_", " "))
def test_says_of_the_screening_what_its_tables_say(by, patient, make):
    program = make_program(by=by, patient=patient)
    make(patient, by)
    now = timezone.now()

    state = bench.read(program.pk, by=by).state(now)

    assert said(state) == said(screening.state_of(patient, now))
    assert state.status == STATES[make]


def test_names_flags_in_the_order_of_their_questions(by, patient):
    program = make_program(by=by, patient=patient)
    for place, slug in enumerate(("c", "a", "b")):
        question = make_question(slug)
        question.order = 9 - place
        question.save(update_fields=["order"])
    screen(patient, by=by, yes=("a", "b", "c"))

    state = bench.read(program.pk, by=by).state(timezone.now())

    assert [flag.red_flag.suspects for flag in state.open_blocking] == ["Cause of b", "Cause of a", "Cause of c"]
    assert state.sentence == screening.state_of(patient, timezone.now()).sentence


def test_another_patient_s_flags_are_not_among_them(by, patient):
    program = make_program(by=by, patient=patient)
    clear(patient, by)
    flagged(make_patient("Tom Becker", clinic=patient.clinic), by)

    assert RaisedFlag.objects.exists()
    assert bench.read(program.pk, by=by).state(timezone.now()).status == "clear"


# Sign-offs, issues, roles.


@pytest.fixture
def trainer(by):
    return make_user(Role.TRAINER, clinic=by.memberships.get().clinic, name="Milo Hartmann")


WHY = ["The leg has weakness, numbness or a lost reflex.", "“ß”: a therapist looks at the program first."]


def asked(patient, trainer):
    make_assessment(patient, by=trainer, neurological_deficit=True)
    program = make_program("Bridge", by=trainer, patient=patient)
    screen(patient, by=trainer)
    return program, sign_offs.ask(program, reasons=WHY, question="All right?", by=trainer)


def test_knows_a_question_that_waits_for_a_therapist(trainer, patient):
    program, row = asked(patient, trainer)

    found = bench.read(program.pk, by=trainer).sign_off

    assert (found.asked_at, found.reasons, found.question) == (row.asked_at, row.reasons, "")
    assert (found.decided_at, found.decided_by, found.approved) == (None, None, None)


@pytest.mark.parametrize("approved", [True, False])
def test_knows_what_the_therapist_answered(by, trainer, patient, approved):
    program, row = asked(patient, trainer)
    sign_offs.decide(row, approved=approved, answer="Fewer, please.", seen_version=program.version, by=by)
    row.refresh_from_db()

    found = bench.read(program.pk, by=trainer).sign_off

    assert found.approved is approved
    for name in ("asked_at", "decided_at", "answer", "reasons", "program_version"):
        assert getattr(found, name) == getattr(row, name)
    assert str(found.decided_by) == str(by)


def test_knows_the_latest_of_several_questions(by, trainer, patient):
    program, row = asked(patient, trainer)
    sign_offs.decide(row, approved=False, answer="Fewer, please.", seen_version=program.version, by=by)
    second = sign_offs.ask(program, reasons=WHY[:1], question="Now?", by=trainer)

    assert bench.read(program.pk, by=trainer).sign_off.asked_at == second.asked_at


def test_knows_the_latest_issue(by):
    program = make_program("Bridge", by=by)
    make_issue(program, by=by)
    latest = make_issue(program, by=by)

    assert bench.read(program.pk, by=by).issued == {
        "id": latest.pk,
        "number": 2,
        "program_version": latest.program_version,
        "stage_slug": "w0_2",
    }


@pytest.mark.parametrize(("role", "may"), [(Role.THERAPIST, True), (Role.TRAINER, False)])
def test_knows_who_may_sign_off(by, role, may):
    program = make_program("Bridge", by=by)
    reader = make_user(role, clinic=program.patient.clinic)

    assert bench.read(program.pk, by=reader).may_sign_off is may


def test_takes_the_role_in_the_patient_s_clinic(by, trainer):
    program = make_program("Bridge", by=by)
    Membership.objects.create(clinic=make_clinic(), user=trainer, role=Role.THERAPIST)

    assert bench.read(program.pk, by=trainer).may_sign_off is False


# Who may read.


@pytest.mark.parametrize("way", [bench.read, bench.lock])
def test_another_clinic_s_program_is_not_there(by, way):
    program = make_program("Bridge", by=make_user())

    with transaction.atomic(), pytest.raises(Http404):
        way(program.pk, by=by)
    with transaction.atomic(), pytest.raises(Http404):
        way(program.pk + 1_000_000, by=by)


@pytest.mark.parametrize("way", [bench.read, bench.lock])
@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.CLINIC_ADMIN])
def test_a_role_that_is_not_clinical_may_not(by, way, role):
    program = make_program("Bridge", by=by)
    reader = make_user(role, clinic=program.patient.clinic)

    with transaction.atomic(), pytest.raises(PermissionDenied, match="Your role may not see or edit screenings"):
        way(program.pk, by=reader)


def test_an_assistant_here_who_is_a_therapist_there_sees_nothing_here(by):
    program = make_program("Bridge", by=by)
    reader = make_user(Role.ASSISTANT, clinic=program.patient.clinic)
    Membership.objects.create(clinic=make_clinic(), user=reader, role=Role.THERAPIST)

    with pytest.raises(Http404):
        bench.read(program.pk, by=reader)


def test_somebody_without_a_clinic_may_not(by):
    program = make_program("Bridge", by=by)
    Membership.objects.filter(user=by).delete()

    with pytest.raises(PermissionDenied):
        bench.read(program.pk, by=by)


def test_somebody_in_two_clinics_reads_each_program_once(by):
    program = make_program("Bridge", by=by)
    Membership.objects.create(clinic=make_clinic(), user=by, role=Role.THERAPIST)

    assert len(bench.read(program.pk, by=by).rows) == 1


# Queries.


@pytest.mark.parametrize("count", [1, 25])
@pytest.mark.parametrize("way", [bench.read, bench.lock])
def test_takes_exactly_one_query(by, patient, way, count):
    rich(patient, by)
    program = make_program(*(f"Hip lift {number}" for number in range(count)), by=by, patient=patient)
    flagged(patient, by)
    make_issue(program, by=by)
    bench.read(program.pk, by=by)

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        found = way(program.pk, by=by)
        found.state(timezone.now())
        checking.facts_of(found, at=timezone.now())

    assert len(queries) == 1, "\n".join(query["sql"][:200] for query in queries)
    assert len(found.rows) == count


def test_rows_come_whole_however_long_their_text(by):
    program = make_program(*(f"Hip lift {number}" for number in range(25)), by=by)
    Item.objects.update(note='“ß” 😀 \\ " \n' + "x" * 220)

    assert {row.note for row in bench.read(program.pk, by=by).rows} == {Item.objects.first().note}


# Two at once, for real.


@pytest.fixture
def two_connections():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time, who begins after the other has finished.")


class Person(threading.Thread):
    """Somebody who edits over a connection of their own; what came of it, or went wrong, is kept."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.result, self.trouble = work, None, None

    def run(self):
        try:
            self.result = self.work()
        except BaseException as trouble:  # told to the test, which fails on it
            self.trouble = trouble
        finally:
            connection.close()

    def finished(self):
        self.join(20)
        assert not self.is_alive()
        if self.trouble:
            raise self.trouble
        return self.result


def somebody_waits_for_a_lock():
    """Return once a connection to this database waits for a row that another one holds."""
    for _ in range(400):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.025)
    raise AssertionError("Nobody waited.")


def form(**fields):
    sent = QueryDict(mutable=True)
    sent.update({name: str(value) for name, value in fields.items()})
    return Sent(sent)


def holding(program, by, do, held, release, **fields):
    """Return the work of somebody who carries out an edit and commits it only when told to."""

    def work():
        with transaction.atomic():
            done = commands.carry_out(bench.lock(program.pk, by=by), do, form(**fields), at=timezone.now())
            held.set()
            assert release.wait(20)
        return done

    return work


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_had_to_wait_sees_what_the_other_committed(two_connections, by):
    program = make_program("Bridge", "Clam", by=by)
    bridge, clam = items_of(program)
    held, release = threading.Event(), threading.Event()
    first = Person(holding(program, by, "dose", held, release, **{f"reps-{bridge.pk}": 12, f"note-{clam.pk}": "Slow."}))
    first.start()
    assert held.wait(20)

    def look():
        with transaction.atomic():
            return bench.lock(program.pk, by=by)

    second = Person(look)
    second.start()
    somebody_waits_for_a_lock()
    release.set()

    done, seen = first.finished(), second.finished()
    assert seen.rows == done.bench.rows
    assert (seen.rows[0].reps, seen.rows[1].note) == (12, "Slow.")
    assert seen.program.version == done.bench.program.version == program.version + 1
    assert seen.history.last == done.bench.history.last


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("theirs", ["add:ball", "remove:{}", "up:{}", "duplicate:{}", "stage:w2_4", "undo"])
def test_two_edits_at_the_same_moment_are_both_done(two_connections, by, theirs):
    make_exercise("Ball", "release")
    program = make_program("Bridge", "Clam", by=by)
    _, clam = items_of(program)
    make_exercise("Squat")
    held, release = threading.Event(), threading.Event()
    first = Person(holding(program, by, theirs.format(clam.pk), held, release))
    first.start()
    assert held.wait(20)

    second = Person(holding(program, by, "add:squat", threading.Event(), release))
    second.start()
    somebody_waits_for_a_lock()
    release.set()

    first.finished()
    second.finished()
    program.refresh_from_db()
    for stage in program.stages.all():
        positions = list(stage.items.values_list("position", flat=True))
        assert positions == list(range(1, len(positions) + 1))
    assert Item.objects.filter(stage__program=program, exercise__slug="squat").count() == 1
    assert [entry["label"] for entry in program.edits["done"]][-1] == "Squat added to Strengthen"


@pytest.mark.django_db(transaction=True)
def test_many_people_adding_at_once_lose_nothing(two_connections, by):
    program = make_program(by=by)
    slugs = [make_exercise(f"Hip lift {number}").slug for number in range(8)]
    known.catalog()

    def adding(slug):
        def work():
            with transaction.atomic():
                commands.carry_out(bench.lock(program.pk, by=by), f"add:{slug}", form(), at=timezone.now())

        return work

    people = [Person(adding(slug)) for slug in slugs]
    for person in people:
        person.start()
    for person in people:
        person.finished()

    items = items_of(program)
    assert sorted(item.exercise.slug for item in items) == sorted(slugs)
    assert [item.position for item in items] == list(range(1, 9))
    program.refresh_from_db()
    assert program.version == 9
    assert len(program.edits["done"]) == 8


@pytest.mark.django_db(transaction=True)
def test_the_same_edit_sent_twice_at_once_is_done_once(two_connections, by):
    program = make_program("Bridge", by=by)
    make_exercise("Squat")
    held, release = threading.Event(), threading.Event()
    first = Person(holding(program, by, "add:squat", held, release, key="one"))
    first.start()
    assert held.wait(20)
    second = Person(holding(program, by, "add:squat", threading.Event(), release, key="one"))
    second.start()
    somebody_waits_for_a_lock()
    release.set()

    first.finished()
    second.finished()
    assert [item.exercise.name for item in items_of(program)] == ["Bridge", "Squat"]


def test_reads_what_the_issue_page_reads(by):
    program = make_program("Bridge", "Clam", by=by)

    found = bench.read(program.pk, by=by)

    assert [row.key for row in found.rows] == [item.pk for item in drafting.active_items(program)]
    assert found.assessed.key == issuing.current_assessment(program).pk


@pytest.mark.parametrize(
    ("issued", "active", "days"),
    [
        pytest.param(None, "w0_2", 14, id="the first weeks begin today"),
        pytest.param(None, "w2_4", 28, id="the next ones after those"),
        pytest.param(None, "w4_8", 56, id="the last ones after both"),
        pytest.param("w0_2", "w2_4", 28, id="whoever was given the first does them first"),
        pytest.param("w2_4", "w2_4", 14, id="what was given once is given again"),
        pytest.param("w2_4", "w0_2", 14, id="going back begins today"),
    ],
)
def test_knows_how_long_the_active_stage_may_last(by, issued, active, days):
    program = make_program("Bridge", by=by)
    if issued:
        Issue.objects.filter(pk=make_issue(program, by=by).pk).update(stage_slug=issued)
    Program.objects.filter(pk=program.pk).update(stage_slug=active)
    today = datetime.date(2026, 11, 21)

    assert bench.read(program.pk, by=by).last_day(today) == today + datetime.timedelta(days=days - 1)
