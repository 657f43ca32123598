"""The commands: doctor, handout, demo, deliver."""

import base64
import datetime
import hashlib
import io
from collections import Counter
from contextlib import nullcontext

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from clinics import audit, backups, snapshots
from clinics.models import AuditEntry, Clinic, Membership, User
from exercises.models import CatalogVersion, Driver
from patients import screening
from patients.models import Patient
from programs import bench, checking, delivery, sign_offs
from programs.demo_people import CASES
from programs.management.commands import demo, doctor
from programs.models import Delivery, Issue, Program, SignOff
from tests.conftest import make_clinic, make_user
from tests.programs.samples import items_of, make_issue

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet place to heal"


def run(name: str, *words: object, **options: object) -> str:
    said = io.StringIO()
    call_command(name, *words, stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def healthy(monkeypatch):
    """Every check of doctor says that all is well."""
    checks = dict.fromkeys(doctor.CHECKS, lambda: "all is well")
    monkeypatch.setattr(doctor, "CHECKS", checks)
    return checks


def test_doctor_says_a_line_for_each_thing(healthy):
    assert run("doctor").splitlines() == [f"ok     {name}: all is well" for name in doctor.CHECKS]


@pytest.mark.parametrize("name", list(doctor.CHECKS))
def test_doctor_exits_1_and_goes_on_when_one_thing_is_wrong(healthy, name, capsys):
    def wrong():
        raise doctor.Trouble("it is broken; mend it")

    healthy[name] = wrong
    said = io.StringIO()

    with pytest.raises(CommandError, match=f"1 of {len(doctor.CHECKS)} must be put right") as raised:
        call_command("doctor", stdout=said)

    assert raised.value.returncode == 1
    assert f"WRONG  {name}: it is broken; mend it" in said.getvalue()
    assert len(said.getvalue().splitlines()) == len(doctor.CHECKS)


def test_doctor_finds_what_it_needs_here(loaded_catalog):
    assert "draw a page" in doctor.native_libraries()
    assert "Atkinson Hyperlegible" in doctor.fonts()
    assert doctor.migrations() == "all applied"
    assert "132 exercises" in doctor.catalog()
    assert "0 failed in the outbox" in doctor.mail()


def test_doctor_misses_the_catalog():
    with pytest.raises(doctor.Trouble, match="isn't loaded"):
        doctor.catalog()


def test_doctor_sees_an_old_catalog():
    CatalogVersion.objects.create(digest="0" * 64)

    with pytest.raises(doctor.Trouble, match="newer catalog"):
        doctor.catalog()


def test_doctor_misses_a_mail_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    with pytest.raises(doctor.Trouble, match="set EMAIL_URL"):
        doctor.mail()


def test_doctor_says_that_a_mail_server_does_not_answer(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    with pytest.raises(doctor.Trouble, match=r"127\.0\.0\.1 can't be reached"):
        doctor.mail()


@pytest.mark.parametrize(("ssl", "said"), [(True, "encrypted"), (False, "not encrypted")])
def test_doctor_says_whether_mail_leaves_encrypted(settings, monkeypatch, ssl, said):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_SSL = "mail.example", ssl
    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", lambda self: None)

    assert doctor.mail() == f"server mail.example answers, {said}; 0 failed in the outbox"


def test_doctor_misses_a_typeface(monkeypatch):
    monkeypatch.setattr("clinics.pdf.font_files", lambda: [])

    with pytest.raises(doctor.Trouble, match="Atkinson"):
        doctor.fonts()


def test_doctor_sees_that_no_worker_takes_the_mail():
    by = make_user()
    mail = delivery.queue_handout(make_issue(by=by), to="maria@patients.invalid", form_key="key", by=by)

    assert "no mail has been due" in doctor.queue()
    Delivery.objects.filter(pk=mail.pk).update(next_at=timezone.now() - 2 * doctor.LONGEST_WAIT)
    with pytest.raises(doctor.Trouble, match="deliver runs"):
        doctor.queue()


@pytest.fixture
def place(settings, tmp_path, monkeypatch):
    """A data folder that is its owner's alone, with a backup of nothing in it."""
    monkeypatch.setattr(snapshots, "take", lambda to: {"nothing": to.write_bytes(b"")})
    tmp_path.chmod(0o700)
    settings.VAR_DIR, settings.BACKUP_DIR = tmp_path, tmp_path / "backups"
    settings.BACKUP_KEYS = [base64.b64encode(b"k" * 32).decode()]
    run("backup")
    return tmp_path


def test_doctor_opens_the_last_backup(place):
    assert "opens, 0 hours old" in doctor.last_backup()


def test_doctor_sees_that_the_last_backup_is_old(place, monkeypatch):
    monkeypatch.setattr(doctor, "BACKUP_AGE", datetime.timedelta(0))

    with pytest.raises(doctor.Trouble, match="the last one is of 20"):
        doctor.last_backup()


def test_doctor_sees_that_the_last_backup_cannot_be_read(place, healthy):
    path = next(place.glob("backups/*"))
    path.write_bytes(path.read_bytes()[:-1])
    healthy["last backup"] = doctor.last_backup
    said = io.StringIO()

    with pytest.raises(CommandError, match="must be put right"):
        call_command("doctor", stdout=said)

    assert "WRONG  last backup: The file was damaged" in said.getvalue()


@pytest.mark.parametrize(("demo", "said"), [(True, "the demo needs none"), (False, "run manage.py backup each night")])
def test_doctor_misses_a_backup_but_in_the_demo(settings, tmp_path, demo, said):
    settings.BACKUP_DIR, settings.DEMO = tmp_path, demo

    with nullcontext() if demo else pytest.raises(doctor.Trouble, match=said):
        assert said in doctor.last_backup()


def test_doctor_sees_a_restore_that_broke_off(place):
    assert doctor.unfinished() == "no restore broke off"
    backups.mark_of_unfinished().touch()

    with pytest.raises(doctor.Trouble, match="restore again"):
        doctor.unfinished()


@pytest.mark.parametrize("name", [".", "backups"])
def test_doctor_sees_a_folder_that_others_can_look_into(place, monkeypatch, name):
    monkeypatch.setitem(connection.settings_dict, "NAME", str(place / "releasefirst.sqlite3"))
    assert "each its owner's alone" in doctor.private_folders()
    (place / name).chmod(0o750)

    with pytest.raises(doctor.Trouble, match="run chmod 700"):
        doctor.private_folders()


def test_doctor_sees_that_the_disk_gets_full(place, monkeypatch):
    assert "GB free" in doctor.disk_space()
    monkeypatch.setattr(doctor, "FREE_SPACE", 10**18)

    with pytest.raises(doctor.Trouble, match="make room"):
        doctor.disk_space()


@pytest.mark.asvs("V13.3.2")
def test_doctor_sees_a_secret_that_others_can_read(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    secret = tmp_path / "secret-key"
    secret.write_text("hidden")
    secret.chmod(0o644)
    with pytest.raises(doctor.Trouble, match="others can read secret-key"):
        doctor.secrets()

    secret.chmod(0o600)
    assert "environment test" in doctor.secrets()


def test_handout_writes_the_stored_bytes_and_logs_it(tmp_path):
    made = make_issue(content=b"%PDF-1.7 frozen")
    out = tmp_path / "handout.pdf"

    said = run("handout", made.pk, out=out)

    entry = AuditEntry.objects.first()
    assert out.read_bytes() == b"%PDF-1.7 frozen"
    assert f"SHA-256 {hashlib.sha256(b'%PDF-1.7 frozen').hexdigest()}" in said
    assert (entry.action, entry.by, entry.patient_id) == ("print handout", None, made.program.patient_id)
    assert entry.detail == {"command": True}


def test_handout_says_when_there_is_none(tmp_path):
    with pytest.raises(CommandError, match="There is no issue 4711"):
        run("handout", 4711, out=tmp_path / "handout.pdf")
    assert not list(tmp_path.iterdir())


def test_handout_says_when_it_cannot_write(tmp_path):
    with pytest.raises(CommandError, match="can't be written"):
        run("handout", make_issue().pk, out=tmp_path / "no-such-folder" / "handout.pdf")


def test_deliver_once_sends_all_that_is_due(monkeypatch):
    # the test's own transaction must outlive the command's look at its connections
    monkeypatch.setattr("programs.management.commands.deliver.close_old_connections", lambda: None)
    by = make_user()
    made = make_issue(by=by)
    for number in range(3):
        delivery.queue_handout(made, to=f"p{number}@patients.invalid", form_key=f"key-{number}", by=by)
    delivery.queue_handout(made, to="later@patients.invalid", form_key="later", by=by)
    Delivery.objects.filter(form_key="later").update(next_at=timezone.now() + delivery.LEASE)

    run("deliver", once=True)

    assert sorted(message.to[0] for message in mail.outbox) == [f"p{number}@patients.invalid" for number in range(3)]
    assert Delivery.objects.filter(status="sent").count() == 3
    assert Delivery.objects.get(form_key="later").status == "queued"


@pytest.fixture(autouse=True)
def _signals_as_they_were():
    """`deliver` takes SIGTERM and SIGINT over; give them back to the test runner."""
    import signal

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def demo_settings(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    settings.DEMO = True
    settings.MAIL_DIR = tmp_path / "mail"


@pytest.fixture
def demo_made(demo_settings, loaded_catalog):
    run("demo")


@pytest.fixture
def demo_begun(demo_settings):
    """A demo clinic with one person and nothing else, which is all that refusals and passwords look at."""
    Clinic.objects.create(name="Lakeside (demo)", is_demo=True)
    return User.objects.create_user(f"therapist@{demo.DOMAIN}", name="Dana Okafor")


def everything() -> dict[str, list]:
    """Return all rows of the demo's own tables."""
    models = (Clinic, Membership, User, Patient, Program, Issue, Delivery, SignOff, AuditEntry)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def state_of(name):
    return screening.state_of(Patient.objects.get(name=name), timezone.now())


def test_demo_makes_fifteen_patients_at_different_points_and_five_people(demo_made):
    assert Clinic.objects.get().is_demo
    roles = sorted(Membership.objects.values_list("role", flat=True))
    assert roles == ["assistant", "clinic_admin", "therapist", "trainer"]
    assert User.objects.filter(email__endswith="@demo.invalid").count() == User.objects.count() == 5
    assert User.objects.get(is_staff=True).has_perm("exercises.change_exercise")
    assert all(user.check_password(PASSWORD) for user in User.objects.all())

    emails = list(Patient.objects.values_list("email", flat=True))
    assert sum(email.endswith("@patients.demo.invalid") for email in emails) == len(emails) == 15
    assert state_of("Tom Becker").status == "none"
    assert state_of("Agnes Moore").status == "flagged"
    assert state_of("Priya Nair").status == "clear"
    assert not Program.objects.filter(patient__name="Priya Nair").exists()
    assert items_of(Program.objects.get(patient__name="Harold Lindqvist"))
    assert sign_offs.waiting_on(Program.objects.get(patient__name="Luis Ortega")).asked_by.name == "Milo Hartmann"
    assert Issue.objects.get().program.patient.name == "Maria Rivera"
    assert bytes(Issue.objects.get().pdf.content).startswith(b"%PDF-")
    assert Delivery.objects.get().status == "queued"

    before = everything()
    run("demo")
    assert everything() == before  # the second run changes nothing


def test_demo_gives_two_people_per_driver_a_program_without_a_warning(demo_made):
    therapist = User.objects.get(name="Dana Okafor")
    programs = Program.objects.select_related("patient__clinic")

    assert Counter(case.driver for case in CASES) == dict.fromkeys(Driver.objects.values_list("slug", flat=True), 2)
    for program in programs:
        verdicts = checking.verdicts_on(program, by=therapist, at=timezone.now())
        assert [verdict.title for verdict in verdicts if verdict.level != "note"] == [], program.patient.name
        assert bench.read(program.pk, by=therapist).assessed.precautions


def test_demo_takes_a_new_password(demo_begun):
    run("demo")

    demo_begun.refresh_from_db()
    assert demo_begun.check_password(PASSWORD)


@pytest.mark.asvs("V6.3.2")
def test_demo_refuses_outside_the_demo(demo_settings, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="RELEASEFIRST_ENV=demo"):
        run("demo")
    assert not Clinic.objects.exists()


@pytest.mark.parametrize("password", ["", "short"])
def test_demo_refuses_a_short_password(demo_settings, monkeypatch, password):
    monkeypatch.setenv("DEMO_PASSWORD", password)

    with pytest.raises(CommandError, match="8 characters"):
        run("demo")
    assert not Clinic.objects.exists()


def make_person() -> User:
    return User.objects.create_user("real@clinic.example", name="Real Person")


REAL = pytest.mark.parametrize("add", [make_clinic, make_person], ids=["a real clinic", "a real person"])


@REAL
def test_demo_is_not_made_beside_real_data(demo_settings, add):
    add()

    with pytest.raises(CommandError, match="nothing was changed"):
        run("demo")

    assert not Clinic.objects.filter(is_demo=True).exists()


@REAL
def test_demo_starts_again_when_somebody_real_has_joined_it(demo_begun, add):
    add()
    before = {name: rows for name, rows in everything().items() if name != "User"}

    run("demo")

    assert everything() | before == everything()
    demo_begun.refresh_from_db()
    assert demo_begun.check_password(PASSWORD)


@REAL
def test_demo_fresh_refuses_beside_real_data_and_changes_nothing(demo_begun, settings, add):
    add()
    settings.MAIL_DIR.mkdir()
    (settings.MAIL_DIR / "kept.eml").write_text("kept")
    before = everything()

    with pytest.raises(CommandError, match="nothing was changed"):
        run("demo", fresh=True)

    assert everything() == before
    assert (settings.MAIL_DIR / "kept.eml").exists()


@pytest.mark.django_db(transaction=True)
def test_demo_fresh_starts_the_demo_over(demo_begun, settings):
    Patient.objects.create(clinic=Clinic.objects.get(), name="Played With", folded_name="played with")
    settings.MAIL_DIR.mkdir()
    (settings.MAIL_DIR / "old.eml").write_text("old")
    audit.record("view patients", by=None, clinic_id=None, subject="patients")

    run("demo", fresh=True)

    names = sorted(Patient.objects.values_list("name", flat=True))
    assert len(names) == 15
    assert "Played With" not in names
    assert Clinic.objects.get().name == "Lakeside Physical Therapy (demo)"
    assert User.objects.get(is_staff=True).has_perm("exercises.change_exercise")
    assert all(user.check_password(PASSWORD) for user in User.objects.all())
    assert not settings.MAIL_DIR.exists()
