"""A pose while it is edited: text, frames, mistakes in words, saving, and who may."""

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from clinics.models import Role, User
from exercises import pose_controls, pose_desk, pose_editor, pose_words, uploaded
from exercises.figures import library, limits, props, reading
from exercises.figures.poses import BadPose
from exercises.figures.skeleton import LIMITS
from exercises.models import CatalogVersion, Exercise, ExercisePicture, ExerciseText
from exercises.yaml_files import QuickLoader
from tests.conftest import make_exercise, make_user, numbers, signed_in

WORDS = {"start": "You lie on your back.", "finish": "Your hips are up."}
BRIDGE = {
    "props": ["mat", {"ball": {"at": [20, 0, 5], "frames": ["finish"]}}],
    "start": {"posture": "hook_lying"},
    "finish": {"lean": 30, "rest": [{"parts": "chest", "height": 0}], "joints": {"lumbar_flexion": 2}},
}


@cache
def shipped(slug: str) -> dict[str, Any]:
    pose: dict[str, Any] = yaml.load((library.FOLDER / f"{slug}.yaml").read_text("utf-8"), QuickLoader)["pose"]
    return pose


@pytest.fixture
def editor(db: None) -> User:
    user = User.objects.create(email=f"editor{next(numbers)}@clinic.invalid", name="Ed Itor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_exercise"))
    return user


@pytest.fixture
def bridge(db: None) -> Exercise:
    exercise = make_exercise("Bridge", pose=BRIDGE, status="draft")
    exercise.texts.update(pictures=WORDS)
    return exercise


def full(pose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each frame in full without what says nothing."""
    those = pose_editor.frames(pose)
    nothing = (None, [], {}, 0, "upright", [0, 0, None])
    return {
        name: {key: value for key, value in whole.items() if value not in nothing}
        for (name, _), (_, whole) in zip(those, pose_editor.in_full(those), strict=True)
    }


def test_every_shipped_pose_is_the_same_after_it_was_text():
    changed = [
        slug
        for slug in library.slugs()
        if json.dumps(pose_editor.from_text(pose_editor.as_text(shipped(slug)))) != json.dumps(shipped(slug))
    ]

    assert changed == []


def test_text_may_be_yaml_as_the_catalog_has_it():
    text = yaml.safe_dump(BRIDGE)

    assert pose_editor.from_text(text) == BRIDGE


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &x [1]\nb: *x", "refers to itself"),
        ("[1, 2]", "must name what a pose has"),
        ("start: {at: [.nan, 0, 0]}", "can't be read"),
        ("start: {posture: 2020-01-01}", "can't be read"),
        ("start: {posture: ", "line"),
        ("[" * 5000, "can't be read"),
        ("x" * 50_000, "longer than"),
        (json.dumps({"props": ["mat"] * 31}), "31 props"),
    ],
    ids=["alias", "list", "not a number", "date", "cut off", "deep", "long", "many props"],
)
def test_refuses_text_that_is_no_pose(text, says):
    with pytest.raises(BadPose, match=says):
        pose_editor.from_text(text)


@pytest.mark.parametrize("act", ["add", "remove", "earlier", "later"])
def test_frames_look_as_they_did_wherever_they_are_put(act):
    changed = []
    for slug in ("bridge", "sit-to-stand", "cat-cow", "pelvic-clock"):
        pose = shipped(slug)
        for name in full(pose):
            try:
                made, took = pose_editor.acted(pose, act, name)
            except BadPose:
                continue
            reading.read(slug, made)
            changed += [(slug, name, now) for now, was in took.items() if full(made)[now] != full(pose)[was]]

    assert changed == []


def test_props_follow_the_picture_they_are_shown_in():
    made, took = pose_editor.acted(BRIDGE, "earlier", "finish")

    assert took == {"start": "finish", "finish": "start"}
    assert made["props"][1] == {"ball": {"at": [20, 0, 5], "frames": ["start"]}}


def test_a_step_takes_a_name_of_the_closed_list():
    made, _ = pose_editor.acted(BRIDGE, "add", "start")
    step = made["steps"][0]["name"]
    made, took = pose_editor.acted(made, "rename", step, "lift")

    assert ([each["name"] for each in made["steps"]], took["lift"]) == (["lift"], step)
    with pytest.raises(BadPose, match="can't be called"):
        pose_editor.acted(made, "rename", "lift", "sideways")


def test_the_only_picture_stays_and_there_are_not_more_than_fit():
    with pytest.raises(BadPose, match="at least one"):
        pose_editor.acted({"start": {}}, "remove", "start")
    pose = {"start": {}, "steps": [{"name": name} for name in ("up", "out", "leg", "lift")], "finish": {}}
    with pytest.raises(BadPose, match="at the most"):
        pose_editor.acted(pose, "add", "start")


def test_a_joint_of_one_side_can_be_taken_away_from_a_posture():
    pose = reading.read("x", {"start": {"posture": "sitting", "joints": {"hip_flexion_L": None}}})

    assert pose.frames[0].joints == {"hip_flexion_R": 88}


def test_controls_know_all_joints_and_props():
    joints = {joint["name"] for group in pose_controls.controls()["groups"] for joint in group["joints"]}

    assert joints == set(LIMITS) == set(pose_words.MOVES)
    assert set(pose_controls.PROPS) == set(props.KINDS)


def test_controls_have_each_setting_the_catalog_uses():
    used = {
        (kind, key)
        for slug in library.slugs()
        for prop in shipped(slug).get("props", [])
        if isinstance(prop, dict)
        for kind, settings in prop.items()
        for key in settings or {}
    }

    known = {(kind, field["key"]) for kind, fields in pose_controls.PROPS.items() for field in fields}
    assert {(kind, key) for kind, key in used if key != "frames"} <= known


@pytest.mark.parametrize(
    ("joint", "value", "says"),
    [
        ("knee_flexion_R", 167.0, "The right knee bends 12° farther than a knee goes."),
        ("elbow_flexion_L", -4.0, "The left elbow straightens 4° farther than an elbow goes."),
        ("lumbar_side", -30.0, "The lower back bends to the left 5° farther than a lower back goes."),
    ],
)
def test_tells_how_far_a_joint_is_past_its_end(joint, value, says):
    (found,) = limits.beyond({joint: value})

    assert pose_words.beyond(found) == says


def test_tells_what_misses_and_what_is_hidden():
    start = {"posture": "standing", "pins": {"hand_R": {"at": [90, 0, 10]}}}
    drawn = pose_desk.draw({"view": "front", "show": {"release": "piriformis"}, "start": start})

    assert any(re.match(r"The right hand misses its place by about \d+ cm", line) for line in drawn.frames[0].warnings)
    assert drawn.warnings == [
        "The marked muscle (piriformis) is seen in no picture: turn the camera or mark the other side."
    ]


@pytest.mark.parametrize(
    ("pose", "says"),
    [
        (
            {"start": {"joints": {"knee_flexion_R": 170}}},
            "Start: The right knee bends to 170; 155 is as far as it goes.",
        ),
        ({"start": {}, "props": [{"ball": {"radius": "big"}}]}, "A setting of the ball doesn't fit it."),
        ({"start": {}, "props": [{"strap": {}}]}, "A setting of the strap doesn't fit it."),
        ({"start": {"lean": "far"}}, "Start: Lean is 'far'; it must be a number."),
    ],
    ids=["past its end", "words for a number", "nothing to go along", "no number"],
)
def test_mistakes_are_told_in_words(pose, says):
    assert pose_desk.draw(pose).mistakes == [says]


def posted(exercise: Exercise, act: str = "save", **changes: Any) -> dict[str, Any]:
    fresh = Exercise.objects.get(pk=exercise.pk)
    fields = {"act": act, "was": pose_desk.state(fresh), "pose": pose_editor.as_text(pose_desk.stored(fresh))}
    for text in fresh.texts.all():
        fields |= {f"words-{text.language}-{frame}": line for frame, line in text.pictures.items()}
    return fields | changes


def address(exercise: Exercise, tail: str = "") -> str:
    return f"/catalog/exercises/{exercise.slug}/pose/{tail}"


def test_saves_pose_and_words_and_says_so(editor, bridge):
    pose = BRIDGE | {"view": "front"}

    answer = signed_in(editor).post(
        address(bridge),
        posted(bridge, pose=json.dumps(pose), **{"words-en-finish": "Your hips are high."}),
        follow=True,
    )

    bridge.refresh_from_db()
    assert "Saved." in answer.content.decode()
    assert bridge.pose == pose
    assert bridge.texts.get().pictures == WORDS | {"finish": "Your hips are high."}
    assert CatalogVersion.objects.get().edition > 0


def test_opening_and_saving_changes_nothing(loaded_catalog, editor):
    """All shipped poses, as the page shows them."""
    client = signed_in(editor)
    texts = ExerciseText.objects.order_by("pk")
    before = list(Exercise.objects.order_by("pk").values_list("pose", flat=True)), list(texts.values_list("pictures"))
    edition = CatalogVersion.objects.get().edition

    for exercise in Exercise.objects.all()[::12]:
        answer = client.post(address(exercise), posted(exercise), follow=True)
        assert "There was nothing to save." in answer.content.decode(), exercise.slug

    after = list(Exercise.objects.order_by("pk").values_list("pose", flat=True)), list(texts.values_list("pictures"))
    assert json.dumps(after) == json.dumps(before)
    assert CatalogVersion.objects.get().edition == edition


def test_every_shipped_pose_could_be_saved(loaded_catalog, editor, monkeypatch):
    """By the rules; that all of them are drawn is asked elsewhere."""
    monkeypatch.setattr(pose_desk, "draw", lambda pose: pose_desk.Drawn([_Named(name) for name in full(pose)], []))

    wrong = {}
    for exercise in Exercise.objects.prefetch_related("texts"):
        words = {text.language: text.pictures for text in exercise.texts.all()}
        wrong[exercise.slug] = pose_desk.mistakes_in(exercise, exercise.pose, words)

    assert [slug for slug, found in wrong.items() if found] == []
    assert len(wrong) == len(library.slugs())


class _Named:
    def __init__(self, name: str) -> None:
        self.name = name


@pytest.mark.parametrize(
    ("status", "changes", "says"),
    [
        ("draft", {"pose": '{"start": {"joints": {"knee_flexion_R": 170}}}'}, "as far as it goes"),
        ("draft", {"pose": "start: ["}, "can&#x27;t be read"),
        ("draft", {"words-en-start": "The {wrong} side."}, "may stand in braces"),
        ("draft", {"words-en-start": "Comprehensive utilization necessitates configuration."}, "Too hard: grade"),
        ("draft", {"words-en-start": "Bend your {side} knee."}, "done with both"),
        ("published", {"words-en-finish": ""}, "The English words of “Finish” are missing."),
    ],
)
def test_what_is_wrong_is_not_saved_and_stays_typed(editor, bridge, status, changes, says):
    Exercise.objects.update(status=status)

    page = signed_in(editor).post(address(bridge), posted(bridge, **changes)).content.decode()

    bridge.refresh_from_db()
    assert says in page
    assert all(value.replace('"', "&quot;") in page for value in changes.values())
    assert (bridge.pose, bridge.texts.get().pictures) == (BRIDGE, WORDS)


def test_a_published_exercise_keeps_the_words_of_an_upload(editor, bridge):
    ExercisePicture.objects.create(exercise=bridge, frame="finish", content=b"1", digest="1")
    Exercise.objects.update(status="published")
    fewer = json.dumps({"start": BRIDGE["start"]})

    page = signed_in(editor).post(address(bridge), posted(bridge, pose=fewer)).content.decode()

    bridge.refresh_from_db()
    assert "Say in English what the picture shows: “finish”." in page
    assert bridge.pose == BRIDGE


def test_a_wrong_pose_with_fewer_pictures_loses_no_words(editor, bridge):
    page = signed_in(editor).post(address(bridge), posted(bridge, pose="start: {lean: far}")).content.decode()

    assert WORDS["finish"] in page


def test_a_draft_may_lack_words_and_is_told(editor, bridge):
    answer = signed_in(editor).post(address(bridge), posted(bridge, **{"words-en-finish": " "}), follow=True)

    assert "Saved." in answer.content.decode()
    assert "The English words of “Finish” are missing." in answer.content.decode()
    assert bridge.texts.get().pictures == {"start": WORDS["start"]}


def test_another_save_meanwhile_is_refused_until_one_says_over(editor, bridge):
    client = signed_in(editor)
    mine = posted(bridge, pose=json.dumps(BRIDGE | {"view": "front"}))
    theirs = BRIDGE | {"view": "top"}
    Exercise.objects.update(pose=theirs)

    page = client.post(address(bridge), mine).content.decode()

    bridge.refresh_from_db()
    assert "Somebody else saved this pose" in page
    assert bridge.pose == theirs
    known = re.search(r'name="theirs" value="(\w+)"', page)[1]
    client.post(address(bridge), mine | {"act": "over", "theirs": known})
    bridge.refresh_from_db()
    assert bridge.pose["view"] == "front"


def test_words_go_with_their_picture(editor, bridge):
    answer = signed_in(editor).post(address(bridge, "draw/"), posted(bridge, "earlier:finish")).json()

    assert answer["mistakes"] == []
    assert re.search(r'name="words-en-start"[^>]*>Your hips are up\.<', answer["words_html"])
    assert [frame["name"] for frame in answer["frames"]] == ["start", "finish"]
    assert answer["frames"][0]["picture"].startswith("data:image/svg+xml;base64,")


def test_without_script_one_draws_and_starts_from_others(editor, bridge):
    client = signed_in(editor)
    clam = make_exercise("Clam", status="draft")

    drawn = client.post(address(clam), posted(clam, "draw", pose="start: {posture: prone}")).content.decode()
    like = client.post(address(clam), posted(clam, "like", like="bridge")).content.decode()
    posture = client.post(address(clam), posted(clam, "posture", posture="kneeling")).content.decode()
    nobody = client.post(address(clam), posted(clam, "like", like="nobody")).content.decode()

    clam.refresh_from_db()
    assert "prone" in drawn
    assert "&quot;ball&quot;" in like
    assert "kneeling" in posture
    assert "No exercise that has a pose is called “nobody”." in nobody
    assert clam.pose == {}


def test_finds_exercises_to_start_from(editor, bridge):
    assert signed_in(editor).get("/catalog/poses/like/?q=bri").json() == {"names": ["Bridge"]}


@pytest.mark.parametrize("typed", ["zz bridge", "zz-bridge"])
def test_starts_from_the_exercise_of_that_name_though_many_have_its_words(editor, typed):
    clam = make_exercise("Clam", status="draft")
    for number in range(13):
        make_exercise(f"A zz bridge {number}", pose=BRIDGE)
    make_exercise("Zz bridge", pose=BRIDGE | {"view": "top"})

    page = signed_in(editor).post(address(clam), posted(clam, "like", like=typed)).content.decode()

    assert "&quot;view&quot;: &quot;top&quot;" in page
    assert "Type its name" not in page


def test_starts_from_shared_drafts_for_editors_alone(bridge):
    admin = make_user(Role.CLINIC_ADMIN)
    ours = make_exercise("Ours", status="draft", clinic=admin.memberships.get().clinic)
    keeper, names = signed_in(admin), "/catalog/poses/like/?q=bri"

    drawn = keeper.post(address(ours, "draw/"), posted(ours, "like", like="Bridge")).json()

    assert drawn["mistakes"] == ["No exercise that has a pose is called “Bridge”. Type its name as the catalog has it."]
    assert keeper.get(names).json() == {"names": []}
    Exercise.objects.filter(pk=bridge.pk).update(status="published")
    assert keeper.get(names).json() == {"names": ["Bridge"]}


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.TRAINER, Role.ASSISTANT])
def test_tells_nobody_names_to_start_from_who_keeps_no_exercises(bridge, role):
    assert signed_in(make_user(role)).get("/catalog/poses/like/?q=bri").status_code == 403


@pytest.mark.parametrize("tail", ["", "draw/"])
def test_who_may(editor, bridge, tail):
    client = Client()
    where = address(bridge, tail)
    assert client.post(where).status_code == 401
    assert signed_in(make_user()).post(where).status_code == 403
    assert signed_in(make_user(Role.CLINIC_ADMIN)).post(where).status_code == 403
    assert signed_in(User.objects.create(email="s@clinic.invalid", is_staff=True)).post(where).status_code == 403
    assert signed_in(editor).get(address(bridge, "draw/")).status_code == 405
    assert signed_in(editor).post(f"/catalog/exercises/none/pose/{tail}").status_code == 404
    assert Client().get("/catalog/poses/like/").status_code == 302


def test_a_clinics_own_exercise_is_posed_by_its_admin_alone(editor, bridge):
    admin, other = make_user(Role.CLINIC_ADMIN), make_user(Role.CLINIC_ADMIN)
    bridge.clinic = admin.memberships.get().clinic
    bridge.save(update_fields=["clinic"])

    assert "/review/" not in signed_in(admin).get(address(bridge)).content.decode()
    assert signed_in(other).get(address(bridge)).status_code == 404
    assert signed_in(editor).get(address(bridge)).status_code == 404


def test_says_which_drawings_an_upload_hides(editor, bridge):
    client = signed_in(editor)
    assert "in place of the drawing" not in client.get(address(bridge)).content.decode()

    uploaded.put(bridge, "finish", b"a photo")

    page = client.get(address(bridge)).content.decode()
    assert f"in place of the drawing: {pose_desk.title('finish')}." in page
    assert f'<a href="{reverse("exercise_pictures", args=[bridge.slug])}">Take it off</a>' in page


def test_asks_few_queries(editor, bridge, django_assert_max_num_queries):
    client = signed_in(editor)
    client.get(address(bridge))
    typed = posted(bridge, "draw")

    with django_assert_max_num_queries(8):
        client.get(address(bridge))
    with django_assert_max_num_queries(6):
        client.post(address(bridge, "draw/"), typed)


def test_the_exercise_page_leads_editors_to_the_pose(editor, bridge):
    there = f'href="{address(bridge)}"'

    assert there in signed_in(editor).get("/exercises/bridge/").content.decode()
    assert there not in signed_in(make_user()).get("/exercises/bridge/").content.decode()


@pytest.mark.parametrize("here", ["pose", "pictures", "review"])
def test_pose_pictures_and_review_lead_to_each_other(editor, bridge, here):
    page = signed_in(editor).get(f"/catalog/exercises/bridge/{here}/").content.decode()

    assert f'href="/admin/exercises/exercise/{bridge.pk}/change/">Edit<' in page
    for tail in ("pose", "pictures", "review"):
        current = ' aria-current="page"' if tail == here else ""
        assert f'href="/catalog/exercises/bridge/{tail}/"{current}>' in page


def test_the_admin_leads_to_the_pose(editor, bridge):
    editor.user_permissions.add(Permission.objects.get(codename="view_exercise"))
    form = signed_in(editor).get(f"/admin/exercises/exercise/{bridge.pk}/change/")

    assert f'href="{address(bridge)}"' in form.content.decode()
