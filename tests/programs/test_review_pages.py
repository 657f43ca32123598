"""The pages on which editors review shared exercises."""

import html
import re

import pytest
from django.test import Client

from clinics.models import User
from exercises import editing, known, reviewing
from exercises.editorial import FORMER, ExercisePicture
from exercises.models import Exercise, ExerciseText
from tests.conftest import describe_pictures, make_clinic, make_editor, make_exercise, make_user, signed_in
from tests.exercises.test_reviewing import complete

pytestmark = pytest.mark.django_db

PAGES = ("/catalog/review/", "/catalog/exercises/bridge/review/", "/catalog/exercises/bridge/retire/")
QUEUE_QUERIES = 10


@pytest.fixture
def editor() -> User:
    return make_editor()


@pytest.fixture
def client(editor: User) -> Client:
    return signed_in(editor)


def shown(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def post(client: Client, do: str, **fields: object):
    return client.post("/catalog/exercises/bridge/review/", {"do": do, **fields}, follow=True)


@pytest.mark.parametrize("address", PAGES)
def test_are_for_editors_of_the_shared_catalog(address: str):
    complete()
    viewer = User.objects.create(email="viewer@catalog.invalid", name="Vi Ewer", is_staff=True)

    assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"
    for user in (make_user(), make_user("clinic_admin"), viewer):
        assert signed_in(user).get(address).status_code == 403
        assert signed_in(user).post(address, {"do": "submit", "why": "x"}).status_code in (403, 405)
    assert Exercise.objects.get().status == "draft"


@pytest.mark.parametrize("address", PAGES[1:])
def test_show_no_clinics_own_exercise(client: Client, address: str):
    complete(clinic=make_clinic())

    assert client.get(address).status_code == client.get(address.replace("bridge", "none")).status_code == 404


def test_lists_a_published_exercise_whose_only_picture_was_taken_off(client: Client):
    exercise = complete(status="published", pose={})
    ExercisePicture.objects.create(exercise=exercise, frame=f"{FORMER}1", content=b"1", digest="1")

    assert "Give it a picture: pose it, or upload one." in shown(client.get("/catalog/review/"))


def test_lists_a_published_exercise_whose_pictures_have_no_words(client: Client):
    complete(status="published").texts.filter(language="en").update(pictures={})

    assert "Say in English what the picture shows: “start”." in shown(client.get("/catalog/review/"))


def test_lists_what_waits_with_who_and_what_is_missing(client: Client):
    author = make_editor("Ada Diaz")
    reviewing.submit(complete("Clam"), by=author)
    make_exercise("Squat", status="draft")
    describe_pictures(make_exercise("Lunge", pose={"start": {"posture": "standing"}}))
    complete("Plank", status="published")
    complete("Own", status="in_review", clinic=make_clinic())

    page = shown(client.get("/catalog/review/"))

    assert re.search(r"In review 1 exercise Clam Strengthen · sent by Ada Diaz, \d+ \w+ \d{4}, \d\d:\d\d Ready", page)
    assert "Drafts 1 exercise Squat Strengthen 2 problems Write the Spanish text" in page
    assert "something is missing 1 exercise Lunge Strengthen 1 problem Write the Spanish text" in page
    assert "Plank" not in page
    assert "Own" not in page


def test_reads_the_queue_in_the_same_number_of_queries_whatever_its_length(client, django_assert_num_queries):
    for number in range(3):
        reviewing.submit(complete(f"Waiting {number}"), by=make_editor())
        make_exercise(f"Lacking {number}")
    with django_assert_num_queries(QUEUE_QUERIES):
        client.get("/catalog/review/")
    for number in range(60):
        make_exercise(f"More {number}", status="draft")

    with django_assert_num_queries(QUEUE_QUERIES):
        page = shown(client.get("/catalog/review/"))

    assert "Drafts The first 50 of 60" in page


def test_shows_the_handouts_section_in_both_languages_and_moves_it_on(client: Client, editor: User):
    complete()

    page = shown(client.get("/catalog/exercises/bridge/review/"))
    sent = post(client, "submit")
    other = signed_in(make_editor())
    seen = other.get("/catalog/exercises/bridge/review/").context["page"].version
    published = post(other, "publish", seen=seen)

    assert "Lift your hips." in page
    assert "Suba la cadera." in page
    assert "It lacks nothing." in page
    assert "Edit Review Pose Pictures" in page
    assert "You sent it to review, so another editor publishes it." in shown(sent)
    assert "Published: it is in the search and in the builder now." in shown(published)
    assert "bridge" in known.catalog().exercises


def test_says_why_a_move_is_refused_and_keeps_what_was_typed(client: Client):
    complete(status="in_review", submitted_by=make_editor())

    stale = post(client, "publish", seen="7", why="Mind the <feet>")

    assert stale.status_code == 422
    assert "Not done. It was changed since you opened this page." in shown(stale)
    assert "Mind the &lt;feet&gt;" in stale.content.decode()
    for wrong in ({}, {"seen": "x"}, {"seen": "9" * 30}):
        assert post(client, "publish", **wrong).status_code == 422
    assert post(client, "explode").status_code == 422
    assert post(client, "send_back", why=" ").status_code == 422
    assert Exercise.objects.get().status == "in_review"


def test_says_what_changed_since_it_was_published(client: Client, editor: User):
    exercise = complete(status="published")
    editing.saved(exercise, by=editor)
    reviewing.retire(exercise, by=editor, why="Unclear.")
    exercise.refresh_from_db()
    reviewing.reopen(exercise, by=editor)
    Exercise.objects.update(sets=3)
    editing.saved(Exercise.objects.get(), by=editor)

    page = shown(client.get("/catalog/exercises/bridge/review/"))

    assert "Changed since it was published Sets removed: 1 added: 3" in page
    assert "Retired: Unclear. · Elena Novak" in page


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: ExerciseText.objects.all().delete(),
        lambda: Exercise.objects.update(pose={"start": {"posture": "upside"}}),
        lambda: Exercise.objects.update(pose={}, attributes=["<b>"], equipment=[["<i>"]]),
    ],
)
def test_shows_a_half_written_one_too(client: Client, spoil):
    complete()
    spoil()

    page = client.get("/catalog/exercises/bridge/review/")

    assert page.status_code == 200
    assert "It can be sent to review when nothing is missing." in shown(page)


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_a_draft_is_nowhere_but_with_editors(client: Client, status: str):
    complete(status=status)
    reader = signed_in(make_user())

    assert reader.get("/exercises/bridge/").status_code == 404
    assert reader.get("/exercises/bridge/").content == reader.get("/exercises/bridge/").content
    assert "Bridge" not in shown(reader.get("/exercises/?q=bridge"))
    assert "bridge" not in known.index()
    assert "only editors see it" in shown(client.get("/exercises/bridge/"))


def test_a_clinics_own_draft_is_still_its_peoples():
    clinic = make_clinic()
    complete(clinic=clinic)

    assert signed_in(make_user(clinic=clinic)).get("/exercises/bridge/").status_code == 200
    assert signed_in(make_editor()).get("/exercises/bridge/").status_code == 404
