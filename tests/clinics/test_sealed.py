"""What is sealed in the database: nobody reads it there, alters it unseen, or moves it to another place."""

import datetime
import json

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from clinics import resealing
from clinics.sealed import JSONWithSealed, inside
from clinics.secrets import CannotUnseal, seal_bytes, unseal_bytes
from patients.models import Patient
from programs.models import Program
from tests.clinics.accounts import give_app
from tests.conftest import make_clinic, make_patient, make_user
from tests.programs.samples import make_issue, make_program

OLD, NEW = b"o" * 32, b"n" * 32
BORN = datetime.date(1980, 4, 12)


def held(table: str, column: str) -> list[object]:
    """Return a column as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return [value for (value,) in cursor.fetchall()]


def hold(table: str, column: str, value: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s", [value])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("email", "maria@mail.invalid"),
        ("phone", "(555) 010-4477"),
        ("birth_date", BORN),
        ("contact_note", "Ring, twice"),
    ],
)
def test_a_value_is_plain_in_python_and_sealed_in_the_database(column, value):
    make_patient(**{column: value})

    assert getattr(Patient.objects.get(), column) == value
    assert Patient.objects.values_list(column, flat=True).get() == value
    assert str(held("patients_patient", column)[0]).startswith("1:")
    assert str(value) not in str(held("patients_patient", column))


@pytest.mark.django_db
def test_every_way_of_writing_seals():
    clinic = make_clinic()
    Patient.objects.bulk_create([Patient(clinic=clinic, name="A", phone="1"), Patient(clinic=clinic, name="B")])
    first, second = Patient.objects.order_by("name")
    second.phone = "2"
    second.save(update_fields=["phone"])
    Patient.objects.update(contact_note="3")
    first.email = "4@mail.invalid"
    Patient.objects.bulk_update([first], ["email"])

    seen = [held("patients_patient", column) for column in ("phone", "contact_note", "email")]
    assert [str(value)[:2] for values in seen for value in values if value] == ["1:"] * 5
    assert [row.phone for row in Patient.objects.order_by("name")] == ["1", "2"]


@pytest.mark.django_db
def test_nothing_stays_nothing():
    make_patient()

    assert held("patients_patient", "email") == [""]
    assert held("patients_patient", "birth_date") == [None]
    assert Patient.objects.filter(email="", birth_date=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", [{"email": "maria@mail.invalid"}, {"email__icontains": "maria"}, {"birth_date__year": 1980}]
)
def test_a_search_in_what_is_sealed_is_refused_not_answered_with_nothing(asked):
    make_patient(email="maria@mail.invalid", birth_date=BORN)

    with pytest.raises(FieldError, match="sealed"):
        Patient.objects.filter(**asked).exists()


@pytest.mark.django_db
def test_a_value_moved_to_another_column_cannot_be_read():
    make_patient(phone="(555) 010-4477")
    hold("patients_patient", "contact_note", held("patients_patient", "phone")[0])

    with pytest.raises(CannotUnseal):
        Patient.objects.get()


@pytest.mark.django_db
def test_a_value_that_was_never_sealed_is_not_taken_for_one():
    make_patient()
    hold("patients_patient", "email", "mallory@mail.invalid")

    with pytest.raises(CannotUnseal):
        Patient.objects.get()


@pytest.mark.asvs("V11.3.3")
def test_any_altered_byte_of_two_hundred_is_refused():
    refused = tried = 0
    for number in range(200):
        whole = seal_bytes(f"Patient {number} said".encode(), about="notes")
        for place in range(len(whole)):
            tried += 1
            altered = bytearray(whole)
            altered[place] ^= 1 + number % 255
            try:
                unseal_bytes(bytes(altered), about="notes")
            except CannotUnseal:
                refused += 1

    assert tried > 200 * 40
    assert refused == tried


@pytest.mark.django_db
def test_a_handout_is_sealed_and_comes_back_byte_for_byte():
    content = b"%PDF-1.7 Maria Rivera"
    issue = make_issue(content=content)
    issue.snapshot = {"patient_name": "Maria Rivera", "phases": [{"name": "Calm"}]}
    issue.save(update_fields=["snapshot"])

    issue.refresh_from_db()
    assert bytes(issue.pdf.content) == content
    assert issue.snapshot == {"patient_name": "Maria Rivera", "phases": [{"name": "Calm"}]}
    assert b"Maria" not in bytes(held("programs_storedpdf", "content")[0])
    assert "Maria" not in str(held("programs_issue", "snapshot")[0])


@pytest.mark.django_db
def test_json_keeps_its_form_and_hides_the_words():
    program = make_program("Bridge")
    program.accepted = {"w0_2": {"size": {"reason": "She asked for it", "exercise": "bridge"}}}
    program.save(update_fields=["accepted"])

    program.refresh_from_db()
    assert program.accepted["w0_2"]["size"] == {"reason": "She asked for it", "exercise": "bridge"}
    said = json.loads(str(held("programs_program", "accepted")[0]))["w0_2"]["size"]
    assert (said["exercise"], said["reason"][:2]) == ("bridge", "1:")


def test_words_are_found_at_any_depth():
    value = {"note": ["a", {"deep": "b"}], "list": [{"note": ""}, {"reason": "c", "note": 4}], "other": "d"}

    assert inside(value, ["note", "reason"], str.upper) == {
        "note": ["A", {"deep": "B"}],
        "list": [{"note": ""}, {"reason": "C", "note": 4}],
        "other": "d",
    }


def fill(count: int) -> None:
    """Make patients with two sealed values each."""
    clinic = make_clinic()
    rows = (Patient(clinic=clinic, name=f"P{n}", email=f"p{n}@mail.invalid", birth_date=BORN) for n in range(count))
    Patient.objects.bulk_create(rows)


@pytest.mark.django_db
@pytest.mark.asvs("V11.2.2")
def test_a_thousand_rows_are_sealed_anew_and_the_old_key_may_go(settings, capsys):
    settings.FIELD_KEYS = [OLD]
    fill(1000)
    give_app(make_user())
    make_issue()

    settings.FIELD_KEYS = [NEW, OLD]
    assert len({row.email for row in Patient.objects.all()}) >= 1000
    call_command("rotate_keys")
    said = capsys.readouterr().out.split()

    assert said[said.index("patients_patient") + 1] == "2000"
    assert said[said.index("mfa_authenticator") + 1] == "1"
    settings.FIELD_KEYS = [NEW]
    read = list(Patient.objects.filter(name__startswith="P").order_by("pk"))
    assert [(row.email, row.birth_date) for row in read] == [(f"p{n}@mail.invalid", BORN) for n in range(1000)]
    assert resealing.rotate().total() == 0  # and reads all that is sealed on the way


@pytest.mark.django_db
def test_a_rotation_that_was_broken_off_goes_on_where_it_was(settings, monkeypatch):
    monkeypatch.setattr(resealing, "BATCH", 10)
    settings.FIELD_KEYS = [OLD]
    fill(30)
    settings.FIELD_KEYS = [NEW, OLD]
    batch = resealing._batch

    def fails_at_the_third(model, columns, after):
        if model is Patient and after and Patient.objects.filter(pk__lte=after).count() == 20:
            raise KeyboardInterrupt
        return batch(model, columns, after)

    monkeypatch.setattr(resealing, "_batch", fails_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        resealing.rotate()
    monkeypatch.setattr(resealing, "_batch", batch)

    assert len({row.email for row in Patient.objects.all()}) == 30
    assert resealing.rotate()["patients_patient"] == 20


@pytest.mark.django_db
def test_a_rotation_without_the_old_key_says_so_and_changes_nothing(settings):
    with override_settings(FIELD_KEYS=[OLD]):
        fill(3)
    settings.FIELD_KEYS = [NEW]
    before = held("patients_patient", "email")

    with pytest.raises(CommandError, match="missing key"):
        call_command("rotate_keys")

    assert held("patients_patient", "email") == before


@pytest.mark.django_db
def test_the_migrations_seal_the_rows_of_before_and_back():
    issue = make_issue(content=b"%PDF-1.7 Maria")
    Patient.objects.update(email="maria@mail.invalid", birth_date=BORN)
    issue.program.accepted = {"w0_2": {"size": {"reason": "She asked"}}}
    issue.program.save(update_fields=["accepted"])
    steps = [resealing.migration(app) for app in ("patients", "programs")]

    for step in steps:
        step.reverse_code(apps, None)
    assert held("patients_patient", "birth_date") == [str(BORN)]
    assert held("patients_patient", "email") == ["maria@mail.invalid"]
    assert bytes(held("programs_storedpdf", "content")[0]) == b"%PDF-1.7 Maria"
    assert "She asked" in str(held("programs_program", "accepted"))
    for step in steps:
        step.code(apps, None)

    assert "maria@mail.invalid" not in held("patients_patient", "email")
    patient = Patient.objects.get()
    issue.refresh_from_db()
    assert (patient.email, patient.birth_date) == ("maria@mail.invalid", BORN)
    assert Program.objects.get().accepted == {"w0_2": {"size": {"reason": "She asked"}}}
    assert (bytes(issue.pdf.content), issue.snapshot) == (b"%PDF-1.7 Maria", {})


def test_json_names_its_words_in_migrations():
    assert JSONWithSealed(words=["note"]).deconstruct()[3]["words"] == ("note",)
