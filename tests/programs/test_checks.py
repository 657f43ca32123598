"""The rules of a program as tables: each row is a case with a name that reads as a sentence."""

import pytest

from exercises.vocabulary import Phase
from programs import checks
from programs.checks import load, order, red_flags
from programs.checks.facts import ExerciseFacts, ItemFacts, Pair, PatientFacts, StageFacts


def exercise(name, phase, kind="strengthening", releases=(), strengthens=()):
    return ExerciseFacts(
        slug=name.lower().replace(" ", "-"),
        name=name,
        phase=Phase(phase),
        kind=kind,
        releases=frozenset(releases),
        strengthens=frozenset(strengthens),
    )


STATIC_BACK = exercise("Static back", "calm", "posture", releases=["iliopsoas", "erector_spinae"])
ROLL_TFL = exercise("Roll outer hip", "release", "self_massage", releases=["tfl"])
FIGURE_4 = exercise("Figure 4", "release", "static_stretch", releases=["piriformis"])
TILT = exercise("Pelvic tilt", "restore", "mobility")
BRIDGE = exercise("Bridge", "strengthen", strengthens=["gluteus_maximus"])
CLAM = exercise("Clamshell", "strengthen", "activation", strengthens=["gluteus_medius", "gluteus_maximus"])
HIP_LIFT = exercise("Side leg lift", "strengthen", strengthens=["gluteus_medius"])
WALK = exercise("Walking", "integrate", "endurance", strengthens=["gluteus_maximus"])

ILIOPSOAS = Pair("iliopsoas", "gluteus_maximus", "iliopsoas", "gluteus maximus", primary=True)
TFL = Pair("tfl", "gluteus_medius", "tensor fasciae latae", "gluteus medius", primary=True)
PIRIFORMIS = Pair("piriformis", "gluteus_maximus", "piriformis", "gluteus maximus", primary=True)
ADDUCTORS = Pair("hip_adductors", "gluteus_medius", "hip adductors", "gluteus medius", primary=False)


def stage(*items, tight=(), weak=(), pairs=(), tight_side="both", releasers=None, **patient):
    """Return a stage of exercises or (exercise, options) pairs, each in its own phase unless told otherwise."""
    rows = [item if isinstance(item, tuple) else (item, {}) for item in items]
    return StageFacts(
        items=tuple(
            ItemFacts(
                key=number,
                exercise=what,
                phase=options.get("phase", what.phase),
                side=options.get("side", ""),
            )
            for number, (what, options) in enumerate(rows, start=1)
        ),
        patient=PatientFacts(tight=dict.fromkeys(tight, tight_side), weak=dict.fromkeys(weak, "both"), **patient),
        pairs=tuple(pairs),
        releasers=releasers or {},
    )


@pytest.mark.parametrize(
    ("items", "late"),
    [
        pytest.param([STATIC_BACK, FIGURE_4, TILT, BRIDGE, WALK], [], id="all five phases in order pass"),
        pytest.param([], [], id="an empty stage passes"),
        pytest.param([FIGURE_4, ROLL_TFL], [], id="two of one phase pass"),
        pytest.param([STATIC_BACK, BRIDGE], [], id="leaving phases out passes"),
        pytest.param([BRIDGE, STATIC_BACK], [2], id="calm after strengthen is late"),
        pytest.param([BRIDGE, STATIC_BACK, FIGURE_4], [2, 3], id="each step back is measured from the furthest phase"),
        pytest.param([FIGURE_4, STATIC_BACK, BRIDGE, TILT], [2, 4], id="two separate steps back are two verdicts"),
        pytest.param([(BRIDGE, {"phase": Phase.RELEASE}), FIGURE_4], [2], id="an override forward makes the next late"),
        pytest.param([WALK, BRIDGE], [2], id="strengthen after integrate is late"),
    ],
)
def test_phases_never_run_backwards(items, late):
    verdicts = list(order.phase_order(stage(*items)))

    assert [verdict.item for verdict in verdicts] == late
    assert all(verdict.level == "warn" for verdict in verdicts)


def test_offers_to_move_the_overridden_item_home():
    verdict = next(order.phase_order(stage((BRIDGE, {"phase": Phase.RELEASE}), FIGURE_4)))

    assert [(fix.action, fix.item, fix.phase) for fix in verdict.fixes] == [("place", 1, Phase.STRENGTHEN)]


@pytest.mark.parametrize(
    ("items", "pairs", "tight", "side", "expected"),
    [
        pytest.param([BRIDGE, STATIC_BACK], [ILIOPSOAS], ["iliopsoas"], "both", ["warn"], id="released too late warns"),
        pytest.param([STATIC_BACK, BRIDGE], [ILIOPSOAS], ["iliopsoas"], "both", [], id="released earlier passes"),
        pytest.param([HIP_LIFT, ROLL_TFL], [TFL], ["tfl"], "both", ["warn"], id="outer hip strengthened first warns"),
        pytest.param([ROLL_TFL, HIP_LIFT], [TFL], ["tfl"], "both", [], id="outer hip rolled first passes"),
        pytest.param(
            [ROLL_TFL, CLAM], [TFL, PIRIFORMIS], ["tfl", "piriformis"], "both", ["warn"],
            id="the clamshell also needs the piriformis released",
        ),
        pytest.param([BRIDGE], [ILIOPSOAS], [], "both", [], id="a partner that isn't tight asks for nothing"),
        pytest.param([HIP_LIFT], [ADDUCTORS], ["hip_adductors"], "both", ["note"], id="a secondary pair is a note"),
        pytest.param([WALK], [ILIOPSOAS], ["iliopsoas"], "both", [], id="endurance work asks for nothing"),
        pytest.param(
            [(FIGURE_4, {"side": "right"}), (BRIDGE, {})], [PIRIFORMIS], ["piriformis"], "left", ["warn"],
            id="a release of the other side doesn't count",
        ),
        pytest.param(
            [(FIGURE_4, {"side": "left"}), (BRIDGE, {})], [PIRIFORMIS], ["piriformis"], "left", [],
            id="a release of the tight side counts",
        ),
        pytest.param(
            [(FIGURE_4, {"side": "each"}), (BRIDGE, {})], [PIRIFORMIS], ["piriformis"], "both", [],
            id="each side releases both",
        ),
        pytest.param(
            [(FIGURE_4, {"side": "left"}), (BRIDGE, {})], [PIRIFORMIS], ["piriformis"], "both", ["warn"],
            id="one side released of two isn't enough",
        ),
        pytest.param(
            [(BRIDGE, {"side": "right"})], [PIRIFORMIS], ["piriformis"], "left", [],
            id="strengthening the side that isn't tight asks for nothing",
        ),
    ],
)  # fmt: skip
def test_a_tight_partner_is_released_first(items, pairs, tight, side, expected):
    weak = ["gluteus_maximus", "gluteus_medius"]

    verdicts = list(order.pair_order(stage(*items, tight=tight, weak=weak, pairs=pairs, tight_side=side)))

    assert [verdict.level for verdict in verdicts] == expected


def test_a_weak_muscle_must_be_marked_weak():
    assert not list(order.pair_order(stage(BRIDGE, tight=["iliopsoas"], weak=[], pairs=[ILIOPSOAS])))


def test_offers_releases_that_are_not_in_the_stage_yet():
    releasers = {"piriformis": (FIGURE_4, exercise("Ball", "release"), exercise("Pigeon", "release"))}
    facts = stage(
        BRIDGE,
        FIGURE_4,
        tight=["piriformis"],
        weak=["gluteus_maximus"],
        pairs=[PIRIFORMIS],
        releasers=releasers,
    )

    verdict = next(order.pair_order(facts))

    assert [fix.exercise for fix in verdict.fixes] == ["ball", "pigeon"]


@pytest.mark.parametrize(
    ("count", "level"),
    [(0, "stop"), (1, "note"), (2, "note"), (3, None), (6, None), (7, "note"), (8, "note"), (9, "warn")],
)
def test_load_follows_what_people_keep_up(count, level):
    verdicts = list(load.size(stage(*[TILT] * count)))

    assert [verdict.level for verdict in verdicts] == ([level] if level else [])


@pytest.mark.parametrize("rule", [red_flags.screening, red_flags.sign_off], ids=["screening", "sign-off"])
def test_safety_stops_say_why(rule):
    stopped = stage(TILT, screening_stop="Screen first.", sign_off_stop="Ask first.")

    assert [verdict.level for verdict in rule(stopped)] == ["stop"]
    assert not list(rule(stage(TILT)))


def test_the_most_serious_verdict_comes_first():
    facts = stage(BRIDGE, STATIC_BACK, screening_stop="Screen first.")

    assert [verdict.level for verdict in checks.check(facts)] == ["stop", "warn", "note"]


def test_nothing_claims_that_the_order_is_proven():
    facts = stage(BRIDGE, STATIC_BACK, tight=["iliopsoas"], weak=["gluteus_maximus"], pairs=[ILIOPSOAS])

    assert all(
        verdict.citations == ("practice",)
        for verdict in checks.check(facts)
        if verdict.rule in {"phase_order", "pair_order"}
    )
