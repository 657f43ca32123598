"""Say in a line each whether what must be right is right."""

import shutil
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from clinics import backups, pdf, sealing, wall
from exercises import catalog_files
from exercises.models import CatalogVersion, Exercise
from programs import delivery, mail_server
from programs.models import Delivery

BACKUP_AGE = timedelta(hours=26)  # a day, and time for a nightly one to be late
LONGEST_WAIT = timedelta(minutes=10)
FREE_SPACE = 1_000_000_000
CERTIFICATE_DAYS = 14


class Trouble(Exception):
    """What is wrong and what to do about it, in one sentence."""


def native_libraries() -> str:
    """WeasyPrint finds Pango and HarfBuzz and draws a page."""
    try:
        drawn = pdf.render_html_to_pdf("<html lang='en'><title>Check</title><p>Check</p></html>", styles=[])
    except OSError as trouble:
        raise Trouble(f"{trouble}; install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0") from trouble
    return f"Pango and HarfBuzz draw a page ({len(drawn.content) // 1024 + 1} kB)"


def fonts() -> str:
    """The handout's own typeface is there."""
    faces = pdf.font_files()
    if len(faces) < 4:
        raise Trouble("the typeface Atkinson Hyperlegible isn't installed; run script/setup")
    return f"Atkinson Hyperlegible, {len(faces)} faces"


def database() -> str:
    """The database answers and is set for several writers."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor != "sqlite":
                cursor.execute("SHOW server_version")
                return f"PostgreSQL {cursor.fetchone()[0]}"
            cursor.execute("PRAGMA journal_mode")
            mode = cursor.fetchone()[0]
            cursor.execute("PRAGMA synchronous")
            synchronous = cursor.fetchone()[0]
            cursor.execute("PRAGMA quick_check")
            sound = cursor.fetchone()[0]
    except DatabaseError as trouble:
        raise Trouble(f"the database doesn't answer: {trouble}") from trouble
    if (mode, synchronous, sound) != ("wal", 2, "ok"):
        raise Trouble(f"SQLite is in mode {mode}, synchronous {synchronous}, check {sound}; wal, 2, ok are needed")
    return "SQLite, write-ahead log, full synchronisation"


def migrations() -> str:
    """All migrations are applied."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise Trouble(f"{len(waiting)} migrations wait; run manage.py migrate")
    return "all applied"


def catalog() -> str:
    """The shipped catalog is loaded."""
    version = CatalogVersion.objects.first()
    if version is None:
        raise Trouble("the catalog isn't loaded; run manage.py load_catalog")
    if version.digest != catalog_files.digest(settings.CATALOG_DIR):
        raise Trouble("a newer catalog is shipped; run manage.py load_catalog")
    return f"{Exercise.objects.published().count()} exercises, version {version}"


@wall.all_clinics("failed mail of every clinic is counted")
def mail() -> str:
    """Mail can leave."""
    if settings.EMAIL_BACKEND.endswith("FolderBackend"):
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        where = f"written to {folder}"
    elif not mail_server.is_set_up():
        raise Trouble("no mail server is set; set EMAIL_URL")
    else:
        where = _mail_server()
    failed = Delivery.objects.filter(status="failed").count()
    return f"{where}; {failed} failed in the outbox"


def _mail_server() -> str:
    server = get_connection()
    try:
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as trouble:
        raise Trouble(f"the mail server {settings.EMAIL_HOST} can't be reached: {trouble}") from trouble
    return f"server {settings.EMAIL_HOST} answers, {_how_safely()}"


def _how_safely() -> str:
    """Say whether others on the way can read the mail; production starts without encryption on one machine only."""
    return "encrypted" if settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS else "not encrypted"


def certificate() -> str:
    """Browsers trust the site's certificate, and will for a while."""
    site = urlsplit(settings.SITE_ADDRESS)
    if site.scheme != "https" or not site.hostname:
        return "not looked at: SITE_ADDRESS is no https address"
    try:
        with (
            socket.create_connection((site.hostname, site.port or 443), timeout=10) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=site.hostname) as safe,
        ):
            end = ssl.cert_time_to_seconds(str((safe.getpeercert() or {})["notAfter"]))
            version = safe.version()
    except ssl.SSLCertVerificationError as trouble:
        raise Trouble(
            f"nobody trusts the certificate of {site.netloc}: {trouble.verify_message}; renew it"
        ) from trouble
    except OSError as trouble:
        raise Trouble(f"{site.netloc} can't be reached: {trouble}; see that the proxy runs") from trouble
    days = int((end - time.time()) / (24 * 60 * 60))
    if days < CERTIFICATE_DAYS:
        raise Trouble(f"the certificate of {site.netloc} ends in {days} days; renew it")
    return f"{site.netloc} is trusted for {days} more days, {version}"


@wall.all_clinics("the outbox is every clinic's")
def queue() -> str:
    """A worker takes what is due."""
    if delivery.next_due(timezone.now() - LONGEST_WAIT):
        raise Trouble("mail has been due for more than 10 minutes; see that manage.py deliver runs")
    return "no mail has been due for more than 10 minutes"


def last_backup() -> str:
    """The newest backup is of today, and opens from end to end."""
    path = backups.newest(settings.BACKUP_DIR)
    if path is None and settings.DEMO:
        return "none, as the demo needs none"
    if path is None:
        raise Trouble(f"there is none in {settings.BACKUP_DIR}; run manage.py backup each night")
    made = datetime.fromisoformat(backups.check(path)["made_at"])
    age = timezone.now() - made
    if age > BACKUP_AGE and not settings.DEMO:
        raise Trouble(f"the last one is of {made:%Y-%m-%d %H:%M} UTC; see why manage.py backup didn't run since")
    return f"{path.name} opens, {age.total_seconds() / 3600:.0f} hours old"


def unfinished() -> str:
    """No restore broke off here."""
    if backups.mark_of_unfinished().exists():
        raise Trouble("a restore broke off; empty the database and VAR_DIR, and restore again")
    return "no restore broke off"


def disk_space() -> str:
    """There is room for the database to grow and for a backup."""
    free = {place: shutil.disk_usage(place).free for place in _data_folders()}
    place = min(free, key=lambda place: free[place])
    if free[place] < FREE_SPACE:
        raise Trouble(f"only {free[place] / 1e9:.2f} GB are free in {place}; make room")
    return f"{free[place] / 1e9:.0f} GB free"


def private_folders() -> str:
    """Nobody else on the machine gets at the database, what lies beside it, or the backups."""
    folders = _data_folders()
    open_ones = [str(folder) for folder in folders if folder.stat().st_mode & 0o077]
    if open_ones:
        raise Trouble(f"others can look into {open_ones[0]}; run chmod 700 {open_ones[0]}")
    return f"{len(folders)} folders, each its owner's alone"


def _data_folders() -> list[Path]:
    """Return the folders, of those that there are, that hold patients' data."""
    found = {Path(settings.VAR_DIR), Path(settings.BACKUP_DIR)}
    if connection.vendor == "sqlite":
        found.add(Path(str(connection.settings_dict["NAME"])).parent)
    return sorted(folder.resolve() for folder in found if folder.is_dir())


def secrets() -> str:
    """The secret key is private and nothing readable by others lies in the data folder."""
    loose = [
        path.name
        for path in Path(settings.VAR_DIR).glob("*")
        if path.is_file()
        and path.stat().st_mode & 0o077
        and path.name.startswith(("secret", "demo-password", "backup-key"))
    ]
    if loose:
        raise Trouble(f"others can read {', '.join(loose)}; run chmod 600 on it")
    return f"secret key of {len(settings.SECRET_KEY)} characters, environment {settings.ENVIRONMENT}"


CHECKS: dict[str, Callable[[], str]] = {
    "native libraries": native_libraries,
    "fonts": fonts,
    "database": database,
    "migrations": migrations,
    "catalog": catalog,
    "mail": mail,
    "certificate": certificate,
    "queue": queue,
    "secrets": secrets,
    "folders": private_folders,
    "disk": disk_space,
    "last backup": last_backup,
    "restore": unfinished,
}


class Command(BaseCommand):
    help = "Check what the site needs, a line each; exit 1 when something is wrong."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for name, check in CHECKS.items():
            try:
                self.stdout.write(f"ok     {name}: {check()}")
            except (Trouble, sealing.Trouble, DatabaseError, pdf.CannotDraw) as trouble:
                wrong += 1
                self.stdout.write(f"WRONG  {name}: {trouble}")
        if wrong:
            raise CommandError(f"{wrong} of {len(CHECKS)} must be put right.", returncode=1)
