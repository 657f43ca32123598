"""Model fields that are sealed in the database and plain in Python.

A value is bound to its table and column: moved to another one it can't be read. Nothing (None, or an empty text) stays
nothing. The database can't search, compare or count what is sealed; a query that tries is refused with a FieldError.
"""

import datetime
import json
from collections.abc import Callable, Collection
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact, IsNull

from clinics import secrets


class Sealed(models.Field):
    """What all of them share. `raw` is a value as the database would hold it if it weren't sealed."""

    def raw(self, value: Any) -> Any:
        """Return a value of Python as text (or bytes), unsealed."""
        return str(value)

    def value(self, raw: Any) -> Any:
        """Return what `raw` was made of."""
        return raw

    @property
    def about(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def seal(self, raw: Any) -> Any:
        return secrets.seal(raw, about=self.about) if raw else raw

    def unseal(self, sealed: Any) -> Any:
        """Raises secrets.CannotUnseal."""
        return secrets.unseal(sealed, about=self.about) if sealed else sealed

    def reseal(self, sealed: Any) -> Any:
        """Return the same sealed with the first key, `sealed` itself if it is. Raises secrets.CannotUnseal."""
        return secrets.reseal(sealed, about=self.about) if sealed else sealed

    def get_internal_type(self) -> str:
        return "TextField"

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None or hasattr(value, "as_sql"):
            return value
        return self.seal(self.raw(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self.value(self.unseal(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if found := {"isnull": IsNull, "exact": IsEmpty}.get(lookup_name):
            return found
        raise _refused(self)

    def get_transform(self, lookup_name: str) -> Any:
        raise _refused(self)


def _refused(field: Any) -> FieldError:
    return FieldError(f"{field} is sealed: the database can't look for it. Compare in Python, of rows that are scoped.")


class IsEmpty(Exact):
    """The one thing that may be asked of a sealed column beside null: whether it is empty."""

    def get_prep_lookup(self) -> Any:
        if self.rhs not in ("", None):  # Django makes isnull of None
            raise _refused(self.lhs.output_field)
        return self.rhs


class SealedText(Sealed, models.TextField):
    """Text of any length."""


class SealedLine(Sealed, models.CharField):
    """One line; `max_length` is that of the text, which forms see to."""


class SealedEmail(Sealed, models.EmailField):
    """An e-mail address."""


class SealedDate(Sealed, models.DateField):
    """A day, kept as its ISO text."""

    def raw(self, value: Any) -> str:
        day: datetime.date | None = self.to_python(value)
        return day.isoformat() if day else ""

    def value(self, raw: str) -> datetime.date:
        return datetime.date.fromisoformat(raw)


class SealedBytes(Sealed, models.BinaryField):
    """A file."""

    def get_internal_type(self) -> str:
        return "BinaryField"

    def raw(self, value: Any) -> bytes:
        return bytes(value)

    def seal(self, raw: Any) -> bytes:
        return secrets.seal_bytes(bytes(raw), about=self.about)

    def unseal(self, sealed: Any) -> bytes:
        return secrets.unseal_bytes(bytes(sealed), about=self.about)

    def reseal(self, sealed: Any) -> Any:
        before = bytes(sealed)
        after = secrets.reseal_bytes(before, about=self.about)
        return sealed if after is before else after

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        sealed = super().get_db_prep_save(value, connection)
        return sealed if sealed is None else connection.Database.Binary(sealed)


class SealedJSON(Sealed, models.JSONField):
    """JSON that is sealed as a whole."""

    def raw(self, value: Any) -> str:
        return json.dumps(value, cls=self.encoder)

    def value(self, raw: str) -> Any:
        return json.loads(raw, cls=self.decoder)


class JSONWithSealed(Sealed, models.JSONField):
    """JSON in which all texts under the keys of `words` are sealed, at any depth; the database may use the rest."""

    def __init__(self, *args: Any, words: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = tuple(words)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "words": self.words}

    def get_internal_type(self) -> str:
        return "JSONField"

    def seal(self, raw: str) -> str:
        return self._changed(raw, secrets.seal)

    def unseal(self, sealed: str) -> str:
        return self._changed(sealed, secrets.unseal)

    def reseal(self, sealed: str) -> str:
        return self._changed(sealed, secrets.reseal)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        sealed = inside(value, self.words, lambda text: secrets.seal(text, about=self.about))
        return models.JSONField.get_db_prep_save(self, sealed, connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        read = models.JSONField.from_db_value(self, value, expression, connection)
        return inside(read, self.words, lambda text: secrets.unseal(text, about=self.about))

    def _changed(self, raw: str, change: Callable[..., str]) -> str:
        return json.dumps(inside(json.loads(raw), self.words, lambda text: change(text, about=self.about)))


def inside(value: Any, words: Collection[str], change: Callable[[str], str], *, named: bool = False) -> Any:
    """Return JSON with `change` made to each text that stands, at any depth, under one of these keys."""
    if isinstance(value, dict):
        return {key: inside(part, words, change, named=named or key in words) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [inside(part, words, change, named=named) for part in value]
    return change(value) if named and isinstance(value, str) and value else value
