"""What the catalog's rows of rules and findings are typed in: their columns, and the way to and from what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.text import Truncator
from pydantic import ValidationError as Unreadable

from exercises import languages
from exercises.admin_fields import Choices, Column, Row, RowsField
from exercises.evidence_entries import Accuracy
from exercises.models import Citation, Driver
from exercises.vocabulary import CAUTIONS, CERTAINTIES
from exercises.word_forms import language_name

SPEAKS = [("for", "For"), ("against", "Against")]
RESULTS = [("present", "Present"), ("absent", "Absent"), ("both", "Both")]
NUMBERS = ("sensitivity", "specificity", "lr_positive", "lr_negative")
LIMITS = dict.fromkeys(NUMBERS[:2], "it is a share from 0 to 1") | dict.fromkeys(NUMBERS[2:], "it is a number above 0")
CARE = "care_"
LONGEST_OFFER = 80


def names_of(model: Any) -> Choices:
    """Return what asks for a model's slugs and names, each time a form is shown."""
    return lambda: model.objects.order_by("name").values_list("slug", "name")


def sources() -> list[tuple[str, str]]:
    """Return the slugs of all references, each with the beginning of what it says."""
    rows = Citation.objects.values_list("slug", "text")
    return [(slug, Truncator(text).chars(LONGEST_OFFER)) for slug, text in rows]


class RulesField(RowsField):
    """What a driver or a precaution objects to, a row each. `model` is what it objects to; care is a precaution's."""

    def __init__(self, *, model: Any, care: bool, **kwargs: Any) -> None:
        columns = [
            Column("slug", model._meta.verbose_name.capitalize(), names_of(model)),
            Column("level", "How far", lambda: CAUTIONS),
            Column("citations", "Sources (slugs, commas between)", offers=sources),
            Column("from_week", "From week of pregnancy"),
            Column("reason", "Why, for clinicians", wide=True),
            *(_care_columns() if care else ()),
        ]
        super().__init__(columns=columns, needed=("slug", "level", "reason"), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return [self.typed({"slug": slug, **rule}) for slug, rule in value.items()]

    def typed(self, row: Mapping[str, Any]) -> Row:
        care = {f"{CARE}{code}": words for code, words in row.get("care", {}).items()}
        week = row.get("from_week") or ""
        return super().typed({**row, **care, "from_week": week, "citations": ", ".join(row.get("citations", ()))})

    def to_python(self, value: Any) -> Any:
        rows = super().to_python(value)
        slugs = [slug for slug, _ in rows]
        if twice := [slug for place, slug in enumerate(slugs) if slug in slugs[:place]]:
            raise ValidationError(f"“{twice[0]}” stands in two rows. Take one of them out.")
        return dict(rows)

    def stored(self, row: Row) -> Any:
        care = {name.removeprefix(CARE): words for name, words in row.items() if name.startswith(CARE) and words}
        sources = [slug.strip() for slug in row["citations"].split(",") if slug.strip()]
        rule: dict[str, Any] = {"level": row["level"], "reason": row["reason"], "care": care}
        rule |= {"citations": sources} if sources else {}
        return row["slug"], rule | ({"from_week": row["from_week"]} if row["from_week"] else {})


class AccuracyField(RowsField):
    """What studies measured of a finding, a row each."""

    def __init__(self, **kwargs: Any) -> None:
        labels = ("Sensitivity", "Specificity", "Positive ratio", "Negative ratio")
        columns = [
            Column("driver", "Driver", names_of(Driver)),
            Column("result", "The answer it is about", lambda: RESULTS),
            Column("certainty", "How sure", lambda: CERTAINTIES),
            *(Column(name, label) for name, label in zip(NUMBERS, labels, strict=True)),
            Column("citation", "Source (slug)", offers=sources),
            Column("words", "In words", wide=True),
            Column("checked", "What was read"),
        ]
        needed = ("driver", "result", "certainty", "citation", "words", "checked")
        super().__init__(columns=columns, needed=needed, **kwargs)

    def stored(self, row: Row) -> dict[str, Any]:
        given = super().stored(row)
        try:
            read = Accuracy.model_validate(given)
        except Unreadable as trouble:
            name = str(trouble.errors()[0]["loc"][0])
            label = next(column.label for column in self.columns if column.name == name)
            limit = LIMITS.get(name, "see the example below")
            raise ValidationError(f"“{label}” can’t be “{given.get(name, '')}”: {limit}.") from trouble
        return read.model_dump(exclude_none=True)


def voices(**kwargs: Any) -> RowsField:
    """Return the field of what a finding says about drivers."""
    columns: Sequence[Column] = (
        Column("driver", "Driver", names_of(Driver)),
        Column("speaks", "Speaks", lambda: SPEAKS),
        Column("why", "Why", wide=True),
    )
    return RowsField(columns=columns, needed=("driver", "speaks", "why"), **kwargs)


def with_unknown_care(rules: dict[str, Any], stored: object) -> dict[str, Any]:
    """Return typed rules with the care that stands in languages which have no field of their own now."""
    known = languages.known()
    for slug, rule in rules.items():
        before = cast(dict[str, Any], stored or {}).get(slug, {}).get("care", {})
        rule["care"] |= {code: words for code, words in before.items() if code not in known}
    return rules


def _care_columns() -> list[Column]:
    return [
        Column(f"{CARE}{code}", f"The patient’s care in {language_name(code)}", wide=True, language=code)
        for code in languages.known()
    ]
