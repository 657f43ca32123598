"""The builder's pages: what they show, and that no typed text is lost."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import AuditEntry
from exercises import known
from exercises.models import Equipment, MusclePair, Protocol, ProtocolItem
from exercises.vocabulary import Phase
from programs import builder
from programs.models import Item, Program
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
from tests.programs.samples import items_of, make_program, names_of

pytestmark = pytest.mark.django_db

BUILDER_QUERIES = 19
DOSE = {"sets": "2", "reps": "12", "hold_s": "", "times_per_day": "1", "days_per_week": "7", "note": ""}


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def client(by):
    return signed_in(by)


def shown(response) -> str:
    """Return the page as a person reads it: no tags, entities as letters, spaces folded."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def found_in_catalog(response) -> list[str]:
    return re.findall(r'aria-label="Add ([^"]+)"', html.unescape(response.content.decode()))


def test_shows_every_phase_with_its_exercises_in_order(by, client):
    program = make_program("Bridge", by=by)
    stage = program.stages.get(slug="w0_2")
    builder.add(stage, make_exercise("Figure 4", "release", releases=["piriformis"]), by=by)

    text = shown(client.get(program.get_absolute_url()))

    places = [text.index(f"{phase.rank} {phase.label} {phase.purpose}") for phase in Phase]
    assert places == sorted(places)
    assert text.index("Figure 4", places[1]) < places[2] < places[3] < text.index("Bridge", places[3]) < places[4]


def test_shows_dose_note_driver_and_checks(by, client):
    program = make_program("Bridge", by=by)
    Item.objects.update(note="Slowly.", reps=12)

    text = shown(client.get(program.get_absolute_url()))

    assert "12 times" in text
    assert "“Slowly.”" in text
    assert "Piriformis · left" in text
    assert "Stop · Red flags The red-flag questions haven't been asked yet." in text
    assert "Note · A short program" in text


@pytest.mark.parametrize("count", [4, 20])
def test_reads_the_builder_in_the_same_number_of_queries_whatever_its_length(by, client, count):
    patient = make_patient(clinic=by.memberships.get().clinic)
    make_assessment(patient, by=by, tight=["piriformis", "tfl"], weak=["gluteus_medius"])
    weight = {"relation": "antagonist", "weight": "primary"}
    for tight in ("piriformis", "tfl"):
        MusclePair.objects.create(tight=make_muscle(tight), weak=make_muscle("gluteus_medius"), **weight)
    make_exercise("Ball", "release", releases=["piriformis", "tfl"])
    program = make_ready(*(f"Hip lift {number}" for number in range(count - 1)), by=by, patient=patient)
    for exercise in (item.exercise for item in items_of(program)):
        exercise.strengthens.add(patient.assessments.get().muscle_findings.get(finding="weak").muscle)
    rest = builder.add(program.stages.get(slug="w0_2"), make_exercise("Rest", "calm"), by=by)
    builder.place(rest, Phase.INTEGRATE, by=by)
    known.forget()
    client.get(program.get_absolute_url())

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(program.get_absolute_url())

    assert "Release the piriformis before the gluteus medius" in shown(response)
    assert "Move Rest to Calm" in shown(response)
    assert response.content.count(b'aria-label="Edit dose of') == count
    assert len(queries) == BUILDER_QUERIES, "\n".join(query["sql"][:200] for query in queries)


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
    assert 'value="release" aria-pressed="true"' in response.content.decode()


def test_finds_no_retired_exercise(by, client):
    program = make_program(by=by)
    make_exercise("Bridge", status="retired")

    assert found_in_catalog(client.get(program.get_absolute_url())) == []


def test_puts_what_suits_the_driver_first_within_a_phase(by, client):
    program = make_program(by=by)
    for name, phase in (("Ankle pump", "release"), ("Ball", "release"), ("Curl", "release"), ("Rest", "calm")):
        make_exercise(name, phase)
    found = {exercise.name: exercise for exercise in make_exercise("Dip", "release").__class__.objects.all()}
    found["Curl"].suits_primary.add(make_driver())
    found["Ball"].suits_secondary.add(make_driver())

    response = client.get(program.get_absolute_url())

    assert found_in_catalog(response) == ["Rest", "Curl", "Ball", "Ankle pump", "Dip"]


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

    response = client.post(
        reverse("item_add", args=[program.pk]), {"exercise": "figure-4", "q": "fig & co", "phase_filter": "release"}
    )

    item = items_of(program)[0]
    assert names_of(program) == ["Figure 4", "Bridge"]
    assert response["Location"] == f"/programs/{program.pk}/?q=fig+%26+co&phase=release#item-{item.pk}"
    assert "Figure 4 added to Release." in shown(client.get(program.get_absolute_url()))


@pytest.mark.parametrize("slug", ["no-such", "", "retired", "nul\0byte"])
def test_adds_nothing_that_is_not_in_the_catalog(by, client, slug):
    program = make_program("Bridge", by=by)
    make_exercise("Retired", status="retired")

    response = client.post(reverse("item_add", args=[program.pk]), {"exercise": slug})

    assert response.status_code == 404
    assert names_of(program) == ["Bridge"]


@pytest.mark.parametrize(("to", "names"), [("up", ["Clam", "Bridge"]), ("down", ["Bridge", "Clam"])])
def test_moves_an_item(by, client, to, names):
    program = make_program("Bridge", "Clam", by=by)
    clam = items_of(program)[1]

    response = client.post(reverse("item_move", args=[clam.pk]), {"to": to})

    assert names_of(program) == names
    assert response["Location"].endswith(f"#item-{clam.pk}")


def test_places_an_item_in_another_phase_and_says_where_it_belongs(by, client):
    program = make_program("Bridge", by=by)
    bridge = items_of(program)[0]

    client.post(reverse("item_place", args=[bridge.pk]), {"phase": "calm"})

    assert items_of(program)[0].phase == "calm"
    assert "usually in Strengthen" in shown(client.get(program.get_absolute_url()))


@pytest.mark.parametrize("phase", ["", "warmup"])
def test_places_nothing_in_a_phase_that_does_not_exist(by, client, phase):
    program = make_program("Bridge", by=by)

    response = client.post(reverse("item_place", args=[items_of(program)[0].pk]), {"phase": phase})

    assert response.status_code == 302
    assert items_of(program)[0].phase == "strengthen"


def test_offers_a_fix_that_mends_what_it_warns_of(by, client):
    program = make_program("Bridge", by=by)
    rest = builder.add(program.stages.get(slug="w0_2"), make_exercise("Rest", "calm"), by=by)
    builder.place(rest, Phase.INTEGRATE, by=by)
    page = client.get(program.get_absolute_url())
    assert "Warn · Rest comes too late" in shown(page)
    assert "Move Rest to Calm" in shown(page)

    client.post(reverse("fix", args=[program.pk]), {"fix": f"phase_order:{rest.pk}:Rest comes too late#0"})

    assert "comes too late" not in shown(client.get(program.get_absolute_url()))
    assert names_of(program) == ["Rest", "Bridge"]


@pytest.mark.parametrize("fix", ["", "#0", "phase_order:1:Rest comes too late#0", "size::Short#9", "x" * 3000])
def test_a_fix_that_is_no_longer_offered_changes_nothing(by, client, fix):
    program = make_program("Bridge", by=by)

    response = client.post(reverse("fix", args=[program.pk]), {"fix": fix}, follow=True)

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

    page = shown(client.get(program.get_absolute_url()))

    assert "Note · Bridge, Clam and Squeeze on a firm bed" in page
    assert page.count("done on a firm bed") == 1


def test_removes_an_item(by, client):
    program = make_program("Bridge", "Clam", by=by)

    response = client.post(reverse("item_remove", args=[items_of(program)[0].pk]))

    assert names_of(program) == ["Clam"]
    assert response["Location"].endswith("#phase-strengthen")


def test_saves_the_next_visit(by, client):
    program = make_program("Bridge", by=by)

    client.post(reverse("next_visit", args=[program.pk]), {"next_visit": f"  Monday\0{'!' * 200}"})

    program.refresh_from_db()
    assert program.next_visit == f"Monday{'!' * 114}"


def test_chooses_a_stage(by, client):
    program = make_program("Bridge", by=by)

    client.post(reverse("stage_choose", args=[program.pk]), {"stage": "w2_4"})

    page = client.get(program.get_absolute_url())
    assert 'value="w2_4" aria-current="true"' in page.content.decode()
    assert b'aria-label="Edit dose of' not in page.content


@pytest.mark.parametrize("stage", ["", "w99", "w0_2"])
def test_leaves_the_stage_when_there_is_none_to_choose(by, client, stage):
    program = make_program("Bridge", by=by)
    before = program.version

    client.post(reverse("stage_choose", args=[program.pk]), {"stage": stage})

    program.refresh_from_db()
    assert (program.stage_slug, program.version) == ("w0_2", before)


def edit(client, item, **typed):
    return client.post(reverse("item_edit", args=[item.pk]), {"version": item.version, **DOSE, **typed})


def test_saves_dose_and_note(by, client):
    program = make_program("Bridge", by=by)
    item = items_of(program)[0]

    response = edit(client, item, hold_s="5", note="Breathe.")

    item.refresh_from_db()
    assert response["Location"] == f"/programs/{program.pk}/#item-{item.pk}"
    assert (item.sets, item.reps, item.hold_s, item.note, item.version) == (2, 12, 5, "Breathe.", 2)


def test_asks_for_minutes_where_the_exercise_is_timed(by, client):
    program = make_program(by=by)
    walk = make_exercise("Walk", "integrate", reps=None, minutes=10)
    item = builder.add(program.stages.get(slug="w0_2"), walk, by=by)

    page = client.get(reverse("item_edit", args=[item.pk])).content.decode()
    client.post(
        reverse("item_edit", args=[item.pk]),
        {"version": 1, "minutes": "15", "times_per_day": "2", "days_per_week": "7", "note": ""},
    )

    item.refresh_from_db()
    assert 'name="reps"' not in page
    assert (item.minutes, item.times_per_day, item.reps) == (15, 2, None)


def test_asks_for_a_side_where_the_exercise_has_one(by, client):
    program = make_program("Bridge", by=by)
    figure_4 = make_exercise("Figure 4", "release", laterality="affected_side")
    sided = builder.add(program.stages.get(slug="w0_2"), figure_4, by=by)
    bridge = items_of(program)[1]

    pages = [client.get(reverse("item_edit", args=[item.pk])).content.decode() for item in (sided, bridge)]
    edit(client, sided, side="right")

    sided.refresh_from_db()
    assert ['name="side"' in page for page in pages] == [True, False]
    assert sided.side == "right"


@pytest.mark.parametrize(
    "typed",
    [
        {"reps": "0"},
        {"reps": "101"},
        {"reps": ""},
        {"reps": "ten"},
        {"sets": "11"},
        {"hold_s": "601"},
        {"times_per_day": "13"},
        {"days_per_week": "8"},
        {"note": "x" * 241},
        {"version": ""},
    ],
    ids=lambda typed: "{}={:.5}".format(*next(iter(typed.items()))),
)
def test_keeps_what_was_typed_when_the_dose_is_impossible(by, client, typed):
    item = items_of(make_program("Bridge", by=by))[0]

    response = edit(client, item, **{"note": "Typed with care.", **typed})

    page = response.content.decode()
    item.refresh_from_db()
    assert response.status_code == 422
    assert (item.reps, item.version) == (10, 1)
    assert f'value="{typed.get("note", "Typed with care.")}"' in page
    assert all(f'value="{value}"' in page for value in typed.values() if value)


def test_needs_minutes_where_the_exercise_is_timed(by, client):
    walk = make_exercise("Walk", "integrate", reps=None, minutes=10)
    item = builder.add(make_program(by=by).stages.get(slug="w0_2"), walk, by=by)

    typed = {"version": 1, "minutes": "", "times_per_day": "2", "days_per_week": "7", "note": ""}

    assert client.post(reverse("item_edit", args=[item.pk]), typed).status_code == 422


def test_shows_both_when_somebody_was_quicker_and_lets_mine_be_saved_then(by, client):
    item = items_of(make_program("Bridge", by=by))[0]
    edit(signed_in(by), item, reps="15", note="Theirs.")

    response = edit(client, item, reps="8", note="Mine.")

    page, text = response.content.decode(), shown(response)
    item.refresh_from_db()
    assert response.status_code == 409
    assert "Somebody else changed this dose" in text
    assert "Repetitions 15" in text
    assert "Note for the patient Theirs." in text
    assert 'value="8"' in page
    assert 'value="Mine."' in page
    assert (item.reps, item.note) == (15, "Theirs.")

    version = re.search(r'name="version" value="(\d+)"', page)[1]
    edit(client, item, reps="8", note="Mine.", version=version)

    item.refresh_from_db()
    assert (item.reps, item.note) == (8, "Mine.")


def test_escapes_what_people_type(by, client):
    program = make_program("Bridge", by=by)
    edit(client, items_of(program)[0], note="<script>alert(1)</script>")

    page = client.get(program.get_absolute_url()).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("name", ["item_add", "item_move", "item_place", "item_remove", "next_visit", "stage_choose"])
def test_logs_each_edit_once(by, client, name):
    program = make_program("Bridge", "Clam", by=by)
    typed = {"exercise": "bridge", "to": "down", "phase": "calm", "next_visit": "Monday", "stage": "w2_4"}
    row = items_of(program)[0] if name.startswith("item_") and name != "item_add" else program
    logged = AuditEntry.objects.count()

    client.post(reverse(name, args=[row.pk]), typed)

    assert AuditEntry.objects.count() == logged + 1
    assert AuditEntry.objects.first().patient_id == program.patient_id


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
