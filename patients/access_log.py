"""Who saw or changed which patients of a clinic in a period, as its admins read it. Reads; never writes."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from clinics.models import AuditEntry, Clinic, Membership
from patients.models import Patient

DAYS = 30
NOBODY = "0"
SORTED = {
    "newest": ("-at", "-id"),
    "oldest": ("at", "id"),
    "person": ("by_name", "-at", "-id"),
    "patient": (F("patient_id").asc(nulls_last=True), "-at", "-id"),
    "action": ("action", "-at", "-id"),
}
# Entries about pages that name many patients, whose numbers are in the detail.
LISTS = ("patients", "today")
COLUMNS = ("when (UTC)", "person", "account", "action", "patients", "names", "record", "number in the log")


class LogForm(forms.Form):
    """What is asked of the log; without an answer, all of the last 30 days."""

    since = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", widget=forms.DateInput({"type": "date"}))
    person = forms.ChoiceField(required=False)
    patient = forms.IntegerField(
        label="Patient’s number", required=False, min_value=1, max_value=2**62, help_text="As in the page’s address."
    )
    action = forms.CharField(
        label="What was done",
        required=False,
        max_length=40,
        help_text="A word of it: view, print, mail, change, refuse …",
    )
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTED], widget=forms.HiddenInput)

    def __init__(self, asked: dict[str, str], clinic: Clinic) -> None:
        today = timezone.localdate()
        usual = {"since": str(today - datetime.timedelta(days=DAYS)), "until": str(today), "sort": "newest"}
        super().__init__({**usual, **{name: text for name, text in asked.items() if text}})
        members = Membership.objects.filter(clinic=clinic).order_by("user__name").values_list("user_id", "user__name")
        people = {str(key): name for key, name in members}
        other = asked.get("person", "")
        if other.isdecimal() and len(other) < 16 and other not in {NOBODY, *people}:
            people[other] = f"Account {other}"  # somebody who has left
        choices = [("", "Everybody"), (NOBODY, "Nobody signed in"), *people.items()]
        self.fields["person"] = forms.ChoiceField(required=False, choices=choices)

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        if found.get("since") and found.get("until") and found["since"] > found["until"]:
            self.add_error("until", "This is before the first day.")
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the patients it names, as the report shows it."""

    entry: AuditEntry
    patients: tuple[tuple[int, str], ...]


def entries(clinic: Clinic, asked: dict[str, Any]) -> QuerySet[AuditEntry]:
    """Return the clinic's entries that were asked for, sorted; `asked` is what the form says."""
    days = {"at__gte": _morning(asked["since"]), "at__lt": _morning(asked["until"], days=1)}
    found = AuditEntry.objects.filter(clinic=clinic, **days)
    if asked["person"]:
        found = found.filter(by=None if asked["person"] == NOBODY else asked["person"])
    if asked["patient"]:
        found = found.alias(listed=KT("detail__patients")).filter(_names(asked["patient"]))
    if asked["action"]:
        found = found.filter(action__icontains=asked["action"])
    return found.order_by(*SORTED[asked["sort"] or "newest"])


def _names(patient: int) -> Q:
    """Return what says of an entry that it is about the patient, or about a list that names the patient."""
    return Q(patient_id=patient) | Q(patient_id=None, subject__in=LISTS, listed__regex=rf"[\[ ,]{patient}[\],]")


def lines(clinic: Clinic, found: Iterable[AuditEntry]) -> list[Line]:
    """Return the entries with their patients' names: 1 query."""
    numbers = {entry: _numbers(entry) for entry in found}
    wanted = {number for some in numbers.values() for number in some}
    names = dict(Patient.objects.filter(clinic=clinic, pk__in=wanted).values_list("pk", "name"))
    return [Line(entry, tuple((number, names.get(number, "")) for number in some)) for entry, some in numbers.items()]


def cells(line: Line) -> list[str]:
    """Return a line's cells, one for each of COLUMNS."""
    entry, patients = line.entry, line.patients
    return [
        entry.at.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S"),
        entry.by_name,
        str(entry.by_id or ""),
        entry.action,
        " ".join(str(number) for number, _ in patients),
        "; ".join(name for _, name in patients if name),
        entry.subject,
        str(entry.number or ""),
    ]


def in_parts(found: QuerySet[AuditEntry], size: int = 1000) -> Iterator[list[AuditEntry]]:
    """Yield all entries, some at a time, so that a year of them needs no more memory than a day."""
    part: list[AuditEntry] = []
    for entry in found.iterator(chunk_size=size):
        part.append(entry)
        if len(part) == size:
            yield part
            part = []
    yield part


def _numbers(entry: AuditEntry) -> list[int]:
    return [entry.patient_id] if entry.patient_id else list(entry.detail.get("patients", []))


def _morning(day: datetime.date, *, days: int = 0) -> datetime.datetime:
    start = datetime.datetime.combine(day + datetime.timedelta(days=days), datetime.time.min)
    return timezone.make_aware(start)
