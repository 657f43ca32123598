"""What is typed into dose fields: what is taken, what is refused and in which words, and which fields there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.facts import Dose
from exercises.vocabulary import Phase
from programs import dose_fields, typed_dose
from programs.dose_fields import Typed
from programs.rows import ItemRow
from programs.typed_dose import Impossible
from tests.programs.stages import exercise

COUNTED = exercise("Clam", "strengthen", laterality="affected_side")
WHOLE = exercise("Bridge", "strengthen")
HELD = exercise("Stretch", dose=Dose(reps=3, hold_s=30))
TIMED = exercise("Walk", dose=Dose(reps=None, minutes=10))
TIMED_SIDE = exercise("Ball", dose=Dose(reps=None, minutes=1), laterality="each_side")


def read(name, text, what=COUNTED):
    return typed_dose.read({f"{name}-17": text}, "{}-17", what)


def refusal(name, text, what=COUNTED):
    """Return the sentence that a field is refused with."""
    with pytest.raises(Impossible) as caught:
        read(name, text, what)
    assert set(caught.value.errors) == {f"{name}-17"}
    return caught.value.errors[f"{name}-17"]


LIMITS = [
    ("sets", 10),
    ("reps", 100),
    ("hold_s", 600),
    ("tempo_s", 10),
    ("rest_s", 600),
    ("times_per_day", 12),
    ("days_per_week", 7),
]
MAY_BE_EMPTY = {"hold_s", "tempo_s", "rest_s"}


@pytest.mark.parametrize(("name", "most"), LIMITS)
def test_takes_what_is_within_the_limits(name, most):
    assert read(name, "1") == {name: 1}
    assert read(name, str(most)) == {name: most}
    assert read(name, f"  {most}\t") == {name: most}
    assert read(name, f"00{most}") == {name: most}


@pytest.mark.parametrize(("name", "most"), LIMITS)
def test_refuses_what_is_beyond_the_limits(name, most):
    empty = ", or empty" if name in MAY_BE_EMPTY else ""

    for text in ("0", str(most + 1), "-1", "1.5", "2,5", "1e1", "0x5", "five", "1 2", "+3", "9" * 7, "9" * 10_000):
        assert refusal(name, text) == f"Between 1 and {most}{empty}."


@pytest.mark.parametrize(("name", "most"), [*LIMITS, ("minutes", 120)])
@pytest.mark.parametrize("text", ["", "   ", "\0", "\t\n"], ids=repr)
def test_an_empty_field_is_nothing_where_that_may_be(name, most, text):
    what = TIMED if name == "minutes" else COUNTED

    if name in MAY_BE_EMPTY:
        assert read(name, text, what) == {name: None}
    else:
        assert refusal(name, text, what) == f"Between 1 and {most}."


@pytest.mark.parametrize("text", ["٣", "３", "³", "Ⅲ", "三", "१२", "1٣", "½", "𝟛"])
def test_refuses_digits_of_other_scripts(text):
    assert refusal("reps", text) == "Between 1 and 100."


def test_drops_the_one_character_that_no_database_keeps():
    assert read("reps", "1\x002") == {"reps": 12}
    assert read("note", "Slow\x00ly.") == {"note": "Slowly."}


@pytest.mark.parametrize("text", ["Slowly.", "Langsam – “ßß” 😀 é", "a\nb", "<b>&amp;", "x" * 240, " " * 500, ""])
def test_takes_a_note_as_it_is_typed_without_the_space_around(text):
    assert read("note", f"  {text} ") == {"note": text.strip()}


@pytest.mark.parametrize("length", [241, 10_000, 1_000_000])
def test_refuses_a_note_that_the_handout_has_no_room_for(length):
    assert refusal("note", "x" * length) == f"At most 240 characters; this has {length}."


@pytest.mark.parametrize("side", ["left", "right", "each"])
def test_takes_a_side(side):
    assert read("side", side) == {"side": side}


@pytest.mark.parametrize("side", ["", "both", "Left", "l", "\0", "x" * 10_000], ids=lambda side: repr(side)[:10])
def test_refuses_a_side_that_there_is_not(side):
    assert refusal("side", side) == "Choose left, right or each side."


FIELDS = set(typed_dose.LABELS)


@pytest.mark.parametrize(
    ("what", "missing"),
    [
        (COUNTED, {"minutes"}),
        (WHOLE, {"minutes", "side"}),
        (TIMED, {"sets", "reps", "hold_s", "tempo_s", "rest_s", "side"}),
        (TIMED_SIDE, {"sets", "reps", "hold_s", "tempo_s", "rest_s"}),
    ],
    ids=["counted on a side", "counted for the whole body", "timed", "timed on each side"],
)
def test_reads_only_fields_that_an_exercise_has(what, missing):
    sent = {f"{name}-17": "left" if name == "side" else "1" for name in FIELDS}

    assert set(typed_dose.read(sent, "{}-17", what)) == FIELDS - missing
    assert {name for name in FIELDS if name not in typed_dose.applies_to(what)} == missing


def test_never_complains_of_a_field_that_an_exercise_has_not():
    assert typed_dose.read({"minutes-17": "lots", "reps-17": "8"}, "{}-17", COUNTED) == {"reps": 8}


def test_leaves_out_what_was_not_sent_or_is_for_another_item():
    assert typed_dose.read({"reps-171": "8", "reps-7": "9", "reps": "10"}, "{}-17", COUNTED) == {}


def test_tells_of_every_wrong_field_at_once():
    sent = {"sets-17": "0", "reps-17": "8", "note-17": "x" * 241, "side-17": "up"}

    with pytest.raises(Impossible) as caught:
        typed_dose.read(sent, "{}-17", COUNTED)

    assert caught.value.errors == {
        "sets-17": "Between 1 and 10.",
        "side-17": "Choose left, right or each side.",
        "note-17": "At most 240 characters; this has 241.",
    }
    assert str(caught.value) == " ".join(caught.value.errors.values())


@given(text=st.text(max_size=12), name=st.sampled_from(sorted(FIELDS)))
def test_any_text_is_a_value_within_the_limits_or_a_sentence(text, name):
    what = TIMED if name == "minutes" else COUNTED

    found, errors = {}, {}
    try:
        found = read(name, text, what)
    except Impossible as impossible:
        errors = impossible.errors

    assert set(found) | set(errors) in ({name}, {f"{name}-17"})
    assert all(sentence.endswith(".") for sentence in errors.values())
    for value in found.values():
        assert value is None or name not in typed_dose.MOST or 1 <= value <= typed_dose.MOST[name]
        assert "\0" not in str(value)


def row(**values):
    return ItemRow(17, "clam", Phase.STRENGTHEN, **{"reps": 10, **values})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("reps", 12, "12 times"),
        ("reps", 1, "1 time"),
        ("reps", None, "no times"),
        ("sets", 1, "1 set"),
        ("sets", 3, "3 sets"),
        ("hold_s", 30, "hold 30 seconds"),
        ("hold_s", 1, "hold 1 second"),
        ("hold_s", None, "no hold"),
        ("minutes", 10, "10 minutes"),
        ("tempo_s", 2, "2 seconds each way"),
        ("tempo_s", None, "no seconds each way"),
        ("rest_s", 60, "60 seconds of rest"),
        ("rest_s", 1, "1 second of rest"),
        ("times_per_day", 2, "2 times a day"),
        ("days_per_week", 1, "1 day a week"),
        ("side", "each", "each side"),
        ("side", "", "no side"),
        ("note", "Slowly.", "“Slowly.”"),
        ("note", "", "no note"),
    ],
)
def test_says_a_field_in_words(name, value, words):
    assert typed_dose.words(row(**{name: value}), name) == words


# The fields of a line.


def fields_of(what, **values):
    shown, folded = dose_fields.of(row(**values), what, Typed())
    return [field.name for field in shown], [field.name for field in folded]


@pytest.mark.parametrize(
    ("what", "values", "shown", "folded"),
    [
        (
            WHOLE,
            {},
            ["reps", "sets", "times_per_day"],
            ["hold_s", "tempo_s", "rest_s", "days_per_week"],
        ),
        (
            COUNTED,
            {"tempo_s": 2, "rest_s": 60, "days_per_week": 3},
            ["reps", "tempo_s", "sets", "rest_s", "times_per_day", "days_per_week", "side"],
            ["hold_s"],
        ),
        (
            HELD,
            {"hold_s": None},
            ["hold_s", "reps", "sets", "times_per_day"],
            ["tempo_s", "rest_s", "days_per_week"],
        ),
        (TIMED, {"reps": None, "minutes": 10}, ["minutes", "times_per_day"], ["days_per_week"]),
        (TIMED_SIDE, {"reps": None, "minutes": 1}, ["minutes", "times_per_day", "side"], ["days_per_week"]),
    ],
    ids=["plain", "with all that can be given", "usually held", "timed", "timed on a side"],
)
def test_shows_what_is_used_and_folds_the_rest_away(what, values, shown, folded):
    assert fields_of(what, **values) == (shown, folded)


@pytest.mark.parametrize("what", [COUNTED, WHOLE, HELD, TIMED, TIMED_SIDE], ids=lambda what: what.name)
def test_every_field_that_is_read_has_a_place(what):
    shown, folded = fields_of(what, tempo_s=1)

    assert {*shown, *folded} == {name for name in FIELDS - {"note"} if name in typed_dose.applies_to(what)}


def field(name, what=COUNTED, typed=None, **values):
    shown, folded = dose_fields.of(row(**values), what, typed or Typed())
    return next(one for one in (*shown, *folded) if one.name == name)


def test_a_field_says_its_name_limits_and_units():
    reps = field("reps", exercise("Clam", dose=Dose(reps=8, reps_max=12)), reps=1)

    assert (reps.input, reps.value, reps.label, reps.after, reps.most) == (
        "reps-17",
        "1",
        "Clam: repetitions",
        "time",
        100,
    )
    assert reps.usual == "usually 8 to 12 times"
    assert not reps.is_side
    assert field("side").is_side


@pytest.mark.parametrize(
    ("dose", "name", "usual"),
    [
        (Dose(reps=10), "reps", "usually 10 times"),
        (Dose(reps=1), "reps", "usually 1 time"),
        (Dose(hold_s=20, hold_s_max=30), "hold_s", "usually 20 to 30 seconds"),
        (Dose(), "hold_s", ""),
        (Dose(), "tempo_s", ""),
        (Dose(times_per_day=2), "times_per_day", "usually 2 times"),
        (Dose(days_per_week=3), "days_per_week", "usually 3 days"),
    ],
    ids=["one number", "once", "a range", "what isn't given", "what the catalog never says", "a day", "a week"],
)
def test_a_field_says_what_is_usual(dose, name, usual):
    assert field(name, exercise("Clam", dose=dose)).usual == usual


def test_a_field_keeps_what_was_typed_and_refused():
    typed = Typed({"reps-17": "lots", "sets-17": "3"}, {"reps-17": "Between 1 and 100."})

    reps, sets = field("reps", typed=typed), field("sets", typed=typed)

    assert (reps.value, reps.error) == ("lots", "Between 1 and 100.")
    assert (sets.value, sets.error) == ("3", "")


def test_an_empty_field_is_shown_empty():
    assert field("hold_s").value == ""
