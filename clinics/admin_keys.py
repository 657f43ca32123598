"""Boxes of the admin that find rows while one types, and don't fail on what can't be a row's key."""

import re
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.http import HttpRequest

KEY = re.compile(r"[0-9]{1,18}")


class _KeysAlone:
    def optgroups(self, name: str, value: list[str], attr: Any = None) -> Any:
        """Leave out what is no key: Django would ask the database for it, and fail where the form is shown again."""
        keys = [one for one in value if KEY.fullmatch(str(one))]
        return super().optgroups(name, keys, attr)  # type: ignore[misc]  # a mix-in


class OneFound(_KeysAlone, AutocompleteSelect):  # type: ignore[misc]  # the mix-in stands in front
    pass


class SomeFound(_KeysAlone, AutocompleteSelectMultiple):  # type: ignore[misc]  # as above
    pass


class SomeRows(forms.ModelMultipleChoiceField):
    """Rows by their keys; a number that no key can be is a wrong choice, where the database would fail on it."""

    def clean(self, value: Any) -> Any:
        for key in value if isinstance(value, list | tuple) else ():
            if str(key).isdigit() and not KEY.fullmatch(str(key)):
                raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": key})
        return super().clean(value)


class FindsRows:
    """For an admin with `autocomplete_fields`."""

    admin_site: Any

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]  # a mix-in
            kwargs.setdefault("widget", OneFound(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]  # a mix-in

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]  # a mix-in
            kwargs.setdefault("widget", SomeFound(db_field, self.admin_site))
            kwargs.setdefault("form_class", SomeRows)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]  # a mix-in
