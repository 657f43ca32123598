"""A line of the log is JSON, says when, where and who, and holds nothing typed, no address and no word of an error."""

import io
import json
import logging
import runpy
import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, IntegrityError
from django.test import Client
from django.urls import reverse

from clinics import logs, sign_in, wall
from clinics.models import AuditEntry
from tests.conftest import make_patient, make_user, signed_in

TOKEN = "Zk3v_Q-8mB1xTq7LrW2dYp9sHc4nJf6gA0eUiOoKt5E"
TYPED = [
    'a\n{"level": "INFO", "event": "Nothing happened"}',
    "a\r\n2026 INFO",
    "a\r2026 INFO",
    "\x1b[2J\x1b[31mred",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
    '", "level": "INFO',
    "\x00\x7f\x9b",
]


class Written(io.StringIO):
    """What was logged, which is read event by event."""

    def events(self):
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def written(monkeypatch):
    """What the whole site logs."""
    console = next(one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    assert isinstance(console.formatter, logs.JsonLines)
    stream = Written()
    monkeypatch.setattr(console, "stream", stream)
    return stream


ours, django = logging.getLogger("programs.tests"), logging.getLogger("django.request")


def fail_with(trouble):
    def fails(*args, **kwargs):
        raise trouble

    return fails


def test_the_site_writes_through_it_and_so_does_gunicorn():
    gunicorn = runpy.run_path(str(settings.BASE_DIR / "config" / "gunicorn.py"))["logconfig_dict"]

    for config in (settings.LOGGING, gunicorn):
        assert config["formatters"] == {"line": {"()": "clinics.logs.JsonLines"}}
        assert config["handlers"] == {"console": {"class": "logging.StreamHandler", "formatter": "line"}}
        assert config["root"]["handlers"] == ["console"]
        assert not [name for name, logger in config["loggers"].items() if "handlers" in logger]
    assert gunicorn["loggers"]["gunicorn.error"]["propagate"]


@pytest.mark.asvs("V16.2.1", "V16.2.2")
def test_tells_when_in_utc_where_and_what(written):
    ours.error("Mail %s can't be written.", 17)

    [event] = written.events()
    at = datetime.fromisoformat(event.pop("time"))
    assert event == {"level": "ERROR", "logger": "programs.tests", "event": "Mail 17 can't be written."}
    assert at.tzinfo == UTC
    assert abs(datetime.now(UTC) - at) < timedelta(seconds=5)


@pytest.mark.django_db
@pytest.mark.asvs("V16.2.1")
def test_tells_which_request_by_whom_on_which_page(written):
    user = make_user()

    signed_in(user).get("/patients/31415/?q=Rivera")

    [event] = written.events()
    number = event.pop("request")
    assert len(number) == 10
    del event["time"]
    assert event == {
        "level": "WARNING",
        "logger": "django.request",
        "event": "Not Found: …",
        "route": "patient",
        "user": user.pk,
        "status": 404,
    }


def test_tells_for_which_clinic_a_worker_does_it(written):
    with wall.only(7):
        ours.error("It failed.")

    assert written.events()[0]["clinics"] == [7]


@pytest.mark.django_db
def test_a_number_is_one_requests_alone(written):
    Client().get("/nowhere/")
    Client().get("/nowhere/")
    ours.error("Between requests.")

    first, second, between = (event.get("request") for event in written.events())
    assert first != second
    assert between is None


@pytest.mark.asvs("V16.2.4", "V16.4.1")
@pytest.mark.parametrize("typed", TYPED)
def test_one_line_of_json_for_each_event_whatever_is_typed(written, typed):
    ours.error("Bad name: %s", typed)
    try:
        raise ValueError(typed)
    except ValueError:
        ours.exception(typed)

    assert all(character.isprintable() for line in written.getvalue().splitlines() for character in line)
    said, failed = written.events()
    assert said["event"] == f"Bad name: {typed}"
    assert set(said) == {"time", "level", "logger", "event"}
    assert failed["error"][0]["class"] == failed["event"] == "ValueError"


@pytest.mark.django_db
@pytest.mark.asvs("V16.2.4", "V16.4.1")
@pytest.mark.parametrize("typed", TYPED[:-1])  # the last can't be sent
def test_one_line_for_each_refusal_whatever_is_sent(written, typed):
    client = Client(enforce_csrf_checks=True)
    client.get("/", headers={"Host": typed})
    client.get("/nowhere/", {"q": typed}, headers={"User-Agent": typed, "X-Forwarded-For": typed})
    client.post(reverse("account_login"), {"login": typed}, headers={"Referer": typed})

    assert len(written.events()) == 3


@pytest.mark.asvs("V16.2.5")
def test_an_error_is_told_by_class_and_place_alone(written):
    try:
        try:
            raise OSError(28, "No space left on device", "/srv/maria-rivera.pdf")
        except OSError as full:
            raise IntegrityError("DETAIL:  Failing row contains (1, Maria Rivera)") from full
    except IntegrityError as trouble:
        ours.exception("It failed: %s", trouble)

    [event] = written.events()
    assert event["event"] == "It failed: IntegrityError"
    assert [told["class"] for told in event["error"]] == ["IntegrityError", "OSError ENOSPC"]
    assert event["error"][0]["at"][-1].startswith(f"{__file__}:")
    assert "ivera" not in written.getvalue()


@pytest.mark.asvs("V16.2.5")
def test_others_code_tells_numbers_and_no_address(written):
    django.error("%s at %s: %d", OSError("maria@mail.invalid"), "/accounts/password/reset/key/4-cw2k/", 500)

    assert written.events()[0]["event"] == "OSError at …: 500"


@pytest.mark.asvs("V16.2.5")
def test_strikes_a_patients_link_out(written):
    ours.error("Not Found: %s", f"https://clinic.example/p/{TOKEN}/done")
    ours.error(f"join/{TOKEN}")  # a mistake that might be made

    assert [event["event"] for event in written.events()] == ["Not Found: https://clinic.example/p/…/done", "join/…"]


def test_a_call_whose_values_do_not_fit_is_written_and_fails_nobody():
    record = ours.makeRecord(ours.name, logging.ERROR, __file__, 7, "%s and %d", ("Maria Rivera",), None)

    line = json.loads(logs.JsonLines().format(record))

    assert line["event"] == "%s and %d (the values don't fit, at test_logs.py:7)"


@pytest.mark.asvs("V16.2.5", "V16.3.4")
def test_a_refused_mail_is_told_without_its_address(written, monkeypatch):
    refused = smtplib.SMTPRecipientsRefused({"maria@mail.invalid": (550, b"no maria@mail.invalid here")})
    monkeypatch.setattr(EmailMessage, "send", fail_with(refused))

    sign_in._send(EmailMessage(to=["maria@mail.invalid"]))

    assert [event["event"] for event in written.events()] == [
        "A mail about an account wasn't sent: SMTPRecipientsRefused"
    ]


@pytest.mark.django_db
@pytest.mark.asvs("V16.3.3")
def test_tells_once_of_a_form_without_its_token(written):
    Client(enforce_csrf_checks=True).post(reverse("account_login"))

    [event] = written.events()
    assert (event["logger"], event["route"], event["status"]) == ("django.security.csrf", "account_login", 403)


@pytest.mark.django_db
@pytest.mark.asvs("V16.3.3")
def test_tells_once_of_each_try_too_many(written, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "reset_password": "1/m/ip"}
    for _ in range(3):
        Client().post(reverse("account_reset_password"), {"email": "maria@mail.invalid"})

    assert [(event["route"], event["status"]) for event in written.events()] == [("account_reset_password", 429)] * 2


@pytest.mark.django_db
@pytest.mark.asvs("V16.3.3")
def test_tells_once_of_a_forged_cookie_on_a_patients_page(written):
    client = Client()
    client.cookies["home"] = "forged:signature:here"
    client.get("/p/")

    assert [event["event"] for event in written.events() if event["logger"] == "programs.home_visit"] == [
        "What a browser sent for programs.home.visit isn't signed by this site."
    ]


# What people see when it fails.


class Secretive(Exception):
    def __str__(self):
        return "SELECT seed FROM mfa; /srv/releasefirst/settings.py; SECRET_KEY=hush; Django 5.2"


def assert_shows_its_number_alone(page, status, event):
    text = page.content.decode()
    assert (page.status_code, event["status"]) == (status, status)
    assert f"this number: <strong>{event['request']}</strong>" in text
    assert not [secret for secret in ("SELECT", "/srv", "hush", "5.2", "Secretive", "Traceback") if secret in text]


@pytest.mark.django_db
@pytest.mark.asvs("V16.5.1", "V16.3.4")
@pytest.mark.parametrize("path", ["/", "/patients/", "/patients/1/", "/exercises/", "/clinic/", "/healthz", "/p/"])
def test_a_failure_shows_its_number_and_nothing_else(written, monkeypatch, path):
    client = signed_in(make_user())
    client.raise_request_exception = False
    monkeypatch.setattr("clinics.middleware.OnlyListedPages.process_view", fail_with(Secretive()))

    page = client.get(path)

    [event] = written.events()
    assert event["error"][0]["class"] == "Secretive"
    assert "hush" not in written.getvalue()
    assert_shows_its_number_alone(page, 500, event)


@pytest.mark.django_db
@pytest.mark.asvs("V16.5.1", "V16.3.4")
@pytest.mark.parametrize("named", ["there", "missing"])
def test_what_cannot_be_recorded_shows_its_number_and_nothing_else(written, monkeypatch, named):
    user = make_user()
    patient = make_patient(clinic=user.memberships.get().clinic).pk if named == "there" else 404
    client = signed_in(user)
    monkeypatch.setattr(AuditEntry.objects, "create", fail_with(DatabaseError(str(Secretive()))))

    page = client.get(f"/patients/{patient}/")

    assert_shows_its_number_alone(page, 503, written.events()[-1])
    assert "hush" not in written.getvalue()


@pytest.mark.django_db
def test_a_failure_before_all_else_of_the_site_is_known_by_its_number_too(written, monkeypatch):
    monkeypatch.setattr("django.middleware.security.SecurityMiddleware.process_request", fail_with(Secretive()))

    page = Client(raise_request_exception=False).get("/")

    assert_shows_its_number_alone(page, 500, written.events()[0])
