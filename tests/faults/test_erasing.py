"""F32: an erased record is in no file of the site any more, and a backup of before doesn't bring it back."""

import shutil

import pytest
from django.db import connection

from tests.faults import drill, erased
from tests.faults.erased import MANY

pytestmark = pytest.mark.fault

GONE = 1 + MANY // 2


@pytest.mark.asvs("V14.2.4")
def test_an_erased_record_leaves_no_trace_and_an_old_backup_does_not_bring_it_back(sites):
    live, empty = sites
    live.run(erased.seed)
    saved = next(path for path in live.run(drill.backup) if path.suffix == ".backup")
    assert live.run(erased.traces) or connection.vendor == "postgresql"

    assert live.run(erased.erase) == (True, {})

    assert live.run(erased.state) == {"erased ones": 0, "others": GONE, "tombstones": GONE, "erased again": 0}
    listed = live.folder / "backups" / "erased.jsonl"
    at_once = listed.read_text()
    listed.unlink()
    live.run(drill.backup)
    assert listed.read_text() == at_once  # each backup has it beside it
    there = empty.folder / "backups" / "erased.jsonl"
    there.parent.mkdir()
    shutil.copy(listed, there)
    assert empty.run(drill.restore, saved) == "restored"
    assert empty.run(erased.state) == {"erased ones": 0, "others": GONE, "tombstones": GONE, "erased again": GONE}
    assert empty.run(erased.traces) == {}
