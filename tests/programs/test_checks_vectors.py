"""The test vectors of the clinical knowledge base on the shipped catalog. Screening has its own tests."""

import datetime
from dataclasses import replace

import pytest

from exercises.vocabulary import STAGES, Phase
from programs import adapting, checks
from programs.checks.facts import Pair, StageFacts
from programs.checks.substitutes import substitutes
from tests.programs.stages import found, levels, offers, shipped_stage, usual_patient

FIRST = datetime.date(2026, 3, 2)


def pairs(facts):
    """Return tight muscle and level of each word on a pair."""
    return {(verdict.about, verdict.level) for verdict in found("pair_order", facts)}


@pytest.fixture
def catalog(shipped):
    return shipped.catalog


def test_1_disc_bridge_before_static_back_is_out_of_order_and_unreleased(catalog):
    facts = shipped_stage(catalog, usual_patient(catalog, "disc"), "bridge", "static-back")

    assert levels("phase_order", facts) == ["warn"]
    assert ("iliopsoas", "warn") in pairs(facts)


def test_2_disc_static_back_before_bridge_passes(catalog):
    facts = shipped_stage(catalog, usual_patient(catalog, "disc"), "static-back", "bridge")

    assert not found("phase_order", facts)
    assert {level for _, level in pairs(facts)} <= {"note"}


def test_3_stenosis_press_up_stops_and_a_flexion_exercise_is_offered(catalog):
    rest = "seated-forward-lean-rest"
    facts = shipped_stage(catalog, usual_patient(catalog, "stenosis"), rest, "press-up-prone")

    (verdict,) = found("driver", facts)

    assert (verdict.item, verdict.level) == (2, "stop")
    assert "end-range extension" in verdict.sentence.lower()
    use = catalog.exercises[next(fix.exercise for fix in offers("driver", facts) if fix.action == "replace")]
    assert "stenosis" in use.primary_for
    assert use.spinal_loading == "flexion"


@pytest.mark.parametrize(("slug", "level"), [("w0_2", "stop"), ("w2_4", "note")])
def test_4_disc_hamstring_stretch_on_a_step_is_avoided_early(catalog, slug, level):
    facts = shipped_stage(catalog, usual_patient(catalog, "disc"), "hamstring-standing-step", slug=slug)

    assert levels("driver", facts) == [level]


@pytest.mark.parametrize(
    ("slugs", "order", "asked"),
    [
        pytest.param(
            ["sidelying-hip-abduction", "roll-tfl"], ["warn"], {("tfl", "warn"), ("hip_adductors", "note")},
            id="the leg lift before the roll",
        ),
        pytest.param(
            ["roll-tfl", "sidelying-hip-abduction"], [], {("hip_adductors", "note")}, id="the roll before the leg lift"
        ),
        pytest.param(
            ["roll-tfl", "clamshell"], [], {("piriformis", "warn"), ("hip_adductors", "note")},
            id="the clamshell asks for the piriformis as well",
        ),
    ],
)  # fmt: skip
def test_5_piriformis_the_outer_hip_is_released_first(catalog, slugs, order, asked):
    facts = shipped_stage(catalog, usual_patient(catalog, "piriformis"), *slugs)

    assert levels("phase_order", facts) == order
    assert pairs(facts) >= asked
    assert {row for row in pairs(facts) if row[1] == "warn"} == {row for row in asked if row[1] == "warn"}


@pytest.mark.parametrize(
    ("slug", "level"), [("curl-up-mcgill", "stop"), ("childs-pose", "stop"), ("prone-trunk-lift", None)]
)
def test_6_osteoporosis_and_bending(catalog, slug, level):
    who = usual_patient(catalog, "ddd", precautions=["osteoporosis"])

    assert levels("precautions", shipped_stage(catalog, who, slug)) == ([level] if level else [])


def test_7_no_floor_bridge_goes_to_the_bed_and_cat_cow_to_the_chair(catalog):
    who = usual_patient(catalog, "pelvic", precautions=["cannot_get_to_floor"])
    facts = shipped_stage(catalog, who, "bridge", "cat-cow")

    bed, floor = found("precautions", facts)

    assert (bed.item, bed.level) == (1, "note")
    assert "firm bed" in bed.sentence
    assert (floor.item, floor.level) == (2, "stop")
    assert next(substitutes(catalog.exercises["cat-cow"], facts)).slug == "cat-cow-seated"


@pytest.mark.parametrize("slug", [slug for slug, _ in STAGES])
@pytest.mark.parametrize("driver", ["disc", "stenosis", "piriformis", "pelvic", "spondylolisthesis", "ddd"])
def test_10_every_protocol_stage_keeps_order_pairs_and_foundations(shipped, driver, slug):
    empty = StageFacts((), usual_patient(shipped.catalog, driver), slug, shipped.catalog)
    facts = adapting.adapt(shipped.protocols[driver][slug], empty).stage

    assert not found("phase_order", facts)
    assert {level for _, level in pairs(facts)} <= {"note"}
    assert not found("foundations", facts)


def test_11_pelvic_without_a_tight_iliopsoas_nothing_asks_for_it(catalog):
    who = usual_patient(catalog, "pelvic")
    edited = replace(who, tight={muscle: side for muscle, side in who.tight.items() if muscle != "iliopsoas"})

    assert ("iliopsoas", "warn") in pairs(shipped_stage(catalog, who, "bridge"))
    assert "iliopsoas" not in {muscle for muscle, _ in pairs(shipped_stage(catalog, edited, "bridge"))}


def test_12_pregnancy_lying_on_the_front_is_avoided_and_so_is_the_version_over_a_pillow(catalog):
    """Side-lying rest shares no muscle with it, so another resting position that does is offered."""
    weeks = {"due_date": FIRST + datetime.timedelta(weeks=20), "first_day": FIRST, "last_day": FIRST}
    who = usual_patient(catalog, "disc", precautions=["pregnancy"], **weeks)
    facts = shipped_stage(catalog, who, "prone-lying")

    offered = list(substitutes(catalog.exercises["prone-lying"], facts))

    assert levels("precautions", facts) == ["stop"]
    assert "prone-over-pillow" not in {row.slug for row in offered}
    assert offered[0].phase is Phase.CALM
    assert all("prone" not in row.attributes for row in offered)


def test_the_facts_of_the_vectors_are_the_shipped_ones(catalog):
    assert len(catalog.exercises) == 132
    assert len(catalog.drivers) == 6
    assert len(catalog.precautions) == 27
    assert Pair("iliopsoas", "gluteus_maximus", "iliopsoas", "gluteus maximus", primary=True) in catalog.pairs
    assert set(checks.RULES) >= {"phase_order", "pair_order", "foundations", "driver", "precautions"}
