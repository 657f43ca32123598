"""The admin's way to the history, and its care that two editors don't undo each other."""

from typing import Any, cast

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.text import Truncator

from exercises import revisions
from exercises.differences import difference
from exercises.row_values import kind_of

MOST_SAID = 12
LONGEST_SAID = 240
BESIDE = ("texts", "muscles", "items", "translations")  # edited in fields and rows of other names


class SeenVersion(forms.ModelForm):
    """A form that knows which version of the row it was filled from, and is refused once when there is a newer one.

    What was typed stays, what the others changed is said, and saving again puts the typed in its place. A form that
    carries no number isn't asked.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["seen"] = revisions.number_of(self.instance)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        seen = values.get("seen")
        if seen is not None:
            revisions.lock(self.instance)
            newest = revisions.number_of(self.instance)
            if newest > seen:
                theirs = meanwhile(self.instance, seen, {*self.fields, *BESIDE})
                retyped = cast(QueryDict, self.data).copy()
                retyped[self.add_prefix("seen")] = str(newest)
                self.data = retyped
                if theirs:
                    raise ValidationError(theirs)
        return values


def meanwhile(row: models.Model, seen: int, fields: set[str]) -> list[str]:
    """Return who changed these fields of the row after version `seen`, and what, a sentence each.

    Empty when they changed nothing but other fields, which this form won't touch.
    """
    found = list(revisions.of(row).filter(Q(number__gte=seen) | Q(number=1)))
    theirs = [revision for revision in found if revision.number > seen and revision.why != revisions.AS_SHIPPED]
    who = ", ".join(sorted({revision.by.name if revision.by else "The shipped catalog" for revision in theirs}))
    sentences = [
        f"{who} changed this {row._meta.verbose_name} while you were typing. Yours isn’t saved yet: save again to put "
        "it in place of theirs, or open the page anew to keep theirs."
    ]
    base = next((one for one in found if one.number == (seen or 1)), None)
    if base is None or (not seen and base.why != revisions.AS_SHIPPED):  # what the form was filled from isn't known
        return sentences
    all_changes = difference(kind_of(row).name, base.values, found[0].values)
    changes = [change for change in all_changes if change.name in fields]
    if not changes:
        return []
    sentences += [Truncator(f"Theirs: {change}").chars(LONGEST_SAID) for change in changes[:MOST_SAID]]
    left = len(changes) - MOST_SAID
    return [*sentences, f"And {left} more: see the history."] if left > 0 else sentences


class WithHistory:
    """A kind of catalog row whose history is on our own page, and whose form carries the version it was filled from."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]  # a mix-in
        if row is None:
            return super().history_view(request, object_id, extra_context)  # type: ignore[misc]  # a mix-in
        if not self.has_view_or_change_permission(request, row):  # type: ignore[attr-defined]  # a mix-in
            raise PermissionDenied
        return redirect("row_history", kind=kind_of(row).name, row_id=row.pk)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if self._edits(request, obj):
            base = self.form  # type: ignore[attr-defined]  # a mix-in
            kwargs["form"] = type(base.__name__, (SeenVersion, base), {})
        return super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]  # a mix-in

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]  # a mix-in
        fields = [name for _, options in fieldsets for name in options["fields"]]
        if not self._edits(request, obj) or "seen" in fields:
            return fieldsets
        (title, options), *rest = fieldsets
        return [(title, {**options, "fields": [*options["fields"], "seen"]}), *rest]

    def save_model(self, request: HttpRequest, obj: models.Model, form: forms.ModelForm, change: bool) -> None:
        """Write what was typed and nothing else: another column may have been edited since the row was read."""
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=[name for name in form.changed_data if name in columns] if change else None)

    def _edits(self, request: HttpRequest, obj: Any) -> bool:
        may = self.has_change_permission(request, obj)  # type: ignore[attr-defined]  # a mix-in
        return obj is not None and may
