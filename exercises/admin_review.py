"""The admin's side of review: an exercise's status is moved on its review page, and no edit opens a gate."""

from typing import Any, ClassVar

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from exercises import reviewing
from exercises.models import Exercise


class RefusedForm(ModelForm):
    """A form that says why what it would make of the row was refused, whatever was typed."""

    refused: ClassVar[list[str]] = []

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self.add_error(None, [*self.refused])
        return values


class WithReview:
    """An exercise that begins as a draft. A save that brings a published one a new problem is refused with it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "status")  # type: ignore[misc]  # a mix-in

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new one has no status to show yet."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]  # a mix-in
        if obj is not None:
            return fieldsets
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "status"]})
            for title, options in fieldsets
        ]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Lead from a new exercise to what it still needs, not to the list."""
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)  # type: ignore[misc]  # a mix-in
        if "_save" not in request.POST:
            return answer
        messages.info(request, "It is a draft, which only editors see. What it still needs stands beside it.")
        return redirect("review", slug=obj.slug)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the form again, with all that was typed and why, when what it would make of the row is refused."""
        row = self.get_object(request, object_id) if object_id else None  # type: ignore[attr-defined]  # a mix-in
        shown = {**(extra_context or {}), "reviewed": row, "problems": reviewing.problems(row) if row else []}
        view = super().changeform_view  # type: ignore[misc]  # a mix-in
        try:
            answer: HttpResponse = view(request, object_id, form_url, shown)
        except reviewing.NotReady as trouble:  # which undid the save
            vars(request)["refused"] = trouble.problems
            answer = view(request, object_id, form_url, shown)
        return answer

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]  # a mix-in
        refused = vars(request).get("refused", [])
        return type(form.__name__, (RefusedForm, form), {"refused": refused}) if refused else form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            form.lacked = reviewing.lacks(Exercise.objects.get(pk=obj.pk))
        else:
            obj.status = "draft"
        super().save_model(request, obj, form, change)  # type: ignore[misc]  # a mix-in

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc]  # a mix-in
        if change:
            reviewing.check_opens_no_gate(Exercise.objects.get(pk=form.instance.pk), form.lacked)
