"""The pages of the catalog."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from exercises import browsing, pictures
from exercises.models import Driver, Protocol, ProtocolItem
from tests.conftest import make_driver, make_exercise, make_user, signed_in

PAGES = ["/exercises/", "/exercises/bridge/", "/exercises/bridge/figure.svg", "/protocols/"]


LIFT = {"start": {"posture": "hook_lying"}, "finish": {"joints": {"neck_flexion": 20}}}


@pytest.fixture
def reader(db: None) -> Client:
    return signed_in(make_user())


def names_on(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/exercises/[^"]+">([^<]+)</a></h3>', page)


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_sends_signed_out_people_to_sign_in(client: Client, address: str) -> None:
    make_exercise("Bridge")

    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", PAGES)
def test_only_reads(reader: Client, address: str) -> None:
    make_exercise("Bridge")

    assert reader.post(address).status_code == 405


@pytest.mark.parametrize("address", ["/exercises/no-such/", "/exercises/no-such/figure.svg"])
def test_answers_404_for_an_unknown_exercise(reader: Client, address: str) -> None:
    assert reader.get(address).status_code == 404


@pytest.mark.parametrize("role", ["therapist", "trainer", "assistant", "clinic_admin"])
def test_lets_every_role_read_the_catalog(role: str, db: None) -> None:
    make_exercise("Bridge")

    statuses = [signed_in(make_user(role)).get(address).status_code for address in PAGES]

    assert statuses == [200, 200, 200, 200]


def test_lists_exercises_by_phase_in_the_order_of_a_program(reader: Client) -> None:
    make_exercise("Squat", "integrate", kind="strengthening")
    make_exercise("Clam", "strengthen")
    make_exercise("Calf stretch", "release", kind="static_stretch")
    make_exercise("Ball on the buttock", "release", kind="self_massage")
    make_exercise("Rest", "calm", kind="posture")

    page = reader.get("/exercises/").content.decode()

    assert names_on(page) == ["Rest", "Ball on the buttock", "Calf stretch", "Clam", "Squat"]
    assert "5 exercises, in the order of the phases" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("q=stretch", ["Calf stretch", "Thigh stretch"], id="a word"),
        pytest.param("q=STRETCH+calf", ["Calf stretch"], id="every word, in any order and case"),
        pytest.param("phase=strengthen", ["Clam"], id="a phase"),
        pytest.param("driver=disc", ["Calf stretch"], id="a driver that it suits"),
        pytest.param("q=clam&phase=release", [], id="all of them together"),
        pytest.param("phase=no-such", ["Calf stretch", "Thigh stretch", "Clam"], id="an unknown phase is no phase"),
        pytest.param("driver=no-such", [], id="an unknown driver suits nothing"),
        pytest.param("q=%00clam", ["Clam"], id="a byte that databases refuse is left out"),
        pytest.param("q=" + "a" * 5000, [], id="a very long text"),
        pytest.param("q=%25", [], id="a percent sign is only a percent sign"),
    ],
)
def test_finds_exercises(reader: Client, query: str, expected: list[str]) -> None:
    make_exercise("Clam", "strengthen")
    make_exercise("Thigh stretch", "release", kind="static_stretch")
    calf = make_exercise("Calf stretch", "release", kind="static_stretch")
    calf.suits_primary.add(make_driver("disc"))
    calf.suits_secondary.add(make_driver("disc"))

    assert names_on(reader.get(f"/exercises/?{query}").content.decode()) == expected


def test_offers_a_way_back_when_nothing_is_found(reader: Client) -> None:
    make_exercise("Clam")

    page = reader.get("/exercises/?q=zebra").content.decode()

    assert "No exercise fits this search" in page
    assert 'value="zebra"' in page


def test_says_that_the_catalog_is_empty(reader: Client) -> None:
    assert "The catalog is empty" in reader.get("/exercises/").content.decode()


def test_keeps_retired_exercises_out_of_the_list_but_shows_their_page(reader: Client) -> None:
    make_exercise("Sit-up", status="retired")

    assert names_on(reader.get("/exercises/").content.decode()) == []
    assert "Retired" in reader.get("/exercises/sit-up/").content.decode()


@pytest.mark.parametrize("count", [1, 60])
def test_lists_any_number_of_exercises_with_the_same_queries(
    reader: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    driver = make_driver("disc")
    for number in range(count):
        make_exercise(f"Stretch {number}", "release", releases=["piriformis"]).suits_primary.add(driver)

    # session, user, memberships; counts, keys, exercises, three prefetches, equipment; drivers
    with django_assert_num_queries(11):
        reader.get("/exercises/")


def test_turns_pages_that_keep_the_phases_and_the_search(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "ON_A_PAGE", 2)
    for name, phase in [("Rest", "calm"), ("Calf roll", "release"), ("Hip roll", "release"), ("Back roll", "release")]:
        make_exercise(name, phase).suits_primary.add(make_driver("disc"))

    first, second, beyond = (
        reader.get(f"/exercises/?q=r&driver=disc&page={page}").content.decode() for page in ("1", "2", "99")
    )

    assert [names_on(page) for page in (first, second)] == [["Rest", "Back roll"], ["Calf roll", "Hip roll"]]
    assert ">1 of 3 exercises<" in first
    assert "2–3 of 3 exercises" in second
    assert "4 exercises found" in first
    assert "Page 1 of 2" in first
    assert 'href="?q=r&amp;driver=disc&amp;page=2" rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'href="?q=r&amp;driver=disc&amp;page=1" rel="prev"' in second
    assert 'rel="next"' not in second
    assert 'href="?q=r&amp;driver=disc&amp;phase=release"' in second  # a filter begins on its first page
    assert names_on(beyond) == names_on(second)


def test_reads_as_for_a_patient_with_the_side_filled_in(reader: Client) -> None:
    exercise = make_exercise("Figure four", "release", laterality="affected_side", reps=3, hold_s=30, times_per_day=2)
    exercise.texts.update(steps=["Rest your {side} ankle on your {other} knee."], feel="Deep in your {side} buttock.")

    page = reader.get("/exercises/figure-four/").content.decode()

    assert "Rest your right ankle on your left knee." in page
    assert "Deep in your right buttock." in page
    assert "A program fills in the side that hurts" in page
    assert "Then do the same" not in page
    for words in ("Hold 30 seconds", "3 times", "2 times a day"):
        assert f">{words}</li>" in page


def test_says_to_do_the_other_side_too_when_the_exercise_is_for_each(reader: Client) -> None:
    make_exercise("Clam", laterality="each_side").texts.update(steps=["Lift your {side} knee."])

    page = reader.get("/exercises/clam/").content.decode()

    assert "Lift your right knee." in page
    assert "Then do the same on your other side." in page
    assert ">each side</li>" in page


def test_names_who_objects_and_why(reader: Client) -> None:
    make_exercise("Press-up", attributes=["prone"])
    Driver.objects.filter(pk=make_driver("stenosis").pk).update(
        attribute_rules={"prone": {"level": "avoid_early", "reason": "Arching narrows the canal."}}
    )

    page = reader.get("/exercises/press-up/").content.decode()

    assert "Avoid early" in page
    assert "Arching narrows the canal." in page


def test_is_honest_about_evidence(reader: Client) -> None:
    make_exercise("Bridge", evidence="article_only")

    assert "No independent evidence was found" in reader.get("/exercises/bridge/").content.decode()


def test_links_to_the_easier_and_the_harder_exercise(reader: Client) -> None:
    easy, hard = make_exercise("Squeeze"), make_exercise("March")
    make_exercise("Bridge", progression=hard, regression=easy)

    page = reader.get("/exercises/bridge/").content.decode()

    assert '<a href="/exercises/squeeze/">Squeeze</a>' in page
    assert '<a href="/exercises/march/">March</a>' in page


def test_shows_an_exercise_that_has_no_text_yet(reader: Client) -> None:
    make_exercise("Bridge").texts.all().delete()

    assert reader.get("/exercises/bridge/").status_code == 200


def test_sends_the_picture_for_the_browser_to_keep(reader: Client) -> None:
    make_exercise("Bridge")

    first = reader.get("/exercises/bridge/figure.svg?frame=start")
    again = reader.get("/exercises/bridge/figure.svg?frame=start", headers={"If-None-Match": first["ETag"]})

    assert first["Content-Type"] == "image/svg+xml"
    assert first["Cache-Control"] == "private, max-age=3600"
    assert first.content.startswith(b"<svg")
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("file", ["figure.svg", "motion.svg"])
@pytest.mark.parametrize("side", ["", "left"])
def test_lets_browsers_keep_a_picture_for_good_by_its_version(reader: Client, file: str, side: str) -> None:
    address = f"/exercises/bridge/{file}?side={side}&v={pictures.version(make_exercise('Bridge', pose=LIFT))}"

    first = reader.get(address)
    again = reader.get(address, headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "private, max-age=31536000, immutable"
    assert (again.status_code, again["Cache-Control"]) == (304, first["Cache-Control"])


@pytest.mark.parametrize("file", ["figure.svg", "motion.svg"])
@pytest.mark.parametrize("version", ["", "0000000000000000", "nul%00"])
def test_lets_them_ask_again_for_any_other_version(reader: Client, file: str, version: str) -> None:
    make_exercise("Bridge", pose=LIFT)

    sent = reader.get(f"/exercises/bridge/{file}?v={version}")

    assert (sent.status_code, sent["Cache-Control"]) == (200, "private, max-age=3600")


def test_lets_them_ask_again_for_the_version_before_a_change(reader: Client) -> None:
    exercise = make_exercise("Bridge", pose=LIFT)
    before = pictures.version(exercise)
    exercise.pose = {**LIFT, "view": "top"}
    exercise.save(update_fields=["pose"])

    assert "immutable" not in reader.get(f"/exercises/bridge/figure.svg?v={before}")["Cache-Control"]


def test_draws_each_frame_and_the_last_when_none_is_named(reader: Client) -> None:
    make_exercise("Bridge", pose=LIFT)

    def picture(query: str) -> bytes:
        return reader.get(f"/exercises/bridge/figure.svg{query}").content

    assert picture("?frame=start") != picture("?frame=finish")
    assert picture("") == picture("?frame=finish") == picture("?frame=nothing")


def test_mirrors_the_picture_for_the_left_side(reader: Client) -> None:
    make_exercise("Bridge", pose=LIFT)

    left, right, either = (
        reader.get(f"/exercises/bridge/figure.svg?side={side}").content for side in ("left", "right", "")
    )

    assert b"matrix(-1" in left
    assert right == either
    assert b"matrix(-1" not in right


def test_sends_the_movement(reader: Client) -> None:
    make_exercise("Bridge", pose=LIFT)

    sent = reader.get("/exercises/bridge/motion.svg")

    assert sent["Content-Type"] == "image/svg+xml"
    assert b"@keyframes" in sent.content


def test_finds_no_movement_of_what_is_held_still(reader: Client) -> None:
    make_exercise("Rest", pose={"start": {"posture": "supine"}})

    assert reader.get("/exercises/rest/motion.svg").status_code == 404
    assert "motion.svg" not in reader.get("/exercises/rest/").content.decode()


def test_says_what_each_picture_shows(reader: Client) -> None:
    bridge = make_exercise("Bridge", pose=LIFT)
    bridge.texts.update(pictures={"start": "Lying on your back.", "finish": "Your {side} hip is up."})

    page = reader.get("/exercises/bridge/").content.decode()

    assert 'alt="Lying on your back."' in page
    assert 'alt="Your right hip is up."' in page
    assert "/exercises/bridge/motion.svg" in page


def test_shows_each_protocol_with_its_stages_in_order(reader: Client) -> None:
    protocol = Protocol.objects.create(
        slug="p", driver=make_driver(), title="Piriformis starter", rationale="Eases first."
    )
    for position, name in enumerate(["Ball", "Clam"], start=1):
        ProtocolItem.objects.create(protocol=protocol, stage="w0_2", position=position, exercise=make_exercise(name))

    page = reader.get("/protocols/").content.decode()

    assert page.index("Piriformis starter") < page.index("Weeks 0–2") < page.index(">Ball<") < page.index(">Clam<")
    assert "no trial shows that this order works better" in page


@pytest.mark.parametrize("count", [1, 6])
def test_shows_any_number_of_protocols_with_the_same_queries(
    reader: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    exercise = make_exercise("Ball")
    for number in range(count):
        protocol = Protocol.objects.create(slug=f"p{number}", driver=make_driver(), title="Starter", rationale="Eases.")
        ProtocolItem.objects.create(protocol=protocol, stage="w0_2", position=1, exercise=exercise)

    with django_assert_num_queries(6):
        reader.get("/protocols/")


def test_says_that_there_are_no_protocols(reader: Client) -> None:
    assert "There are no protocols yet" in reader.get("/protocols/").content.decode()
