"""What of a form of the catalog's admin couldn't be taken, with the way to each field."""

from collections.abc import Iterator
from typing import Any

from django import template

register = template.Library()


@register.filter
def wrong_fields(form: Any, inlines: Any) -> Iterator[tuple[str, str, str]]:
    """Yield label, anchor and complaint of each field, those in rows too; “” and “” for the whole form."""
    rows = [row for inline in inlines for row in inline.formset.forms]
    whole = [form.non_field_errors(), *(inline.formset.non_form_errors() for inline in inlines)]
    whole += [row.non_field_errors() for row in rows]
    yield from (("", "", line) for lines in whole for line in lines)
    for one in (form, *rows):
        for name in one.errors:
            if name in one.fields:
                yield from ((one[name].label, one[name].auto_id, line) for line in one.errors[name])
