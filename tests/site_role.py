"""On PostgreSQL, what a test has the site do is done as the site's own role, behind the wall, as in production.

The test itself arranges and looks from outside, as a superuser, for whom there is no wall.
"""

import pytest
from django.db import connection

from clinics import row_security, wall

ROLE = "releasefirst_site"
OUTSIDE = wall.Scope(reason="a test arranges and looks from outside")
# What runs as the owner of the database.
OWNERS = ("a backup", "a migration", "the demo")


def make() -> None:
    """Make the role and let it into this database; other workers' databases share the role."""
    if connection.vendor != "postgresql":
        return
    create, *others = row_security.grants(ROLE)
    with connection.cursor() as cursor:
        known = f"DO $$ BEGIN {create}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        for statement in (known, *others):
            cursor.execute(statement)


def take_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change the role along with what the wall is told."""
    tell = wall._tell

    def told(wanted: wall.Scope) -> None:
        tell(wanted)
        if connection.vendor == "postgresql":
            as_owner = wanted == OUTSIDE or wanted.reason.startswith(OWNERS)
            with connection.wrap_database_errors, connection.connection.cursor() as cursor:
                cursor.execute("RESET ROLE" if as_owner else f"SET ROLE {ROLE}")

    monkeypatch.setattr(wall, "_tell", told)
    monkeypatch.setattr(wall, "_now", wall.ContextVar("wall in a test", default=OUTSIDE))
