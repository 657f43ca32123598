"""What the site reads of its environment about its own address and its mail server."""

import os
import runpy
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY = "k" * 60


@pytest.fixture
def read(monkeypatch):
    """Return what reads the settings anew with that environment and gives them by name."""

    def read(**environment: str) -> dict[str, Any]:
        for name in os.environ:
            monkeypatch.delenv(name)
        for name, value in {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "clinic.example", **environment}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(settings.BASE_DIR / "config/settings.py"))

    return read


@pytest.mark.parametrize(
    ("place", "given", "kept"),
    [
        ("production", "", ""),
        ("production", "https://clinic.example", "https://clinic.example"),
        ("production", "https://clinic.example/", "https://clinic.example"),
        ("demo", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_reads_the_sites_address(read, place, given, kept):
    assert read(RELEASEFIRST_ENV=place, SITE_ADDRESS=given)["SITE_ADDRESS"] == kept


@pytest.mark.parametrize(
    ("place", "given"),
    [
        ("production", "http://clinic.example"),
        ("production", "clinic.example"),
        ("production", "https://clinic.example/app"),
        ("production", "https://me@clinic.example"),
        ("production", "https://clinic.example?a=b"),
        ("demo", "javascript:alert(1)"),
    ],
)
def test_refuses_to_start_with_an_address_that_is_none(read, place, given):
    with pytest.raises(ImproperlyConfigured, match="SITE_ADDRESS must be the site's address alone"):
        read(RELEASEFIRST_ENV=place, SITE_ADDRESS=given)


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("smtp+ssl://me:secret@mail.example:465", "mail.example"),
        ("smtp+tls://me:secret@mail.example:587", "mail.example"),
        ("smtp://127.0.0.1:25", "127.0.0.1"),
        ("smtp://[::1]:25", "::1"),
    ],
)
def test_takes_a_mail_server_that_is_spoken_to_in_private(read, given, host):
    assert read(EMAIL_URL=given)["EMAIL_HOST"] == host


@pytest.mark.parametrize(
    "given",
    [
        "smtp://me:secret@mail.example:25",
        "smtp://127.0.0.1.mail.example:25",
        "smtp+ssl://me:secret@mail.example:465?EMAIL_USE_SSL=0",
    ],
)
def test_refuses_to_start_where_mail_would_go_in_clear(read, given):
    with pytest.raises(ImproperlyConfigured, match=r"Write smtp\+ssl:// \(port 465\)") as refused:
        read(EMAIL_URL=given)

    assert "secret" not in str(refused.value)


def test_lets_a_demo_send_in_clear(read):
    """It holds invented people only."""
    assert read(RELEASEFIRST_ENV="demo", EMAIL_URL="smtp://mail.example:25")["EMAIL_HOST"] == "mail.example"
