"""Which fields of a form of the catalog's admin couldn't be taken, with the way to each."""

from collections.abc import Iterator
from typing import Any

from django import template

register = template.Library()


@register.filter
def wrong_fields(form: Any, inlines: Any) -> Iterator[tuple[str, str, str]]:
    """Yield label, anchor and complaint of each field, those in rows too; what is about the whole stands below."""
    for one in (form, *(row for inline in inlines for row in inline.formset.forms)):
        for name in one.errors:
            if name in one.fields:
                yield from ((one[name].label, one[name].auto_id, line) for line in one.errors[name])
