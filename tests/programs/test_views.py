"""The builder's pages: what they show, what each edit does, and that no typed text is lost."""

import html
import re

import pytest
from django.urls import reverse

from clinics.models import AuditEntry
from exercises.models import Equipment, Exercise, MusclePair, Protocol, ProtocolItem
from exercises.vocabulary import Phase
from programs.models import Favourite, Item, Program
from tests import kept
from tests.conftest import (
    make_assessment,
    make_driver,
    make_exercise,
    make_muscle,
    make_patient,
    make_precaution,
    make_user,
    signed_in,
)
from tests.programs.clinical import make_ready
from tests.programs.samples import act, add, asked, items_of, make_issue, make_program, names_of
from tests.reading import shown, words_of

pytestmark = pytest.mark.django_db

BUILDER_QUERIES = 7
SCRIPT = {"X-Requested-With": "fetch"}


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def client(by):
    return signed_in(by)


def found_in_catalog(response) -> list[str]:
    return re.findall(r'aria-label="Add ([^"]+)"', html.unescape(response.content.decode()))


def edit(client, program, do, typed=None, **asking):
    """Send an edit as the builder's form does, on the program as this test knows it."""
    sent = {"do": do, "version": program.version, **(typed or {})}
    return client.post(reverse("program_edit", args=[program.pk]), sent, **asking)


def by_script(client, program, do, typed=None):
    return edit(client, program, do, typed, headers=SCRIPT)


def first_of(program) -> Item:
    return items_of(program)[0]


def field(page: str, name: str) -> str:
    """Return an input's tag by its name."""
    return re.search(rf'<(?:input|select)[^>]*name="{name}"[^>]*>', page)[0]


def test_shows_every_phase_with_its_exercises_in_order(by, client):
    program = make_program("Bridge", by=by)
    add(program, make_exercise("Figure 4", "release", releases=["piriformis"]), by=by)

    text = shown(client.get(program.get_absolute_url()))

    places = [text.index(f"{phase.rank} {phase.label} {phase.purpose}") for phase in Phase]
    assert places == sorted(places)
    assert text.index("Figure 4", places[1]) < places[2] < places[3] < text.index("Bridge", places[3]) < places[4]


def test_shows_dose_note_driver_and_checks(by, client):
    program = make_program("Bridge", by=by)
    Item.objects.update(note="Slowly.", reps=12)

    response = client.get(program.get_absolute_url())

    page, text = response.content.decode(), shown(response)
    assert 'value="12"' in field(page, f"reps-{first_of(program).pk}")
    assert "“Slowly.”" in text
    assert "Piriformis · left" in text
    assert "Stop: Red flags The red-flag questions haven't been asked yet." in text
    assert "Note: A short program" in text


def many(by, count):
    """Return a program of `count` exercises with every kind of verdict: order, pairs, fixes, size."""
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by, tight=["piriformis", "tfl"], weak=["gluteus_medius"])
    weight = {"relation": "antagonist", "weight": "primary"}
    for tight in ("piriformis", "tfl"):
        MusclePair.objects.create(tight=make_muscle(tight), weak=make_muscle("gluteus_medius"), **weight)
    make_exercise("Ball", "release", releases=["piriformis", "tfl"])
    harder = make_exercise("Hip lift on one leg", level=2)
    make_exercise("Hip lift 0", strengthens=["gluteus_medius"], progression=harder, regression=make_exercise("Squeeze"))
    for number in range(1, count - 1):
        make_exercise(f"Hip lift {number}", strengthens=["gluteus_medius"])
    program = make_ready(*(f"Hip lift {number}" for number in range(count - 1)), by=by, patient=patient)
    rest = add(program, make_exercise("Rest", "calm"), by=by)
    act(program, f"place:{rest.pk}", by=by, phase="integrate")
    return program


def with_many(count):
    by = make_user()
    return by, many(by, count)


@pytest.mark.parametrize("count", [4, 40])
def test_reads_the_builder_in_the_same_number_of_queries_whatever_its_length(by, client, count):
    program = many(by, count)
    client.get(program.get_absolute_url())

    found = asked(lambda: client.get(program.get_absolute_url()))

    response = client.get(program.get_absolute_url())
    assert "Release the piriformis before the gluteus medius" in shown(response)
    assert "Move Rest to Calm" in shown(response)
    assert response.content.count(b'aria-label="More for ') == count
    assert len(found) == BUILDER_QUERIES, "\n".join(sql[:200] for sql in found)


# What is asked of the database for each kind of edit that the page's script sends, whatever the program's length.
EDIT_QUERIES = {
    "add to an empty phase": 8,
    "add in the middle": 8,
    "drop in the middle": 8,
    "remove from the middle": 8,
    "up": 7,
    "place": 7,
    "dose": 6,
    "easier": 6,
    "harder": 6,
    "swap": 7,
    "duplicate": 8,
    "usual dose": 6,
    "bulk dose of all": 6,
    "remove chosen": 8,
    "undo": 8,
    "redo": 8,
    "fix": 7,
    "accept": 5,
    "stage": 5,
    "next visit": 5,
    "star": 6,
    "keys": 5,
    "nothing to change": 4,
    "refused": 5,
}


def sent_for(kind, program, by) -> tuple[str, dict[str, object]]:
    """Return `do` and the fields of an edit of that kind, on a program as `many` makes it."""
    first, second, *_, rest = items_of(program)
    key = f"phase_order:{rest.pk}:Rest comes too late"
    if kind in {"undo", "redo"}:
        act(program, f"remove:{second.pk}", by=by)
    if kind == "redo":
        act(program, "undo", by=by)
    if kind == "usual dose":
        act(program, "dose", by=by, **{f"reps__{second.pk}": 3})
    every = [item.pk for item in items_of(program)]
    return {
        "add to an empty phase": lambda: (f"add:{make_exercise('Stretch', 'release').slug}", {}),
        "add in the middle": lambda: (f"add:{make_exercise('Wake up', kind='activation').slug}", {}),
        "drop in the middle": lambda: ("add:ball", {"phase": "strengthen", "before": second.pk}),
        "remove from the middle": lambda: (f"remove:{second.pk}", {}),
        "up": lambda: (f"up:{second.pk}", {}),
        "place": lambda: (f"place:{second.pk}", {"phase": "calm"}),
        "dose": lambda: ("dose", {f"reps-{second.pk}": 8, f"v-{second.pk}": second.version}),
        "easier": lambda: (f"easier:{first.pk}", {}),
        "harder": lambda: (f"harder:{first.pk}", {}),
        "swap": lambda: (f"swap:{second.pk}:ball", {}),
        "duplicate": lambda: (f"duplicate:{second.pk}", {}),
        "usual dose": lambda: (f"reset:{second.pk}", {}),
        "bulk dose of all": lambda: ("bulk", {"chosen": every, "bulk-sets": 3, "bulk-reps": 12}),
        "remove chosen": lambda: ("remove-chosen", {"chosen": [first.pk, rest.pk]}),
        "undo": lambda: ("undo", {}),
        "redo": lambda: ("redo", {}),
        "fix": lambda: (f"fix:{key}#place {rest.pk} calm", {}),
        "accept": lambda: (f"accept:{key}", {f"reason:{key}": "Agreed with the patient."}),
        "stage": lambda: ("stage:w2_4", {}),
        "next visit": lambda: ("next-visit", {"next_visit": "Monday"}),
        "star": lambda: ("star:ball", {}),
        "keys": lambda: ("keys:off", {}),
        "nothing to change": lambda: (f"up:{first.pk}", {}),
        "refused": lambda: ("add:no-such", {}),
    }[kind]()


@pytest.mark.parametrize("count", [4, 40])
@pytest.mark.parametrize("kind", EDIT_QUERIES)
def test_edits_in_the_same_number_of_queries_whatever_the_programs_length(db, kind, count):
    by, program = kept.make(f"a program of {count}", lambda: with_many(count))
    client = signed_in(by)
    do, typed = sent_for(kind, program, by)
    by_script(client, program, "keys:on")
    answers = []

    found = asked(lambda: answers.append(by_script(client, program, do, typed)))

    (answer,) = answers
    assert answer.status_code == 200
    assert answer.json()["said"] or kind == "keys"
    assert bool(answer.json().get("warning")) is (kind == "refused")
    assert len(found) == EDIT_QUERIES[kind], "\n".join(sql[:200] for sql in found)


def test_finds_exercises_by_text(by, client):
    program = make_program(by=by)
    for name in ("Glute bridge", "Bridge march", "Clamshell"):
        make_exercise(name)

    response = client.get(program.get_absolute_url(), {"q": " BRIDGE  march "})

    assert found_in_catalog(response) == ["Bridge march"]
    assert 'value="BRIDGE  march"' in response.content.decode()


def test_finds_exercises_by_phase(by, client):
    program = make_program(by=by)
    make_exercise("Bridge")
    make_exercise("Figure 4", "release")

    response = client.get(program.get_absolute_url(), {"phase": "release"})

    assert found_in_catalog(response) == ["Figure 4"]
    assert 'name="phase" value="release" checked' in response.content.decode()


def test_finds_no_retired_exercise(by, client):
    program = make_program(by=by)
    make_exercise("Bridge", status="retired")

    assert found_in_catalog(client.get(program.get_absolute_url())) == []


def test_answers_the_pages_script_with_what_is_found_alone(by, client):
    program = make_program(by=by)
    for name in ("Bridge", "Clam"):
        make_exercise(name)
    address = reverse("program_catalog", args=[program.pk])

    response = client.get(address, {"q": "clam"}, headers=SCRIPT)

    assert found_in_catalog(response) == ["Clam"]
    assert b"<html" not in response.content
    assert client.get(address, {"q": "clam"})["Location"] == f"/programs/{program.pk}/?q=clam#catalog"


def test_hides_what_does_not_suit_and_says_why(by, client):
    program = make_program(by=by)
    make_exercise("Bridge")
    make_exercise("Press", driver_overrides={"piriformis": {"level": "avoid", "reason": "It hurts."}})

    suiting, every = (client.get(program.get_absolute_url(), {"suits": suits}) for suits in ("yes", "no"))

    assert found_in_catalog(suiting) == ["Bridge"]
    assert "1 hidden: not for this patient Press" in shown(suiting)
    assert sorted(found_in_catalog(every)) == ["Bridge", "Press"]


def test_puts_what_suits_the_driver_first(by, client):
    program = make_program(by=by)
    for name, phase in (("Ankle pump", "release"), ("Ball", "release"), ("Curl", "release"), ("Dip", "release")):
        make_exercise(name, phase)
    Exercise.objects.get(name="Curl").suits_primary.add(make_driver())
    Exercise.objects.get(name="Ball").suits_secondary.add(make_driver())

    response = client.get(program.get_absolute_url())

    assert found_in_catalog(response) == ["Curl", "Ball", "Ankle pump", "Dip"]


def test_shows_forty_and_says_how_many_more(by, client):
    program = make_program(by=by)
    for number in range(43):
        make_exercise(f"Exercise {number:02}")

    response = client.get(program.get_absolute_url())

    assert len(found_in_catalog(response)) == 40
    assert "and 3 more" in shown(response)


@pytest.mark.parametrize("query", [{"q": "no such thing"}, {"q": "nul\0byte"}, {"phase": "warmup"}, {"q": "x" * 500}])
def test_answers_any_search(by, client, query):
    make_exercise("Bridge")

    assert client.get(make_program(by=by).get_absolute_url(), query).status_code == 200


def test_offers_a_way_on_when_nothing_is_found(by, client):
    text = shown(client.get(make_program(by=by).get_absolute_url(), {"q": "zzz"}))

    assert "No exercise matches “zzz”." in text
    assert "Show all" in text


def test_adds_an_exercise_to_its_phase_and_keeps_the_search(by, client):
    program = make_program("Bridge", by=by)
    make_exercise("Figure 4", "release")

    response = edit(client, program, "add:figure-4", {"found": "q=fig+%26+co&phase=release"})

    item = first_of(program)
    assert names_of(program) == ["Figure 4", "Bridge"]
    assert response["Location"] == f"/programs/{program.pk}/?q=fig+%26+co&phase=release#item-{item.pk}"
    assert "Figure 4 added to Release." in shown(client.get(program.get_absolute_url()))


def test_answers_the_pages_script_with_the_parts_that_changed(by, client):
    program = make_program("Bridge", by=by)
    make_exercise("Figure 4", "release")

    answer = by_script(client, program, "add:figure-4").json()

    program.refresh_from_db()
    assert set(answer) == {"version", "regions", "inProgram", "said", "focus"}
    assert (answer["version"], answer["said"]) == (program.version, "Figure 4 added to Release.")
    assert (answer["focus"], answer["inProgram"]) == (first_of(program).pk, ["bridge", "figure-4"])
    assert set(answer["regions"]) == {"bar", "program", "side"}
    assert f'id="item-{answer["focus"]}"' in answer["regions"]["program"]
    assert "2 exercises" in words_of(answer["regions"]["side"])


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("no-such", "The catalog has no such exercise."),
        ("", "The catalog has no such exercise."),
        ("retired", "Retired is retired and can't be added any more."),
        ("nul\0byte", "The catalog has no such exercise."),
    ],
)
def test_adds_nothing_that_is_not_in_the_catalog_and_says_so(by, client, slug, said):
    program = make_program("Bridge", by=by)
    make_exercise("Retired", status="retired")

    response = edit(client, program, f"add:{slug}")
    answer = by_script(client, program, f"add:{slug}")

    assert response.status_code == 302
    assert said in shown(client.get(program.get_absolute_url()))
    assert (answer.status_code, answer.json()["said"], answer.json()["warning"]) == (200, said, True)
    assert names_of(program) == ["Bridge"]


@pytest.mark.parametrize("do", ["", "explode", "explode:17", "up", "up:", "up:x", "up:²", f"up:{'9' * 40}", "remove:0"])
def test_says_so_when_it_is_asked_for_something_unknown(by, client, do):
    program = make_program("Bridge", by=by)
    before = program.version

    response = edit(client, program, do, follow=True)

    program.refresh_from_db()
    assert "Nothing was changed." in shown(response)
    assert (program.version, names_of(program)) == (before, ["Bridge"])


@pytest.mark.parametrize(("to", "names"), [("up", ["Clam", "Bridge"]), ("down", ["Bridge", "Clam"])])
def test_moves_an_item(by, client, to, names):
    program = make_program("Bridge", "Clam", by=by)
    clam = items_of(program)[1]

    response = edit(client, program, f"{to}:{clam.pk}")

    assert names_of(program) == names
    assert response["Location"].endswith(f"#item-{clam.pk}")


def test_places_an_item_in_another_phase_and_says_where_it_belongs(by, client):
    program = make_program("Bridge", by=by)
    bridge = first_of(program)

    edit(client, program, f"place:{bridge.pk}", {f"phase-{bridge.pk}": "calm"})

    assert first_of(program).phase == "calm"
    assert "usually in Strengthen" in shown(client.get(program.get_absolute_url()))


@pytest.mark.parametrize("phase", ["", "warmup"])
def test_places_nothing_in_a_phase_that_does_not_exist(by, client, phase):
    program = make_program("Bridge", by=by)

    response = edit(client, program, f"place:{first_of(program).pk}", {"phase": phase}, follow=True)

    assert "Choose a phase first." in shown(response)
    assert first_of(program).phase == "strengthen"


def test_offers_a_fix_that_mends_what_it_warns_of(by, client):
    program = make_program("Bridge", by=by)
    rest = add(program, make_exercise("Rest", "calm"), by=by)
    act(program, f"place:{rest.pk}", by=by, phase="integrate")
    page = client.get(program.get_absolute_url())
    offered = f"fix:phase_order:{rest.pk}:Rest comes too late#place {rest.pk} calm"
    assert "Warn: Rest comes too late" in shown(page)
    assert "Move Rest to Calm" in shown(page)
    assert f'value="{offered}"' in page.content.decode()

    edit(client, program, offered)

    assert "comes too late" not in shown(client.get(program.get_absolute_url()))
    assert names_of(program) == ["Rest", "Bridge"]


@pytest.mark.parametrize("fix", ["", "#0", "phase_order:1:Rest comes too late#0", "size::Short#9", "x" * 3000])
def test_a_fix_that_is_no_longer_offered_changes_nothing(by, client, fix):
    program = make_program("Bridge", by=by)

    response = edit(client, program, f"fix:{fix}", follow=True)

    assert "The program changed since that was offered." in shown(response)
    assert names_of(program) == ["Bridge"]


def test_says_once_what_holds_for_several_exercises(by, client):
    floor = make_precaution("cannot_get_to_floor", rules={"floor": {"level": "avoid", "reason": "Out of reach."}})
    for name in ("Bridge", "Clam", "Squeeze"):
        make_exercise(name, attributes=["floor"], bed_ok=True)
    program = make_program("Bridge", "Clam", "Squeeze", by=by)
    assessment = program.patient.assessments.get()
    assessment.precautions.add(floor)
    assessment.equipment.add(Equipment.objects.create(slug="bed", name="Bed"))

    page = words_of(by_script(client, program, "keys:on").json()["regions"]["side"])

    assert "Note: Bridge, Clam and Squeeze on a firm bed" in page
    assert page.count("done on a firm bed") == 1


def test_removes_an_item(by, client):
    program = make_program("Bridge", "Clam", "Squat", by=by)
    bridge, clam, squat = items_of(program)

    places = [edit(client, program, f"remove:{item.pk}")["Location"] for item in (bridge, squat, clam)]

    assert names_of(program) == []
    beside = (f"item-{clam.pk}", f"item-{clam.pk}", "main")
    assert places == [f"/programs/{program.pk}/#{place}" for place in beside]


def test_removes_the_chosen_ones(by, client):
    program = make_program("Bridge", "Clam", "Squat", by=by)
    bridge, _, squat = items_of(program)

    answer = by_script(client, program, "remove-chosen", {"chosen": [bridge.pk, squat.pk]}).json()

    assert answer["said"] == "Bridge and Squat removed."
    assert names_of(program) == ["Clam"]


def test_puts_the_easier_and_the_harder_version_in_an_items_place(by, client):
    harder = make_exercise("March", level=2)
    make_exercise("Bridge", progression=harder, regression=make_exercise("Squeeze"))
    program = make_program("Clam", "Bridge", "Squat", by=by)
    bridge = items_of(program)[1]
    assert "Easier: Squeeze Harder: March" in shown(client.get(program.get_absolute_url()))

    edit(client, program, f"harder:{bridge.pk}")
    assert names_of(program) == ["Clam", "March", "Squat"]
    by_script(client, program, "undo")
    program.refresh_from_db()
    edit(client, program, f"easier:{bridge.pk}")
    assert names_of(program) == ["Clam", "Squeeze", "Squat"]


def test_takes_back_and_does_again(by, client):
    program = make_program("Bridge", "Clam", by=by)
    edit(client, program, f"remove:{first_of(program).pk}")

    undone = by_script(client, program, "undo").json()
    assert undone["said"] == "Undone: Bridge removed."
    assert names_of(program) == ["Bridge", "Clam"]

    again = by_script(client, program, "redo").json()
    assert again["said"] == "Done again: Bridge removed."
    assert names_of(program) == ["Clam"]
    assert by_script(client, program, "redo").json()["said"] == "There is nothing to redo."


def test_saves_the_next_visit(by, client):
    program = make_program("Bridge", by=by)

    edit(client, program, "next-visit", {"next_visit": f"  Monday\0{'!' * 200}"})

    program.refresh_from_db()
    assert program.next_visit == f"Monday{'!' * 114}"


def test_chooses_a_stage(by, client):
    program = make_program("Bridge", by=by)

    edit(client, program, "stage:w2_4")

    page = client.get(program.get_absolute_url())
    assert 'value="stage:w2_4" aria-current="true"' in page.content.decode()
    assert b'aria-label="More for' not in page.content


@pytest.mark.parametrize(
    ("stage", "said"), [("", "no such stage"), ("w99", "no such stage"), ("w0_2", "Nothing changed.")]
)
def test_leaves_the_stage_when_there_is_none_to_choose(by, client, stage, said):
    program = make_program("Bridge", by=by)
    before = program.version

    answer = by_script(client, program, f"stage:{stage}").json()

    program.refresh_from_db()
    assert said in answer["said"]
    assert (program.stage_slug, program.version) == ("w0_2", before)


def test_stars_an_exercise_for_oneself(by, client):
    program = make_program("Bridge", by=by)
    before = program.version

    answer = by_script(client, program, "star:bridge").json()
    by_script(client, program, "star:bridge")

    program.refresh_from_db()
    assert answer["said"] == "Bridge is now a favourite."
    assert Favourite.objects.get().user == by
    assert program.version == before
    by_script(client, program, "unstar:bridge")
    assert not Favourite.objects.exists()


def test_remembers_whether_single_keys_are_wanted(by, client):
    program = make_program("Bridge", by=by)

    edit(client, program, "keys:off")

    assert 'data-single-keys="off"' in client.get(program.get_absolute_url()).content.decode()
    edit(client, program, "keys:on")
    assert 'data-single-keys="on"' in client.get(program.get_absolute_url()).content.decode()


def typed_for(item, **values):
    """Return the fields of one item's line as the form names them."""
    return {f"v-{item.pk}": item.version} | {f"{name}-{item.pk}": value for name, value in values.items()}


def test_saves_dose_and_note(by, client):
    program = make_program("Bridge", by=by)
    item = first_of(program)

    response = edit(client, program, "dose", typed_for(item, sets="2", reps="12", hold_s="5", note="Breathe."))

    item.refresh_from_db()
    assert response["Location"] == f"/programs/{program.pk}/#item-{item.pk}"
    assert (item.sets, item.reps, item.hold_s, item.note, item.version) == (2, 12, 5, "Breathe.", 2)


def test_saves_typed_doses_with_whatever_button_is_pressed(by, client):
    program = make_program("Bridge", "Clam", by=by)
    bridge, clam = items_of(program)

    edit(client, program, f"remove:{clam.pk}", typed_for(bridge, reps="12") | typed_for(clam, reps=clam.reps))

    bridge.refresh_from_db()
    assert bridge.reps == 12
    assert names_of(program) == ["Bridge"]


def test_asks_for_minutes_where_the_exercise_is_timed(by, client):
    program = make_program(by=by)
    item = add(program, make_exercise("Walk", "integrate", reps=None, minutes=10), by=by)

    page = client.get(program.get_absolute_url()).content.decode()
    edit(client, program, "dose", typed_for(item, minutes="15", times_per_day="2", reps="8"))

    item.refresh_from_db()
    assert f'name="minutes-{item.pk}"' in page
    assert f'name="reps-{item.pk}"' not in page
    assert (item.minutes, item.times_per_day, item.reps) == (15, 2, None)


def test_asks_for_a_side_where_the_exercise_has_one(by, client):
    program = make_program("Bridge", by=by)
    sided = add(program, make_exercise("Figure 4", "release", laterality="affected_side"), by=by)
    bridge = items_of(program)[1]

    page = client.get(program.get_absolute_url()).content.decode()
    edit(client, program, "dose", typed_for(sided, side="right") | typed_for(bridge, side="right"))

    sided.refresh_from_db()
    bridge.refresh_from_db()
    assert [f'name="side-{item.pk}"' in page for item in (sided, bridge)] == [True, False]
    assert (sided.side, bridge.side) == ("right", "")


IMPOSSIBLE = [
    ({"reps": "0"}, "Between 1 and 100."),
    ({"reps": "101"}, "Between 1 and 100."),
    ({"reps": ""}, "Between 1 and 100."),
    ({"reps": "ten"}, "Between 1 and 100."),
    ({"reps": "-8"}, "Between 1 and 100."),
    ({"reps": "1²"}, "Between 1 and 100."),
    ({"sets": "11"}, "Between 1 and 10."),
    ({"hold_s": "601"}, "Between 1 and 600, or empty."),
    ({"times_per_day": "13"}, "Between 1 and 12."),
    ({"days_per_week": "8"}, "Between 1 and 7."),
    ({"note": "x" * 241}, "At most 240 characters; this has 241."),
]


@pytest.mark.parametrize(("typed", "said"), IMPOSSIBLE, ids=lambda typed: f"{typed}"[:18])
def test_keeps_what_was_typed_when_the_dose_is_impossible(by, client, typed, said):
    program = make_program("Bridge", by=by)
    item = first_of(program)
    (name, value), before = next(iter(typed.items())), program.version

    response = edit(client, program, "dose", typed_for(item, **{"note": "Typed with care.", **typed}))

    page = response.content.decode()
    item.refresh_from_db()
    program.refresh_from_db()
    assert response.status_code == 422
    assert (item.reps, item.note, item.version, program.version) == (10, "", 1, before)
    assert f'value="{typed.get("note", "Typed with care.")}"' in field(page, f"note-{item.pk}")
    assert f'value="{value}"' in field(page, f"{name}-{item.pk}")
    assert f'aria-invalid="true" aria-describedby="{name}-{item.pk}-error"' in field(page, f"{name}-{item.pk}")
    assert f'id="{name}-{item.pk}-error">{said}</p>' in page


@pytest.mark.parametrize(("typed", "said"), IMPOSSIBLE, ids=lambda typed: f"{typed}"[:18])
def test_tells_the_pages_script_at_which_field_a_dose_is_impossible(by, client, typed, said):
    program = make_program("Bridge", by=by)
    item = first_of(program)
    before = program.version

    response = by_script(client, program, "dose", typed_for(item, **typed))

    program.refresh_from_db()
    assert response.status_code == 422
    assert response.json() == {"said": said, "errors": {f"{next(iter(typed))}-{item.pk}": said}}
    assert program.version == before


def test_writes_nothing_of_a_form_in_which_one_dose_is_impossible(by, client):
    program = make_program("Bridge", "Clam", by=by)
    bridge, clam = items_of(program)

    response = edit(client, program, f"up:{clam.pk}", typed_for(bridge, reps="12") | typed_for(clam, reps="0"))

    bridge.refresh_from_db()
    assert response.status_code == 422
    assert 'value="12"' in field(response.content.decode(), f"reps-{bridge.pk}")
    assert (bridge.reps, names_of(program)) == (10, ["Bridge", "Clam"])


def test_needs_minutes_where_the_exercise_is_timed(by, client):
    program = make_program(by=by)
    item = add(program, make_exercise("Walk", "integrate", reps=None, minutes=10), by=by)

    assert edit(client, program, "dose", typed_for(item, minutes="", times_per_day="2")).status_code == 422


def test_sets_a_dose_for_all_chosen_and_each_takes_what_applies(by, client):
    program = make_program("Bridge", "Clam", by=by)
    walk = add(program, make_exercise("Walk", "integrate", reps=None, minutes=10), by=by)
    bridge = first_of(program)

    by_script(client, program, "bulk", {"chosen": [bridge.pk, walk.pk], "bulk-reps": "7", "bulk-times_per_day": "3"})

    assert [(item.reps, item.times_per_day) for item in items_of(program)] == [(7, 3), (10, 1), (None, 3)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"bulk-reps": "7"}, "Tick the exercises first."), ({"chosen": "first"}, "Type a number for the chosen")],
)
def test_asks_for_what_is_missing_before_it_sets_all(by, client, typed, said):
    program = make_program("Bridge", by=by)
    chosen = {name: first_of(program).pk if value == "first" else value for name, value in typed.items()}

    assert said in by_script(client, program, "bulk", chosen).json()["said"]
    assert first_of(program).reps == 10


def test_tells_at_the_common_field_that_a_dose_for_all_is_impossible(by, client):
    program = make_program("Bridge", by=by)

    response = by_script(client, program, "bulk", {"chosen": first_of(program).pk, "bulk-reps": "0"})

    assert (response.status_code, response.json()["errors"]) == (422, {"bulk-reps": "Between 1 and 100."})


@pytest.mark.parametrize("version", ["", "x", "²", "-1", "9" * 40])
def test_takes_an_edit_of_a_page_that_names_no_version(by, client, version):
    program = make_program("Bridge", by=by)
    item = first_of(program)

    edit(client, program, "dose", {"version": version, f"reps-{item.pk}": "8", f"v-{item.pk}": version})

    item.refresh_from_db()
    assert item.reps == 8


@pytest.fixture
def other(by):
    """A colleague in the same clinic."""
    return signed_in(make_user(clinic=by.memberships.get().clinic, name="Milo Hartmann"))


def test_keeps_two_peoples_edits_of_different_fields_of_one_item(by, client, other):
    program = make_program("Bridge", by=by)
    item = first_of(program)
    whole = {"sets": "1", "times_per_day": "1"}

    edit(other, program, "dose", typed_for(item, reps="15", note="", **whole))
    response = edit(client, program, "dose", typed_for(item, reps="10", note="Mine.", **whole))

    item.refresh_from_db()
    assert response.status_code == 302
    assert (item.reps, item.note) == (15, "Mine.")


@pytest.mark.parametrize("named", [True, False], ids=["naming the item's version", "naming the program's alone"])
def test_shows_both_when_somebody_was_quicker_and_lets_mine_be_saved_then(by, client, other, named):
    program = make_program("Bridge", by=by)
    item = first_of(program)
    edit(other, program, "dose", typed_for(item, reps="15", note="Theirs."))

    typed = typed_for(item, reps="8", note="Mine.")
    response = edit(client, program, "dose", typed if named else dict(list(typed.items())[1:]))

    page, text = response.content.decode(), shown(response)
    item.refresh_from_db()
    assert response.status_code == 409
    assert "Milo Hartmann changed Bridge while you did. Choose what holds." in text
    assert "Bridge: times Yours: 8 times Theirs: 15 times" in text
    assert "Bridge: note for the patient Yours: “Mine.” Theirs: “Theirs.”" in text
    assert (item.reps, item.note) == (15, "Theirs.")

    chosen = dict(re.findall(r'name="([a-z]+-\d+)" value="([^"]*)" checked', page))
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    edit(client, program, "dose", {"version": version, **chosen})

    item.refresh_from_db()
    assert (item.reps, item.note) == (8, "Mine.")


def test_tells_the_pages_script_of_both(by, client, other):
    program = make_program("Bridge", by=by)
    item = first_of(program)
    edit(other, program, "dose", typed_for(item, reps="15"))

    response = by_script(client, program, "dose", typed_for(item, reps="8"))

    answer = response.json()
    assert response.status_code == 409
    assert f'name="reps-{item.pk}" value="8" checked' in answer["merge"]
    assert "Theirs: 15 times" in words_of(answer["merge"])
    assert answer["version"] == Program.objects.get().version
    item.refresh_from_db()
    assert item.reps == 15


def test_shows_both_to_a_page_that_learned_of_the_program_but_not_of_the_item(by, client, other):
    program = make_program("Bridge", by=by)
    item = first_of(program)
    edit(other, program, "dose", typed_for(item, reps="15"))
    program.refresh_from_db()

    response = edit(client, program, "dose", typed_for(item, reps="8"))

    assert response.status_code == 409
    assert "Milo Hartmann changed Bridge while you did." in shown(response)


def test_shows_both_when_somebody_took_back_what_one_saw(by, client, other):
    program = make_program("Bridge", by=by)
    edit(other, program, "dose", typed_for(first_of(program), reps="15"))
    program.refresh_from_db()
    item = first_of(program)
    edit(other, program, "undo")

    response = edit(client, program, "dose", typed_for(item, reps="8"))

    assert response.status_code == 409
    assert "Bridge: times Yours: 8 times Theirs: 10 times" in shown(response)
    assert first_of(program).reps == 10


@pytest.mark.parametrize("do", ["remove:{}", "remove-chosen", "harder:{}", "bulk"])
def test_asks_before_it_removes_or_replaces_what_somebody_changed_meanwhile(by, client, other, do):
    make_exercise("Bridge", progression=make_exercise("March", level=2))
    program = make_program("Bridge", by=by)
    item = first_of(program)
    edit(other, program, "dose", typed_for(item, reps="15"))
    sent = {"chosen": item.pk, "bulk-reps": "8"}

    response = edit(client, program, do.format(item.pk), sent)

    page = response.content.decode()
    item.refresh_from_db()
    assert response.status_code == 409
    assert "Milo Hartmann changed Bridge meanwhile: 15 times." in shown(response)
    assert (names_of(program), item.reps) == (["Bridge"], 15)
    again = re.search(r'name="do" value="([^"]+)"', page)[1]
    kept = dict(re.findall(r'type="hidden" form="edit" name="([^"]+)" value="([^"]*)"', page))
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    edit(client, program, again, {**kept, "version": version})
    assert [(row.exercise.name, row.reps) for row in items_of(program)] != [("Bridge", 15)]


def test_offers_to_add_again_what_somebody_removed_while_it_was_changed(by, client, other):
    program = make_program("Bridge", "Clam", by=by)
    item = first_of(program)
    edit(other, program, f"remove:{item.pk}")

    response = edit(client, program, "dose", typed_for(item, reps="8"))

    page = response.content.decode()
    assert response.status_code == 409
    assert "Milo Hartmann removed it while you changed Bridge. You typed: 8 times." in shown(response)
    edit(client, program, "add-back:bridge", {"reps-new": re.search(r'name="reps-new" value="(\d+)"', page)[1]})
    assert {row.exercise.name: row.reps for row in items_of(program)} == {"Clam": 10, "Bridge": 8}


@pytest.mark.parametrize("do", ["up", "remove", "duplicate", "reset", "easier", "place"])
def test_says_who_removed_what_is_gone(by, client, other, do):
    program = make_program("Bridge", "Clam", by=by)
    item = first_of(program)
    edit(other, program, f"remove:{item.pk}")

    answer = by_script(client, program, f"{do}:{item.pk}", {"phase": "calm"}).json()

    assert answer["said"] == "Milo Hartmann removed Bridge meanwhile. Nothing was changed; undo brings it back."
    assert answer["warning"]
    assert names_of(program) == ["Clam"]


def test_accepts_a_warning_with_a_reason_and_takes_it_back(by, client):
    program = many(by, 4)
    key = f"phase_order:{items_of(program)[-1].pk}:Rest comes too late"

    refused = edit(client, program, f"accept:{key}", {f"reason:{key}": "t <short"})
    assert refused.status_code == 422
    assert ">t &lt;short</textarea>" in refused.content.decode()
    assert "A reason has at least 10 characters; this one has 8." in shown(refused)

    edit(client, program, f"accept:{key}", {f"reason:{key}": "Agreed with\0 the patient."})
    program.refresh_from_db()
    said = program.accepted_now[key]
    assert (said["reason"], said["by"]) == ("Agreed with the patient.", "Dana Okafor, PT")
    assert "Accepted by Dana Okafor, PT: “Agreed with the patient.”" in shown(client.get(program.get_absolute_url()))
    assert ">Agreed with the patient.</textarea>" in client.get(reverse("issue", args=[program.pk])).content.decode()

    edit(client, program, f"withdraw:{key}")
    program.refresh_from_db()
    assert program.accepted_now == {}


def test_escapes_what_people_type(by, client):
    program = make_program("Bridge", by=by)
    edit(client, program, "dose", typed_for(first_of(program), note="<script>alert(1)</script>"))

    page = client.get(program.get_absolute_url()).content.decode()
    parts = by_script(client, program, "keys:on").json()["regions"]["program"]

    for text in (page, parts):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize(
    "kind", [kind for kind in EDIT_QUERIES if kind not in {"star", "keys", "nothing to change", "refused"}]
)
def test_logs_each_edit_once_without_what_was_typed(db, kind):
    by, program = kept.make("a program of 4", lambda: with_many(4))
    client = signed_in(by)
    do, typed = sent_for(kind, program, by)
    logged = AuditEntry.objects.count()

    by_script(client, program, do, typed)

    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == logged + 1
    assert (entry.by, entry.patient_id, entry.subject) == (by, program.patient_id, f"program:{program.pk}")
    assert not [text for text in ("Agreed", "Monday", "Slowly") if text in str(entry.detail)]


def test_shows_an_exercise_beside_the_program(by, client):
    program = make_program("Bridge", by=by)
    address = reverse("program_exercise", args=[program.pk, "bridge"])

    page, part = client.get(address), client.get(address, headers=SCRIPT)

    for response in (page, part):
        assert "Lift your hips." in shown(response)
        assert "Add once more" in shown(response)
    assert b"<html" in page.content
    assert b"<html" not in part.content


def test_shows_what_speaks_against_an_exercise_beside_the_program(by, client):
    program = make_program(by=by)
    make_exercise("Press", driver_overrides={"piriformis": {"level": "avoid", "reason": "It hurts."}})

    text = shown(client.get(reverse("program_exercise", args=[program.pk, "press"])))

    assert "It hurts." in text
    assert "Add to Strengthen" in text


@pytest.mark.parametrize("slug", ["no-such", "retired"])
def test_shows_no_exercise_that_is_not_in_the_catalog(by, client, slug):
    make_exercise("Retired", status="retired")

    assert client.get(reverse("program_exercise", args=[make_program(by=by).pk, slug])).status_code == 404


def test_offers_what_could_take_an_items_place(by, client):
    make_exercise("Bridge", strengthens=["glutes"], progression=make_exercise("March", level=2))
    make_exercise("Hip lift", strengthens=["glutes"])
    program = make_program("Bridge", "Clam", by=by)
    item = first_of(program)

    page = client.get(reverse("program_swaps", args=[program.pk, item.pk]), headers=SCRIPT)

    assert "In place of Bridge" in shown(page)
    assert re.findall(r'aria-label="Use ([^"]+)"', page.content.decode()) == ["March", "Hip lift"]
    edit(client, program, f"swap:{item.pk}:hip-lift")
    assert names_of(program) == ["Hip lift", "Clam"]


def test_offers_no_substitute_for_what_is_not_in_the_program(by, client):
    program, elsewhere = make_program("Bridge", by=by), make_program("Bridge", by=by)

    assert client.get(reverse("program_swaps", args=[program.pk, first_of(elsewhere).pk])).status_code == 404


def test_shows_how_the_program_differs_from_the_last_handout(by, client):
    program = make_program("Bridge", by=by)
    address = reverse("program_changes", args=[program.pk])
    assert "Not issued yet" in shown(client.get(address))

    make_issue(program, by=by)

    text = shown(client.get(address))
    assert "Since handout 1" in text
    assert "New Bridge" in text


def make_protocol():
    protocol = Protocol.objects.create(slug="starter", driver=make_driver(), title="Starter", rationale="Practice.")
    for position, (stage, name) in enumerate([("w0_2", "Bridge"), ("w2_4", "Clam")], start=1):
        ProtocolItem.objects.create(protocol=protocol, stage=stage, position=position, exercise=make_exercise(name))
    return protocol


def test_starts_from_the_drivers_protocol(by, client):
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by)
    make_protocol()
    address = reverse("program_new", args=[patient.pk])

    page = shown(client.get(address))
    response = client.post(address, {"protocol": "starter"})

    program = Program.objects.get()
    assert "Weeks 0–2 Bridge" in page
    assert response["Location"] == program.get_absolute_url()
    assert (program.protocol.slug, names_of(program)) == ("starter", ["Bridge"])


@pytest.mark.parametrize("protocol", ["", "of-another-driver"])
def test_starts_empty(by, client, protocol):
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by)
    Protocol.objects.create(slug="of-another-driver", driver=make_driver("disc"), title="Other", rationale="Practice.")

    client.post(reverse("program_new", args=[patient.pk]), {"protocol": protocol})

    program = Program.objects.get()
    assert (program.protocol, names_of(program)) == (None, [])


def test_sends_to_the_assessment_first(by, client):
    patient = make_patient(clinic=by.memberships.get().clinic)

    response = client.get(reverse("program_new", args=[patient.pk]))

    assert response["Location"] == reverse("assessment", args=[patient.pk])


def test_shows_a_protocol_as_it_would_start_for_this_patient(by, client):
    patient = make_patient(clinic=by.memberships.get().clinic)
    belly = make_precaution("belly", rules={"prone": {"level": "avoid", "reason": "Not on the front."}})
    make_assessment(patient, by=by).precautions.add(belly)
    press = make_exercise("Prone press", attributes=["prone"], strengthens=["gluteus_maximus"])
    make_exercise("Hip lift", strengthens=["gluteus_maximus"])
    ProtocolItem.objects.filter(protocol=make_protocol(), stage="w0_2").update(exercise=press)

    page = shown(client.get(reverse("program_new", args=[patient.pk])))

    assert "Hip lift replaces Prone press. Belly: not on the front." in page
    assert "1 change for this patient" in page


@pytest.mark.parametrize("do", ["keys:on", "star:clam", "bogus", "add:no-such"])
def test_logs_a_look_at_the_program_when_an_answer_shows_it_unchanged(by, client, do):
    program = make_program("Clam", by=by)
    logged = AuditEntry.objects.count()

    answer = by_script(client, program, do).json()

    assert "program" in answer["regions"]
    entry = AuditEntry.objects.first()
    assert (AuditEntry.objects.count(), entry.action) == (logged + 1, "view program")
    assert (entry.by, entry.patient_id) == (by, program.patient_id)
