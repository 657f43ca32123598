"""The figures from a shell."""

import pytest

from exercises.figures import library
from exercises.figures.__main__ import main

GOOD = "name: Good\npose: {start: {posture: supine}, finish: {joints: {neck_flexion: 20}}}\n"
BAD = "name: Bad\npose: {start: {joints: {knee_flexion: 900}}}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    poses = tmp_path / "poses"
    poses.mkdir()
    (poses / "good.yaml").write_text(GOOD)
    (poses / "still.yaml").write_text("name: Still\npose: {start: {}}\n")
    monkeypatch.setattr(library, "FOLDER", poses)
    return poses


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_draws_the_sheet_of_all_that_can_be_drawn(folder, tmp_path, capsys, ending):
    (folder / "bad.yaml").write_text(BAD)
    out = tmp_path / f"sheet.{ending}"

    code = main(["sheet", str(out)])

    assert code == 1
    assert "bad, start: knee_flexion_R is 900, the limit is 155" in capsys.readouterr().err
    assert out.read_bytes()[:4] == (b"<svg" if ending == "svg" else b"\x89PNG")
    if ending == "svg":
        assert "good start" in out.read_text()
        assert "still start" in out.read_text()


def test_says_which_endings_a_sheet_can_have(folder, tmp_path, capsys):
    assert main(["sheet", str(tmp_path / "sheet.gif")]) == 1
    assert "sheet.gif: the sheet can be .svg or .png." in capsys.readouterr().err


def test_draws_an_exercise_for_the_left_side_in_other_colours(folder, tmp_path):
    for options in ([], ["--side", "left", "--palette", "2"]):
        assert main(["draw", "good", str(tmp_path / "-".join(options)), *options]) == 0

    plain = (tmp_path / "good-finish.svg").read_text()
    left = (tmp_path / "--side-left---palette-2" / "good-finish.svg").read_text()
    assert "matrix(-1" in left
    assert "#b07d5a" in left
    assert "#b07d5a" not in plain


def test_draws_an_exercise_in_motion_but_not_one_that_is_held(folder, tmp_path, capsys):
    out = tmp_path / "moving.svg"

    assert main(["animate", "good", str(out)]) == 0
    assert "@keyframes" in out.read_text()
    assert main(["animate", "still", str(out)]) == 1
    assert "still is held still" in capsys.readouterr().err


def test_checks_tell_each_fault_and_count_them(folder, capsys):
    (folder / "low.yaml").write_text("name: Low\npose: {start: {at: [0, 0, 40], pins: {foot: null}}}\n")

    assert main(["check"]) == 1
    told = capsys.readouterr()
    assert "low, start: foot_R is -13.0 under the floor, the limit is -0.5" in told.out
    assert "4 faults" in told.err


def test_an_unknown_exercise_is_told(folder, capsys):
    assert main(["draw", "nothing"]) == 1
    assert "nothing: nothing.yaml can't be read" in capsys.readouterr().err
