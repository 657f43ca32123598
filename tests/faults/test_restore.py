"""F21: what was saved while others wrote comes back whole, in an empty place and nowhere else; F04: or isn't there."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from tests.faults import drill
from tests.faults.drill import OTHER_KEY, Site

pytestmark = pytest.mark.fault

WRITERS = 3


@pytest.fixture
def saved(sites):
    """A backup of the site, made while nobody writes."""
    sites[0].run(drill.seed, 5)
    return made_at(sites[0], drill.backup)


def made_at(site: Site, act) -> Path:
    """Return the backup that was made at the site, its only one."""
    made = site.run(act)
    assert isinstance(made, list), made
    return made[0]


def untouched(site: Site) -> bool:
    """Say whether nothing was written at the empty place but the lock that one restore takes."""
    names = [path.name for path in site.folder.iterdir() if path.suffix != ".lock"]
    return names == [] and (connection.vendor == "sqlite" or site.run(drill.is_empty))


def test_a_backup_made_while_others_write_is_one_moment_and_comes_back_whole(sites):
    live, empty = sites
    live.run(drill.seed, 20)
    writers = [live.start(drill.write_on, f"writer{number}") for number in range(WRITERS)]
    try:
        wait_until(lambda: live.run(drill.written) > WRITERS)
        before = live.run(drill.written)
        saved = made_at(live, drill.backup)
        wait_until(lambda: live.run(drill.written) > before)
    finally:
        for writer in writers:
            writer.kill()
            writer.join()

    assert empty.run(drill.restore, saved) == "restored"
    came = empty.run(drill.state)
    assert came["torn"] == 0
    assert before <= len(came["sums"]["clinics_user"]) <= live.run(drill.written)
    assert (empty.folder / "figures/issued/ab/abc.svg").read_text() == "<svg/>"


def wait_until(so) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end, "the writers don't write"
        time.sleep(0.05)


@pytest.mark.asvs("V11.4.3")
def test_every_row_comes_back_as_it_was(sites, saved):
    live, empty = sites

    assert empty.run(drill.restore, saved) == "restored"

    was, came = live.run(drill.state), empty.run(drill.state)
    assert len(came["sums"]["clinics_clinic"]) == 5
    assert drill.but_for_what_restoring_writes(came["sums"]) == drill.but_for_sessions(was["sums"])
    assert came["doctor"][1:] == ["all applied", "no restore broke off"]
    assert not [name for name in came["left"] if name.startswith("restore")]


def test_refuses_a_place_that_is_not_empty(sites, saved):
    live, _ = sites
    was = live.run(drill.state)

    assert "isn't empty" in live.run(drill.restore, saved)

    assert live.run(drill.state) == was


def test_refuses_another_key_and_writes_nothing(sites, saved):
    said = replace(sites[1], key=OTHER_KEY).run(drill.restore, saved)

    assert "isn't among those given in BACKUP_KEYS" in said
    assert untouched(sites[1])


@pytest.mark.parametrize("harm", ["a flipped byte", "cut short"])
def test_refuses_a_damaged_file_and_writes_nothing(sites, saved, harm):
    whole = bytearray(saved.read_bytes())
    whole[-100] ^= 1
    saved.write_bytes(whole if harm == "a flipped byte" else whole[:-1])

    assert "damaged, changed or cut short" in sites[1].run(drill.restore, saved)
    assert untouched(sites[1])


def test_refuses_what_is_not_what_was_saved(sites):
    sites[0].run(drill.seed, 1)
    saved = made_at(sites[0], drill.backup_that_promises_too_much)

    assert "isn't what was saved, in clinics_clinic" in sites[1].run(drill.restore, saved)


def test_brings_an_earlier_release_up_to_date(sites):
    saved = made_at(sites[0], drill.backup_of_an_earlier_release)

    assert sites[1].run(drill.restore, saved) == "restored"
    assert sites[1].run(drill.state)["doctor"][1] == "all applied"


def test_does_again_what_was_done_since(sites, saved):
    """Sessions that ended stay ended, and what AFTER_RESTORE names is called once all rows are there."""
    assert sites[1].run(drill.restore_and_do_again, saved) == [5]


@pytest.mark.asvs("V16.5.2")
@pytest.mark.parametrize("more", [-200_000, 1_000])
def test_a_full_disk_leaves_no_part_of_a_backup_and_the_next_one_succeeds(sites, saved, more):
    """F04: too little room for the copy of the database, or only for what is made of it."""
    taken = saved.stat().st_size
    before = sites[0].run(drill.files)

    said, left = sites[0].run(drill.fill_the_disk, taken + more - drill.WRAPPING)

    assert "Earlier backups are as they were" in said
    assert left == before
    assert sites[0].run(drill.backup)


def test_one_backup_at_a_time(sites, tmp_path: Path):
    with drill.locked(sites[0].folder):
        assert "Another one is running" in sites[0].run(drill.backup)
