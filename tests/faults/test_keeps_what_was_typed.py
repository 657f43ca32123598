"""F04: a disk is full while forms are sent; each comes back with what was typed, and is taken when sent again."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from clinics import outage
from exercises import known
from tests.faults import full
from tests.faults.test_every_statement import difference, rows, world
from tests.faults.writes import SCRIPT, WRITES, World, Write

__all__ = ["world"]

pytestmark = [pytest.mark.fault, pytest.mark.django_db]

TOKEN = "a" * 32


def sender(write: Write, world: World) -> Client:
    """Return somebody who may send the form, in a browser whose forms must have a token."""
    client = write.client(world)
    client.handler.enforce_csrf_checks = True
    client.cookies["csrftoken"] = TOKEN
    return client


def flat(typed: Any) -> list[tuple[str, str]]:
    """Return the fields of a form, without its files."""
    pairs = [(name, value) for name, values in typed.items() for value in _list(values)]
    return [(name, str(value)) for name, value in pairs if not hasattr(value, "read")]


def _list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


BY_HAND = [name for name, write in WRITES.items() if write.by != "home" and not write.also]


@pytest.mark.asvs("V16.5.2")
@pytest.mark.parametrize("name", BY_HAND)
def test_a_form_comes_back_with_what_was_typed_and_is_taken_later(world, name):
    write = WRITES[name]
    client, typed, before = sender(write, world), dict(write.typed(world)), rows()

    with connection.execute_wrapper(full.NoRoom()):
        answer = write.send(client, world, typed | {"csrfmiddlewaretoken": TOKEN})
    connection.needs_rollback = False  # the one around the test, which a refused save() marks
    page = answer.content.decode()

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert outage.FULL in page
    assert (full.target(page), full.kept(page)) == (write.address(world), flat(typed))
    assert difference(before, rows()) == {}
    files = {field: value for field, value in typed.items() if hasattr(value, "read")}
    assert all(f'type="file" id="again-{field}" name="{field}"' in page for field in files)

    known.forget()
    again = [*full.kept(page), ("csrfmiddlewaretoken", full.token(page))]
    answer = write.send(client, world, {field: [v for n, v in again if n == field] for field, _ in again} | files)

    assert answer.status_code in {200, 302}, answer.content
    assert difference(before, rows())


@pytest.mark.parametrize("name", ["an edit by script", "a ticked exercise", "notes from offline"])
def test_scripts_keep_it_themselves_and_are_told_when_to_try_again(world, name):
    write = WRITES[name]
    client, typed, before = sender(write, world), write.typed(world), rows()
    also = {**(write.also or {}), "headers": SCRIPT | {"X-CSRFToken": TOKEN}}

    with connection.execute_wrapper(full.NoRoom()):
        answer = client.post(write.address(world), typed, **also)
    connection.needs_rollback = False  # as above

    assert (answer.status_code, answer["Retry-After"], answer.json()) == (503, "5", {"why": outage.FULL})
    assert difference(before, rows()) == {}


def test_at_home_the_page_says_to_go_back(world):
    """A patient's page has no token that could tell whose form it was."""
    write = WRITES["a noted pain"]
    client = write.client(world)

    with connection.execute_wrapper(full.NoRoom()):
        answer = write.send(client, world, write.typed(world))

    assert answer.status_code == 503
    assert full.target(answer.content.decode()) == ""
    assert "Go back with your browser" in answer.content.decode()
