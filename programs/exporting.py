"""A patient's whole record as one ZIP: JSON with every field, a CSV table for each kind of row, the PDFs as issued."""

import base64
import csv
import io
import json
import zipfile
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import ForeignKey, Model

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import User
from exercises.exchange import formulas
from patients.models import Patient
from programs import record
from programs.models import Issue

Row = dict[str, Any]
README = """\
This is all that the clinic's system holds about one patient.

record.json   every row and field, by table
tables/*.csv  the same as tables for a spreadsheet; a ' before a text keeps it from being taken for a formula
handouts/     each handout as it was issued

A field that ends in _id names a row by its number; the field beside it that ends in _name says what it is.
Not in here, since it tells of the clinic's staff: the log of who looked at the record. Ask the clinic for it.
"""


@transaction.atomic
def write(patient: Patient, to: IO[bytes], *, by: User) -> None:
    """Write the ZIP of the patient's record, of one moment, and note that in the log first."""
    check_may(by, Can.EXPORT, patient.clinic_id)
    audit.about(patient, "export record", by=by)
    tables = {part.model._meta.model_name: [_row(row) for row in record.rows(part, patient)] for part in record.PARTS}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("README.txt", README)
        packed.writestr("record.json", json.dumps(tables, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        for name, rows in tables.items():
            if rows:
                packed.writestr(f"tables/{name}.csv", _csv(rows))
        for issue in Issue.objects.filter(program__patient=patient).select_related("pdf").order_by("pk"):
            packed.writestr(f"handouts/{issue.program_id}-{issue.number}.pdf", bytes(issue.pdf.content))


def _row(row: Model) -> Row:
    """Return all fields of a row; what points elsewhere says there by name what it is."""
    found: Row = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        found[field.attname] = base64.b64encode(value).decode() if isinstance(value, bytes) else value
        if isinstance(field, ForeignKey) and value is not None and not _is_within(field):
            found[f"{field.name}_name"] = str(getattr(row, field.name))
    for many in row._meta.many_to_many:
        found[many.name] = [str(other) for other in getattr(row, many.name).all()]
    return found


def _is_within(field: ForeignKey[Any, Any]) -> bool:
    """Whether it points to another row of the record, or a file of it, which are in the ZIP themselves."""
    return field.related_model in {part.model for part in record.PARTS} or field.name == "pdf"


def _csv(rows: list[Row]) -> str:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    columns = list(dict.fromkeys(name for row in rows for name in row))  # a name is there only where something is named
    table.writerow(columns)
    table.writerows([formulas.marked(_cell(row.get(name))) for name in columns] for row in rows)
    return "\ufeff" + text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).strip('"')
