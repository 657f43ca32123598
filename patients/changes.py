"""Corrections of a patient's data: what stood there before is kept, with name and time. Only this module writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinics.models import User
from patients.models import Patient
from patients.rights import PatientChange

MOST = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A correction as the page tells it."""

    at: datetime
    by: str
    label: str
    old: str
    new: str


def note(before: Patient, changed: Mapping[str, Any], *, by: User) -> None:
    """Keep what these fields held; call it in the transaction of the change."""
    PatientChange.objects.bulk_create(
        PatientChange(patient=before, by=by, field=name, old=_text(getattr(before, name)), new=_text(value))
        for name, value in sorted(changed.items())
    )


def of(patient: Patient, *, most: int | None = MOST) -> list[Change]:
    """Return the corrections, the latest first: 1 query."""
    rows = PatientChange.objects.filter(patient=patient).select_related("by")[:most]
    return [Change(row.at, str(row.by), _label(row.field), _shown(row, row.old), _shown(row, row.new)) for row in rows]


def _label(field: str) -> str:
    label = str(_field(field).verbose_name)
    return label[:1].upper() + label[1:]


def _shown(row: PatientChange, text: str) -> str:
    choices = dict(_field(row.field).flatchoices)
    return str(choices.get(text, text))


def _field(name: str) -> Any:
    return Patient._meta.get_field(name)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
