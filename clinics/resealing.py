"""What is sealed in the database is written anew: with the first key, or for the first time.

A row is locked while it is written, so that nobody's edit is lost; the site goes on meanwhile.
"""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, migrations, models, transaction

from clinics import second_factor, secrets
from clinics.sealed import Sealed, inside

BATCH = 200
SEEDS = ("secret", "seed", "migrated_codes")  # what the library for second factors seals in its JSON
Change = Callable[[Any], Any]


def rotate() -> Counter[str]:
    """Seal with the first key what isn't; return by table how many values were sealed anew. Raises CannotUnseal.

    May be broken off at any time and started again.
    """
    done: Counter[str] = Counter()
    for model in apps.get_models():
        fields = sealed_fields(model)
        if fields:
            done[model._meta.db_table] += rewrite(model, {str(field.column): field.reseal for field in fields})
    done[Authenticator._meta.db_table] += rewrite(Authenticator, {"data": _seeds_anew})
    return done


def sealed_fields(model: type[models.Model]) -> list[Sealed]:
    return [field for field in model._meta.concrete_fields if isinstance(field, Sealed)]


def rewrite(model: type[models.Model], changes: dict[str, Change]) -> int:
    """Make each change to its column in all rows, as the database holds it; return how many values changed."""
    count, last = 0, None
    while True:
        with transaction.atomic():
            rows = _batch(model, list(changes), last)
            for key, *held in rows:
                count += _write(model, key, dict(zip(changes, held, strict=True)), changes)
        if not rows:
            return count
        last = rows[-1][0]


def _batch(model: type[models.Model], columns: list[str], after: Any) -> list[Any]:
    """Return key and columns of the next rows, locked until the transaction ends (SQLite locks all)."""
    table, key, *quoted = map(connection.ops.quote_name, (model._meta.db_table, _key(model), *columns))
    where = "" if after is None else f"WHERE {key} > %s"
    lock = connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
    # names of our own tables and columns alone
    query = f"SELECT {', '.join((key, *quoted))} FROM {table} {where} ORDER BY {key} LIMIT {BATCH} {lock}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, [] if after is None else [after])
        return list(cursor.fetchall())


def _write(model: type[models.Model], key: Any, held: dict[str, Any], changes: dict[str, Change]) -> int:
    new = {name: changes[name](value) for name, value in held.items() if value is not None}
    new = {name: value for name, value in new.items() if value != held[name]}
    if new:
        table, pk, *names = map(connection.ops.quote_name, (model._meta.db_table, _key(model), *new))
        sets = ", ".join(f"{name} = %s" for name in names)
        with connection.cursor() as cursor:
            # names of our own tables and columns alone
            cursor.execute(f"UPDATE {table} SET {sets} WHERE {pk} = %s", [*new.values(), key])  # noqa: S608
    return len(new)


def _key(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


def _seeds_anew(data: str) -> str:
    again = partial(secrets.reseal, about=second_factor.SEED)
    before = json.loads(data)
    after = inside(before, SEEDS, again)
    return data if after == before else json.dumps(after)


def migration(app: str) -> migrations.RunPython:
    """Return the step of a migration that seals all rows of the app's sealed columns, and back."""

    def each(act: str) -> Callable[[Any, Any], None]:
        def run(state: Any, _: Any) -> None:
            for model in state.get_app_config(app).get_models():
                rewrite(model, {str(field.column): getattr(field, act) for field in sealed_fields(model)})

        return run

    return migrations.RunPython(each("seal"), each("unseal"))
