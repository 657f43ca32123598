"""Rows that take seconds to make are made once per run, and put back for each test in a fraction of one."""

from collections.abc import Callable

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models, transaction

_kept: dict[str, dict[type[models.Model], list[models.Model]]] = {}


def make(name: str, maker: Callable[[], object]) -> None:
    """Fill the empty database as `maker` does; from the second time on with the rows it made the first time."""
    if name not in _kept:
        maker()
        _kept[name] = {model: list(model._base_manager.all()) for model in _models()}
    else:
        _put_back(_kept[name])


def _models() -> list[type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy and model is not Session]


@transaction.atomic  # so that foreign keys are checked when all rows are there
def _put_back(rows: dict[type[models.Model], list[models.Model]]) -> None:
    for model in reversed(rows):
        model._base_manager.all()._raw_delete("default")  # kinds and permissions, which each flush makes anew
    for model, made in rows.items():
        model._base_manager.bulk_create(made)
    ContentType.objects.clear_cache()
