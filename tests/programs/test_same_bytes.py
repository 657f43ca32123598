"""The same program gives the same handout, byte for byte: again, in another process, and on the other database."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from programs.handout import Handout
from programs.models import Issue
from tests.conftest import DEEP
from tests.programs.random_programs import hashes, make_random
from tests.programs.samples import make_issue

COUNT = 500 if DEEP else 5  # each layout once at least


def made_elsewhere(count: int) -> list[list[str]]:
    """Return the hashes that a fresh process finds on an SQLite database of its own."""
    environment = os.environ | {
        "DATABASE_URL": "sqlite:///:memory:",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": os.pathsep.join([str(settings.BASE_DIR), *sys.path]),
    }
    command = [sys.executable, "-W", "error", "-m", "tests.programs.random_programs", str(count)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout)


@pytest.mark.skipif(not (DEEP or connection.vendor == "postgresql"), reason="two databases are compared on PostgreSQL")
@pytest.mark.django_db
def test_random_programs_give_the_same_bytes_again_elsewhere_and_on_another_database(loaded_catalog):
    found, again = [], []
    issue = make_issue()
    for number in range(COUNT):
        draft, drawings = make_random(number)
        found.append(hashes(draft, drawings))
        Issue.objects.filter(pk=issue.pk).update(snapshot=draft.to_snapshot())
        frozen = Handout.from_snapshot(Issue.objects.get(pk=issue.pk).snapshot)
        again.append(hashes(frozen, drawings))

    assert found == again
    assert found == made_elsewhere(COUNT)
    assert len({content for content, _ in found}) == COUNT
