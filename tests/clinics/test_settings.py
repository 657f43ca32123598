"""What the site reads of its environment about its own address."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

KEY = "k" * 60


def read(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start over with that environment and say what a setting is."""
    given = {"PATH": os.environ["PATH"], "SECRET_KEY": KEY, "ALLOWED_HOSTS": "clinic.example", **environment}
    command = [sys.executable, "-c", f"from config import settings; print(settings.{name})"]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("place", "given", "kept"),
    [
        ("production", "", ""),
        ("production", "https://clinic.example", "https://clinic.example"),
        ("production", "https://clinic.example/", "https://clinic.example"),
        ("demo", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_reads_the_sites_address(place, given, kept):
    found = read("SITE_ADDRESS", RELEASEFIRST_ENV=place, SITE_ADDRESS=given)

    assert found.stdout.strip() == kept, found.stderr


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
def test_refuses_to_start_with_an_address_that_is_none(place, given):
    found = read("SITE_ADDRESS", RELEASEFIRST_ENV=place, SITE_ADDRESS=given)

    assert found.returncode != 0
    assert "SITE_ADDRESS must be the site's address alone" in found.stderr
