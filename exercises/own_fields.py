"""Fields of a clinic's own exercise that a form doesn't have by itself: lists as lines, rows by name, objections."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError

from exercises import row_rules
from exercises.models import Driver, Exercise, Precaution
from exercises.querysets import ExerciseQuerySet
from exercises.vocabulary import CAUTIONS


class Lines(forms.CharField):
    """A list of short lines, typed as one line each."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **{"required": False, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return [line.strip() for line in text.splitlines() if line.strip()]


class ExerciseByName(forms.CharField):
    """Another exercise, typed by its name; becomes its slug, or None.

    Of several with that name the one that stood there is meant, then the clinic's own.
    """

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "exercise-names", "autocomplete": "off"})
        super().__init__(widget=widget, required=False, max_length=120, **kwargs)
        self.among: ExerciseQuerySet = Exercise.objects.none()
        self.before = ""

    def prepare_value(self, value: Any) -> Any:
        if not value or value != self.before:
            return value
        found = self.among.filter(slug=value).first()
        return found.name if found else ""  # what may not be named here isn't: its slug says the name, too

    def clean(self, value: Any) -> Any:
        name = " ".join(super().clean(value).split())
        if not name:
            return None
        found = list(self.among.filter(name__iexact=name))
        if not found:
            raise ValidationError(f"No exercise is called “{name}”. Type its name as in the list of exercises.")
        found.sort(key=lambda row: (row.slug != self.before, row.clinic_id is None, row.slug))
        return found[0].slug


class Objection(NamedTuple):
    """The fields of one row, for the page; `cares` are there for precautions alone."""

    name: str
    level: forms.BoundField
    reason: forms.BoundField
    cares: list[forms.BoundField]


class Objections:
    """What drivers or precautions object to, row by row: a level, a reason, and the patient's care in `languages`.

    Only a precaution's care is printed, so drivers have no languages here.
    """

    def __init__(
        self,
        prefix: str,
        model: type[Driver] | type[Precaution],
        stored: Mapping[str, Mapping[str, Any]],
        languages: Mapping[str, str] | None = None,
    ) -> None:
        self.prefix, self.model, self.stored, self.languages = prefix, model, stored, languages or {}
        self.rows = list(model.objects.order_by("order").values_list("slug", "name"))

    def fields(self) -> dict[str, forms.Field]:
        """Return the fields by name, with what is stored."""
        made: dict[str, forms.Field] = {}
        for slug, name in self.rows:
            rule = self.stored.get(slug, {})
            level = forms.ChoiceField(
                label=f"{name}: how far",
                choices=[("", "No objection"), *CAUTIONS],
                required=False,
                initial=rule.get("level", ""),
            )
            reason = forms.CharField(
                label=f"{name}: why", required=False, max_length=300, initial=rule.get("reason", "")
            )
            made[self._name(slug, "level")], made[self._name(slug, "reason")] = level, reason
            for code, language in self.languages.items():
                made[self._name(slug, f"care-{code}")] = forms.CharField(
                    label=f"{name}: the patient’s care in {language}",
                    required=False,
                    max_length=240,
                    initial=rule.get("care", {}).get(code, ""),
                    widget=forms.TextInput(attrs={} if code == "en" else {"lang": code}),
                )
        return made

    def bound(self, form: forms.Form) -> list[Objection]:
        """Return the fields of each row, for the page."""
        return [
            Objection(
                name,
                form[self._name(slug, "level")],
                form[self._name(slug, "reason")],
                [form[self._name(slug, f"care-{code}")] for code in self.languages],
            )
            for slug, name in self.rows
        ]

    def clean(self, form: forms.Form) -> dict[str, dict[str, Any]]:
        """Return the rules as they are stored: what a row doesn't ask about stays as it was."""
        rules = {slug: self._rule(slug, form) for slug, _ in self.rows}
        return {slug: rule for slug, rule in rules.items() if rule}

    def _rule(self, slug: str, form: forms.Form) -> dict[str, Any]:
        """Return what one row says; nothing when it doesn't object, or is told to be wrong."""
        level, reason = self._typed(slug, "level", form), self._typed(slug, "reason", form)
        cares = {code: self._typed(slug, f"care-{code}", form) for code in self.languages}
        if bool(level) != bool(reason):
            form.add_error(self._name(slug, "reason" if level else "level"), "Give both how far and why, or neither.")
            return {}
        if not level:
            if any(cares.values()):
                form.add_error(self._name(slug, "level"), "Choose how far, or empty the patient’s care.")
            return {}
        rule = {"citations": ["practice"], "from_week": 0, "care": {}, **self.stored.get(slug, {})}
        others = {code: line for code, line in rule["care"].items() if code not in cares}
        rule |= {
            "level": level,
            "reason": reason,
            "care": others | {code: line for code, line in cares.items() if line},
        }
        self._check(slug, rule, form)
        return rule

    def _check(self, slug: str, rule: dict[str, Any], form: forms.Form) -> None:
        obeys = row_rules.rules_with_care if self.languages else row_rules.rules_without_care
        try:
            obeys({slug: rule}, self.model)
        except ValidationError as wrong:
            form.add_error(self._name(slug, "care-en" if self.languages else "reason"), wrong)

    def _typed(self, slug: str, part: str, form: forms.Form) -> str:
        return str(form.cleaned_data.get(self._name(slug, part), "")).strip()

    def _name(self, slug: str, part: str) -> str:
        return f"{self.prefix}-{slug}-{part}"
