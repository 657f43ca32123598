"""Backups: their keys, how many are kept, and what is refused. What comes back is shown in `tests/faults`."""

import base64

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from clinics import backups, snapshots
from clinics.sealing import Trouble

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def folder(settings, tmp_path, monkeypatch):
    """Where backups of nothing are written."""
    monkeypatch.setattr(snapshots, "take", lambda to: {"nothing": to.write_bytes(b"")})
    settings.VAR_DIR, settings.BACKUP_DIR, settings.BACKUP_KEYS = tmp_path, tmp_path / "backups", [KEY]
    return settings.BACKUP_DIR


def test_makes_a_key_for_the_demo_once_for_its_owner_alone(settings, tmp_path):
    settings.VAR_DIR, settings.BACKUP_KEYS = tmp_path, []

    (key,) = backups.keys()

    assert backups.keys() == [key]
    assert len(key) == 32
    assert (tmp_path / "backup-key").stat().st_mode & 0o777 == 0o600


def test_makes_no_key_in_production(settings, tmp_path):
    settings.VAR_DIR, settings.BACKUP_KEYS, settings.PRODUCTION = tmp_path, [], True

    with pytest.raises(Trouble, match="BACKUP_KEYS isn't set"):
        backups.keys()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.asvs("V11.4.4")  # no key is made of a passphrase
@pytest.mark.parametrize("words", [["short"], [KEY, "not base64!"], [base64.b64encode(b"k" * 16).decode()]])
def test_refuses_what_is_no_key_without_saying_it(settings, words):
    settings.BACKUP_KEYS = words

    with pytest.raises(Trouble, match="something else than keys") as said:
        backups.keys()
    assert words[-1] not in str(said.value)


@pytest.mark.django_db
def test_keeps_as_many_as_are_wanted_and_touches_nothing_else(folder):
    folder.mkdir()
    others = ["releasefirst-20260101T000000Z.backup", "releasefirst-20260102T000000Z.backup", "mine.backup"]
    for name in [*others, "releasefirst-20260101T000000Z.part"]:
        (folder / name).touch()

    call_command("backup", keep=2)

    left = sorted(path.name for path in folder.iterdir())
    assert left == ["mine.backup", others[1], backups.newest(folder).name]
    assert backups.newest(folder).stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_two_made_within_a_second_are_two_files(folder, monkeypatch):
    at = timezone.now().replace(microsecond=1)
    monkeypatch.setattr(backups.timezone, "now", lambda: at)
    first = backups.make(folder)
    at = at.replace(microsecond=2)
    second = backups.make(folder)

    assert sorted(folder.glob("*.backup")) == [first, second]
    assert backups.newest(folder) == second


@pytest.mark.django_db
def test_keeps_all_when_the_new_one_fails(folder, monkeypatch):
    folder.mkdir()
    (folder / "releasefirst-20260101T000000Z.backup").touch()
    (folder / "releasefirst-20260102T000000Z.backup").touch()
    monkeypatch.setattr(backups.os, "fsync", lambda file: (_ for _ in ()).throw(OSError(28, "No space left")))

    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", keep=1)

    assert len(list(folder.iterdir())) == 2


@pytest.mark.django_db
def test_refuses_a_backup_of_another_kind_of_database_or_a_newer_release(folder, monkeypatch):
    made = backups.check(backups.make(folder))

    for part, other, said in (
        ("database", "oracle", "is of oracle"),
        ("migrations", [["clinics", "0999_later"]], "knows clinics 0999_later"),
    ):
        monkeypatch.setattr(backups, "check", lambda path, other={part: other}: made | other)
        with pytest.raises(CommandError, match=said):
            call_command("restore", str(folder))


@pytest.mark.django_db
def test_says_what_is_not_a_backup(folder):
    (folder.parent / "words").write_text("only words")

    with pytest.raises(CommandError, match="can't be done"):
        call_command("restore", str(folder / "none"), check=True)
    with pytest.raises(CommandError, match="isn't a backup of ReleaseFirst"):
        call_command("restore", str(folder.parent / "words"), check=True)


@pytest.mark.django_db
def test_refuses_a_place_where_a_restore_broke_off(folder):
    path = backups.make(folder)
    backups.mark_of_unfinished().touch()

    with pytest.raises(CommandError, match="wasn't finished here"):
        call_command("restore", str(path))


@pytest.mark.parametrize("tool", ["pg_dump", "pg_restore"])
def test_says_which_tool_of_postgresql_is_missing(monkeypatch, tool):
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(Trouble, match=f"{tool} isn't installed; install postgresql-client"):
        snapshots._run(tool)


@pytest.mark.django_db
def test_makes_no_backup_in_the_middle_of_a_change(tmp_path):
    """SQLite would wait for itself for ever; PostgreSQL's tools wait for nobody."""
    if connection.vendor == "postgresql":
        return
    with pytest.raises(Trouble, match="in the middle of a change"):
        snapshots.take(tmp_path / "copy")
