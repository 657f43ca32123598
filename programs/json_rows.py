"""Rows of other tables as one JSON column, so that a page reads what belongs to a program in a single query."""

from typing import Any

from django.db.models import Aggregate, JSONField, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from clinics.sealed import Sealed


class JsonList(Aggregate):
    """All values of a group as a JSON list, in no promised order; for an empty group an empty list or None."""

    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **extra)


class _Read(JSONField):
    """Unseals what the database had to leave sealed; columns that are renamed must not be sealed ones."""

    def __init__(self, rows: QuerySet[Any], columns: tuple[str, ...]) -> None:
        super().__init__()
        fields = {name: rows.model._meta.get_field(name) for name in columns}
        self.sealed = {name: field for name, field in fields.items() if isinstance(field, Sealed)}

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        read = super().from_db_value(value, expression, connection)
        for row in read if isinstance(read, list) else [read] if read else []:
            for name, field in self.sealed.items():
                row[name] = field.unseal(row[name])
        return read


def all_of(rows: QuerySet[Any], *columns: str, **renamed: str) -> Subquery:
    """Return a column that holds these columns of all rows, as a list of objects."""
    found = rows.order_by().annotate(one_group=Value(1)).values("one_group")
    listed = found.annotate(listed=JsonList(_object(columns, renamed))).values("listed")
    return Subquery(listed, output_field=_Read(rows, columns))


def first_of(rows: QuerySet[Any], *columns: str, **renamed: str) -> Subquery:
    """Return a column that holds these columns of the first row as an object, or None."""
    return Subquery(
        rows.annotate(found=_object(columns, renamed)).values("found")[:1], output_field=_Read(rows, columns)
    )


def _object(columns: tuple[str, ...], renamed: dict[str, str]) -> JSONObject:
    return JSONObject(**{name: name for name in columns}, **renamed)
