"""F20: neither how long an answer takes nor what it says tells somebody outside whether an account is there.

That pages, headers and states are equal is shown in tests/clinics/test_tries.py, of invitations in test_people.py; how
long patients' links take in test_patient_link.py.
"""

import statistics
import threading
import time

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from config.settings import PASSWORD_HASHERS
from tests.clinics.accounts import mails, make_person
from tests.conftest import DEEP

pytestmark = [pytest.mark.fault, pytest.mark.django_db]

TIMED = 200 if DEEP else 15
MOST_DIFFERENT_S = 0.01
NOBODY = "nobody@clinic.invalid"
FORMS = {"/accounts/login/": "login", "/accounts/password/reset/": "email", "/resume/": "login"}


@pytest.mark.parametrize("address", FORMS)
def test_an_account_that_is_there_takes_as_long_as_one_that_is_not(address, settings):
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS  # the site's own: tests have quick ones
    there = make_person().email
    more = {"password": "a wrong password", "resume_target": "/exercises/"}
    times: dict[str, list[float]] = {there: [], NOBODY: []}

    for number in range(TIMED):
        for email in (there, NOBODY) if number % 2 else (NOBODY, there):
            cache.clear()  # where tries are counted
            start = time.thread_time()  # what else the machine does doesn't count
            Client().post(address, {FORMS[address]: email, **more})
            times[email].append(time.thread_time() - start)

    difference = statistics.median(times[there]) - statistics.median(times[NOBODY])
    assert abs(difference) < MOST_DIFFERENT_S, f"{difference * 1000:.2f} ms"


@pytest.mark.asvs("V6.4.3")
def test_a_slow_mail_server_does_not_keep_the_page_of_an_account_that_is_there(monkeypatch):
    """The page is there while the mail still waits."""
    may_go, gone = threading.Event(), threading.Event()
    send = EmailMessage.send

    def wait_and_send(mail: EmailMessage, **how: bool) -> int:
        may_go.wait(timeout=5)
        gone.set()
        return send(mail, **how)

    monkeypatch.setattr(EmailMessage, "send", wait_and_send)
    answer = Client().post("/accounts/password/reset/", {"email": make_person().email})

    assert answer.status_code == 302
    assert not gone.is_set()
    may_go.set()
    assert len(mails()) == 1
