"""Rows that take seconds to make are made once per run, and put back for each test in a fraction of one."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from exercises import known


class Table(NamedTuple):
    """What a table held, as the database gave it: models would take ten times as long to fill it again."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple]


class Made(NamedTuple):
    """What a maker left in the database, what it returned, and the catalog as it was read then."""

    tables: list[Table]
    result: object
    catalog: dict


_kept: dict[str, Made] = {}


def make(name: str, maker: Callable[[], Any]) -> Any:
    """Fill the empty database as `maker` does, from the second time on with the rows it made the first time.

    Returns a copy of what the maker returned.
    """
    if name not in _kept:
        result = maker()
        known.forget()
        known.catalog()
        _kept[name] = Made([_read(table) for table in _tables()], result, dict(known._read))
    else:
        _put_back(_kept[name].tables)
        known._read.update(_kept[name].catalog)
    return deepcopy(_kept[name].result)


def _tables() -> list[str]:
    every = apps.get_models(include_auto_created=True)
    return [
        model._meta.db_table
        for model in every
        if model._meta.managed and not model._meta.proxy and model is not Session
    ]


def _read(table: str) -> Table:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return Table(table, tuple(column[0] for column in cursor.description), cursor.fetchall())


@transaction.atomic  # so that foreign keys are checked when all rows are there
def _put_back(tables: list[Table]) -> None:
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in reversed(tables):
            cursor.execute(f"DELETE FROM {quoted(table.name)}")  # kinds and permissions, which each flush makes anew
        for table in tables:
            if table.rows:
                _fill(cursor, f"{quoted(table.name)} ({', '.join(map(quoted, table.columns))})", table.rows)
    ContentType.objects.clear_cache()


def _fill(cursor: Any, place: str, rows: list[tuple]) -> None:
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {place} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        cursor.executemany(f"INSERT INTO {place} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
