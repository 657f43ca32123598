"""Say in a line each whether what must be right is right."""

import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from clinics import pdf
from exercises import catalog_files
from exercises.models import CatalogVersion, Exercise
from programs import mail_server
from programs.models import Delivery


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


def mail() -> str:
    """Mail can leave, and none has been waiting long."""
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


def secrets() -> str:
    """The secret key is private and nothing readable by others lies in the data folder."""
    loose = [
        path.name
        for path in Path(settings.VAR_DIR).glob("*")
        if path.is_file() and path.stat().st_mode & 0o077 and path.name.startswith(("secret", "demo-password"))
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
    "secrets": secrets,
}


class Command(BaseCommand):
    help = "Check what the site needs, a line each; exit 1 when something is wrong."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for name, check in CHECKS.items():
            try:
                self.stdout.write(f"ok     {name}: {check()}")
            except (Trouble, DatabaseError, pdf.CannotDraw) as trouble:
                wrong += 1
                self.stdout.write(f"WRONG  {name}: {trouble}")
        if wrong:
            raise CommandError(f"{wrong} of {len(CHECKS)} must be put right.", returncode=1)
