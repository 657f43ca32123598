"""What a form of the catalog's admin couldn't take, with the way to each field."""

from collections.abc import Iterator
from typing import Any

from django import template

register = template.Library()


@register.filter
def errors_of(form: Any, inlines: Any) -> Iterator[tuple[str, str, str]]:
    """Yield label, anchor and complaint of each error; without an anchor it is about the whole."""
    yield from _errors(form)
    for inline in inlines:
        yield from (("", "", line) for line in inline.formset.non_form_errors())
        for one in inline.formset.forms:
            yield from _errors(one)


def _errors(form: Any) -> Iterator[tuple[str, str, str]]:
    for name, lines in form.errors.items():
        field = form[name] if name in form.fields else None
        yield from ((field.label, field.auto_id, line) if field else ("", "", line) for line in lines)
