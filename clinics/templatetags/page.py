"""Small words for templates."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def plural(count: int, words: str) -> str:
    """Return a count with its noun: `{{ n|plural:"exercise,exercises" }}` gives “1 exercise” or “3,000 exercises”."""
    one, many = words.split(",")
    return f"{count:,} {one if count == 1 else many}"


@register.filter
def of(table: Mapping[Any, Any], key: object) -> Any:
    """Return what a table holds for a key that is known when the page is drawn, or None."""
    return table.get(key)
