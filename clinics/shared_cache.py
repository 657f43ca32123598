"""What all processes must know of each other, in the database: tries at passwords, codes and forms that were taken."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connection, transaction

from clinics.outage import Unwritable


class SharedCache(DatabaseCache):
    """Raises an error when it can't note something.

    Django's own would say that it is noted already, which people would read as “this code was used”.
    """

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        with transaction.atomic():  # so that a failure to commit is met here
            before, connection.errors_occurred = connection.errors_occurred, False
            is_noted: bool = super()._base_set(mode, key, value, timeout)  # type: ignore[misc]  # Django's own has it
            if connection.errors_occurred:  # which a row that is there already doesn't bring about
                raise Unwritable
            connection.errors_occurred = before
        return is_noted
