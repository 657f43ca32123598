"""Two people in one program: neither loses what they typed, and who comes second sees both."""

import html
import re

import pytest
from django.urls import reverse

from clinics.models import AuditEntry
from programs import builder
from programs.clashes import Clash
from programs.models import Item
from tests.conftest import make_assessment, make_exercise, make_patient, make_user, signed_in
from tests.programs.clinical import make_rest
from tests.programs.samples import act, items_of, make_program, names_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana():
    return make_user()


@pytest.fixture
def program(dana):
    make_exercise("Ball", "release", laterality="affected_side", reps=5)
    make_exercise("Easy clam")
    return make_program("Bridge", "Clam", by=dana)


@pytest.fixture
def milo(program):
    return make_user(clinic=program.patient.clinic, name="Milo Hartmann")


@pytest.fixture
def bridge(program):
    return items_of(program)[0]


@pytest.fixture
def clam(program):
    return items_of(program)[1]


def dose(program, item, *, by, **values):
    return act(program, "dose", by=by, **{f"{name}-{item.pk}": value for name, value in values.items()})


def page_of(program):
    """Return what a page that is opened now says of itself: the program's version, and each item's."""
    return {"version": program.version} | {f"v-{item.pk}": item.version for item in items_of(program)}


def values_of(item):
    item.refresh_from_db()
    return {name: getattr(item, name) for name in ("sets", "reps", "hold_s", "tempo_s", "side", "note")}


FREE = {"sets": 1, "reps": 10, "hold_s": None, "tempo_s": None, "side": "", "note": ""}


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        ({"reps": 12}, {"sets": 3}, {"reps": 12, "sets": 3}),
        ({"note": "Slowly."}, {"reps": 8}, {"note": "Slowly.", "reps": 8}),
        ({"reps": 12}, {"reps": 12}, {"reps": 12}),
        ({"reps": 12, "sets": 2}, {"reps": 12, "sets": 1}, {"reps": 12, "sets": 2}),
        ({"reps": 12}, {"reps": 10, "sets": 3}, {"reps": 12, "sets": 3}),
        ({"hold_s": 20}, {"tempo_s": 2}, {"hold_s": 20, "tempo_s": 2}),
        ({}, {"reps": 8}, {"reps": 8}),
    ],
    ids=[
        "different numbers",
        "a note and a number",
        "both the same",
        "the same, and one untouched",
        "an untouched field that was sent along",
        "fields that were empty",
        "nobody else was there",
    ],
)
@pytest.mark.parametrize("sends", ["the item's version", "the program's version"])
def test_keeps_both_edits_of_different_fields(program, dana, milo, bridge, theirs, mine, expected, sends):
    page = page_of(program)
    dose(program, bridge, by=milo, **theirs)
    seen = page if sends == "the item's version" else {"version": page["version"]}

    act(program, "dose", by=dana, **seen, **{f"{name}-{bridge.pk}": value for name, value in mine.items()})

    assert values_of(bridge) == FREE | expected


@pytest.mark.parametrize(
    ("theirs", "mine", "told"),
    [
        ({"reps": 12}, {"reps": 8}, ("Bridge: times", "12 times", "8 times", "8", "12")),
        (
            {"note": "Slow."},
            {"note": "Fast."},
            ("Bridge: note for the patient", "“Slow.”", "“Fast.”", "Fast.", "Slow."),
        ),
        ({"hold_s": 20}, {"hold_s": 30}, ("Bridge: hold in seconds", "hold 20 seconds", "hold 30 seconds", "30", "20")),
    ],
    ids=["a number", "a note", "a field that was empty"],
)
def test_lets_the_second_choose_when_both_changed_one_field(program, dana, milo, bridge, theirs, mine, told):
    page = page_of(program)
    dose(program, bridge, by=milo, **theirs)
    before = values_of(bridge)

    with pytest.raises(Clash) as caught:
        dose_with(program, page, bridge, by=dana, **mine)

    assert str(caught.value) == "Milo Hartmann changed Bridge while you did. Choose what holds."
    assert caught.value.do == "dose"
    [both] = caught.value.both
    assert (both.label, both.theirs, both.mine, both.mine_value, both.theirs_value) == told
    assert both.input == f"{next(iter(mine))}-{bridge.pk}"
    assert values_of(bridge) == before


def dose_with(program, page, item, *, by, **values):
    return act(program, "dose", by=by, **page, **{f"{name}-{item.pk}": value for name, value in values.items()})


def test_an_emptied_field_stands_against_a_changed_one(program, dana, milo, bridge):
    dose(program, bridge, by=dana, hold_s=10)
    page = page_of(program)
    dose(program, bridge, by=milo, hold_s=20)

    with pytest.raises(Clash) as caught:
        dose_with(program, page, bridge, by=dana, hold_s="")

    assert (caught.value.both[0].mine, caught.value.both[0].mine_value) == ("no hold", "")


def test_keeps_what_was_typed_besides_what_clashes(program, dana, milo, bridge, clam):
    page = page_of(program)
    dose(program, bridge, by=milo, reps=12)

    fields = {f"reps-{bridge.pk}": 8, f"note-{bridge.pk}": "Slowly.", f"sets-{clam.pk}": 4}
    with pytest.raises(Clash) as caught:
        act(program, "dose", by=dana, **page, **fields)

    assert dict(caught.value.kept) == {f"note-{bridge.pk}": "Slowly.", f"sets-{clam.pk}": "4"}
    assert [both.input for both in caught.value.both] == [f"reps-{bridge.pk}"]


def test_names_everybody_and_everything_that_clashes_at_once(program, dana, milo, bridge, clam):
    ada = make_user(clinic=program.patient.clinic, name="Ada Moore")
    page = page_of(program)
    dose(program, bridge, by=milo, reps=12, sets=2)
    dose(program, clam, by=ada, reps=14)

    fields = {f"reps-{bridge.pk}": 8, f"sets-{bridge.pk}": 3, f"reps-{clam.pk}": 9}
    with pytest.raises(Clash) as caught:
        act(program, "dose", by=dana, **page, **fields)

    assert str(caught.value).startswith("Ada Moore and Milo Hartmann changed Bridge and Clam while you did.")
    assert len(caught.value.both) == 3


def test_what_the_second_chose_is_written_and_nothing_else(program, dana, milo, bridge, clam):
    page = page_of(program)
    dose(program, bridge, by=milo, reps=12, sets=2)
    fields = {f"reps-{bridge.pk}": 8, f"sets-{bridge.pk}": 3, f"note-{clam.pk}": "Slowly."}
    with pytest.raises(Clash) as caught:
        act(program, "dose", by=dana, **page, **fields)
    sets, reps = caught.value.both

    chosen = {reps.input: reps.mine_value, sets.input: sets.theirs_value, **dict(caught.value.kept)}
    act(program, caught.value.do, by=dana, version=program.version, **chosen)

    assert values_of(bridge) == FREE | {"reps": 8, "sets": 2}
    assert values_of(clam) == FREE | {"note": "Slowly."}


def test_counts_what_was_changed_twice_from_what_the_page_showed(program, dana, milo, bridge):
    page = page_of(program)
    dose(program, bridge, by=milo, reps=12)
    dose(program, bridge, by=milo, reps=14)

    with pytest.raises(Clash) as caught:
        dose_with(program, page, bridge, by=dana, reps=8)

    assert caught.value.both[0].theirs == "14 times"


def test_what_was_changed_and_changed_back_clashes_with_nothing(program, dana, milo, bridge):
    page = page_of(program)
    dose(program, bridge, by=milo, reps=12)
    dose(program, bridge, by=milo, reps=10)

    dose_with(program, page, bridge, by=dana, reps=8)

    assert values_of(bridge) == FREE | {"reps": 8}


def test_an_older_version_of_the_item_counts_also_when_the_program_is_up_to_date(program, dana, milo, bridge):
    seen = bridge.version
    dose(program, bridge, by=milo, reps=12)

    with pytest.raises(Clash, match="Milo Hartmann changed Bridge"):
        act(program, "dose", by=dana, version=program.version, **{f"v-{bridge.pk}": seen, f"reps-{bridge.pk}": 8})


@pytest.mark.parametrize("seen", [0, 99, "", "x", "٣", "9" * 40], ids=repr)
def test_a_version_that_never_was_is_asked_about_and_not_guessed(program, dana, bridge, seen):
    act(program, "dose", by=dana, **{f"v-{bridge.pk}": 1, f"reps-{bridge.pk}": 12})
    fields = {"version": program.version, f"v-{bridge.pk}": seen, f"reps-{bridge.pk}": 8}

    if seen in {0, 99, "٣"}:
        with pytest.raises(Clash, match="Choose what holds"):
            act(program, "dose", by=dana, **fields)
        assert values_of(bridge)["reps"] == 12
    else:
        act(program, "dose", by=dana, **fields)
        assert values_of(bridge)["reps"] == 8


@pytest.mark.parametrize("version", [None, "", "x", -1, "9" * 30], ids=repr)
def test_a_form_without_a_version_writes_what_it_says(program, dana, milo, bridge, version):
    dose(program, bridge, by=milo, reps=12)

    act(program, "dose", by=dana, **({} if version is None else {"version": version}), **{f"reps-{bridge.pk}": 8})

    assert values_of(bridge)["reps"] == 8


# What somebody undid.


def test_leaves_what_was_undone_meanwhile_where_it_was_not_typed_on(program, dana, milo, bridge):
    dose(program, bridge, by=dana, reps=12)
    page = page_of(program)
    act(program, "undo", by=milo)

    dose_with(program, page, bridge, by=dana, reps=12, sets=3)

    assert values_of(bridge) == FREE | {"sets": 3}


def test_lets_the_second_choose_when_the_field_was_undone_meanwhile(program, dana, milo, bridge):
    dose(program, bridge, by=dana, reps=12)
    page = page_of(program)
    act(program, "undo", by=milo)

    with pytest.raises(Clash, match="Milo Hartmann changed Bridge while you did") as caught:
        dose_with(program, page, bridge, by=dana, reps=15)

    assert (caught.value.both[0].theirs, caught.value.both[0].mine) == ("10 times", "15 times")


def test_never_brings_back_unseen_what_was_undone_before_another_edit(program, dana, milo, bridge):
    dose(program, bridge, by=dana, reps=12)
    page = page_of(program)
    act(program, "undo", by=milo)
    dose(program, bridge, by=milo, sets=2)

    with pytest.raises(Clash) as caught:
        dose_with(program, page, bridge, by=dana, reps=12, hold_s=5)

    assert {both.label for both in caught.value.both} == {"Bridge: times", "Bridge: hold in seconds"}
    assert values_of(bridge) == FREE | {"sets": 2}


def test_says_what_became_of_an_item_whose_adding_was_undone(program, dana, milo, clam):
    page = page_of(program)
    act(program, "undo", by=milo)

    with pytest.raises(Clash, match=r"Milo Hartmann removed it while you changed Clam. You typed: 15 times.") as caught:
        dose_with(program, page, clam, by=dana, reps=15)

    assert caught.value.kept == (("reps-new", "15"),)


def test_notices_an_undo_before_something_is_removed(program, dana, milo, bridge):
    dose(program, bridge, by=dana, reps=12)
    page = page_of(program)
    act(program, "undo", by=milo)

    with pytest.raises(Clash, match=r"Milo Hartmann changed Bridge meanwhile: 10 times\."):
        act(program, f"remove:{bridge.pk}", by=dana, **page)


def test_what_was_done_and_undone_meanwhile_stops_nobody(program, dana, milo, bridge):
    page = page_of(program)
    dose(program, bridge, by=milo, reps=12)
    act(program, "undo", by=milo)

    act(program, f"remove:{bridge.pk}", by=dana, **page)

    assert names_of(program) == ["Clam"]


def test_what_was_done_again_meanwhile_counts(program, dana, milo, bridge):
    dose(program, bridge, by=dana, reps=12)
    act(program, "undo", by=dana)
    page = page_of(program)
    act(program, "redo", by=milo)

    with pytest.raises(Clash, match="Milo Hartmann changed Bridge while you did"):
        dose_with(program, page, bridge, by=dana, reps=8)


# What somebody took out, replaced or reset.


def test_offers_to_add_back_what_was_removed_with_what_was_typed(program, dana, milo, bridge):
    page = page_of(program)
    act(program, f"remove:{bridge.pk}", by=milo)

    with pytest.raises(Clash) as caught:
        dose_with(program, page, bridge, by=dana, reps=8, note="Slowly.")

    clash = caught.value
    assert str(clash) == "Milo Hartmann removed it while you changed Bridge. You typed: 8 times, “Slowly.”."
    assert (clash.do, clash.again) == ("add-back:bridge", "Add Bridge with what I typed")
    act(program, clash.do, by=dana, version=program.version, **dict(clash.kept))
    added = items_of(program)[-1]
    assert (added.exercise.name, values_of(added)) == ("Bridge", FREE | {"reps": 8, "note": "Slowly."})


def test_says_nothing_of_a_removed_item_that_was_not_typed_on(program, dana, milo, bridge, clam):
    page = page_of(program)
    act(program, f"remove:{bridge.pk}", by=milo)

    act(program, "dose", by=dana, **page, **{f"reps-{bridge.pk}": 10, f"reps-{clam.pk}": 8})

    assert values_of(clam)["reps"] == 8


def test_keeps_what_was_typed_for_others_when_one_was_removed(program, dana, milo, bridge, clam):
    page = page_of(program)
    act(program, f"remove:{bridge.pk}", by=milo)

    with pytest.raises(Clash) as caught:
        act(program, "dose", by=dana, **page, **{f"reps-{bridge.pk}": 8, f"reps-{clam.pk}": 9})

    assert dict(caught.value.kept) == {f"reps-{clam.pk}": "9", "reps-new": "8"}


def test_tells_of_everything_that_was_typed_for_what_is_gone(program, dana, milo, bridge, clam):
    page = page_of(program)
    act(program, "remove-chosen", by=milo, chosen=[bridge.pk, clam.pk])

    with pytest.raises(Clash) as caught:
        act(program, "dose", by=dana, **page, **{f"reps-{bridge.pk}": 8, f"note-{clam.pk}": "Slowly."})

    assert "changed Bridge. You typed: 8 times." in str(caught.value)
    assert "changed Clam. You typed: “Slowly.”." in str(caught.value)


def test_asks_about_what_clashes_beside_what_was_removed(program, dana, milo, bridge, clam):
    page = page_of(program)
    act(program, f"remove:{bridge.pk}", by=milo)
    dose(program, clam, by=milo, reps=12)

    with pytest.raises(Clash) as caught:
        act(program, "dose", by=dana, **page, **{f"reps-{bridge.pk}": 8, f"reps-{clam.pk}": 9})

    assert [both.input for both in caught.value.both] == [f"reps-{clam.pk}"]
    assert caught.value.kept == (("reps-new", "8"),)
    assert caught.value.do == "add-back:bridge"


def test_never_writes_a_dose_onto_what_was_put_in_its_place(program, dana, milo, bridge):
    page = page_of(program)
    act(program, f"swap:{bridge.pk}:ball", by=milo)

    with pytest.raises(Clash, match="Milo Hartmann put Ball in its place while you changed Bridge") as caught:
        dose_with(program, page, bridge, by=dana, sets=3)

    assert caught.value.kept == (("sets-new", "3"),)
    assert values_of(bridge) == FREE | {"reps": 5, "side": "left"}


@pytest.mark.parametrize(("mine", "clashes"), [({"reps": 8}, True), ({"sets": 3}, False)])
def test_a_reset_is_a_change_of_what_it_changed(program, dana, milo, bridge, mine, clashes):
    dose(program, bridge, by=dana, reps=12)
    page = page_of(program)
    act(program, f"reset:{bridge.pk}", by=milo)

    if clashes:
        with pytest.raises(Clash, match="Milo Hartmann changed Bridge"):
            dose_with(program, page, bridge, by=dana, **mine)
    else:
        dose_with(program, page, bridge, by=dana, **mine)

    assert values_of(bridge) == (FREE if clashes else FREE | mine)


def test_says_where_an_item_is_when_the_program_shows_another_stage(program, dana, milo, bridge):
    page = page_of(program)
    act(program, "stage:w2_4", by=milo)

    with pytest.raises(Clash) as caught:
        dose_with(program, page, bridge, by=dana, reps=8)
    with pytest.raises(builder.CannotEdit, match=r"Bridge is in weeks 0–2; now shown is weeks 2–4\. Nothing was"):
        act(program, f"remove:{bridge.pk}", by=dana, **page)

    assert str(caught.value) == "Bridge is in weeks 0–2; now shown is weeks 2–4. You typed: 8 times."
    assert caught.value.do == "dose"
    assert values_of(bridge) == FREE


@pytest.mark.parametrize("typed_besides", [{}, {"reps": 9}], ids=["alone", "beside another"])
def test_says_so_of_an_item_that_nobody_knows(program, dana, clam, typed_besides):
    fields = {f"{name}-{clam.pk}": value for name, value in typed_besides.items()}

    with pytest.raises(Clash, match="isn't in the program any more") as caught:
        act(program, "dose", by=dana, **{"reps-987654321": 8}, **fields)

    assert caught.value.kept == tuple((name, str(value)) for name, value in fields.items())
    assert caught.value.again == ("Save the rest" if fields else "")


# What is done to an item that somebody else changed.

DONE_TO = {
    "remove": ("remove:{}", {}, "Remove"),
    "remove what is chosen": ("remove-chosen", {"chosen": True}, "Remove"),
    "easier": ("easier:{}", {}, "Replace"),
    "swap": ("swap:{}:ball", {}, "Replace"),
    "reset": ("reset:{}", {}, "Reset"),
    "bulk": ("bulk", {"chosen": True, "bulk-sets": 4}, "Change"),
}


@pytest.mark.parametrize("kind", DONE_TO)
def test_shows_what_somebody_changed_before_it_is_overwritten(program, dana, milo, clam, kind):
    do, fields, verb = DONE_TO[kind]
    clam.exercise.regression = make_exercise("Very easy clam")
    clam.exercise.save(update_fields=["regression"])
    page = page_of(program)
    dose(program, clam, by=milo, reps=12, note="Slowly.")
    fields = fields | ({"chosen": [clam.pk]} if "chosen" in fields else {})

    with pytest.raises(Clash) as caught:
        act(program, do.format(clam.pk), by=dana, **page, **fields)

    clash = caught.value
    assert str(clash) == "Milo Hartmann changed Clam meanwhile: 12 times, “Slowly.”."
    assert clash.again == f"{verb} Clam all the same"
    assert values_of(clam) == FREE | {"reps": 12, "note": "Slowly."}
    act(program, clash.do, by=dana, version=program.version, **dict(clash.kept))
    assert program.edits["done"][-1]["by"] == "Dana Okafor"


def test_shows_all_that_was_changed_of_what_is_chosen(program, dana, milo, bridge, clam):
    page = page_of(program)
    dose(program, bridge, by=milo, reps=12)
    act(program, f"swap:{clam.pk}:easy-clam", by=milo)

    with pytest.raises(Clash) as caught:
        act(program, "bulk", by=dana, **page, chosen=[bridge.pk, clam.pk], **{"bulk-sets": 4})

    said = "Milo Hartmann changed Bridge meanwhile: 12 times. Milo Hartmann put Easy clam in place of Clam meanwhile."
    assert str(caught.value) == said
    assert caught.value.again == "Change Bridge and Easy clam all the same"
    assert caught.value.kept == (("chosen", f"{bridge.pk}"), ("chosen", f"{clam.pk}"), ("bulk-sets", "4"))


def test_moving_stands_against_nothing(program, dana, milo, bridge, clam):
    page = page_of(program)
    dose(program, bridge, by=milo, reps=12)
    act(program, f"down:{bridge.pk}", by=milo)

    act(program, f"up:{bridge.pk}", by=dana, **page)

    assert names_of(program) == ["Bridge", "Clam"]
    assert values_of(bridge)["reps"] == 12


def test_says_who_removed_what_is_to_be_edited(program, dana, milo, bridge):
    act(program, f"remove:{bridge.pk}", by=milo)

    for verb in ("up", "down", "place", "remove", "duplicate", "easier", "harder", "reset"):
        with pytest.raises(builder.CannotEdit, match="Milo Hartmann removed Bridge meanwhile"):
            act(program, f"{verb}:{bridge.pk}", by=dana, phase="calm")


def test_what_is_chosen_and_gone_is_left_out(program, dana, milo, bridge, clam):
    act(program, f"remove:{bridge.pk}", by=milo)

    act(program, "bulk", by=dana, chosen=[bridge.pk, clam.pk, "x", "9" * 40], **{"bulk-sets": 4})

    assert values_of(clam)["sets"] == 4


# What belongs to others.


def test_reaches_no_item_of_another_program(program, dana, milo, bridge):
    stranger = make_user(name="Sue Stranger")
    theirs = items_of(make_program("Bridge", "Clam", by=stranger))
    count = Item.objects.count()

    act(program, f"place:{bridge.pk}", by=dana, phase="strengthen", before=theirs[0].pk)
    with pytest.raises(builder.CannotEdit, match="Tick"):
        act(program, "bulk", by=dana, chosen=[item.pk for item in theirs], **{"bulk-sets": 9})
    with pytest.raises(builder.CannotEdit, match="Tick"):
        act(program, "remove-chosen", by=dana, chosen=[item.pk for item in theirs])
    for verb in ("up", "remove", "swap", "reset", "duplicate"):
        with pytest.raises(builder.CannotEdit, match="isn't in the program"):
            act(program, f"{verb}:{theirs[0].pk}:ball", by=dana)
        with pytest.raises(builder.CannotEdit, match="isn't in the program"):
            act(program, f"{verb}:{theirs[0].pk}", by=dana)
    with pytest.raises(Clash, match="isn't in the program"):
        act(program, "dose", by=dana, **{f"reps-{theirs[0].pk}": 2})

    assert names_of(program) == ["Clam", "Bridge"]
    assert Item.objects.count() == count
    assert [values_of(item) for item in theirs] == [FREE, FREE]


# Sent twice.


def test_does_an_edit_once_that_was_sent_twice(program, dana):
    logged = AuditEntry.objects.count()

    for _ in range(2):
        act(program, "add:ball", by=dana, key="0123456789abcdef")
    act(program, "add:ball", by=dana, key="fedcba9876543210")

    assert names_of(program) == ["Ball", "Ball", "Bridge", "Clam"]
    assert AuditEntry.objects.count() == logged + 2


def test_undoes_once_what_was_sent_twice(program, dana):
    for _ in range(2):
        act(program, "undo", by=dana, key="again")

    assert names_of(program) == ["Bridge"]


def test_an_edit_that_was_done_stays_done_though_it_was_undone_since(program, dana):
    act(program, "add:ball", by=dana, key="first")
    act(program, "undo", by=dana, key="second")

    act(program, "add:ball", by=dana, key="first")

    assert names_of(program) == ["Bridge", "Clam"]


def test_keeps_little_of_a_huge_name_and_still_knows_it(program, dana):
    for _ in range(2):
        act(program, "add:ball", by=dana, key="k" * 1_000_000)

    assert names_of(program) == ["Ball", "Bridge", "Clam"]
    assert len(str(program.edits)) < 10_000


# Odd requests.


@pytest.mark.parametrize(
    "do",
    ["", ":", "\0", "UNDO", "__class__", "add", "add:", "add:\0", "add:none", "add-back:", "up:", "up:-1", "up:x",
     "up:٣", "up:\0", "up:" + "9" * 400, "swap:", "swap:{}", "swap:{}:", "swap:{}:none", "easier:{}", "harder:{}",
     "place:{}", "stage:", "stage:w9", "fix:", "fix:#", "fix:x#99999", "fix:x#٣", "fix:" + "x" * 5000, "star:",
     "unstar:none", "remove-chosen", "bulk", "accept:", "accept:x", "accept:\0", "accept:" + "x" * 5000, "redo"],
    ids=lambda do: repr(do)[:24],
)  # fmt: skip
def test_refuses_with_a_sentence_what_cannot_be(program, dana, bridge, do):
    before, typed = program.version, {f"reason:{do.partition(':')[2]}": "A reason that is long enough."}

    with pytest.raises(builder.CannotEdit) as caught:
        act(program, do.format(bridge.pk), by=dana, **typed)

    assert re.fullmatch(r"[A-Z].*\.", str(caught.value))
    program.refresh_from_db()
    assert program.version == before
    assert program.accepted_now == {}


@pytest.mark.parametrize("do", ["withdraw:", "withdraw:\0", "withdraw:" + "x" * 5000, "dose:x", "next-visit"])
def test_does_nothing_where_nothing_is_to_be_done(program, dana, do):
    before = program.version

    assert act(program, do, by=dana).said == "Nothing changed."

    assert program.version == before


# On the page, without its script: the whole form is sent, with what was typed in any row.


@pytest.fixture
def client(dana):
    return signed_in(dana)


def post(client, program, do, page, **fields):
    named = {name.replace("__", "-"): value for name, value in fields.items()}
    return client.post(reverse("program_edit", args=[program.pk]), {"do": do, **page, **named})


def whole_form(program):
    """Return the doses of every item, as a form without a script sends them."""
    names = ("sets", "reps", "hold_s", "note")
    return {f"{name}-{item.pk}": getattr(item, name) or "" for item in items_of(program) for name in names}


def test_saves_what_was_typed_in_any_row_with_what_a_button_does(client, program, bridge, clam):
    page = page_of(program) | whole_form(program)

    post(client, program, f"up:{clam.pk}", page | {f"reps-{bridge.pk}": 8})

    assert names_of(program) == ["Clam", "Bridge"]
    assert values_of(bridge)["reps"] == 8


def test_saves_what_was_typed_though_its_button_can_do_nothing(client, program, milo, bridge, clam):
    page = page_of(program) | whole_form(program)
    act(program, f"remove:{bridge.pk}", by=milo)

    response = post(client, program, f"up:{bridge.pk}", page | {f"reps-{clam.pk}": 8})

    assert response.status_code == 302
    assert values_of(clam)["reps"] == 8


def test_saves_what_was_typed_though_its_button_clashes(client, program, milo, bridge, clam):
    page = page_of(program) | whole_form(program)
    dose(program, bridge, by=milo, reps=12)

    response = post(client, program, f"remove:{bridge.pk}", page | {f"reps-{clam.pk}": 8})

    assert response.status_code == 409
    assert names_of(program) == ["Bridge", "Clam"]
    assert values_of(clam)["reps"] == 8


def test_goes_on_from_the_page_that_lets_one_choose(client, program, milo, bridge, clam):
    page = page_of(program) | whole_form(program)
    act(program, f"remove:{bridge.pk}", by=milo)
    dose(program, clam, by=milo, reps=12)

    choose = post(client, program, "dose", page | {f"reps-{bridge.pk}": 8, f"reps-{clam.pk}": 9, f"sets-{clam.pk}": 3})
    assert choose.status_code == 409
    text = html.unescape(choose.content.decode())
    chosen = dict(re.findall(r'<input[^>]*name="((?:reps|sets|hold_s|note|version)-?\w*)" value="([^"]*)"', text))
    program.refresh_from_db()
    chosen |= {"version": program.version, f"reps-{clam.pk}": 9}
    post(client, program, re.search(r'name="do" value="(add-back[^"]*)"', text)[1], chosen)

    assert [(item.exercise.name, item.reps, item.sets) for item in items_of(program)] == [
        ("Clam", 9, 3),
        ("Bridge", 8, 1),
    ]


def test_own_typing_is_nobody_else_s_change(client, program, bridge):
    page = page_of(program) | whole_form(program)

    response = post(client, program, f"remove:{bridge.pk}", page | {f"reps-{bridge.pk}": 8})

    assert response.status_code == 302
    assert names_of(program) == ["Clam"]


def test_accepting_what_is_not_warned_of_any_more_keeps_nothing(program, dana, milo):
    make_rest()
    rest = act(program, "add:lying-rest", by=dana, phase="integrate").focus
    key = f"phase_order:{rest}:Lying rest comes too late"
    act(program, f"place:{rest}", by=milo, phase="calm")

    with pytest.raises(builder.CannotEdit, match="nothing to accept"):
        act(program, f"accept:{key}", by=dana, **{f"reason:{key}": "Agreed with the patient."})


def test_people_of_another_clinic_are_not_named(dana):
    other = make_user(name="Sue Stranger")
    patient = make_patient(clinic=other.memberships.get().clinic)
    make_assessment(patient, by=other)
    make_program("Bridge", by=other, patient=patient)
    program = make_program("Bridge", by=dana)

    with pytest.raises(builder.CannotEdit) as caught:
        act(program, f"up:{items_of(program)[0].pk + 1000}", by=dana)

    assert "Sue" not in str(caught.value)


def test_asks_before_undo_takes_back_what_somebody_else_did_meanwhile(program, dana, milo, bridge, clam):
    dose(program, bridge, by=dana, reps=8)
    seen = page_of(program)["version"]
    dose(program, clam, by=milo, note="Important")

    with pytest.raises(Clash) as raised:
        act(program, "undo", by=dana, version=seen)

    assert str(raised.value).startswith("Milo Hartmann edited the program meanwhile. The next to undo is now: Clam:")
    assert (raised.value.do, raised.value.again) == ("undo", "Undo that all the same")
    assert values_of(clam)["note"] == "Important"
    act(program, "undo", by=dana, version=page_of(program)["version"])
    assert values_of(clam)["note"] == ""


def test_asks_before_redo_does_again_what_somebody_else_undid(program, dana, milo, bridge):
    dose(program, bridge, by=dana, reps=8)
    seen = page_of(program)["version"]
    act(program, "undo", by=milo, version=seen)

    with pytest.raises(Clash, match="The next to do again is now"):
        act(program, "redo", by=dana, version=seen)

    assert values_of(bridge)["reps"] == 10


def test_undoes_ones_own_edit_at_once(program, dana, milo, bridge, clam):
    dose(program, clam, by=milo, note="Important")
    seen = page_of(program)["version"]
    dose(program, bridge, by=dana, reps=8)

    act(program, "undo", by=dana, version=seen)

    assert values_of(bridge)["reps"] == 10


def test_shows_both_next_visits(program, dana, milo):
    seen = page_of(program)["version"]
    act(program, "next-visit", by=milo, next_visit="Mon 10:30", version=seen)

    with pytest.raises(Clash) as raised:
        act(program, "next-visit", by=dana, next_visit="Tue", version=seen)

    (both,) = raised.value.both
    assert (both.label, both.theirs, both.mine, both.input) == ("Next visit", "Mon 10:30", "Tue", "next_visit")
    act(program, "next-visit", by=dana, next_visit="Tue", version=page_of(program)["version"])
    program.refresh_from_db()
    assert program.next_visit == "Tue"


def test_the_same_next_visit_is_no_clash(program, dana, milo):
    seen = page_of(program)["version"]
    act(program, "next-visit", by=milo, next_visit="Mon 10:30", version=seen)

    assert act(program, "next-visit", by=dana, next_visit="Mon 10:30", version=seen).said == "Nothing changed."
