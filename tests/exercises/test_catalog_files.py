"""A bad catalog file is refused with file, line and reason; the shipped one has no mistakes."""

import shutil

import pytest
import yaml
from django.conf import settings

from exercises import catalog_files


@pytest.fixture
def copy(tmp_path):
    """A copy of the shipped catalog to damage."""
    return shutil.copytree(settings.CATALOG_DIR, tmp_path / "catalog")


def mistakes_in(directory):
    with pytest.raises(catalog_files.BadCatalog) as bad:
        catalog_files.read(directory)
    return bad.value.mistakes


def change(directory, name, old, new):
    path = directory / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_reads_the_shipped_catalog():
    catalog = catalog_files.read(settings.CATALOG_DIR)

    assert len(catalog.exercises) >= 97
    assert (len(catalog.muscles), len(catalog.pairs), len(catalog.drivers)) == (34, 19, 6)
    assert (len(catalog.precautions), len(catalog.protocols)) == (27, 6)
    assert sum(len(group.questions) for group in catalog.red_flags.groups) == 33


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("phase: strengthen", "phase: warmup", "phase:", id="an unknown phase"),
        pytest.param("kind: strengthening", "kind: yoga", "isn't one of", id="an unknown kind"),
        pytest.param("family: ", "families: ", "families: Extra inputs", id="an unknown key"),
        pytest.param("level: 2", "level: 9", "level:", id="a level that isn't there"),
        pytest.param("[gluteus_maximus", "[gluteus_megamus", "no muscle is called 'gluteus_megamus'", id="a muscle"),
        pytest.param("reps_max: 15", "reps_max: 2", "must not be below", id="a range upside down"),
    ],
)
def test_names_file_line_and_reason(copy, old, new, reason):
    line = change(copy, "exercises/bridge.yaml", old, new)

    found = mistakes_in(copy)

    near = [mistake for mistake in found if mistake.line <= line <= mistake.line + 3]  # a range's mistake is its dose's
    assert ("exercises/bridge.yaml", True) in [(mistake.file, reason in mistake.reason) for mistake in near]


def test_refuses_text_that_is_too_hard_to_read(copy):
    path = copy / "exercises/bridge.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    hard = "Subsequently reactivate the gluteal musculature, progressively maintaining lumbopelvic alignment."
    entry["text"]["en"]["steps"] = [hard] * 3
    path.write_text(yaml.safe_dump(entry), encoding="utf-8")

    assert any("reads at grade" in mistake.reason for mistake in mistakes_in(copy))


def test_refuses_broken_yaml_with_its_line(copy):
    (copy / "muscles.yaml").write_text("- slug: a\n  name: [unclosed\n- slug: b\n", encoding="utf-8")

    found = mistakes_in(copy)

    assert [(mistake.file, "isn't YAML" in mistake.reason) for mistake in found] == [("muscles.yaml", True)]


def test_refuses_bytes_that_are_not_utf_8(copy):
    (copy / "pairs.yaml").write_bytes(b"- tight: \xff\xfe\n")

    assert [mistake.file for mistake in mistakes_in(copy)] == ["pairs.yaml"]


def test_refuses_a_key_given_twice(copy):
    line = change(copy, "exercises/bridge.yaml", "level: ", "level: 1\nlevel: ")

    assert [(mistake.line, mistake.reason) for mistake in mistakes_in(copy)] == [(line + 1, "'level' is given twice")]


def test_refuses_a_progression_that_runs_in_a_circle(copy):
    path = copy / "exercises/bridge.yaml"
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("progression:")]
    path.write_text("\n".join([*lines, "progression: bridge", ""]), encoding="utf-8")

    assert any("runs in a circle" in mistake.reason for mistake in mistakes_in(copy))


def test_tells_all_mistakes_at_once(copy):
    change(copy, "exercises/bridge.yaml", "level: ", "level: 9 # ")
    change(copy, "exercises/clamshell.yaml", "phase: ", "phase: nowhere # ")

    assert {mistake.file for mistake in mistakes_in(copy)} == {
        "exercises/bridge.yaml",
        "exercises/clamshell.yaml",
    }


POSE = """name: {name}
words:
  en: {{start: "Lying on your back with both knees bent.", finish: "Your hips are up."}}
pose:
  start: {{posture: hook_lying}}
  finish: {{lean: 20}}
"""


def put_pose(directory, slug="bridge", name="Bridge", old="", new=""):
    (directory / "poses").mkdir(exist_ok=True)
    (directory / "poses" / f"{slug}.yaml").write_text(POSE.format(name=name).replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("lean: 20", "joints: {knee_flexion_R: 200}", 4, "finish: knee_flexion_R is 200, the limit is 155"),
        ("lean: 20", "sofa: 1", 4, "'sofa' isn't known"),
        (', finish: "Your hips are up."', "", 1, "the en words are for start; the frames are start, finish"),
        ("  en:", "  es:", 1, "the English words are missing"),
        ("Your hips", "Your {hip}", 1, "only {side} and {other} may stand in braces"),
        ("Your hips are up", "Your {side} hip is up", 2, "the words name a side, but the exercise is bilateral"),
        ("name: Bridge", "name: Bridges", 1, "the name is 'Bridges', the exercise is called 'Bridge'"),
        (
            "Your hips are up",
            "Simultaneously contracting musculature facilitates considerable extension",
            1,
            "reads at grade",
        ),
    ],
)
def test_refuses_a_pose_that_is_wrong(copy, old, new, line, reason):
    put_pose(copy, old=old, new=new)

    (mistake,) = mistakes_in(copy)

    assert (mistake.file, mistake.line) == ("poses/bridge.yaml", line)
    assert reason in mistake.reason


def test_takes_a_pose_without_an_exercise_as_a_draft(copy):
    put_pose(copy, slug="new-one", name="New one")

    catalog = catalog_files.read(copy)

    assert "new-one" in catalog.poses
    assert "new-one" not in {entry.slug for entry in catalog.exercises}
