"""A clinic's own protocols: what is taken from a program, who sees and changes them, and how a program starts."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import AuditEntry, Membership
from exercises import known
from exercises.models import Exercise, Protocol, ProtocolItem
from patients import assessing
from programs import adapting, builder, clinic_protocols
from programs.clinic_protocols import CannotSave, Edit, EditedMeanwhile, TitleTaken
from programs.models import ClinicProtocol, ClinicProtocolItem, Item, Program
from tests.conftest import (
    logged_since,
    make_assessment,
    make_driver,
    make_exercise,
    make_patient,
    make_precaution,
    make_user,
    signed_in,
)
from tests.reading import shown

pytestmark = pytest.mark.django_db

LIST_QUERIES = 5
PAGE_QUERIES = 9
NEW_QUERIES = 20


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def client(by):
    return signed_in(by)


def clinic_of(user):
    return user.memberships.get().clinic


def colleague(user, role="therapist", name="Ben Ode"):
    return make_user(role, clinic=clinic_of(user), name=name)


def assessed(by, name="Maria Rivera", **fields):
    patient = make_patient(name, clinic=clinic_of(by))
    make_assessment(patient, by=by, **fields)
    return patient


def exercise(name, phase="strengthen", **fields):
    return Exercise.objects.filter(name=name).first() or make_exercise(name, phase, **fields)


def make_program(*names, by, patient=None, **item):
    """Return a program with these exercises in its first weeks; `item` are fields of each."""
    rows = [{"exercise": row, "phase": row.phase, "reps": 10, **item} for row in map(exercise, names)]
    return builder.start(patient or assessed(by), protocol=None, by=by, filled={"w0_2": rows})


def make_protocol(*names, by, title="Ours", shared=False, program=None):
    program = program or make_program(*(names or ("Bridge", "Clam")), by=by)
    return clinic_protocols.save_program(program, title=title, note="", shared=shared, by=by)


def items_of(protocol, stage="w0_2"):
    return list(protocol.items.filter(stage=stage).order_by("position"))


def names_of(protocol):
    return [item.exercise.name for item in items_of(protocol)]


def started(program, stage="w0_2"):
    return list(Item.objects.filter(stage__program=program, stage__slug=stage).order_by("position"))


def fields_of(protocol, **other):
    """Return what the page's form sends as it stands, with other values where they are given."""
    sent = {"title": protocol.title, "driver": protocol.driver_id, "note": protocol.note, "version": protocol.version}
    sent |= {"shared": "on"} if protocol.shared else {}
    for item in protocol.items.all():
        names = ("sets", "reps", "hold_s", "tempo_s", "rest_s", "times_per_day", "days_per_week")
        dose = {name: getattr(item, name) for name in names} | {"name": item.exercise.name}
        sent |= {f"item-{item.pk}-{name}": "" if value is None else value for name, value in dose.items()}
    return sent | other


def page_of(protocol):
    return reverse("clinic_protocol", args=[protocol.pk])


# Saved from a program


def test_takes_exercise_phase_and_dose_of_every_stage(by):
    dose = {
        "sets": 3, "reps": 8, "hold_s": 5, "minutes": None, "tempo_s": 2, "rest_s": 60, "times_per_day": 2,
        "days_per_week": 3,
    }  # fmt: skip
    first = {"exercise": exercise("Bridge"), "phase": "integrate", "note": "Slowly, Maria.", **dose}
    walk = {"exercise": exercise("Walk", reps=None, minutes=20), "phase": "strengthen", "reps": None, "minutes": 20}
    program = builder.start(assessed(by), protocol=None, by=by, filled={"w0_2": [first], "w4_8": [walk, first]})

    protocol = make_protocol(by=by, program=program)

    kept = protocol.items.values("stage", "position", "exercise__name", "phase", *dose)
    assert kept[0] == {"stage": "w0_2", "position": 1, "exercise__name": "Bridge", "phase": "integrate", **dose}
    assert [(row["stage"], row["position"], row["exercise__name"]) for row in kept[1:]] == [
        ("w4_8", 1, "Walk"),
        ("w4_8", 2, "Bridge"),
    ]
    assert kept[1]["minutes"] == 20
    assert (protocol.driver, protocol.clinic, protocol.made_by) == (make_driver(), clinic_of(by), by)


@pytest.mark.parametrize(("side", "kept"), [("left", ""), ("right", ""), ("each", "each"), ("", "")])
def test_keeps_a_side_only_where_each_is_meant(by, side, kept):
    program = make_program("Bridge", by=by, patient=assessed(by, affected_side="left"), side=side)

    assert items_of(make_protocol(by=by, program=program))[0].side == kept


def test_keeps_nothing_of_the_patient(by):
    program = make_program("Bridge", by=by, note="Slowly, Maria.")
    Program.objects.update(next_visit="Tuesday at Maria's")

    protocol = make_protocol(by=by, program=program)

    stored = str([list(rows.values()) for rows in (ClinicProtocol.objects.all(), protocol.items.all())])
    assert "Maria" not in stored


def test_saves_from_the_page_and_logs_it_with_the_patient(by, client):
    program = make_program("Bridge", by=by)

    response = client.post(
        reverse("save_as_protocol", args=[program.pk]), {"title": "Runners", "note": "Late.", "shared": "on"}
    )

    protocol = ClinicProtocol.objects.get()
    entry = AuditEntry.objects.filter(action="save as protocol").get()
    assert response["Location"] == page_of(protocol)
    assert (protocol.title, protocol.note, protocol.shared) == ("Runners", "Late.", True)
    assert (entry.patient_id, entry.subject, entry.by) == (program.patient_id, f"program:{program.pk}", by)


def test_logs_who_looked_at_the_page_to_save(by, client):
    program = make_program("Bridge", by=by)

    text = shown(client.get(reverse("save_as_protocol", args=[program.pk])))

    assert "Weeks 0–2: 1 exercise · Weeks 2–4: 0 exercises" in text
    assert AuditEntry.objects.first().action == "view save as protocol"
    assert AuditEntry.objects.first().patient_id == program.patient_id


@pytest.mark.parametrize("method", ["get", "post"])
def test_says_that_a_program_without_exercises_is_no_protocol(by, client, method):
    program = make_program(by=by)

    response = getattr(client, method)(reverse("save_as_protocol", args=[program.pk]), {"title": "Nothing"})

    assert response.status_code == (422 if method == "post" else 200)
    assert "This program has no exercises yet, so there is nothing to save as a protocol." in shown(response)
    assert not ClinicProtocol.objects.exists()


@pytest.mark.parametrize("title", ["", "  ", "ours", "Ours", "x" * 121, "For maria RIVERA", "nul\0byte"])
def test_keeps_what_was_typed_when_the_title_will_not_do(by, client, title):
    make_protocol("Bridge", by=colleague(by))
    program = make_program("Bridge", by=by)

    response = client.post(
        reverse("save_as_protocol", args=[program.pk]), {"title": title, "note": "Late stage.", "shared": "on"}
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert 'aria-describedby="id_title_error"' in page
    assert '<div id="id_title_error"><p class="field-error">' in page
    assert ">\nLate stage.</textarea>" in page
    assert re.search(r'name="shared"[^>]* checked', page)
    assert ClinicProtocol.objects.count() == 1


@pytest.mark.parametrize(
    ("patient", "words", "part"),
    [
        ("Maria Rivera", "After maría's fall", "Maria"),
        ("Maria Rivera", "RIVERA, late stage", "Rivera"),
        ("Maria Rivera", "Rivera and Maria", "Maria Rivera"),
        ("Anne-Marie O'Brien", "Marie", "Anne-Marie"),
        ("Anne-Marie O'Brien", "the Brien way", "O'Brien"),
        ("Li Wu", "As for Li Wu", "Li Wu"),
        ("Li", "Clinic start", ""),
        ("Li Wu", "Clinic start for Li", ""),
        ("Maria Rivera", "Mariana's riverastart", ""),
        ("Maria Rivera", "", ""),
        ("A", "A start", ""),
    ],
)
@pytest.mark.parametrize("field", ["title", "note"])
def test_reminds_that_a_patients_name_stays_out(by, client, patient, words, part, field):
    program = make_program("Bridge", by=by, patient=assessed(by, name=patient))

    response = client.post(
        reverse("save_as_protocol", args=[program.pk]), {"title": "Runners", "note": "", field: words or "Late"}
    )

    if not part:
        assert response.status_code == 302
    else:
        assert response.status_code == 422
        assert f"Leave the patient's name out (“{part}”): the protocol is used for others." in shown(response)
        assert f'id="id_{field}_error"' in response.content.decode()


def test_says_which_title_is_taken(by):
    make_protocol("Bridge", by=by, title="Runners")

    with pytest.raises(TitleTaken, match="Another protocol of the clinic is called “runners”"):
        make_protocol("Bridge", by=by, title="runners")


def test_says_it_too_when_only_the_database_noticed(by, monkeypatch):
    make_protocol("Bridge", by=by)
    monkeypatch.setattr(clinic_protocols, "_check_title", lambda protocol: None)

    with pytest.raises(TitleTaken):
        make_protocol("Bridge", by=by)


def test_takes_a_title_that_is_retired_or_of_another_clinic(by):
    clinic_protocols.retire(make_protocol("Bridge", by=by), by=by)
    make_protocol("Bridge", by=make_user())

    make_protocol("Bridge", by=by)

    assert ClinicProtocol.objects.filter(title="Ours").count() == 3


def test_puts_a_program_in_place_of_a_protocol(by, client):
    protocol = make_protocol("Bridge", by=by, shared=True)
    program = make_program("Clam", "Squat", by=by)

    client.post(
        reverse("save_as_protocol", args=[program.pk]), {"instead_of": f"{protocol.pk}-1", "title": "", "note": ""}
    )

    protocol.refresh_from_db()
    assert names_of(protocol) == ["Clam", "Squat"]
    assert (protocol.title, protocol.shared, protocol.version) == ("Ours", True, 2)


@pytest.mark.parametrize("chosen", ["stale", "foreign", "no-such"])
def test_puts_nothing_in_place_of_what_changed_or_is_not_offered(by, client, chosen):
    protocol = make_protocol("Bridge", by=by)
    foreign = make_protocol("Bridge", by=make_user())
    choice = {"stale": f"{protocol.pk}-7", "foreign": f"{foreign.pk}-1", "no-such": "x"}[chosen]
    program = make_program("Clam", by=by)

    response = client.post(reverse("save_as_protocol", args=[program.pk]), {"instead_of": choice, "note": "Kept."})

    assert response.status_code == 422
    assert "That protocol was changed or retired meanwhile." in shown(response)
    assert "Kept." in shown(response)
    assert [names_of(row) for row in (protocol, foreign)] == [["Bridge"], ["Bridge"]]


def test_says_so_when_a_protocol_changes_between_the_look_and_the_save(by, client, monkeypatch):
    protocol = make_protocol("Bridge", by=by)
    program = make_program("Clam", by=by)

    def overtaken(*args, **kwargs):
        raise EditedMeanwhile

    monkeypatch.setattr(clinic_protocols, "put_in_place", overtaken)
    response = client.post(reverse("save_as_protocol", args=[program.pk]), {"instead_of": f"{protocol.pk}-1"})

    assert response.status_code == 422
    assert "changed or retired meanwhile" in shown(response)


@pytest.mark.parametrize(("role", "offered"), [("therapist", ["Mine", "Theirs"]), ("trainer", ["Mine"])])
def test_offers_in_whose_place_a_person_may_put_it(by, role, offered):
    me = colleague(by, role)
    make_protocol("Bridge", by=by, title="Private")
    make_protocol("Bridge", by=by, title="Theirs", shared=True)
    make_protocol("Bridge", by=me, title="Mine")
    clinic_protocols.retire(make_protocol("Bridge", by=me, title="Old"), by=me)

    found = clinic_protocols.replaceable(make_program("Bridge", by=by), by=me)

    assert [protocol.title for protocol in found] == offered


# The list


def test_lists_own_and_shared_ones_by_driver(by, client):
    make_protocol("Bridge", "Clam", by=by, title="Mine")
    make_protocol("Bridge", by=colleague(by), title="Theirs", shared=True)
    make_protocol("Bridge", by=colleague(by), title="Hidden")
    make_protocol("Bridge", by=make_user(), title="Foreign", shared=True)
    disc = make_program("Bridge", by=by, patient=assessed(by, driver=make_driver("disc")))
    make_protocol(by=by, title="Other driver", program=disc)

    text = shown(client.get("/protocols/ours/"))

    assert "Mine Dana Okafor only you 2 exercises 0 exercises 0 exercises" in text
    assert "Theirs Ben Ode the clinic 1 exercise" in text
    assert "Hidden" not in text
    assert "Foreign" not in text
    assert text.index("Disc Title") < text.index("Other driver") < text.index("Piriformis Title") < text.index("Mine")


def test_lists_retired_ones_behind_a_fold(by, client):
    clinic_protocols.retire(make_protocol("Bridge", by=by), by=by)

    page = client.get("/protocols/ours/").content.decode()

    assert "1 retired protocol" in page
    assert page.index("<details") < page.index("Ours</a>")


def test_says_how_to_make_one_while_there_is_none(client):
    assert "choose “Save as protocol”: it is then offered" in shown(client.get("/protocols/ours/"))


@pytest.mark.parametrize("count", [1, 12])
def test_reads_list_and_page_in_the_same_number_of_queries_whatever_their_length(
    by, client, count, django_assert_num_queries
):
    protocol = make_protocol(*(f"Lift {number}" for number in range(count)), by=by)

    with django_assert_num_queries(LIST_QUERIES):
        client.get("/protocols/ours/")
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(page_of(protocol))


def test_is_linked_from_the_catalogs_protocols_for_clinicians_alone(by, client):
    assert b'href="/protocols/ours/"' in client.get("/protocols/").content
    assert b'href="/protocols/ours/"' not in signed_in(colleague(by, "assistant")).get("/protocols/").content


# The page of one


def test_changes_words_and_doses_and_logs_it_without_the_words(by, client):
    protocol = make_protocol("Bridge", "Clam", by=by)
    bridge = items_of(protocol)[0]
    sent = fields_of(protocol, title="Runners", note="Late.", shared="on", driver=make_driver("disc").pk)

    response = client.post(
        page_of(protocol), sent | {f"item-{bridge.pk}-reps": "12", f"item-{bridge.pk}-times_per_day": "2"}
    )

    protocol.refresh_from_db()
    bridge.refresh_from_db()
    entry = AuditEntry.objects.first()
    assert response["Location"] == page_of(protocol)
    assert (protocol.title, protocol.note, protocol.shared, protocol.driver.slug) == ("Runners", "Late.", True, "disc")
    assert (bridge.reps, bridge.times_per_day, protocol.version) == (12, 2, 2)
    assert (entry.action, entry.subject, entry.clinic) == (
        "change protocol", f"clinicprotocol:{protocol.pk}", clinic_of(by)
    )  # fmt: skip
    assert "Runners" not in str(entry.detail)


def test_changes_minutes_of_what_is_timed(by, client):
    walk = exercise("Walk", reps=None, minutes=20)
    program = make_program("Walk", by=by, reps=None, minutes=walk.minutes)
    protocol = make_protocol(by=by, program=program)
    item = items_of(protocol)[0]
    sent = {f"item-{item.pk}-minutes": "25"}

    client.post(page_of(protocol), fields_of(protocol, **sent))

    item.refresh_from_db()
    assert (item.minutes, item.reps) == (25, None)


@pytest.mark.parametrize(("to", "item", "names"), [
    ("down", 0, ["Clam", "Bridge", "Squat"]),
    ("up", 2, ["Bridge", "Squat", "Clam"]),
    ("up", 0, ["Bridge", "Clam", "Squat"]),
    ("down", 2, ["Bridge", "Clam", "Squat"]),
])  # fmt: skip
def test_saves_and_moves_an_exercise_within_its_phase(by, client, to, item, names):
    protocol = make_protocol("Bridge", "Clam", "Squat", by=by)
    key = items_of(protocol)[item].pk

    response = client.post(page_of(protocol), fields_of(protocol, note="Typed.", move=f"{to}-{key}"))

    protocol.refresh_from_db()
    assert names_of(protocol) == names
    assert [row.position for row in items_of(protocol)] == [1, 2, 3]
    assert protocol.note == "Typed."
    assert response["Location"] == f"{page_of(protocol)}#item-{key}"


def test_moves_nothing_across_phases(by):
    exercise("Ball", "release")
    protocol = make_protocol("Ball", "Bridge", by=by)

    moved = clinic_protocols.change(protocol, Edit({}, move=items_of(protocol)[1].pk, up=True), seen_version=1, by=by)

    assert names_of(moved) == ["Ball", "Bridge"]


@pytest.mark.parametrize("move", ["", "up-", "up-0", "down-99999999", "sideways", "up-x\0"])
def test_moves_nothing_that_is_not_there(by, client, move):
    protocol = make_protocol("Bridge", "Clam", by=by)

    assert client.post(page_of(protocol), fields_of(protocol, move=move)).status_code == 302
    assert names_of(protocol) == ["Bridge", "Clam"]


def test_takes_exercises_out_and_closes_the_gap(by, client):
    protocol = make_protocol("Bridge", "Clam", "Squat", by=by)
    clam = items_of(protocol)[1]

    client.post(page_of(protocol), fields_of(protocol, **{f"item-{clam.pk}-remove": "on"}))

    assert names_of(protocol) == ["Bridge", "Squat"]
    assert [row.position for row in items_of(protocol)] == [1, 2]


def test_keeps_at_least_one_exercise_and_what_was_typed(by, client):
    protocol = make_protocol("Bridge", by=by)
    item = items_of(protocol)[0]

    response = client.post(page_of(protocol), fields_of(protocol, note="Typed.", **{f"item-{item.pk}-remove": "on"}))

    assert response.status_code == 422
    assert "A protocol needs at least one exercise." in shown(response)
    assert "Typed." in shown(response)
    assert names_of(protocol) == ["Bridge"]


@pytest.mark.parametrize(
    ("field", "value"), [("reps", "0"), ("reps", ""), ("sets", "11"), ("hold_s", "five"), ("tempo_s", "11")]
)
def test_ties_what_is_wrong_to_its_field(by, client, field, value):
    protocol = make_protocol("Bridge", by=by)
    name = f"item-{items_of(protocol)[0].pk}-{field}"

    response = client.post(page_of(protocol), fields_of(protocol, note="Typed.", **{name: value}))

    page = response.content.decode()
    assert response.status_code == 422
    assert re.search(rf'name="{name}" value="{value}"|name="{name}"', page)
    assert f'aria-describedby="id_{name}_error"' in page
    assert f'<div id="id_{name}_error">' in page
    assert "Typed." in page


def test_leaves_the_hold_empty(by, client):
    protocol = make_protocol(by=by, program=make_program("Bridge", by=by, hold_s=5))
    item = items_of(protocol)[0]

    client.post(page_of(protocol), fields_of(protocol, **{f"item-{item.pk}-hold_s": ""}))

    item.refresh_from_db()
    assert item.hold_s is None


def test_shows_and_changes_tempo_and_rest(by, client):
    protocol = make_protocol(by=by, program=make_program("Bridge", by=by, sets=3, tempo_s=2, rest_s=45), shared=True)
    item = items_of(protocol)[0]
    page = client.get(page_of(protocol)).content.decode()
    read_only = shown(signed_in(colleague(by, "trainer")).get(page_of(protocol)))

    sent = {f"item-{item.pk}-tempo_s": "4", f"item-{item.pk}-rest_s": ""}
    client.post(page_of(protocol), fields_of(protocol, **sent))

    item.refresh_from_db()
    assert re.search(rf'name="item-{item.pk}-tempo_s" value="2"', page)
    assert f'<label for="id_item-{item.pk}-rest_s">rest between sets in seconds</label>' in page
    assert "10 times · 2 seconds each way · 3 sets · rest 45 seconds between sets · once a day" in read_only
    assert (item.tempo_s, item.rest_s) == (4, None)


def test_shows_a_saved_tempo_beside_another_that_was_typed(by, client):
    protocol = make_protocol("Bridge", by=by)
    item = items_of(protocol)[0]
    sent = fields_of(protocol, **{f"item-{item.pk}-tempo_s": "4"})
    clinic_protocols.change(protocol, Edit({}, doses={item.pk: {"tempo_s": 3}}), seen_version=1, by=by)

    response = client.post(page_of(protocol), sent)

    assert response.status_code == 409
    assert "Saved now: 10 times · 3 seconds each way · once a day" in shown(response)


def test_keeps_a_tempo_that_was_not_sent(by, client):
    protocol = make_protocol(by=by, program=make_program("Bridge", by=by, tempo_s=2))
    item = items_of(protocol)[0]
    sent = fields_of(protocol, **{f"item-{item.pk}-reps": "12"})
    del sent[f"item-{item.pk}-tempo_s"]

    client.post(page_of(protocol), sent)

    item.refresh_from_db()
    assert (item.reps, item.tempo_s) == (12, 2)


def test_says_beside_the_title_that_it_is_taken(by, client):
    make_protocol("Bridge", by=by, title="Runners")
    protocol = make_protocol("Bridge", by=by)

    response = client.post(page_of(protocol), fields_of(protocol, title="Runners"))

    assert response.status_code == 422
    assert "Another protocol of the clinic is called “Runners”." in shown(response)
    assert 'id="id_title_error"' in response.content.decode()


def test_shows_both_when_somebody_was_quicker_and_loses_nothing(by, client):
    protocol = make_protocol("Bridge", "Clam", "Squat", by=by)
    bridge, clam, _ = items_of(protocol)
    sent = fields_of(protocol, title="Mine", **{f"item-{bridge.pk}-reps": "15", f"item-{clam.pk}-reps": "14"})
    theirs = Edit({"title": "Theirs"}, doses={bridge.pk: {"reps": 8}}, removed=[clam.pk])
    clinic_protocols.change(protocol, theirs, seen_version=1, by=by)

    response = client.post(page_of(protocol), sent)

    page, text = response.content.decode(), shown(response)
    assert response.status_code == 409
    assert "Title: Theirs" in text
    assert "Saved now: 8 times · once a day" in text
    assert "Clam: sets: 1, repetitions: 14" in text
    assert 'value="Mine"' in page
    assert re.search(rf'name="item-{bridge.pk}-reps" value="15"', page)
    assert 'name="version" value="2"' in page
    assert ClinicProtocol.objects.get().title == "Theirs"


def test_puts_yours_in_place_of_theirs_on_the_second_save(by, client):
    protocol = make_protocol("Bridge", by=by)
    item = items_of(protocol)[0]
    sent = fields_of(protocol, title="Mine", **{f"item-{item.pk}-reps": "15"})
    clinic_protocols.change(protocol, Edit({"title": "Theirs"}), seen_version=1, by=by)

    client.post(page_of(protocol), sent | {"version": "2"})

    protocol.refresh_from_db()
    item.refresh_from_db()
    assert (protocol.title, item.reps) == ("Mine", 15)


def test_shows_both_when_somebody_was_quicker_by_a_blink(by, client, monkeypatch):
    protocol = make_protocol("Bridge", by=by)

    def overtaken(*args, **kwargs):
        raise EditedMeanwhile

    monkeypatch.setattr(clinic_protocols, "change", overtaken)
    response = client.post(page_of(protocol), fields_of(protocol, title="Mine"))

    assert response.status_code == 409
    assert 'value="Mine"' in response.content.decode()


def test_changes_nothing_of_a_protocol_that_moved_on(by):
    protocol = make_protocol("Bridge", by=by)

    with pytest.raises(EditedMeanwhile):
        clinic_protocols.change(protocol, Edit({"title": "Late"}), seen_version=7, by=by)
    with pytest.raises(EditedMeanwhile):
        clinic_protocols.put_in_place(make_program("Clam", by=by), protocol, seen_version=7, by=by)

    assert (ClinicProtocol.objects.get().title, names_of(protocol)) == ("Ours", ["Bridge"])


def test_leaves_what_was_not_sent_as_it_is(by, client):
    protocol = make_protocol("Bridge", by=by)

    client.post(page_of(protocol), {"title": "Short", "driver": protocol.driver_id, "version": "1"})

    protocol.refresh_from_db()
    assert (protocol.title, items_of(protocol)[0].reps) == ("Short", 10)


def test_marks_an_exercise_that_the_catalog_retired(by, client):
    protocol = make_protocol("Bridge", by=by)
    Exercise.objects.update(status="retired")

    assert "Bridge Strengthen retired from the catalog" in shown(client.get(page_of(protocol)))


def test_goes_to_the_list_when_a_therapist_makes_anothers_private(by, client):
    protocol = make_protocol("Bridge", by=colleague(by), shared=True)
    sent = fields_of(protocol)
    del sent["shared"]

    response = client.post(page_of(protocol), sent, follow=True)

    assert response.redirect_chain == [("/protocols/ours/", 302)]
    assert "Only Ben Ode sees it now." in shown(response)


# Retired, never deleted


def test_retires_and_brings_back(by, client):
    protocol = make_protocol("Bridge", by=by)
    address = reverse("clinic_protocol_retire", args=[protocol.pk])

    client.post(address)
    protocol.refresh_from_db()
    retired = protocol.retired_at
    back = client.post(address, {"to": "back"})

    protocol.refresh_from_db()
    assert retired is not None
    assert protocol.retired_at is None
    assert back["Location"] == page_of(protocol)
    actions = AuditEntry.objects.order_by("-pk").values_list("action", flat=True)
    assert list(actions[:2]) == ["bring protocol back", "retire protocol"]


def test_retires_once(by):
    protocol = make_protocol("Bridge", by=by)
    clinic_protocols.retire(protocol, by=by)
    logged = AuditEntry.objects.count()

    clinic_protocols.retire(protocol, by=by)

    assert AuditEntry.objects.count() == logged


def test_brings_nothing_back_under_a_title_that_is_taken(by, client):
    protocol = make_protocol("Bridge", by=by)
    clinic_protocols.retire(protocol, by=by)
    make_protocol("Bridge", by=by)

    response = client.post(reverse("clinic_protocol_retire", args=[protocol.pk]), {"to": "back"}, follow=True)

    protocol.refresh_from_db()
    assert protocol.retired_at is not None
    assert "Another protocol of the clinic is called “Ours”." in shown(response)


# Who may


@pytest.mark.parametrize(("role", "made", "may"), [
    ("therapist", False, True), ("trainer", False, False), ("trainer", True, True),
])  # fmt: skip
def test_lets_its_maker_and_therapists_change_it(by, role, made, may):
    me = colleague(by, role)
    protocol = make_protocol("Bridge", by=me if made else by, shared=True)
    client = signed_in(me)

    page = client.get(page_of(protocol))
    posted = client.post(page_of(protocol), fields_of(protocol, title="New"))
    retired = client.post(reverse("clinic_protocol_retire", args=[protocol.pk]))

    protocol.refresh_from_db()
    assert page.status_code == 200
    assert (b'name="title"' in page.content) is may
    assert "Bridge" in shown(page)
    assert posted.status_code == retired.status_code == (302 if may else 403)
    assert (protocol.title == "New", protocol.retired_at is not None) == (may, may)


def test_refuses_a_trainer_to_put_a_program_in_place_of_anothers(by):
    protocol = make_protocol("Bridge", by=by, shared=True)
    program = make_program("Clam", by=by)

    with pytest.raises(PermissionDenied, match="Only its maker and the clinic's therapists"):
        clinic_protocols.put_in_place(program, protocol, seen_version=1, by=colleague(by, "trainer"))

    assert names_of(protocol) == ["Bridge"]


def addresses(protocol, program):
    return {
        "clinic_protocols": "/protocols/ours/",
        "clinic_protocol": page_of(protocol),
        "clinic_protocol_retire": reverse("clinic_protocol_retire", args=[protocol.pk]),
        "save_as_protocol": reverse("save_as_protocol", args=[program.pk]),
    }


def test_sends_signed_out_people_to_sign_in(by):
    protocol = make_protocol("Bridge", by=by)

    for address in addresses(protocol, make_program("Bridge", by=by)).values():
        assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("role", ["assistant", "clinic_admin"])
def test_refuses_those_who_do_nothing_clinical(by, role):
    protocol = make_protocol("Bridge", by=by, shared=True)
    client = signed_in(colleague(by, role))

    for address in addresses(protocol, make_program("Bridge", by=by)).values():
        assert {client.get(address).status_code, client.post(address).status_code} <= {403, 405}
        assert 403 in {client.get(address).status_code, client.post(address).status_code}


@pytest.mark.parametrize("who", ["a colleague", "another clinic"])
def test_answers_for_what_is_private_as_for_what_is_not_there(by, who):
    client = signed_in(colleague(by) if who == "a colleague" else make_user())
    protocol = make_protocol("Bridge", by=by, shared=who == "another clinic")
    before, logged = list(ClinicProtocol.objects.values()), AuditEntry.objects.count()

    for name in ("clinic_protocol", "clinic_protocol_retire"):
        found = client.post(reverse(name, args=[protocol.pk]), fields_of(protocol, title="Taken over"))
        none = client.post(reverse(name, args=[987_654]))
        assert found.status_code == none.status_code == 404
        assert found.content == none.content
    assert client.get(page_of(protocol)).status_code == 404
    assert list(ClinicProtocol.objects.values()) == before
    assert logged_since(logged) == ["refuse access"] * 5


def test_answers_for_another_clinics_program_as_for_none(by):
    address = reverse("save_as_protocol", args=[make_program("Bridge", by=by).pk])
    client = signed_in(make_user())

    assert client.get(address).status_code == 404
    assert client.post(address, {"title": "Mine"}).status_code == 404
    assert not ClinicProtocol.objects.exists()


def test_takes_each_method_where_it_belongs(by, client):
    protocol = make_protocol("Bridge", by=by)

    assert client.get(reverse("clinic_protocol_retire", args=[protocol.pk])).status_code == 405
    assert client.post("/protocols/ours/").status_code == 405


# A program from one


def start_page(patient):
    return reverse("program_new", args=[patient.pk])


def make_catalog_protocol(name="Bridge"):
    protocol = Protocol.objects.create(slug="starter", driver=make_driver(), title="Starter", rationale="Practice.")
    ProtocolItem.objects.create(protocol=protocol, stage="w0_2", position=1, exercise=exercise(name))


def test_offers_the_clinics_own_first(by, client):
    make_catalog_protocol()
    make_protocol("Clam", by=by)

    text = shown(client.get(start_page(assessed(by))))

    assert text.index("Ours Start from this : Ours") < text.index("Starter Start from this") < text.index("Start empty")
    assert "Clam 10 times" in text


def test_offers_each_exercise_with_all_that_its_dose_says(by, client):
    make_protocol(by=by, program=make_program("Clam", by=by, sets=3, tempo_s=2, rest_s=45))

    text = shown(client.get(start_page(assessed(by))))

    assert "Clam 10 times · 2 seconds each way · 3 sets · rest 45 seconds between sets · once a day" in text


def test_offers_what_is_in_use_for_this_driver_in_this_clinic(by, client):
    patient = assessed(by)
    disc = make_program("Bridge", by=by, patient=assessed(by, driver=make_driver("disc")))
    make_protocol(by=by, program=disc, title="Other driver")
    make_protocol("Bridge", by=colleague(by), title="Private")
    make_protocol("Bridge", by=colleague(by), title="Shared", shared=True)
    clinic_protocols.retire(make_protocol("Bridge", by=by, title="Old"), by=by)
    elsewhere = make_user()
    make_protocol("Bridge", by=elsewhere, title="Second clinic", shared=True)
    Membership.objects.create(clinic=clinic_of(elsewhere), user=by, role="therapist")

    offered = clinic_protocols.to_start_from(patient, make_driver(), by=by)

    assert [row.title for row in offered] == ["Shared"]


def test_starts_with_the_clinics_phase_dose_and_order(by, client):
    rows = [
        {"exercise": exercise("Squat"), "phase": "strengthen", "reps": 7, "sets": 3, "tempo_s": 2, "rest_s": 45},
        {"exercise": exercise("Clam", kind="activation"), "phase": "strengthen", "reps": 8, "times_per_day": 2},
        {"exercise": exercise("Bridge"), "phase": "integrate", "reps": 9},
    ]
    source = builder.start(assessed(by), protocol=None, by=by, filled={"w0_2": rows})
    protocol = make_protocol(by=by, program=source)
    patient = assessed(by, "Ada Cole")

    response = client.post(start_page(patient), {"clinic_protocol": protocol.pk})

    program = Program.objects.get(patient=patient)
    fields = ("phase", "sets", "reps", "tempo_s", "rest_s", "times_per_day")
    assert response["Location"] == program.get_absolute_url()
    assert (program.protocol, program.clinic_protocol) == (None, protocol)
    assert program.adapted["w0_2"]["changes"] == []
    assert [(item.exercise.name, *(getattr(item, name) for name in fields)) for item in started(program)] == [
        ("Squat", "strengthen", 3, 7, 2, 45, 1),
        ("Clam", "strengthen", 1, 8, None, None, 2),
        ("Bridge", "integrate", 1, 9, None, None, 1),
    ]
    assert [item.position for item in started(program)] == [1, 2, 3]
    assert AuditEntry.objects.filter(action="start program", patient_id=patient.pk).exists()


def test_replaces_what_does_not_suit_with_its_usual_dose_and_says_so(by, client):
    exercise("Prone press", attributes=["prone"], strengthens=["gluteus_maximus"])
    exercise("Hip lift", strengthens=["gluteus_maximus"], sets=2, reps=11)
    exercise("Clam", strengthens=["gluteus_medius"])
    protocol = make_protocol(by=by, program=make_program("Prone press", "Clam", by=by, reps=15, sets=3))
    patient = assessed(by, "Ada Cole")
    belly = make_precaution("belly", rules={"prone": {"level": "avoid", "reason": "Not on the front."}})
    patient.assessments.get().precautions.add(belly)

    page = shown(client.get(start_page(patient)))
    client.post(start_page(patient), {"clinic_protocol": protocol.pk})

    program = Program.objects.get(patient=patient)
    change = "Hip lift replaces Prone press. Belly: not on the front."
    assert change in page
    assert {(item.exercise.name, item.sets, item.reps) for item in started(program)} == {
        ("Hip lift", 2, 11), ("Clam", 3, 15)
    }  # fmt: skip
    assert (list(program.adapted), program.adapted["w0_2"]["changes"]) == (["w0_2"], [change])


@pytest.mark.parametrize("other", ["Hip lift", ""])
def test_replaces_or_leaves_out_what_the_catalog_retired(by, client, other):
    exercise("Bridge", strengthens=["gluteus_maximus"])
    protocol = make_protocol("Bridge", "Clam", by=by)
    Exercise.objects.filter(name="Bridge").update(status="retired")
    if other:
        exercise(other, strengthens=["gluteus_maximus"])
    known.forget()
    patient = assessed(by, "Ada Cole")

    client.post(start_page(patient), {"clinic_protocol": protocol.pk})

    program = Program.objects.get(patient=patient)
    assert {item.exercise.name for item in started(program)} == {"Clam", other} - {""}
    assert "It is not in use any more." in program.adapted["w0_2"]["changes"][0]


@pytest.mark.parametrize(("laterality", "given", "affected", "side"), [
    pytest.param("affected_side", "left", "right", "right", id="the patient's side"),
    pytest.param("affected_side", "each", "right", "each", id="each where it says so"),
    pytest.param("affected_side", "left", "both", "each", id="each when both legs hurt"),
    pytest.param("each_side", "each", "left", "each", id="each side"),
    pytest.param("bilateral", "", "left", "", id="none"),
])  # fmt: skip
def test_takes_the_side_from_the_patient(by, client, laterality, given, affected, side):
    exercise("Bridge", laterality=laterality)
    protocol = make_protocol(by=by, program=make_program("Bridge", by=by, side=given))
    patient = assessed(by, "Ada Cole", affected_side=affected)

    client.post(start_page(patient), {"clinic_protocol": protocol.pk})

    assert started(Program.objects.get(patient=patient))[0].side == side


def test_leaves_a_stage_empty_that_the_clinic_left_empty(by):
    protocol = make_protocol("Bridge", by=by)
    patient = assessed(by, "Ada Cole")

    program = clinic_protocols.start(patient, protocol.pk, assessing.latest_of(patient), by=by)

    assert [len(started(program, slug)) for slug in ("w0_2", "w2_4", "w4_8")] == [1, 0, 0]


@pytest.mark.parametrize("number", ["", "0", "x", "99999999", "retired", "private"])
def test_starts_nothing_from_what_is_not_offered(by, client, number):
    retired = make_protocol("Bridge", by=by)
    clinic_protocols.retire(retired, by=by)
    private = make_protocol("Bridge", by=colleague(by), title="Private")
    patient = assessed(by, "Ada Cole")
    chosen = {"retired": retired.pk, "private": private.pk}.get(number, number)

    response = client.post(start_page(patient), {"clinic_protocol": chosen})

    assert "That protocol isn't offered any more. Choose another one." in shown(response)
    assert not Program.objects.filter(patient=patient).exists()


def test_stays_with_its_programs_when_it_changes_or_retires(by):
    protocol = make_protocol("Bridge", "Clam", by=by)
    patient = assessed(by, "Ada Cole")
    program = clinic_protocols.start(patient, protocol.pk, assessing.latest_of(patient), by=by)

    clinic_protocols.change(protocol, Edit({}, removed=[items_of(protocol)[0].pk]), seen_version=1, by=by)
    clinic_protocols.retire(protocol, by=by)

    program.refresh_from_db()
    assert program.clinic_protocol == protocol
    assert [item.exercise.name for item in started(program)] == ["Bridge", "Clam"]


def test_suits_each_stage_of_each_protocol_once(by, client, monkeypatch):
    make_catalog_protocol()
    make_protocol("Bridge", by=by, title="One")
    filled = {slug: [{"exercise": exercise("Bridge"), "phase": "strengthen", "reps": 9}] for slug in ("w0_2", "w2_4")}
    make_protocol(by=by, title="Two", program=builder.start(assessed(by), protocol=None, by=by, filled=filled))
    seen = []
    adapt = adapting.adapt
    monkeypatch.setattr(adapting, "adapt", lambda planned, empty: seen.append(empty.slug) or adapt(planned, empty))

    client.get(start_page(assessed(by)))

    assert sorted(seen) == ["w0_2"] * 3 + ["w2_4"] * 2 + ["w4_8"]


@pytest.mark.parametrize("count", [1, 12])
def test_reads_the_start_page_in_the_same_number_of_queries_whatever_its_length(by, client, count):
    make_catalog_protocol()
    make_protocol(*(f"Lift {number}" for number in range(count)), by=by)
    address = start_page(assessed(by))
    client.get(address)

    with CaptureQueriesContext(connection) as queries:
        client.get(address)

    assert len(queries) == NEW_QUERIES, "\n".join(query["sql"][:200] for query in queries)


def test_refuses_an_empty_protocol_with_a_sentence(by):
    with pytest.raises(CannotSave, match="nothing to save as a protocol"):
        make_protocol(by=by, program=make_program(by=by))


def test_never_writes_a_side_of_one_patient(by):
    make_protocol(by=by, program=make_program("Bridge", by=by, side="right"))

    assert not ClinicProtocolItem.objects.filter(side__in=["left", "right"]).exists()
