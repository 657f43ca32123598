"""Workers and seeds that begin in a blink: real processes, forked from one that has the site loaded already.

Each works on the database file that it is given, and can be killed as any process.
"""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import django
from django.apps import apps

if not apps.ready:  # in the process that is forked; the tests' own is set up long before
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": "sqlite:////nowhere"}
    django.setup()

forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload([__name__, "programs.management.commands.deliver", "tests.faults.seeds"])


def start(database: Path, act: Callable[..., None], *words: Any) -> BaseProcess:
    """Carry `act` out on that database in a process of its own; `act` is named in a module."""
    child = forking.Process(target=_carry_out, args=(str(database), act, words), daemon=True)
    child.start()
    return child


def run(database: Path, act: Callable[..., Any], *words: Any) -> Any:
    """Carry `act` out to its end and return what it returned."""
    ours, theirs = forking.Pipe(duplex=False)
    child = start(database, answer, theirs, act, words)
    theirs.close()
    said = ours.recv()  # EOFError when it failed
    child.join(timeout=60)
    return said


def deliver(port: int, *words: str) -> None:
    """The delivery worker, handing its mail to that port."""
    from django.conf import settings
    from django.core.management import call_command

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    call_command("deliver", *words)


def _carry_out(database: str, act: Callable[..., None], words: tuple) -> None:
    from django.conf import settings
    from django.db import connection

    settings.SITE_ADDRESS = "https://clinic.example"
    connection.settings_dict["NAME"] = database
    act(*words)


def answer(to: Any, act: Callable[..., Any], words: tuple) -> None:
    from clinics import wall

    with wall.all_clinics("a test arranges and looks from outside"):
        to.send(act(*words))
