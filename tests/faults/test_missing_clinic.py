"""F33: who doesn't say for which clinic gets nothing: pages, workers, commands, and SQL as the site's own role."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, models, transaction
from django.urls import reverse

from clinics import audit, audit_chain, row_security, wall
from clinics.models import AuditEntry, Clinic
from exercises.models import Exercise
from patients.models import Patient
from programs import delivery
from programs.management.commands import deliver
from tests.conftest import make_patient, make_user, signed_in
from tests.site_role import ROLE

pytestmark = [pytest.mark.fault, pytest.mark.django_db]
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has neither roles nor policies")
# Read before it is known who asks, or no patient's: what a clinic is, who is in it, and its own exercises.
OPEN = {"clinics_clinic", "clinics_cliniclogo", "clinics_membership", "clinics_invitation"}
OPEN |= {"exercises_exercise", "exercises_ownedition"}


@pytest.fixture
def two() -> tuple[Patient, Patient]:
    """Patients of two clinics."""
    return make_patient("Maria Rivera"), make_patient("Tom Becker")


@pytest.fixture
def nobody(two) -> Iterator[None]:
    """Be a worker that forgot to say for whom it works."""
    with wall.entered(wall.NOBODY):
        yield


def names() -> list[str]:
    """Return by plain SQL whom one may see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM patients_patient ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


def told() -> tuple[str, str]:
    """Return what PostgreSQL was told last on this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.scope', true), current_setting('app.clinics', true)")
        scope, clinics = cursor.fetchone()
        return scope, clinics


def tables_of_clinics() -> set[str]:
    """Return each table whose rows lead to a clinic, over others or not."""
    found: set[type[models.Model]] = {Clinic}
    rows = set(apps.get_models(include_auto_created=True))
    while more := {row for row in rows - found if leads_to(row) & (found - {Exercise})}:
        found |= more
    return {row._meta.db_table for row in found}


def leads_to(row: type[models.Model]) -> set[object]:
    return {field.related_model for field in row._meta.concrete_fields if field.is_relation}


@on_postgresql
@pytest.mark.asvs("V8.4.1")
def test_every_table_of_a_clinic_is_behind_the_wall():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_policies JOIN pg_class ON relname = tablename"
            " WHERE policyname = %s AND relrowsecurity AND relforcerowsecurity",
            [row_security.POLICY],
        )
        behind = {name for (name,) in cursor.fetchall()}

    assert behind == tables_of_clinics() - OPEN | {"programs_storedpdf"}


@on_postgresql
@pytest.mark.asvs("V8.4.1")
def test_sql_without_a_clinic_finds_nothing(nobody):
    assert names() == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_patient SET name = 'x'")
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM patients_patient")
        assert cursor.rowcount == 0


@on_postgresql
@pytest.mark.asvs("V8.4.1")
def test_sql_for_one_clinic_finds_and_writes_nothing_of_another(two):
    ours, theirs = two
    add = "INSERT INTO patients_screening (patient_id, version, started_by_id, started_at) VALUES (%s, 1, %s, now())"
    by = make_user(clinic=ours.clinic).pk

    with wall.only(ours.clinic_id), connection.cursor() as cursor:
        assert names() == [ours.name]
        cursor.execute("UPDATE patients_patient SET name = 'x' WHERE id = %s", [theirs.pk])
        assert cursor.rowcount == 0
        for statement, words in (
            (add, [theirs.pk, by]),
            ("UPDATE patients_patient SET clinic_id = %s", [theirs.clinic_id]),
        ):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                cursor.execute(statement, words)


@on_postgresql
def test_a_person_reaches_all_their_clinics_and_no_longer_than_they_are_in_them(two):
    user = make_user(clinic=two[0].clinic)
    second = user.memberships.create(clinic=two[1].clinic, role="assistant")

    with wall.entered(wall.clinics_of(user)):
        assert names() == [two[0].name, two[1].name]
    second.delete()
    with wall.entered(wall.clinics_of(user)):
        assert names() == [two[0].name]


@on_postgresql
@pytest.mark.asvs("V8.4.1")
@pytest.mark.parametrize("breaks", ["a mistake in the code", "a broken transaction"])
def test_a_connection_carries_nothing_from_one_request_into_the_next(two, breaks, monkeypatch):
    first, second = (signed_in(make_user(clinic=patient.clinic)) for patient in two)
    first.raise_request_exception = False

    def fail(*_: object, **__: object) -> None:
        assert names() == [two[0].name]
        if breaks == "a broken transaction":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        raise ZeroDivisionError

    with wall.entered(wall.NOBODY):
        page = first.get(reverse("patients"))
        assert two[0].name in page.text
        assert two[1].name not in page.text
        assert (told(), names()) == (("", "{}"), [])

        with monkeypatch.context() as broken:
            broken.setattr(audit, "listed", fail)
            assert first.get(reverse("patients")).status_code == 500
        assert (told(), names()) == (("", "{}"), [])

        page = second.get(reverse("patients"))
        assert two[1].name in page.text
        assert two[0].name not in page.text
        assert (told(), names()) == (("", "{}"), [])


def test_what_was_open_before_is_open_afterwards_and_nothing_more(two):
    ours, outside = two[0], wall.scope()

    with wall.only(ours.clinic_id):
        with suppress(ZeroDivisionError), wall.all_clinics("a test needs it"):
            assert wall.scope().reason == "a test needs it"
            raise ZeroDivisionError
        assert wall.scope() == wall.Scope(clinics=(ours.clinic_id,))
        if connection.vendor == "postgresql":
            assert names() == [ours.name]

    assert wall.scope() == outside


@on_postgresql
def test_a_change_that_is_undone_leaves_the_wall_as_it_was(two):
    ours, theirs = two
    with wall.only(ours.clinic_id):
        with suppress(IntegrityError), transaction.atomic(), wall.only(theirs.clinic_id):
            assert names() == [theirs.name]
            Patient.objects.create(pk=theirs.pk, clinic=theirs.clinic, name="Twice", folded_name="twice")

        assert names() == [ours.name]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_takes_along_what_was_open(two):
    with wall.only(two[0].clinic_id):
        connection.connection.close()
    connection.close()

    with wall.entered(wall.NOBODY):
        assert names() == []


def test_opens_every_clinic_for_a_reason_alone():
    with pytest.raises(ValueError, match="Say why"), wall.all_clinics(" "):
        pass


@pytest.mark.asvs("V16.4.2")
def test_what_is_written_behind_the_wall_goes_on_with_each_chain(two):
    user = make_user(clinic=two[0].clinic)
    for clinic_id in (two[0].clinic_id, None):
        audit.record("look", by=None, clinic_id=clinic_id, subject="it")

    with wall.entered(wall.clinics_of(user)):
        for clinic_id in (two[0].clinic_id, None):
            audit.record("look again", by=user, clinic_id=clinic_id, subject="it")
        connection.check_constraints()  # PostgreSQL seals at the commit, which no test comes to
        if connection.vendor == "postgresql":
            assert AuditEntry.objects.filter(clinic=None).count() == 0

    assert audit_chain.first_broken() == ""
    assert [head.number for head in audit_chain.heads()] == [2, 2]


FORBIDDEN = [
    "CREATE TABLE public.own (id int)",
    "DROP TABLE patients_patient",
    "ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",
    "DROP POLICY of_clinic ON patients_patient",
    "ALTER TABLE clinics_auditentry DISABLE TRIGGER ALL",
    "TRUNCATE patients_patient CASCADE",
    "UPDATE clinics_auditentry SET action = 'x'",
    "DELETE FROM clinics_auditentry",
    "CREATE ROLE own SUPERUSER",
    "COPY patients_patient TO PROGRAM 'cat'",
    "DELETE FROM django_migrations",
]


@on_postgresql
@pytest.mark.asvs("V13.2.2")
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_sites_role_may_neither_make_tables_nor_rewrite_the_log(statement, nobody):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (ROLE,)
        refusal = "permission denied|must be owner|must be superuser|does not exist"
        with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
            cursor.execute(statement)


@on_postgresql
def test_prints_what_makes_the_role(capsys):
    call_command("database_role", "site")

    printed = capsys.readouterr().out
    assert printed.startswith("CREATE ROLE site LOGIN NOSUPERUSER")
    assert "REVOKE UPDATE, DELETE ON clinics_auditentry FROM site;" in printed
    with pytest.raises(CommandError, match="small letters"):
        call_command("database_role", "site; DROP TABLE x")


def rows_of_clinics() -> list[type[models.Model]]:
    """Return each model that code may ask for such rows, by whatever way."""
    behind = tables_of_clinics() - OPEN | {"programs_storedpdf"}
    return [row for row in apps.get_models() if row._meta.db_table in behind]


ASKED = {
    "all": lambda rows: list(rows.all()),
    "filter": lambda rows: rows.filter(pk=1).first(),
    "get": lambda rows: rows.get(pk=1),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "values": lambda rows: list(rows.values_list("pk")),
    "iterator": lambda rows: next(rows.iterator(), None),
    "aggregate": lambda rows: rows.aggregate(most=models.Max("pk")),
    "update": lambda rows: rows.update(**{rows.model._meta.pk.name: 1}),
    "delete": lambda rows: rows.all().delete(),
    "create": lambda rows: rows.create(),
    "in_bulk": lambda rows: rows.in_bulk([1]),
}


@pytest.mark.asvs("V8.4.1")
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_every_queryset_of_a_clinics_rows_raises_without_one(ask, nobody):
    assert len(rows_of_clinics()) > 20
    for row in rows_of_clinics():
        with pytest.raises(wall.NoClinic, match="Nobody said whose"):
            ask(row.objects)


def test_rows_of_a_row_raise_without_a_clinic_and_come_within_it(two):
    ours = two[0]
    with wall.entered(wall.NOBODY), pytest.raises(wall.NoClinic):
        ours.programs.exists()

    with wall.only(ours.clinic_id):
        assert not ours.programs.exists()


def test_a_task_that_nobody_entered_a_clinic_for_raises(nobody):
    with pytest.raises(wall.NoClinic):
        delivery.send_due.call(7)


@pytest.mark.asvs("V8.4.1")
def test_the_worker_works_for_the_clinic_of_the_mail_in_its_hands_alone(two, nobody, monkeypatch, give_signals_back):
    seen: list[wall.Scope] = []
    monkeypatch.setattr(deliver, "close_old_connections", lambda: None)  # a test goes on in its own
    monkeypatch.setattr(delivery, "next_due", lambda now: None if seen else 7)
    monkeypatch.setattr(delivery, "clinic_of", lambda key: two[0].clinic_id)
    monkeypatch.setattr(delivery, "claim", lambda now, key: seen.append(wall.scope()))

    call_command("deliver", "--once")

    assert seen == [wall.Scope(clinics=(two[0].clinic_id,))]
