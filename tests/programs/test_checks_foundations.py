"""What a stage isn't without: something to calm, and a release of a muscle that is tight with the lead driver."""

import pytest

from exercises.facts import Rule
from exercises.vocabulary import Phase
from tests.programs.stages import driver, exercise, found, item, offers, stage

REST = exercise("Rest", "calm", "posture")
PSOAS_REST = exercise("Static back", "calm", "posture", releases=["iliopsoas"])
PSOAS = exercise("Lunge", "release", "static_stretch", releases=["iliopsoas"])
CALF = exercise("Calf stretch", "release", "static_stretch", releases=["gastrocnemius"])
TILT = exercise("Tilt", "restore", releases=["iliopsoas"])
BRIDGE = exercise("Bridge", "strengthen", "strengthening", strengthens=["gluteus_maximus"])
DISC = driver("disc", tight=["iliopsoas", "hamstrings"])
STENOSIS = driver("stenosis", tight=["gastrocnemius"])

CALM, RELEASE = Phase.CALM, Phase.RELEASE


@pytest.mark.parametrize(
    ("slug", "items", "expected"),
    [
        pytest.param("w0_2", [REST, PSOAS], [], id="weeks 0–2 with both pass"),
        pytest.param("w0_2", [BRIDGE], [(CALM, "warn"), (RELEASE, "warn")], id="weeks 0–2 without either"),
        pytest.param("w0_2", [PSOAS], [(CALM, "warn")], id="weeks 0–2 without calm"),
        pytest.param("w0_2", [REST], [(RELEASE, "warn")], id="weeks 0–2 without a release"),
        pytest.param("w2_4", [REST, PSOAS], [], id="weeks 2–4 with both pass"),
        pytest.param("w2_4", [BRIDGE], [(CALM, "warn"), (RELEASE, "warn")], id="weeks 2–4 without either"),
        pytest.param("w4_8", [PSOAS], [], id="weeks 4–8 need nothing to calm"),
        pytest.param("w4_8", [BRIDGE], [(RELEASE, "note")], id="weeks 4–8 without a release is a note"),
        pytest.param("w0_2", [], [], id="an empty stage has its own verdict"),
        pytest.param("w0_2", [PSOAS_REST], [], id="one item may do both"),
        pytest.param("w0_2", [REST, TILT], [], id="a release in another phase counts"),
        pytest.param("w0_2", [REST, CALF], [(RELEASE, "warn")], id="a release of another muscle doesn't count"),
        pytest.param(
            "w0_2", [item(BRIDGE, CALM), PSOAS], [(CALM, "warn")], id="strength work put into calm isn't calm"
        ),
    ],
)
def test_foundations_are_there(slug, items, expected):
    facts = stage(*items, slug=slug, drivers=(DISC,), tight=["iliopsoas", "hamstrings"])

    assert [(verdict.about, verdict.level) for verdict in found("foundations", facts)] == expected


@pytest.mark.parametrize(
    ("drivers", "tight", "missing"),
    [
        pytest.param([DISC], ["iliopsoas", "gastrocnemius"], True, id="the lead's tight muscle counts, not another's"),
        pytest.param([STENOSIS, DISC], ["iliopsoas", "gastrocnemius"], False, id="the other way round"),
        pytest.param([DISC], ["gastrocnemius"], False, id="what the clinician marked, when none of the lead's is"),
        pytest.param([DISC], [], True, id="the driver's own, when nothing is marked"),
        pytest.param([STENOSIS], [], False, id="one of the driver's own is released"),
        pytest.param([], [], False, id="no driver, nothing marked, nothing asked for"),
    ],
)
def test_the_lead_drivers_muscles_count(drivers, tight, missing):
    facts = stage(REST, CALF, drivers=tuple(drivers), tight=tight)

    assert bool(found("foundations", facts)) is missing


@pytest.mark.parametrize(
    ("marks", "missing"),
    [
        pytest.param({"lengthened": frozenset(["iliopsoas"])}, True, id="one was found lengthened"),
        pytest.param({"lengthened": frozenset(["iliopsoas", "hamstrings"])}, False, id="all were found lengthened"),
        pytest.param({"weak": ["iliopsoas", "hamstrings"]}, False, id="all were found weak"),
    ],
)
def test_no_release_of_what_was_found_long_or_weak_is_asked_for(marks, missing):
    assert bool(found("foundations", stage(REST, CALF, drivers=(DISC,), **marks))) is missing


def test_offers_what_suits_the_driver_first():
    suits = exercise("Wall rest", "calm", "posture", primary_for=["disc"])
    harder = exercise("Harder rest", "calm", "posture", level=2)
    unsuitable = exercise("Prone rest", "calm", "posture", driver_overrides={"disc": Rule("avoid", "No.")})
    facts = stage(PSOAS, drivers=(DISC,), tight=["iliopsoas"], offered=[unsuitable, harder, REST, suits])

    assert [(fix.action, fix.exercise) for fix in offers("foundations", facts)] == [
        ("add", "wall-rest"),
        ("add", "rest"),
    ]


def test_offers_a_release_of_what_is_tight():
    facts = stage(REST, drivers=(DISC,), tight=["iliopsoas"], offered=[CALF, PSOAS])

    assert [fix.exercise for fix in offers("foundations", facts)] == ["lunge"]
