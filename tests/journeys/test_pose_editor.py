"""An editor poses a new exercise from another one, by keyboard, and sees it on the exercise's page."""

import re

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from clinics.models import User
from exercises import pose_editor
from exercises.models import Exercise
from tests.conftest import make_exercise
from tests.journeys.conftest import sign_in, violations

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}


@pytest.fixture
def editing(page: Page, clinic) -> Page:
    """The browser of a catalog's editor, with a draft that has no pose yet."""
    user = User.objects.create_user("editor@lakeside.invalid", "a quiet place to heal", name="Ed Itor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_exercise"))
    make_exercise("Bridge with a ball", status="draft")
    return sign_in(page, "editor")


def press(tab: Page, label: str, *keys: str) -> None:
    slider = tab.get_by_role("slider", name=label, exact=True)
    slider.focus()
    for key in keys:
        slider.press(key)


@pytest.mark.parametrize("size", SIZES)
def test_a_new_exercise_is_posed_from_another(editing, size):
    tab = editing
    tab.set_viewport_size(SIZES[size])
    tab.goto("/catalog/exercises/bridge-with-a-ball/pose/")
    picture = tab.locator("#picture img").last
    expect(picture).to_be_visible()

    # from another exercise, found while typing
    tab.get_by_label("Another exercise").fill("bridge")
    expect(tab.locator("#like-names option[value=Bridge]")).to_be_attached()
    tab.get_by_label("Another exercise").fill("Bridge")
    tab.get_by_role("button", name="Start like this exercise").click()
    finish = tab.locator("[data-show=finish]")
    expect(finish).to_be_visible()
    finish.click()

    # three joints by keys, one of them on the right alone; undone and done again
    was = picture.get_attribute("src")
    press(tab, "Lower back: bend", "ArrowLeft", "PageDown")
    press(tab, "Upper back: bend", "PageUp", "ArrowUp")
    tab.get_by_role("radio", name="Right", exact=True).check()
    elbow = tab.get_by_role("slider", name="Elbow: bend", exact=True)
    expect(elbow).to_be_disabled()
    tab.get_by_role("button", name="Free the right hand").press("Enter")
    expect(elbow).to_be_enabled()
    press(tab, "Elbow: bend", "Home", "PageUp")
    expect(picture).not_to_have_attribute("src", was)
    text = tab.locator("#pose-text")
    expect(text).to_have_value(re.compile(r'"lumbar_flexion": -9'))
    assert pose_editor.from_text(text.input_value())["finish"]["joints"] == {
        **{"lumbar_flexion": -9, "thoracic_flexion": 11, "elbow_flexion_R": 10}
    }
    tab.get_by_role("button", name="Undo").click()
    expect(text).not_to_have_value(re.compile("elbow_flexion_R"))
    tab.get_by_role("button", name="Redo").click()
    expect(text).to_have_value(re.compile("elbow_flexion_R"))

    # a ball between the knees
    tab.locator("summary", has_text="Props").click()
    tab.get_by_label("Prop", exact=True).select_option("ball")
    tab.get_by_role("button", name="Add this prop").click()
    tab.get_by_label("Where", exact=True).select_option("knee_inner_R")

    # words, and what is too hard to read
    field = tab.get_by_label("Finish, English")
    field.fill("Simultaneous elevation necessitates considerable abdominal coordination.")
    expect(tab.locator("[data-level=en]")).to_have_class(re.compile("is-hard"))
    field.fill("Your hips are up. You squeeze a ball with your knees.")
    tab.locator("[data-show=start]").click()
    tab.get_by_label("Start, English").fill("You lie on your back. A ball is held by your knees.")
    expect(tab.locator("#missing")).to_be_empty()
    tab.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]

    with tab.expect_navigation():
        tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.get_by_text("Saved.")).to_be_visible()
    saved = Exercise.objects.get(slug="bridge-with-a-ball")
    assert saved.pose["props"] == ["mat", {"ball": {"at": "knee_inner_R"}}]
    tab.goto("/exercises/bridge-with-a-ball/")
    expect(tab.get_by_alt_text("Your hips are up. You squeeze a ball with your knees.")).to_be_visible()
    tab.get_by_role("link", name="Change the pose").click()
    expect(tab.get_by_role("heading", name="Pose of Bridge with a ball")).to_be_visible()


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
