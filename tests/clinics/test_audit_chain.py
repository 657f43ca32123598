"""The audit log is only ever added to, and whoever changes it all the same is found."""

import random
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from clinics import audit, audit_chain
from clinics.audit_chain import TABLE
from clinics.logs import JsonLines
from clinics.models import AuditEntry, User
from tests.conftest import make_clinic, make_user

pytestmark = pytest.mark.django_db
ENTRIES, CLINICS = 30, 3


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def written(user: User) -> list[int]:
    """Return the keys of entries of two clinics and of none, in turn."""
    clinics = [None, make_clinic().pk, make_clinic().pk]
    for number in range(ENTRIES):
        audit.record("view it", by=user, clinic_id=clinics[number % CLINICS], subject=f"it:{number}", word="é'\\")
    connection.check_constraints()  # PostgreSQL seals at the commit, which no test comes to
    return list(AuditEntry.objects.order_by("id").values_list("pk", flat=True))


class Undone(Exception):
    """Ends what an insider did."""


@pytest.fixture
def insider(written: list[int]) -> Callable[..., None]:
    """Do as somebody who may do all in the database does: without triggers. It is undone when the test is over."""
    audit_chain.uninstall(connection)

    def run(*statements: str) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return run


def edits(keys: list[int], chance: random.Random) -> Iterator[str]:
    one = chance.choice(keys)
    what = [
        "action = 'x'",
        "by_name = 'Nobody'",
        "by_id = NULL",
        "patient_id = 7",
        "subject = 'x'",
        "at = '2001-01-01'",
    ]
    what += ["detail = '{}'", "clinic_id = NULL, chain = 0, number = 999"]
    own = AuditEntry.objects.get(pk=one)
    change = chance.choice(what[:-1] if own.clinic_id is None else what)
    yield f"UPDATE {TABLE} SET {change} WHERE id = {one}"


def deletions(keys: list[int], chance: random.Random) -> Iterator[str]:
    yield f"DELETE FROM {TABLE} WHERE id = {chance.choice(keys[:-CLINICS])}"


def swaps(keys: list[int], chance: random.Random) -> Iterator[str]:
    """Let two entries of a clinic change places, seals and all."""
    place = chance.randrange(ENTRIES - CLINICS)
    one, other = AuditEntry.objects.filter(pk__in=[keys[place], keys[place + CLINICS]]).order_by("id")
    seals = "number = {0.number}, previous = '{0.previous}', digest = '{0.digest}'"
    yield f"UPDATE {TABLE} SET number = NULL WHERE id = {one.pk}"
    yield f"UPDATE {TABLE} SET {seals.format(one)} WHERE id = {other.pk}"
    yield f"UPDATE {TABLE} SET {seals.format(other)} WHERE id = {one.pk}"


def cuts(keys: list[int], chance: random.Random) -> Iterator[str]:
    yield f"DELETE FROM {TABLE} WHERE id >= {keys[chance.randrange(1, ENTRIES)]}"


@pytest.mark.asvs("V16.4.2", "V11.4.3")
@pytest.mark.parametrize("tamper", [edits, deletions, swaps, cuts])
def test_finds_each_of_25_tamperings(tamper, written, insider):
    known, chance = audit_chain.heads(), random.Random(31)
    assert audit_chain.first_broken(known) == ""

    found = 0
    for _ in range(25):
        try:
            with transaction.atomic():
                insider(*tamper(written, chance))
                found += bool(audit_chain.first_broken(known))
                raise Undone
        except Undone:
            pass

    assert found == 25
    assert audit_chain.first_broken(known) == ""


def test_finds_a_log_that_was_written_anew(written, insider):
    known = audit_chain.heads()

    insider(
        f"DELETE FROM {TABLE} WHERE id = {written[0]}",
        f"UPDATE {TABLE} SET digest = '', previous = '', number = NULL",
    )
    audit_chain.seal(connection)

    assert audit_chain.first_broken() == ""
    assert "was noted" in audit_chain.first_broken(known)


def test_finds_an_entry_that_was_never_sealed(written, insider):
    AuditEntry.objects.create(action="view it", subject="it:31")

    assert "isn't sealed" in audit_chain.first_broken()


@pytest.mark.asvs("V16.4.2")
@pytest.mark.parametrize("change", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "UPDATE {} SET digest = ''"])
def test_refuses_every_change_but_an_addition(written, change):
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(TABLE))

    assert audit_chain.first_broken() == ""


def test_chains_each_clinic_by_itself(written):
    per_chain = ENTRIES // CLINICS

    assert [head.number for head in audit_chain.heads()] == [per_chain] * CLINICS
    assert sorted(AuditEntry.objects.filter(chain=0).values_list("number", flat=True)) == [*range(1, per_chain + 1)]
    assert AuditEntry.objects.exclude(number=1).filter(previous="").count() == 0


def test_chains_what_was_there_before_there_were_chains(written, insider):
    insider(f"UPDATE {TABLE} SET digest = '', previous = '', number = NULL, chain = 0")

    audit_chain.seal(connection)
    audit_chain.install(connection)

    audit.record("view it", by=None, clinic_id=None, subject="it:31")
    connection.check_constraints()
    assert audit_chain.first_broken() == ""
    assert sum(head.number for head in audit_chain.heads()) == ENTRIES + 1


def test_keeps_the_name_that_a_person_had(user, written):
    user.name = "Dana Smith"
    user.save(update_fields=["name"])

    audit.record("view it", by=user, clinic_id=None, subject="it:31")

    assert set(AuditEntry.objects.filter(pk__in=written).values_list("by_name", flat=True)) == {"Dana Okafor"}
    assert AuditEntry.objects.first().by_name == "Dana Smith"


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("audit", *arguments, stdout=out)
    return out.getvalue().strip()


def test_says_that_a_log_is_whole_or_what_is_broken(written, insider, tmp_path):
    noted = tmp_path / "heads.txt"
    noted.write_text(said("head"))

    assert said("verify", "--known", str(noted)) == f"The audit log is whole: {ENTRIES} entries."

    insider(f"DELETE FROM {TABLE} WHERE id = {written[-1]}")
    assert said("verify").endswith(f"{ENTRIES - 1} entries.")
    with pytest.raises(CommandError, match=r"entry 10 was noted and is missing"):
        call_command("audit", "verify", "--known", str(noted))


def test_reads_heads_from_the_lines_of_a_log(written, tmp_path, caplog):
    audit_chain.log_heads()
    noted = tmp_path / "site.log"
    noted.write_text("\n".join(map(JsonLines().format, caplog.records)))

    assert len(caplog.records) == CLINICS
    assert said("verify", "--known", str(noted)).startswith("The audit log is whole")


def test_says_which_file_holds_no_heads(tmp_path):
    noted = tmp_path / "heads.txt"
    noted.write_text("nothing of it")

    with pytest.raises(CommandError, match=r"heads\.txt"):
        call_command("audit", "verify", "--known", str(noted))
