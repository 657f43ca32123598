"""docs/logging.md says what the settings and the code do."""

import ast
import json
import logging
import re
import runpy
import sys
from itertools import chain

import pytest
from django.conf import settings
from django.http import HttpRequest

from clinics import logs, wall
from clinics.models import User

PAPER = (settings.BASE_DIR / "docs" / "logging.md").read_text(encoding="utf-8")
# What takes an action's name among its first values, and names that it is kept under.
WRITERS = {"about", "record", "listed", "by_person", "_write", "_log", "_record", "_note", "_restored", "Change"}
KEPT = {"action", "CHANGE", "CHANGES", "MISS", "REFUSED"}
ACTION = re.compile(r"[a-z]+( [a-z-]+)+|undo|redo|fix")


def table(first: str) -> list[list[str]]:
    """Return the rows of the table whose first column is called so."""
    rows = PAPER.partition(f"| {first} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" `") for cell in row.strip("| ").split("|")] for row in rows]


def actions() -> set[str]:
    """Return the actions that the code names where it writes the audit log."""
    found = []
    for path in chain.from_iterable((settings.BASE_DIR / app).rglob("*.py") for app in logs.OURS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in WRITERS:
                found += node.args[:4]
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in KEPT:
                found.append(node.value)
    texts = (str(part.value) for value in found for part in ast.walk(value) if isinstance(part, ast.Constant))
    return {text for text in texts if ACTION.fullmatch(text)}


@pytest.mark.asvs("V16.1.1")
def test_lists_each_action_of_the_audit_log_and_no_other():
    listed = re.findall(r"`([^`]+)`", PAPER.rpartition("The actions:")[2])

    assert listed == sorted(actions())
    assert len(listed) > 90


@pytest.mark.asvs("V16.1.1", "V16.2.3")
def test_says_what_goes_where():
    gunicorn = runpy.run_path(str(settings.BASE_DIR / "config" / "gunicorn.py"))["logconfig_dict"]
    levels = {"root": settings.LOGGING["root"]["level"]}
    levels |= {name: logger["level"] for name, logger in (settings.LOGGING["loggers"] | gunicorn["loggers"]).items()}

    assert dict(table("logger")) == levels
    for config in (settings.LOGGING, gunicorn):  # a StreamHandler without more writes to the standard error
        assert config["handlers"] == {"console": {"class": "logging.StreamHandler", "formatter": "line"}}
    assert [place for _, _, place, _ in table("stream") if "standard error" in place]


@pytest.mark.asvs("V16.1.1")
def test_says_each_field_of_a_line():
    request = HttpRequest()
    request.resolver_match = type("Match", (), {"view_name": "patient"})
    request._cached_user = User(pk=3)
    try:
        raise ValueError
    except ValueError:
        given = {"name": "programs.tests", "msg": "It failed.", "exc_info": sys.exc_info(), "status_code": 500}
        record = logging.makeLogRecord(given)
    with logs.about(request), wall.only(1):
        line = json.loads(logs.JsonLines().format(record))

    assert {field for field, _ in table("field")} == set(line)
