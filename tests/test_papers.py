"""What the papers say about security is what the tests say."""

import re
from itertools import chain

import pytest

from tests import asvs
from tests.guards import GUARDS

ROOT = asvs.PAPER.parent.parent


def test_the_table_of_requirements_is_written_from_the_tests():
    assert asvs.PAPER.read_text(encoding="utf-8") == asvs.paper(), "run python -m tests.asvs"


def test_no_test_carries_an_unknown_requirement():
    assert set(asvs.carried()) <= {row.id for row in asvs.requirements()}


def test_what_is_open_has_no_test_and_what_has_one_is_not_open():
    assert not [row.id for row in asvs.requirements() if row.open and row.id in asvs.carried()]


@pytest.mark.asvs("V15.1.1")
def test_says_how_soon_a_weakness_is_mended_in_packages_too():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| (critical|high|other)\b.*\| ([^|]+) \|$", text, re.MULTILINE)
    assert rows == [("critical", "48 hours"), ("high", "7 days"), ("other", "30 days")]
    assert "The same holds for the packages we use" in text


def test_every_package_is_locked_with_its_hash():
    for name in ("requirements.txt", "requirements-dev.txt"):
        packages = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())

        assert len(packages) > 40
        assert not [package for package in packages if "==" not in package or "--hash=sha256:" not in package]


def test_every_threat_names_tests_that_are_there():
    rows = [line for line in (ROOT / "docs" / "threat-model.md").read_text().splitlines() if line.startswith("| ")][2:]
    named = [re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row) for row in rows]

    assert all(named)
    assert not [
        (path, test)
        for path, test in chain.from_iterable(named)
        if not (ROOT / path).exists() or f"def {test or 'test_'}" not in (ROOT / path).read_text()
    ]


def test_each_guard_that_can_be_switched_off_is_where_the_script_looks_for_it():
    counts = {guard.name: (ROOT / guard.file).read_text(encoding="utf-8").count(guard.words) for guard in GUARDS}

    assert set(counts.values()) == {1}, counts
