"""An editor changes the pose of an exercise, by keyboard alone, by a script that writes it as the server does."""

import re

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from clinics.models import User
from exercises import pose_editor
from exercises.models import Exercise
from tests.conftest import make_exercise
from tests.journeys.conftest import sign_in, violations
from tests.journeys.test_keyboard import follow, go_to, retype

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def editing(page: Page, clinic) -> Page:
    """The browser of a catalog's editor, with a draft that is posed like another exercise."""
    user = User.objects.create_user("editor@lakeside.invalid", "a quiet place to heal", name="Ed Itor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_exercise"))
    pose = Exercise.objects.get(slug="bridge").pose
    make_exercise("Bridge with a ball", status="draft", pose=pose)
    return sign_in(page, "editor")


def test_a_pose_is_changed_by_keyboard(editing):
    tab = editing
    tab.goto("/catalog/exercises/bridge-with-a-ball/pose/")
    picture = tab.locator("#picture img").last
    expect(picture).to_be_visible()
    go_to(tab, "Finish")
    tab.keyboard.press("Enter")

    # a joint of the right side alone, once its hand is free; undone and done again
    was = picture.get_attribute("src")
    go_to(tab, "Both sides")
    tab.keyboard.press("ArrowRight")
    elbow = tab.get_by_role("slider", name="Elbow: bend", exact=True)
    expect(elbow).to_be_disabled()
    go_to(tab, "Free the right hand")
    tab.keyboard.press("Enter")
    expect(elbow).to_be_enabled()
    go_to(tab, "Elbow: bend")
    for key in ("Home", "PageUp"):
        tab.keyboard.press(key)
    expect(picture).not_to_have_attribute("src", was)
    text = tab.locator("#pose-text")
    expect(text).to_have_value(re.compile(r'"elbow_flexion_R": 10'))
    joints = Exercise.objects.get(slug="bridge").pose["finish"]["joints"]
    assert pose_editor.from_text(text.input_value())["finish"]["joints"] == joints | {"elbow_flexion_R": 10}
    tab.keyboard.press("Control+Z")
    expect(text).not_to_have_value(re.compile("elbow_flexion_R"))
    tab.keyboard.press("Control+Y")
    expect(text).to_have_value(re.compile("elbow_flexion_R"))

    # a ball between the knees
    go_to(tab, "Props")
    tab.keyboard.press("Enter")
    go_to(tab, "Prop")
    tab.keyboard.type("ball")
    go_to(tab, "Add this prop")
    tab.keyboard.press("Enter")
    go_to(tab, "Where")
    tab.keyboard.type("knee inner, r")

    # words, and what is too hard to read
    retype(tab, "words-en-finish", "Simultaneous elevation necessitates considerable abdominal coordination.")
    expect(tab.locator("[data-level=en]")).to_have_class(re.compile("is-hard"))
    tab.keyboard.press("Control+A")
    tab.keyboard.type("Your hips are up. You squeeze a ball with your knees.")
    expect(tab.locator("[data-level=en]")).not_to_have_class(re.compile("is-hard"))
    tab.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    tab.set_viewport_size(PHONE)
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    follow(tab, "Save")
    expect(tab.get_by_text("Saved.")).to_be_visible()
    saved = Exercise.objects.get(slug="bridge-with-a-ball")
    assert saved.pose["props"] == ["mat", {"ball": {"at": "knee_inner_R"}}]


def test_the_script_writes_every_pose_as_the_server_does(editing):
    tab = editing
    tab.goto("/catalog/exercises/bridge/pose/")
    poses = list(Exercise.objects.exclude(pose={}).values_list("pose", flat=True))
    texts = [pose_editor.as_text(pose) for pose in poses]

    written = tab.evaluate(
        """async texts => {
            const { asText } = await import("/static/js/pose/text.js");
            return texts.map(text => asText(JSON.parse(text)));
        }""",
        texts,
    )

    assert [pose_editor.from_text(text) for text in written] == poses
    changed = [text for text, own in zip(written, texts, strict=True) if text != own]
    assert all(".0" in own for own in texts if own not in written)
    assert len(changed) <= 1


def test_without_script(no_script, clinic):
    user = User.objects.create_user("editor@lakeside.invalid", "a quiet place to heal", name="Ed Itor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_exercise"))
    make_exercise("Bridge with a ball", status="draft")
    tab = sign_in(no_script, "editor")
    tab.goto("/catalog/exercises/bridge-with-a-ball/pose/")
    tab.get_by_label("A posture").select_option("kneeling")
    tab.get_by_role("button", name="Start from this posture").click()
    tab.get_by_role("button", name="Move Finish earlier").click()
    tab.locator("summary", has_text="as text").click()
    expect(tab.locator("#pose-text")).to_have_value(re.compile("kneeling"))
    tab.get_by_label("Start, English").fill("You kneel.")
    tab.get_by_role("button", name="Save", exact=True).click()

    expect(tab.get_by_text("Saved.")).to_be_visible()
    expect(tab.get_by_text("The English words of “Finish” are missing.")).to_be_visible()
