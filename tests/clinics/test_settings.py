"""What the site reads of its environment about its own address and its mail server."""

import base64
import os
import runpy
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY = "k" * 60
FIELD_KEY = base64.b64encode(b"f" * 32).decode()


@pytest.fixture
def read(monkeypatch):
    """Return what reads the settings anew with that environment and gives them by name."""

    def read(**environment: str) -> dict[str, Any]:
        for name in os.environ:
            monkeypatch.delenv(name)
        given = {"SECRET_KEY": KEY, "FIELD_KEYS": FIELD_KEY, "ALLOWED_HOSTS": "clinic.example", **environment}
        for name, value in given.items():
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
@pytest.mark.asvs("V12.3.1")
def test_refuses_to_start_where_mail_would_go_in_clear(read, given):
    with pytest.raises(ImproperlyConfigured, match=r"Write smtp\+ssl:// \(port 465\)") as refused:
        read(EMAIL_URL=given)

    assert "secret" not in str(refused.value)


def test_lets_a_demo_send_in_clear(read):
    """It holds invented people only."""
    assert read(RELEASEFIRST_ENV="demo", EMAIL_URL="smtp://mail.example:25")["EMAIL_HOST"] == "mail.example"


def test_reads_several_keys_of_fields_in_either_kind_of_base64(read):
    urlsafe = base64.urlsafe_b64encode(b"\xff" * 32).decode().rstrip("=")

    assert read(FIELD_KEYS=f"{FIELD_KEY}, {urlsafe}")["FIELD_KEYS"] == [b"f" * 32, b"\xff" * 32]


@pytest.mark.parametrize("given", ["", "short", f"{FIELD_KEY},short", "é" * 43])
def test_refuses_to_start_without_whole_keys_of_fields(read, given):
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        read(FIELD_KEYS=given)


BASELINE = {
    "DEBUG": False,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_REFERRER_POLICY": "same-origin",
    "SESSION_COOKIE_NAME": "__Host-sid",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_NAME": "__Host-csrf",
    "CSRF_COOKIE_SECURE": True,
    "CSRF_COOKIE_HTTPONLY": True,
    "X_FRAME_OPTIONS": "DENY",
    "SIGNED_COOKIE_LEGACY_SALT_FALLBACK": False,
    "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
    "PASSWORD_HASHERS": ["clinics.hashers.SmallArgon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    "EMAIL_USE_SSL": True,
    "EMAIL_TIMEOUT": 20,
    "FILE_UPLOAD_HANDLERS": ["clinics.uploads.SmallFiles"],
    "FILE_UPLOAD_PERMISSIONS": 0o600,
    "FILE_UPLOAD_DIRECTORY_PERMISSIONS": 0o700,
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 1_000_000,
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": 1000,
    "DATA_UPLOAD_MAX_NUMBER_FILES": 5,
    "WHITENOISE_ALLOW_ALL_ORIGINS": False,
}
# What stays as Django has it, which trusts no header of a client and keeps cookies to the site's own host.
UNTOUCHED = {"USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT", "SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN"}
UNTOUCHED |= {"SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH", "SESSION_COOKIE_HTTPONLY", "CSRF_USE_SESSIONS"}
UNTOUCHED |= {"SESSION_SERIALIZER", "SESSION_SAVE_EVERY_REQUEST"}


@pytest.fixture
def production(read) -> dict[str, Any]:
    return read(EMAIL_URL="smtp+ssl://me:secret@mail.example:465")


@pytest.mark.asvs("V13.4.2", "V1.5.2")
def test_production_keeps_the_baseline(production):
    assert {name: production[name] for name in BASELINE} == BASELINE
    assert UNTOUCHED.isdisjoint(production)
    assert production["SECURE_PROXY_SSL_HEADER"] is None


def test_sqlite_waits_for_its_turn_and_for_the_disk(production):
    database = production["DATABASES"]["default"]
    pragmas = {words.strip() for words in database["OPTIONS"]["init_command"].split(";")}

    assert (database["OPTIONS"]["transaction_mode"], database["OPTIONS"]["timeout"]) == ("IMMEDIATE", 20)
    assert {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"} <= pragmas
    assert database["ATOMIC_REQUESTS"] is False


def test_what_brings_known_holes_is_left_out(production):
    parts = " ".join([*production["INSTALLED_APPS"], *production["MIDDLEWARE"]])

    assert "django.contrib.gis" not in parts
    assert "CacheMiddleware" not in parts
