"""No picture changes its look unseen."""

from PIL import ImageChops, ImageStat

from tests.exercises.figures import golden


def test_looks_as_it_was_accepted():
    before = golden.accepted()
    changed = []

    now = dict(golden.pictures())
    for name, picture in now.items():
        raster = golden.raster(picture)
        there = before.get(name)
        if (
            there is None
            or ImageStat.Stat(ImageChops.difference(raster, there.convert("L"))).mean[0] > golden.MOST_CHANGED
        ):
            changed.append(name)
            golden.LOOK_AT.mkdir(parents=True, exist_ok=True)
            (golden.LOOK_AT / f"{name}.svg").write_text(picture, "utf-8")

    assert (changed, set(before) - set(now)) == ([], set()), (
        f"Look at the changed pictures in {golden.LOOK_AT}. If they are as they should be:"
        " python -m tests.exercises.figures.golden accept"
    )
