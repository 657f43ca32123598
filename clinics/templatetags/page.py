"""Small words for templates."""

from django import template

register = template.Library()


@register.filter
def plural(count: int, words: str) -> str:
    """Return a count with its noun: `{{ n|plural:"exercise,exercises" }}` gives “1 exercise” or “3 exercises”."""
    one, many = words.split(",")
    return f"{count} {one if count == 1 else many}"
