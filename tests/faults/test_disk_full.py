"""F04: the disk is full, for the database and for the pictures of links; what was answered is there, the rest isn't."""

import pytest

from exercises import pictures
from tests.faults import seeds

pytestmark = [pytest.mark.fault, pytest.mark.django_db]


@pytest.mark.asvs("V16.5.2")
def test_a_full_disk_under_the_database_loses_nothing_that_was_answered(place):
    came = place.run(seeds.fill_the_database)

    assert came["answers"] == {302, 500}
    assert came["kept"] == came["answered"]
    assert came["torn"] == 0
    assert came["while full"] == 200
    assert came["with room again"] == 302
    assert place.ask("PRAGMA quick_check") == [("ok",)]


def test_a_full_disk_under_pictures_leaves_no_part_of_a_file(tmp_path, caplog):
    picture = tmp_path / "ab" / "abc.svg"

    with seeds.no_room_above(1000):
        pictures.keep(picture, "<svg/>" * 10_000)

    assert "can't be kept" in caplog.text
    assert list(picture.parent.iterdir()) == []
    pictures.keep(picture, "<svg/>" * 10_000)
    assert list(picture.parent.iterdir()) == [picture]
