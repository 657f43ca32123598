"""The shipped catalog as pure data, read once for all tests that only ask it."""

from dataclasses import dataclass
from functools import cache

import pytest
from django.db import transaction

from exercises import known
from exercises.facts import CatalogFacts
from exercises.models import Protocol
from exercises.vocabulary import STAGES
from programs import starting
from programs.adapting import Planned
from tests.conftest import load_catalog


@dataclass(frozen=True, slots=True)
class Shipped:
    """The catalog, and what each driver's protocol plans for each stage."""

    catalog: CatalogFacts
    protocols: dict[str, dict[str, list[Planned]]]


@pytest.fixture
def shipped(db: None) -> Shipped:
    """Return the shipped catalog; the database stays empty."""
    return _read()


@cache
def _read() -> Shipped:
    with transaction.atomic():
        load_catalog()
        rows = Protocol.objects.select_related("driver").prefetch_related("items__exercise")
        protocols = {row.driver.slug: {slug: starting.planned(row, slug) for slug, _ in STAGES} for row in rows}
        found = Shipped(known.catalog(), protocols)
        transaction.set_rollback(True)
    known.forget()
    return found
