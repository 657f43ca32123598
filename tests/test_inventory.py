"""The inventory of data says of every field what it holds and how it is kept, and the code does as it says."""

import csv
from typing import NamedTuple

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import CharField, Field, JSONField, TextField

from clinics.sealed import JSONWithSealed, Sealed

PAPER = settings.BASE_DIR / "docs" / "data-inventory.csv"
WORDS = {
    "kind": {"public", "clinic", "contact", "health", "secret"},
    "sealed": {"yes", "texts", "no"},
    "logged": {"audit", "no"},
    "exported": {"yes", "no"},
    "retained": {"catalog", "site", "account", "session", "clinic", "record", "log"},
}
LIBRARYS_OWN = {"mfa.Authenticator.data": "texts"}  # sealed through a hook of the library
# What somebody may type about a patient and which is in clear all the same, and why.
IN_CLEAR = {
    "patients.Patient.name": "searched and sorted by, all day",
    "patients.Patient.folded_name": "the same, as it is searched",
    "programs.Program.adapted": "sentences of the catalog",
    "programs.SignOff.reasons": "sentences of the checks",
}


class Row(NamedTuple):
    model: str
    field: str
    kind: str
    sealed: str
    logged: str
    exported: str
    retained: str

    @property
    def name(self) -> str:
        return f"{self.model}.{self.field}"


def rows() -> list[Row]:
    with PAPER.open(encoding="utf-8", newline="") as file:
        return [Row(*values) for values in list(csv.reader(file))[1:]]


def fields() -> dict[str, Field]:
    """Return every field that has a column, by model and name, the libraries' among them."""
    models = apps.get_models(include_auto_created=True)
    return {f"{model._meta.label}.{f.name}": f for model in models for f in model._meta.local_concrete_fields}


def held(field: Field) -> str:
    if isinstance(field, JSONWithSealed):
        return "texts"
    return "yes" if isinstance(field, Sealed) else "no"


@pytest.mark.asvs("V14.1.1")
def test_every_field_has_one_row_and_every_row_a_field():
    assert sorted(row.name for row in rows()) == sorted(fields())


@pytest.mark.asvs("V14.1.2")
def test_says_what_each_row_may_say():
    wrong = [row for row in rows() for name, words in WORDS.items() if getattr(row, name) not in words]

    assert wrong == []


@pytest.mark.asvs("V14.1.2")
def test_seals_what_it_says_and_nothing_else():
    said = {row.name: row.sealed for row in rows()}

    assert said == {name: LIBRARYS_OWN.get(name, held(field)) for name, field in fields().items()}


@pytest.mark.asvs("V14.1.2")
def test_text_about_a_patient_is_sealed_but_for_a_few_with_a_reason():
    known = fields()
    typed = {
        row.name
        for row in rows()
        if row.kind in {"contact", "health"}
        and row.retained == "record"
        and isinstance(known[row.name], CharField | TextField | JSONField)
        and not known[row.name].choices
        and row.sealed == "no"
    }

    assert typed == set(IN_CLEAR)


@pytest.mark.asvs("V14.1.2")
def test_what_is_sealed_secret_or_contact_is_in_no_log_and_a_secret_in_no_export():
    assert [
        row for row in rows() if (row.sealed != "no" or row.kind in {"secret", "contact"}) and row.logged != "no"
    ] == []
    assert [row for row in rows() if row.kind == "secret" and row.exported != "no"] == []
