"""What precautions object to: pregnancy by its weeks, the floor out of reach, and the rest by attribute."""

import datetime
from dataclasses import replace

import pytest

from exercises import known
from exercises.facts import PrecautionFacts, Rule
from exercises.models import Precaution
from programs import checking
from programs.checks import suitability
from tests.conftest import make_assessment, make_patient, make_user
from tests.programs.stages import exercise, found, levels, offers, patient, said, stage

FIRST = datetime.date(2026, 3, 2)
LAST = FIRST + datetime.timedelta(days=13)

PREGNANCY = PrecautionFacts(
    "pregnancy",
    "Pregnancy",
    {
        "prone": Rule("avoid", "Not on the belly.", from_week=14, care={"en": "Stay off your front."}),
        "supine_flat": Rule("caution", "Prop up.", from_week=20),
        "abdominal_deep_pressure": Rule("avoid", "No pressure."),
    },
)
BONES = PrecautionFacts(
    "osteoporosis",
    "Osteoporosis",
    {"spinal_flexion_end": Rule("avoid", "Bones."), "deep_pressure": Rule("caution", "No firm rolling.")},
)
FLOOR = PrecautionFacts("cannot_get_to_floor", "Cannot get to the floor", {"floor": Rule("avoid", "Out of reach.")})
DIZZY = PrecautionFacts("vertigo", "Dizziness", {"floor": Rule("caution", "Get up slowly.")})
KNEES = PrecautionFacts("cannot_kneel", "Cannot kneel", {"kneeling": Rule("avoid", "No kneeling.")})
EARLY = PrecautionFacts("healing", "Healing", {"kneeling": Rule("avoid_early", "Not yet.")})

PRONE = exercise("Front", attributes=["prone"])
SUPINE = exercise("Back", attributes=["supine_flat"])
BEND = exercise("Bend", attributes=["spinal_flexion_end"])
ROLL = exercise("Roll", attributes=["deep_pressure"])
BRIDGE = exercise("Bridge", "strengthen", bed_ok=True, attributes=["floor"], equipment=(frozenset(["mat"]),))
MAT_ONLY = exercise("Cat-cow", attributes=["floor"])
KNEELING_BED = exercise("Rock back", bed_ok=True, attributes=["floor", "kneeling"])
KNEEL = exercise("Kneel", attributes=["kneeling"])
STAND = exercise("Stand")


@pytest.mark.parametrize(
    ("what", "precautions", "expected"),
    [
        pytest.param(STAND, [BONES], [], id="an exercise without the attribute passes"),
        pytest.param(BEND, [], [], id="nothing is objected to without a precaution"),
        pytest.param(BEND, [BONES], ["stop"], id="avoid stops"),
        pytest.param(ROLL, [BONES], ["note"], id="a caution is a note"),
        pytest.param(BEND, [KNEES], [], id="another precaution says nothing"),
        pytest.param(exercise("Two", attributes=["spinal_flexion_end", "deep_pressure"]), [BONES], ["stop"],
                     id="two reasons of one precaution are one verdict at the stronger level"),
        pytest.param(exercise("Three", attributes=["spinal_flexion_end", "kneeling"]), [BONES, KNEES], ["stop", "stop"],
                     id="two precautions are two verdicts"),
        pytest.param(exercise("Own", attributes=["kneeling"],
                              precaution_overrides={"cannot_kneel": Rule("caution", "On a pad.")}), [KNEES], ["note"],
                     id="its own milder word overrules its attributes"),
        pytest.param(exercise("Own", precaution_overrides={"cannot_kneel": Rule("avoid", "No.")}), [KNEES], ["stop"],
                     id="its own word needs no attribute"),
    ],
)  # fmt: skip
def test_what_precautions_object_to(what, precautions, expected):
    assert levels("precautions", stage(what, precautions=tuple(precautions))) == expected


@pytest.mark.parametrize(
    ("stage_slug", "irritability", "expected"),
    [("w0_2", "low", "stop"), ("w2_4", "moderate", "note"), ("w2_4", "high", "stop"), ("w4_8", "low", "note")],
)
def test_avoid_early_stops_early_and_with_high_irritability(stage_slug, irritability, expected):
    facts = stage(KNEEL, precautions=(EARLY,), slug=stage_slug, irritability=irritability)

    assert levels("precautions", facts) == [expected]


def pregnant(what, weeks, days=0, **about):
    """Return a stage that begins at that week and day of pregnancy."""
    due = FIRST + datetime.timedelta(weeks=40) - datetime.timedelta(weeks=weeks, days=days)
    dates = {"due_date": due, "first_day": FIRST, "last_day": LAST}
    return stage(what, precautions=(PREGNANCY,), **{**dates, **about})


@pytest.mark.parametrize(
    ("what", "weeks", "days", "level", "says"),
    [
        pytest.param(PRONE, 8, 0, None, "", id="week 8: lying on the front passes"),
        pytest.param(PRONE, 12, 0, None, "", id="week 14 begins the day after the stage"),
        pytest.param(PRONE, 12, 1, "note", "From 15 March (week 14)", id="week 14 begins on the last day"),
        pytest.param(PRONE, 13, 6, "note", "From 3 March (week 14)", id="week 14 begins on the second day"),
        pytest.param(PRONE, 14, 0, "stop", "Not on the belly.", id="week 14 begins on the first day"),
        pytest.param(PRONE, 30, 0, "stop", "Not on the belly.", id="week 30: on the front is avoided"),
        pytest.param(SUPINE, 14, 0, None, "", id="week 14: flat on the back passes"),
        pytest.param(SUPINE, 18, 0, None, "", id="week 20 begins the day after the stage"),
        pytest.param(SUPINE, 18, 1, "note", "From 15 March (week 20)", id="week 20 begins on the last day"),
        pytest.param(SUPINE, 20, 0, "note", "Prop up.", id="week 20 begins on the first day"),
        pytest.param(SUPINE, 39, 0, "note", "Prop up.", id="week 39: flat on the back is a caution"),
        pytest.param(
            exercise("Press", attributes=["abdominal_deep_pressure"]), 5, 0, "stop", "No pressure",
            id="a rule without a week holds from the start",
        ),
    ],
)  # fmt: skip
def test_pregnancy_counts_by_the_days_of_the_stage(what, weeks, days, level, says):
    verdicts = found("precautions", pregnant(what, weeks, days))

    assert [verdict.level for verdict in verdicts] == ([level] if level else [])
    assert all(says in verdict.sentence for verdict in verdicts)


@pytest.mark.parametrize(
    ("weeks", "care"),
    [
        pytest.param(8, [], id="nothing yet"),
        pytest.param(13, [("Stay off your front.", datetime.date(2026, 3, 9))], id="from a day within the stage"),
        pytest.param(30, [], id="what is to be avoided is no care"),
    ],
)
def test_a_patient_takes_care_from_the_day_on(weeks, care):
    facts = pregnant(PRONE, weeks)

    rules = [rule for objection in suitability.objections(PRONE, facts.patient) for rule in objection.careful]

    assert [(rule.care["en"], rule.begins) for rule in rules] == care


@pytest.mark.parametrize("missing", ["due_date", "first_day", "last_day"])
def test_pregnancy_counts_always_while_a_date_is_missing(missing):
    assert levels("precautions", pregnant(PRONE, 8, **{missing: None})) == ["stop"]


@pytest.mark.parametrize(
    ("stage_slug", "weeks", "expected"),
    [
        pytest.param("w0_2", 11, [], id="two weeks ahead from week 11: not yet"),
        pytest.param("w0_2", 13, ["note"], id="two weeks ahead from week 13: a date"),
        pytest.param("w4_8", 11, ["note"], id="four weeks ahead from week 11: a date"),
        pytest.param("w4_8", 9, [], id="four weeks ahead from week 9: not yet"),
    ],
)
@pytest.mark.django_db
def test_a_stage_looks_as_far_ahead_as_it_lasts(stage_slug, weeks, expected):
    by = make_user()
    assessment = make_assessment(
        make_patient(clinic=by.memberships.get().clinic), by=by,
        due_date=FIRST + datetime.timedelta(weeks=40 - weeks),
    )  # fmt: skip
    rules = {"prone": {"level": "avoid", "reason": "Not on the belly.", "from_week": 14}}
    row = Precaution.objects.create(slug="pregnancy", name="Pregnancy", rules=rules)
    assessment.precautions.add(row)
    known.forget()

    who = checking.patient_facts(assessment, known.catalog(), stage=stage_slug, on=FIRST)

    about = {"precautions": who.precautions, "due_date": who.due_date}
    facts = stage(PRONE, slug=stage_slug, first_day=who.first_day, last_day=who.last_day, **about)
    assert levels("precautions", facts) == expected


@pytest.mark.parametrize(
    ("what", "precautions", "things", "expected"),
    [
        pytest.param(BRIDGE, [FLOOR], None, ["note"], id="a bed version is a note"),
        pytest.param(BRIDGE, [FLOOR], ["bed"], ["note"], id="a bed version on the bed that is there"),
        pytest.param(BRIDGE, [FLOOR], ["mat"], ["stop"], id="without a bed there is no bed version"),
        pytest.param(MAT_ONLY, [FLOOR], ["bed"], ["stop"], id="an exercise that doesn't work on a bed"),
        pytest.param(STAND, [FLOOR], ["bed"], [], id="standing needs no floor"),
        pytest.param(KNEELING_BED, [FLOOR], ["bed"], ["note"], id="kneeling on the bed, nothing against kneeling"),
        pytest.param(KNEELING_BED, [FLOOR, KNEES], ["bed"], ["note", "stop"], id="on the bed it is still kneeling"),
        pytest.param(BRIDGE, [DIZZY], ["bed"], ["note"], id="a caution about the floor alone stays a caution"),
        pytest.param(BRIDGE, [FLOOR, DIZZY], ["bed"], ["note"], id="on the bed nobody gets up from the floor"),
    ],
)  # fmt: skip
def test_the_bed_version_removes_the_floor_and_nothing_else(what, precautions, things, expected):
    equipment = None if things is None else frozenset(things)

    assert levels("precautions", stage(what, precautions=tuple(precautions), equipment=equipment)) == expected


def test_the_bed_version_says_so_and_prints():
    facts = stage(BRIDGE, precautions=(FLOOR,))

    (verdict,) = found("precautions", facts)

    assert verdict.title == "Bridge on a firm bed"
    assert "the handout says so" in verdict.sentence
    assert offers("precautions", facts) == []


@pytest.mark.parametrize(
    ("precautions", "things", "on_bed"),
    [
        pytest.param((FLOOR,), ["bed"], True, id="the floor is out of reach"),
        pytest.param((), ["bed"], False, id="nobody said so"),
        pytest.param((DIZZY,), ["bed"], False, id="a caution isn't out of reach"),
        pytest.param((FLOOR,), [], False, id="no bed"),
    ],
)
def test_who_does_it_on_a_bed(precautions, things, on_bed):
    who = patient(precautions=precautions, equipment=frozenset(things))

    assert suitability.on_bed(BRIDGE, who) is on_bed


def test_offers_its_easier_version_first():
    easier = exercise("Half bend", releases=["hamstrings"])
    bend = exercise("Bend", releases=["hamstrings"], attributes=["spinal_flexion_end"], regression="half-bend")
    other = exercise("A better fit", releases=["hamstrings"], primary_for=["disc"])
    facts = stage(bend, STAND, KNEEL, offered=[other, easier], precautions=(BONES,))

    assert [fix.exercise for fix in offers("precautions", facts)] == ["half-bend", "a-better-fit"]


def test_the_short_name_of_a_precaution_stands_in_the_title():
    bones = replace(BONES, short_name="Brittle bones")

    (verdict,) = found("precautions", stage(BEND, precautions=(bones,)))

    assert verdict.title == "Bend: brittle bones"


def test_only_a_stop_takes_a_reason():
    stopped, noted = found("precautions", stage(BEND, ROLL, precautions=(BONES,)))

    assert (stopped.about, stopped.overridable, stopped.needs_reason) == ("osteoporosis", True, True)
    assert (noted.about, noted.overridable, noted.needs_reason) == ("osteoporosis", False, False)
    assert said("precautions", stage(BEND, ROLL, precautions=(BONES,))) == [(1, "stop"), (2, "note")]
