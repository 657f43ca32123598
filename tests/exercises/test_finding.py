"""Finding exercises as one types: what is found, how many each filter would leave, and who comes first."""

import dataclasses
import random
from collections.abc import Iterable
from functools import cache

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from exercises import cards, known, pictures
from exercises.cards import Card, words_of
from exercises.facts import DriverFacts, ExerciseFacts, PrecautionFacts, Rule
from exercises.finding import Index, Query, bits
from exercises.vocabulary import POSITIONS, Phase
from programs.checks.facts import PatientFacts, StageFacts
from programs.checks.suitability import fits
from tests.conftest import load_catalog, make_driver, make_exercise, make_muscle

FACETS = ("phase", "position", "equipment", "muscle")


@cache
def _read() -> Index:
    with transaction.atomic():
        load_catalog()
        found = known.index()
        transaction.set_rollback(True)
    known.forget()
    return found


@pytest.fixture
def shipped(db: None) -> Index:
    """Return the shipped exercises; the database stays empty."""
    return _read()


def ranked(index: Index, query: Query, *, driver="", used=None, liked=(), limit=500) -> list[Card]:
    matches = index.matches(query)
    return index.ranked(matches.mask, matches.tiers, driver=driver, used=used or {}, liked=liked, limit=limit)


def found(index: Index, query: Query) -> set[str]:
    return {card.slug for card in index.cards_of(index.matches(query).mask)}


def slugs_of(rows: Iterable[Card]) -> list[str]:
    return [card.slug for card in rows]


def card(pk: int, name: str, phase: Phase = Phase.STRENGTHEN, words: str = "", **fields: object) -> Card:
    names = words_of(name)
    every = tuple(dict.fromkeys((*names, *words_of(words))))
    return Card(pk=pk, slug=f"card-{pk}", name=name, phase=phase, names=names, words=every, **fields)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("bridge", "bridge", id="a name"),
        pytest.param("BRIDGE", "bridge", id="in capitals"),
        pytest.param("brid", "bridge", id="an unfinished name"),
        pytest.param("shell", "clamshell", id="the end of a name"),
        pytest.param("fire hydrant", "fire-hydrant", id="another name"),
        pytest.param("puente", "bridge", id="a Spanish name"),
        pytest.param("insecto muerto", "dead-bug", id="another Spanish name"),
        pytest.param("conch", "clamshell", id="an unfinished Spanish name"),
        pytest.param("hamstring stretch", "hamstring-supine-strap", id="two words"),
        pytest.param("stretch hamstring", "hamstring-supine-strap", id="two words the other way round"),
        pytest.param("hamsting strech", "hamstring-supine-strap", id="two typing errors"),
        pytest.param("clmashell", "clamshell", id="swapped letters"),
        pytest.param("clamshel", "clamshell", id="a letter short"),
        pytest.param("brigde", "bridge", id="an error in six letters"),
        pytest.param("brige", "bridge", id="an error in five letters"),
        pytest.param("clamsjel", "clamshell", id="an unfinished word with an error"),
        pytest.param("childs pose", "childs-pose-supported", id="a word without its apostrophe"),
        pytest.param("child's pose", "childs-pose-supported", id="a word with its apostrophe"),
        pytest.param("  bridge ", "bridge", id="blanks around"),
        pytest.param("bri\0dge", "bridge", id="a NUL within"),
    ],
)
def test_finds_first(text, first, shipped):
    assert slugs_of(ranked(shipped, Query(text), limit=1)) == [first]


@pytest.mark.parametrize(
    ("text", "muscle"),
    [
        ("piriformis", "piriformis"),
        ("pirifomis", "piriformis"),
        ("pirifom", "piriformis"),
        ("piriforme", "piriformis"),
        ("hamstring", "hamstrings"),
        ("hamsti", "hamstrings"),
        ("isquiotibiales", "hamstrings"),
        ("gluteus maximus", "gluteus_maximus"),
        ("butt", "gluteus_maximus"),
        ("nalga", "gluteus_maximus"),
        ("glúteo", "gluteus_maximus"),
        ("gluteo", "gluteus_maximus"),
        ("psoas", "iliopsoas"),
        ("quads", "rectus_femoris"),
    ],
)
def test_finds_all_that_work_on_a_muscle_by_its_names(text, muscle, shipped):
    assert found(shipped, Query(text)) >= found(shipped, Query(muscle=muscle)) > set()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("foam roller", Query(equipment="foam_roller")),
        ("banda elastica", Query(equipment="band")),
        ("mattress", Query(equipment="bed")),
        ("supine", Query(position="supine")),
        ("lying on the front", Query(position="prone")),
        ("sidelying", Query(position="side_lying")),
        ("hands and knees", Query(position="quadruped")),
        ("integrate", Query(phase="integrate")),
        ("relase", Query(phase="release")),
    ],
)
def test_finds_all_of_an_equipment_position_or_phase(text, query, shipped):
    assert found(shipped, Query(text)) >= found(shipped, query) > set()


def test_finds_by_kind_and_nerve(shipped):
    glides = {card.slug for card in shipped.cards if card.kind == "nerve_glide"}

    assert found(shipped, Query("nerve glide")) >= glides > set()
    assert "sciatic-tensioner-seated" in found(shipped, Query("sciatic"))


@pytest.mark.parametrize("text", ["", "   ", "…", "!?", "\0"])
def test_finds_everything_without_a_word(text, shipped):
    matches = shipped.matches(Query(text))

    assert (len(matches), matches.tiers) == (len(shipped.cards), (shipped.every, 0, 0, 0))


@pytest.mark.parametrize("text", ["xyzzyq", "zq", "bridge xyzzyq", "q" * 500, "b" * 99 + " bridge", "漢字"])
def test_finds_nothing_for_nonsense(text, shipped):
    matches = shipped.matches(Query(text))

    assert (len(matches), matches.mistyped) == (0, False)


def test_reads_the_first_hundred_characters_alone(shipped):
    assert found(shipped, Query("bridge " * 20 + "q" * 400)) == found(shipped, Query("bridge"))


@pytest.mark.parametrize("query", [Query(phase="x"), Query(position="x"), Query(equipment="x"), Query(muscle="x")])
def test_finds_nothing_for_an_option_that_does_not_exist(query, shipped):
    assert found(shipped, query) == set()


def test_takes_a_word_for_an_error_only_when_nothing_holds_it():
    index = Index([card(1, "Bridge"), card(2, "Fridge lift")])

    assert found(index, Query("bridge")) == {"card-1"}
    assert not index.matches(Query("bridge")).mistyped
    assert index.matches(Query("bridgee")).mistyped


@pytest.mark.parametrize(
    ("typed", "forgiven"),
    [
        ("cla", True),
        ("clx", False),
        ("clum", True),
        ("cxum", False),
        ("clamx", True),
        ("clxmx", False),
        ("clxmxh", True),
        ("xlxmxh", False),
    ],
)
def test_forgives_more_in_longer_words(typed, forgiven):
    assert bool(found(Index([card(1, "Clamshell")]), Query(typed))) is forgiven


def test_keeps_to_the_nearest_words():
    index = Index([card(1, "Stretch"), card(2, "Streng")])

    assert found(index, Query("strech")) == {"card-1"}


def test_takes_the_nearest_word_as_if_it_were_typed():
    index = Index([card(1, "Hamstrings"), card(2, "Hamstring curl"), card(3, "Hamster walk")])

    assert found(index, Query("hamsting")) == found(index, Query("hamstring")) == {"card-1", "card-2"}


def test_puts_names_before_other_words_also_with_errors():
    index = Index([card(1, "Bridge", words="hamstrings"), card(2, "Hamstring curl", level=3)])

    assert slugs_of(ranked(index, Query("hamstring"))) == ["card-2", "card-1"]
    assert slugs_of(ranked(index, Query("hamsting"))) == ["card-2", "card-1"]


def test_knows_exercises_that_need_nothing(shipped):
    free = {card.slug for card in shipped.cards if not card.equipment}

    assert found(shipped, Query(equipment="none")) == free > set()
    assert shipped.matches(Query()).facets["equipment"]["none"] == len(free)


def test_is_quiet_about_an_empty_catalog():
    index = Index([])

    matches = index.matches(Query("bridge", phase="calm"))

    assert (len(matches), matches.facets["phase"]["calm"], ranked(index, Query())) == (0, 0, [])


# What is counted and ranked is compared with the same done the long way.

NAMES = ("Bridge", "Hip bridge", "Clamshell", "Wall squat", "Hamstring stretch", "Hip hinge")
THINGS = ("mat", "bed", "strap")
MUSCLES = ("hamstrings", "piriformis", "gluteus_maximus")
DRIVERS = ("disc", "stenosis")


def some(options: Iterable[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(list(options)))


made_cards = st.builds(
    card,
    pk=st.just(0),
    name=st.sampled_from(NAMES),
    phase=st.sampled_from(Phase),
    words=st.sampled_from(["", "hamstrings butt", "mat puente", "strap"]),
    level=st.integers(1, 3),
    position=st.sampled_from([slug for slug, _ in POSITIONS[:3]]),
    equipment=st.lists(st.frozensets(st.sampled_from(THINGS), min_size=1), max_size=2).map(tuple),
    muscles=some(MUSCLES),
    primary_for=some(DRIVERS),
    secondary_for=some(DRIVERS),
)
catalogs = st.lists(made_cards, max_size=30).map(
    lambda made: Index(
        dataclasses.replace(row, pk=number + 101, slug=f"card-{number:03}") for number, row in enumerate(made)
    )
)
queries = st.builds(
    Query,
    text=st.sampled_from(["", "bridge", "hip", "h", "hamstring stretch", "butt", "mat", "stretch hip", "zzz"]),
    phase=st.sampled_from(["", *Phase]),
    position=st.sampled_from(["", "supine", "prone"]),
    equipment=st.sampled_from(["", "none", *THINGS]),
    muscle=st.sampled_from(["", *MUSCLES]),
)


def tier_of(row: Card, text: str) -> int | None:
    """Return 0 when all words are in the name, 1 when they are somewhere, None when they aren't."""

    def holds(typed: str, words: tuple[str, ...]) -> bool:
        return any(word.startswith(typed) or (len(typed) > 2 and typed in word) for word in words)

    for tier, words in enumerate((row.names, row.words)):
        if all(holds(typed, words) for typed in text.split()):
            return tier
    return None


def options_of(row: Card, facet: str) -> set[str]:
    things = {thing for group in row.equipment for thing in group} or {"none"}
    return {"phase": {row.phase}, "position": {row.position}, "equipment": things, "muscle": set(row.muscles)}[facet]


def fits_query(row: Card, query: Query, *, but: str = "") -> bool:
    """Whether an exercise fits the text and all filters but one."""
    asked = {facet: getattr(query, facet) for facet in FACETS if facet != but and getattr(query, facet)}
    wanted = all(option in options_of(row, facet) for facet, option in asked.items())
    return wanted and tier_of(row, query.text) is not None


def sorted_the_long_way(index: Index, query: Query, driver: str, used: dict[int, int], liked: set[int]) -> list[Card]:
    def place(row: Card) -> tuple:
        fit = 0 if driver in row.primary_for else 1 if driver in row.secondary_for else 2
        own = (-used.get(row.pk, 0), row.pk not in liked, row.phase.rank, row.level, row.name.casefold(), row.slug)
        return tier_of(row, query.text), fit, *own

    return sorted((row for row in index.cards if fits_query(row, query)), key=place)


@given(index=catalogs, query=queries)
def test_finds_and_counts_like_one_who_reads_every_card(index, query):
    matches = index.matches(query)

    assert index.cards_of(matches.mask) == [row for row in index.cards if fits_query(row, query)]
    assert set(matches.facets) == set(FACETS)
    for facet in FACETS:
        left = [row for row in index.cards if fits_query(row, query, but=facet)]
        assert matches.facets[facet] == {
            option: sum(option in options_of(row, facet) for row in left) for option in matches.facets[facet]
        }
        assert set(matches.facets[facet]) >= {option for row in left for option in options_of(row, facet)}


@given(
    index=catalogs,
    query=queries,
    driver=st.sampled_from(["", *DRIVERS]),
    used=st.dictionaries(st.integers(101, 135), st.integers(0, 3)),
    liked=st.sets(st.integers(101, 135)),
    limit=st.integers(0, 35),
)
def test_ranks_like_one_who_sorts_every_card(index, query, driver, used, liked, limit):
    shown = ranked(index, query, driver=driver, used=used, liked=liked, limit=limit)

    assert shown == sorted_the_long_way(index, query, driver, used, liked)[:limit]


def test_ranks_ten_thousand_the_same_way(shipped):
    rng = random.Random(11)  # the same catalog every time
    rows = [
        dataclasses.replace(rng.choice(shipped.cards), pk=number, slug=f"card-{number:05}", level=rng.randint(1, 3))
        for number in range(10_000)
    ]
    index = Index(rng.sample(rows, len(rows)))
    used = {pk: rng.randint(1, 9) for pk in rng.sample(range(10_000), 300)}
    liked = set(rng.sample(range(10_000), 50))

    shown = ranked(index, Query("bridge"), driver="disc", used=used, liked=liked, limit=40)

    assert shown == sorted_the_long_way(index, Query("bridge"), "disc", used, liked)[:40]


def test_ranks_what_is_in_no_tier_last():
    index = Index([card(1, "Bridge"), card(2, "Clamshell")])

    shown = index.ranked(index.every, (index.mask_of([2]),), driver="", used={}, liked=(), limit=5)

    assert slugs_of(shown) == ["card-2", "card-1"]


def test_ranks_only_what_is_in_the_mask():
    index = Index([card(1, "Bridge"), card(2, "Clamshell")])
    matches = index.matches(Query())

    shown = index.ranked(index.mask_of([2, 77]), matches.tiers, driver="", used={1: 9, 77: 3}, liked={1, 77}, limit=5)

    assert slugs_of(shown) == ["card-2"]


def test_numbers_exercises_by_level_and_name():
    index = Index([card(1, "Squat"), card(2, "Ábaco"), card(3, "Bridge", level=2), card(4, "bird dog")])

    assert [row.pk for row in index.cards] == [2, 4, 1, 3]
    assert [row.pk for row in index.cards_of(index.every, 2)] == [2, 4]
    assert list(bits(index.mask_of([1, 3]))) == [2, 3]
    assert index.card("card-4").pk == 4
    with pytest.raises(KeyError):
        index.card("missing")


def test_puts_exercises_that_suit_the_same_patients_into_one_class(shipped):
    for slug, mask in shipped.classes:
        assert {row.signature for row in shipped.cards_of(mask)} == {shipped.card(slug).signature}

    assert len(shipped.classes) == len({row.signature for row in shipped.cards})
    assert sum(mask for _, mask in shipped.classes) == shipped.every


# A change of each of these may change whether an exercise suits a patient.
MATTERS = {
    "kind": "mobility",
    "level": 3,
    "laterality": "each_side",
    "bed_ok": True,
    "equipment": (frozenset({"mat"}),),
    "spinal_loading": "flexion",
    "attributes": frozenset({"floor"}),
    "driver_overrides": {"disc": Rule("avoid", "No.")},
    "precaution_overrides": {"pregnancy": Rule("avoid", "No.")},
}


@pytest.mark.parametrize("name", MATTERS)
def test_signs_an_exercise_with_all_that_matters(name):
    plain = ExerciseFacts("bridge", "Bridge", Phase.STRENGTHEN)

    changed = dataclasses.replace(plain, **{name: MATTERS[name]})

    assert cards.signature(changed) != cards.signature(plain)


def test_signs_an_exercise_with_nothing_else():
    plain = ExerciseFacts("bridge", "Bridge", Phase.STRENGTHEN, equipment=(frozenset({"mat"}), frozenset({"strap"})))

    other = dataclasses.replace(
        plain, slug="clam", name="Clam", phase=Phase.RELEASE, equipment=plain.equipment[::-1], progression="bridge"
    )

    assert cards.signature(other) == cards.signature(plain)


def test_matters_is_all_that_suitability_asks():
    """It reads an exercise that notes what it is asked for, with a patient who raises every question."""
    asked = set()

    class Noting:
        def __getattr__(self, name: str) -> object:
            asked.add(name)
            return getattr(exercise, name)

    exercise = ExerciseFacts("bridge", "Bridge", Phase.STRENGTHEN, bed_ok=True, attributes=frozenset({"floor"}))
    patient = PatientFacts(
        drivers=(DriverFacts("disc", bias="extension", rules={"floor": Rule("caution", "Mind it.")}),),
        direction="extension",
        irritability="high",
        precautions=(PrecautionFacts("floor", "Floor", {"floor": Rule("avoid", "Out of reach.")}),),
        equipment=frozenset({"bed"}),
    )

    assert fits(Noting(), StageFacts((), patient))
    assert asked - {"slug"} <= set(MATTERS)
    assert asked > {"level", "equipment", "attributes", "bed_ok", "spinal_loading"}


@pytest.mark.django_db
def test_shows_an_exercise_on_a_card():
    make_muscle("piriformis")
    lift = {"start": {"posture": "supine"}, "finish": {"joints": {"hip_flexion_L": 30}}}
    made = make_exercise(
        "Figure-4 stretch",
        "release",
        releases=["piriformis", "deep_rotators"],
        strengthens=["hamstrings"],
        equipment=[["mat", "bed"], ["foam_roller"]],
        pose=lift,
        nerves=["sciatic"],
        driver_overrides={"disc": {"level": "caution", "reason": "Mind it."}},
    )
    made.suits_primary.add(make_driver("piriformis"))
    made.suits_secondary.add(make_driver("disc"))
    made.texts.create(language="es", name="Estiramiento en 4", other_names=["Cuatro acostado"], steps=["Acuéstese."])

    shown = known.index().card("figure-4-stretch")

    assert (shown.pk, shown.name, shown.phase) == (made.pk, "Figure-4 stretch", Phase.RELEASE)
    assert (shown.position_label, shown.position_words) == ("Lying on the back", "lying on the back")
    assert (shown.equipment_words, shown.muscle_words) == ("mat or bed, foam roller", "deep rotators, piriformis")
    assert shown.muscles == {"piriformis", "deep_rotators", "hamstrings"}
    assert (shown.primary_for, shown.secondary_for) == ({"piriformis"}, {"disc"})
    assert (shown.picture, shown.moves) == (pictures.version(made), True)
    assert set(shown.names) == {"figure", "4", "stretch", "figure4", "estiramiento", "en"}
    assert {"cuatro", "acostado", "piriformis", "sciatic", "release", "supine", "roller"} <= set(shown.words)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phase", "releases", "strengthens", "words"),
    [
        pytest.param("release", ["a", "b"], ["c"], "a, b", id="release names what it lets go of"),
        pytest.param("strengthen", ["a"], ["c", "d"], "c, d", id="others what they strengthen"),
        pytest.param("release", [], ["c"], "c", id="release without a muscle to let go of"),
        pytest.param("restore", ["a"], [], "a", id="others without a muscle to strengthen"),
        pytest.param("release", ["a", "b", "c", "d"], [], "a, b, c", id="three at most"),
        pytest.param("calm", [], [], "", id="none"),
    ],
)
def test_names_the_muscles_of_the_phase(phase, releases, strengthens, words):
    make_exercise("Made", phase, releases=releases, strengthens=strengthens)

    assert known.index().card("made").muscle_words == words


@pytest.mark.django_db
def test_says_what_holds_still_and_needs_nothing():
    make_exercise("Rest", "calm")

    shown = known.index().card("rest")

    assert (shown.moves, shown.equipment, shown.equipment_words) == (False, (), "")


@pytest.mark.django_db
def test_lives_with_equipment_that_is_not_there():
    """An editor types the slugs of equipment by hand."""
    make_exercise("Odd", equipment=[["pilates-ring"]])

    assert known.index().card("odd").equipment_words == "pilates ring"
    assert found(known.index(), Query("ring")) == {"odd"}


@pytest.mark.django_db
def test_leaves_out_retired_exercises():
    make_exercise("Old", status="retired")
    make_exercise("New")

    index = known.index()

    assert slugs_of(index.cards) == ["new"]
    assert "new" in index
    assert "old" not in index
