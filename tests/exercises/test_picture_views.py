"""The page of an exercise's pictures: who may upload, what is refused, and what is shown then."""

import base64
import hashlib
from io import BytesIO

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics import uploads as limits
from clinics.models import Role
from exercises import known, pictures
from exercises.editorial import ExercisePicture
from exercises.models import CatalogVersion, Exercise, ExerciseText
from tests.conftest import make_clinic, make_exercise, make_user, signed_in
from tests.photos import photo

pytestmark = pytest.mark.django_db
POSE = {"start": {"posture": "hook_lying"}, "finish": {"joints": {"neck_flexion": 20}}}
ADDRESS = "/catalog/exercises/bridge/pictures/"
WORDS = {"start-en": "You lie on your back.", "start-es": "Su cara va al techo.", "finish-es": "Su cabeza sube."}


@pytest.fixture
def bridge():
    exercise = make_exercise("Bridge", pose=POSE)
    text = {"steps": [], "pictures": {"finish": "Su cabeza sube."}}
    ExerciseText.objects.create(exercise=exercise, language="es", name="Puente", **text)
    return exercise


@pytest.fixture
def editor():
    user = make_user()
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.user_permissions.add(Permission.objects.get(codename="change_exercise"))
    return signed_in(user)


def seen(exercise):
    from exercises.picturing import state_of

    return state_of(Exercise.objects.get(pk=exercise.pk))


def send(client, exercise, content=None, frame="start", **fields):
    files = {f"{frame}-file": SimpleUploadedFile("a.jpg", content, "image/jpeg")} if content is not None else {}
    return client.post(ADDRESS, {"seen": seen(exercise), **WORDS, **files, **fields})


def test_shows_an_upload_in_place_of_the_drawing(editor, bridge):
    before, edition = pictures.version(bridge), known.current_edition()

    response = send(editor, bridge, photo())

    assert (response.status_code, response["Location"]) == (302, ADDRESS)
    upload = ExercisePicture.objects.get()
    assert (upload.frame, upload.digest) == ("start", hashlib.sha256(upload.content).hexdigest())
    bridge = Exercise.objects.get()
    assert pictures.version(bridge) != before
    assert known.current_edition() != edition
    assert known.index().cards[0].picture == pictures.version(bridge)
    assert bridge.texts.get(language="es").pictures["start"] == "Su cara va al techo."


def test_sends_an_upload_as_what_it_is(editor, bridge):
    send(editor, bridge, photo())
    version = pictures.version(Exercise.objects.get())

    upload = editor.get(f"/exercises/bridge/figure.svg?frame=start&v={version}")
    drawing = editor.get("/exercises/bridge/figure.svg?frame=finish")

    assert upload.content == bytes(ExercisePicture.objects.get().content)
    assert (upload["Content-Type"], drawing["Content-Type"]) == ("image/png", "image/svg+xml")
    assert upload["Content-Security-Policy"].startswith("default-src 'none'; style-src 'none';")
    assert upload["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in upload["Cache-Control"]
    again = editor.get("/exercises/bridge/figure.svg?frame=start", headers={"If-None-Match": upload["ETag"]})
    assert again.status_code == 304
    assert editor.get("/exercises/bridge/motion.svg").status_code == 404


def test_takes_an_upload_off_again_and_keeps_what_was_issued_with_it(editor, bridge):
    send(editor, bridge, photo())
    content = ExercisePicture.objects.get().content

    send(editor, bridge, **{"start-off": "on"})

    assert not ExercisePicture.objects.exists()
    assert ExercisePicture.with_former.get().content == content
    assert editor.get("/exercises/bridge/figure.svg?frame=start")["Content-Type"] == "image/svg+xml"
    send(editor, bridge, photo())
    send(editor, bridge, photo(colour="#00ff00"))
    assert ExercisePicture.with_former.count() == 2


def test_shows_the_side_in_words_where_a_photo_isnt_mirrored(editor, bridge):
    send(editor, bridge, photo())
    exercise = Exercise.objects.get()
    exercise.laterality = "affected_side"
    text = exercise.texts.get(language="en")
    text.pictures = {"start": "Your {side} leg is on top."}

    assert pictures.shown(exercise, "start", "left") == pictures.shown(exercise, "start", "right")
    assert pictures.words(text, exercise, "start", "left") == "Your right leg is on top."
    assert pictures.side_shown(exercise, "start", "left") == "shown on the right side"
    assert pictures.side_shown(exercise, "start", "left", "es") == "se muestra el lado derecho"
    assert [pictures.side_shown(exercise, "start", side) for side in ("right", "each", "")] == ["", "", ""]
    assert pictures.side_shown(exercise, "finish", "left") == ""


def test_adds_pictures_to_an_exercise_that_isnt_drawn(editor):
    exercise = make_exercise("Bridge")

    send(editor, exercise, photo(), frame="finish", **{"finish-en": "Your hips are up."})
    send(editor, exercise, photo(), **{"finish-en": "Your hips are up."})

    assert pictures.frames(Exercise.objects.get()) == ["start", "finish"]


@pytest.mark.parametrize(
    ("content", "fields", "sentence"),
    [
        (b"<svg/>", {}, "isn&#x27;t a PNG, JPEG or WebP"),
        (b"\xff\xd8" + b"\0" * limits.MOST_KEPT, {}, "larger than 5 MB"),
        (photo(), {"start-en": ""}, "Say in a sentence what the picture shows"),
        (photo(), {"start-es": " "}, "Say in a sentence what the picture shows"),
        (photo(), {"start-en": "Physiotherapeutic stabilization necessitates coordination."}, "Say it easier"),
        (photo(), {"start-en": "Your {leg} is up."}, "In braces only"),
        (photo(), {"start-en": "Your {side} leg is up."}, "names a side"),
    ],
    ids=["drawing", "long", "no English", "no Spanish", "hard", "braces", "side"],
)
def test_says_what_is_wrong_and_loses_nothing_typed(editor, bridge, content, fields, sentence):
    response = send(editor, bridge, content, **{"finish-en": "Your chin is on your chest."}, **fields)

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Your chin is on your chest." in page
    assert not ExercisePicture.with_former.exists()
    assert ("A new picture is chosen and not saved yet." in page) == (content[:1] == b"\xff" and sentence[0] != "l")


def test_keeps_a_good_picture_beside_a_mistake(editor, bridge):
    page = send(editor, bridge, photo(), **{"start-en": ""}).content.decode()
    kept = page.partition('name="start-kept" value="')[2].partition('"')[0]
    kept = kept or page.rpartition('name="start-kept" value="')[2].partition('"')[0]

    send(editor, bridge, **{"start-kept": kept})

    assert base64.b64decode(kept)[:1] in (b"\x89", b"\xff")
    assert ExercisePicture.objects.get().frame == "start"


def test_takes_no_only_picture_off_a_published_exercise(editor):
    exercise = make_exercise("Bridge", status="draft")
    send(editor, exercise, photo())
    Exercise.objects.update(status="published")

    response = send(editor, exercise, **{"start-off": "on"})

    assert response.status_code == 422
    assert "Give it a picture: pose it, or upload one." in response.content.decode()
    assert ExercisePicture.objects.get().frame == "start"


def test_undoes_nobody_elses_change(editor, bridge):
    old = seen(bridge)
    send(editor, bridge, photo())

    response = send(editor, bridge, photo(colour="#00ff00"), **{"seen": old, "start-en": "You lie down."})

    assert response.status_code == 409
    assert "You lie down." in response.content.decode()
    assert ExercisePicture.with_former.count() == 1


def test_counts_the_edition_up_only_when_something_changed(editor, bridge):
    send(editor, bridge, photo())
    edition = CatalogVersion.objects.get().edition

    send(editor, bridge, photo())

    assert CatalogVersion.objects.get().edition == edition


def test_sends_signed_out_people_to_sign_in(client, bridge):
    assert client.get(ADDRESS)["Location"] == f"/accounts/login/?next={ADDRESS}"


@pytest.mark.parametrize("role", list(Role))
def test_refuses_whoever_edits_no_shared_exercises(bridge, role):
    client = signed_in(make_user(role))

    assert client.get(ADDRESS).status_code == 403
    assert send(client, bridge, photo()).status_code == 403
    assert not ExercisePicture.objects.exists()


def test_lets_a_clinics_admin_upload_for_its_own_exercises_alone(bridge):
    ours = make_clinic()
    bridge.clinic = ours
    bridge.save(update_fields=["clinic"])
    send(admin := signed_in(make_user(Role.CLINIC_ADMIN, clinic=ours)), bridge, photo())
    stranger, colleague = signed_in(make_user(Role.CLINIC_ADMIN)), signed_in(make_user(clinic=ours))

    assert ExercisePicture.objects.count() == 1
    assert stranger.get(ADDRESS).status_code == stranger.post(ADDRESS).status_code == 404
    assert stranger.get("/exercises/bridge/figure.svg").status_code == 404
    assert colleague.get(ADDRESS).status_code == 403
    assert colleague.get("/exercises/bridge/figure.svg?frame=start")["Content-Type"] == "image/png"
    assert admin.put(ADDRESS).status_code == 405


def test_asks_the_database_a_fixed_number_of_times(editor, bridge, django_assert_num_queries):
    send(editor, bridge, photo())
    reader = signed_in(make_user())
    reader.get("/exercises/bridge/figure.svg?frame=start")  # the first one reads the catalog's new edition

    with django_assert_num_queries(5):  # session, person, exercise, which uploads, what is in one
        reader.get("/exercises/bridge/figure.svg?frame=start")


class Endless:
    """A file without an end, that counts what was read of it."""

    def __init__(self):
        self.taken = 0

    def read(self, size=-1):
        self.taken += max(size, 0)
        return b"\0" * max(size, 0)


@pytest.mark.asvs("V5.2.1")
def test_reads_nothing_of_a_request_that_is_far_too_long(rf):
    request = rf.generic("POST", ADDRESS, b"x", content_type="multipart/form-data; boundary=x")
    stream = Endless()
    request.META["CONTENT_LENGTH"], request._stream = str(10 * 1024**3), stream

    with pytest.raises(RequestDataTooBig):
        _ = request.POST

    assert stream.taken == 0


@pytest.mark.asvs("V5.2.1")
def test_keeps_no_more_of_a_file_than_a_form_asks_for():
    handler = limits.SmallFiles()
    handler.new_file("file", "a.png", "image/png", None)
    for _ in range(200):
        handler.receive_data_chunk(b"\0" * 65_536, 0)

    assert handler.file_complete(200 * 65_536).size == limits.MOST_KEPT + 1
    assert isinstance(handler.file_complete(0).file, BytesIO)
