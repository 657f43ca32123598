"""Copy and progress: what each item becomes in the next stage, and why."""

from dataclasses import replace

import pytest
from django.urls import reverse

from exercises.facts import CatalogFacts, ExerciseFacts, PrecautionFacts, Rule
from exercises.vocabulary import Phase
from patients.models import Assessment
from programs.checks.facts import ItemFacts, PatientFacts, StageFacts
from programs.models import Item, Program
from programs.progressing import propose
from tests.conftest import make_exercise, make_muscle, make_user, signed_in
from tests.programs.clinical import make_ready
from tests.programs.samples import act, items_of, make_program, names_of


def exercise(slug: str, phase: str = "strengthen", **facts: object) -> ExerciseFacts:
    return ExerciseFacts(slug, slug.capitalize(), Phase(phase), **facts)


GLUTES = frozenset({"gluteus_maximus"})
REST = exercise("rest", "calm")
BRIDGE = exercise("bridge", strengthens=GLUTES, progression="march", regression="squeeze")
MARCH = exercise("march", strengthens=GLUTES, level=2, regression="bridge")
SQUEEZE = exercise("squeeze", strengthens=GLUTES, progression="bridge")
SQUAT = exercise("squat", strengthens=GLUTES, level=2)
WALK = exercise("walk", "integrate")
PRONE = exercise("prone", attributes=frozenset({"prone"}), strengthens=GLUTES)
BELLY = PrecautionFacts("belly", "Belly", {"prone": Rule("avoid", "Not now.")})
CATALOG = CatalogFacts({row.slug: row for row in (REST, BRIDGE, MARCH, SQUEEZE, SQUAT, WALK, PRONE)})


def becomes(*exercises, pace="progress", planned=(), target="w2_4", **patient):
    """Return (what it becomes, reason) per item, and the additions, of a stage with these exercises."""
    items = tuple(ItemFacts(key, row, row.phase) for key, row in enumerate(exercises, start=1))
    current = StageFacts(items, PatientFacts(**patient), "w0_2", CATALOG)
    later = StageFacts((), PatientFacts(**patient), target, CATALOG)
    found = propose(current, later, planned, pace)
    rows = [(proposal.becomes.slug if proposal.becomes else None, proposal.reason) for proposal in found.proposals]
    return rows, [(row.exercise.slug, row.wanted) for row in found.additions]


def test_what_an_editor_named_takes_the_place_of_what_is_out_of_use():
    hop = exercise("hop", strengthens=GLUTES, substitute="squat")
    catalog = replace(CATALOG, retired={"hop": hop})
    current = StageFacts((ItemFacts(1, hop, hop.phase),), PatientFacts(), "w0_2", catalog)

    proposal = propose(current, replace(current, items=(), slug="w2_4"), (BRIDGE,), "progress").proposals[0]

    assert (proposal.becomes, proposal.reason) == (SQUAT, "Hop is not in use any more; Squat takes its place.")


@pytest.mark.parametrize(
    ("exercises", "options", "expected", "said"),
    [
        pytest.param([BRIDGE], {}, ["march"], "next step after Bridge: level 2 after level 1", id="the next"),
        pytest.param([SQUEEZE], {}, ["bridge"], "a little harder, on the same level", id="the next on the same level"),
        pytest.param([MARCH], {}, ["march"], "no harder version", id="the last of its chain stays"),
        pytest.param([BRIDGE], {"planned": [BRIDGE]}, ["bridge"], "has it in these weeks too", id="as planned"),
        pytest.param([SQUAT], {"planned": [MARCH]}, ["march"], "goes on to March", id="planned for the same"),
        pytest.param([REST], {"target": "w4_8", "planned": [MARCH]}, [None], "bad days", id="rest is left out late"),
        pytest.param([REST], {}, ["rest"], "no harder version", id="rest stays in the first weeks"),
        pytest.param([BRIDGE], {"pace": "hold"}, ["bridge"], "Held for now", id="holding keeps it"),
        pytest.param([MARCH], {"pace": "ease"}, ["bridge"], "easier version of March", id="easing goes back a step"),
        pytest.param([SQUAT], {"pace": "ease"}, ["squat"], "no easier version", id="nothing easier stays"),
        pytest.param(
            [PRONE], {"precautions": (BELLY,), "planned": [MARCH]}, ["march"], "any more; March",
            id="what no longer suits is replaced",
        ),
        pytest.param([PRONE], {"precautions": (BELLY,)}, [None], "does not suit", id="or left out, and says so"),
        pytest.param([SQUEEZE, BRIDGE], {"planned": [BRIDGE]}, ["squeeze", "bridge"], "", id="nothing comes twice"),
    ],
)  # fmt: skip
def test_proposes_with_a_reason(exercises, options, expected, said):
    rows, _ = becomes(*exercises, **options)

    assert [slug for slug, _ in rows] == expected
    assert said in rows[0][1]


def test_keeps_when_the_next_step_does_not_suit():
    harder = exercise("bridge", strengthens=GLUTES, progression="prone")
    catalog = CatalogFacts({row.slug: row for row in (harder, PRONE)})
    patient = PatientFacts(precautions=(BELLY,))
    current = StageFacts((ItemFacts(1, harder, harder.phase),), patient, "w0_2", catalog)

    (proposal,) = propose(current, StageFacts((), patient, "w2_4", catalog), (), "progress").proposals

    assert proposal.becomes == harder
    assert "Prone, the next step, doesn't suit this patient now" in proposal.reason


def test_adds_what_is_new_in_the_protocol_while_there_is_room():
    crowd = [exercise(f"hold-{number}") for number in range(8)]
    catalog = CatalogFacts({row.slug: row for row in (*crowd, WALK)})
    later = StageFacts((), PatientFacts(), "w2_4", catalog)

    def additions(count):
        items = tuple(ItemFacts(key, row, row.phase) for key, row in enumerate(crowd[:count], start=1))
        found = propose(StageFacts(items, PatientFacts(), "w0_2", catalog), later, [WALK], "progress")
        return [(row.exercise.slug, row.wanted) for row in found.additions]

    assert additions(7) == [("walk", True)]
    assert additions(8) == [("walk", False)]


def test_holding_and_easing_add_nothing():
    assert becomes(BRIDGE, pace="hold", planned=[WALK])[1] == []
    assert becomes(BRIDGE, pace="ease", planned=[WALK])[1] == []


pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def program(by):
    """A program whose bridge has a harder and a squeeze an easier version."""
    make_muscle("gluteus_maximus")
    march = make_exercise("March", strengthens=["gluteus_maximus"], level=2)
    make_exercise("Bridge", strengthens=["gluteus_maximus"], progression=march)
    return make_program("Bridge", "Clam", by=by)


def address(program: Program, pace: str = "") -> str:
    return reverse("progress", args=[program.pk]) + (f"?pace={pace}" if pace else "")


def test_shows_proposals_criteria_and_reasons(by, program):
    driver = Assessment.objects.get(patient=program.patient).driver
    driver.progress, driver.regress, driver.stop = ["Sits longer."], ["Worse at night."], ["Any red flag."]
    driver.save(update_fields=["progress", "regress", "stop"])

    page = signed_in(by).get(address(program)).content.decode()

    for part in ("Sits longer.", "Worse at night.", "Any red flag.", "The next step after Bridge", "Weeks 2–4"):
        assert part in page


def test_writes_the_next_stage_as_proposed_and_keeps_doses(by, program):
    clam = items_of(program)[1]
    Item.objects.filter(pk=clam.pk).update(reps=17, note="Slowly.")

    response = signed_in(by).post(address(program), {"version": program.version, "pace": "progress"})

    program.refresh_from_db()
    assert response.status_code == 302
    assert program.stage_slug == "w2_4"
    assert names_of(program) == ["March", "Clam"]
    assert [(item.reps, item.note) for item in items_of(program)] == [(10, ""), (17, "Slowly.")]
    assert Item.objects.filter(stage__program=program, stage__slug="w0_2").count() == 2


def test_takes_another_choice_and_leaves_out(by, program):
    bridge, clam = items_of(program)
    chosen = {f"item-{bridge.pk}": "bridge", f"item-{clam.pk}": "-", "version": program.version, "pace": "progress"}

    signed_in(by).post(address(program), chosen)

    program.refresh_from_db()
    assert names_of(program) == ["Bridge"]


def test_an_exercise_that_was_not_offered_is_not_taken(by, program):
    bridge, _ = items_of(program)
    make_exercise("Somersault")
    chosen = {f"item-{bridge.pk}": "somersault", "add": ["somersault"], "version": program.version}

    signed_in(by).post(address(program), chosen)

    program.refresh_from_db()
    assert names_of(program) == ["March", "Clam"]  # as proposed


def test_easing_back_stays_in_the_stage(by, program):
    signed_in(by).post(address(program), {"version": program.version, "pace": "ease"})

    program.refresh_from_db()
    assert program.stage_slug == "w0_2"
    assert names_of(program) == ["Bridge", "Clam"]


def test_keeps_what_was_chosen_when_the_program_changed_meanwhile(by, program):
    bridge, _ = items_of(program)
    seen = program.version
    act(program, "next-visit", by=by, next_visit="Monday")

    response = signed_in(by).post(address(program), {f"item-{bridge.pk}": "-", "version": seen, "pace": "progress"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "changed while you were choosing" in page
    assert f'name="item-{bridge.pk}" value="-" checked' in page
    program.refresh_from_db()
    assert program.stage_slug == "w0_2"


def test_reads_in_the_same_number_of_queries_whatever_the_length(by, django_assert_num_queries):
    short, long = make_ready(by=by), make_ready(*(f"Hold {number}" for number in range(16)), by=by)
    client = signed_in(by)
    client.get(address(short))

    with django_assert_num_queries(16):
        client.get(address(short))
    with django_assert_num_queries(16):
        client.get(address(long))
