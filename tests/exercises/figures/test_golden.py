"""No picture changes its look unseen."""

from PIL import Image, ImageDraw

from tests.exercises.figures import golden


def test_looks_as_it_was_accepted():
    before = golden.accepted()
    changed = []

    now = dict(golden.pictures())
    for name, picture in now.items():
        if name not in before or golden.changed(golden.raster(picture), before[name]):
            changed.append(name)
            golden.LOOK_AT.mkdir(parents=True, exist_ok=True)
            (golden.LOOK_AT / f"{name}.svg").write_text(picture, "utf-8")

    assert (changed, set(before) - set(now)) == ([], set()), (
        f"Look at the changed pictures in {golden.LOOK_AT}. If they are as they should be:"
        " python -m tests.exercises.figures.golden accept"
    )


def test_sees_a_limb_that_moved_but_not_a_line_that_is_rounded_differently():
    accepted = golden.accepted()["bridge finish"]

    moved, rounded = accepted.copy(), accepted.point(lambda grey: min(255, grey + grey % 2))
    ImageDraw.Draw(moved).rectangle((20, 20, 30, 23), fill=90)

    assert golden.changed(moved, accepted)
    assert not golden.changed(rounded, accepted)
    assert golden.changed(Image.new("L", accepted.size, 255), accepted)
