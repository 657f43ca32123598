"""docs/crypto.csv names every place that seals, signs, sums up or makes something secret, and nothing else."""

import ast
import csv
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils.module_loading import import_string

from clinics import backups, sealing, secrets
from tests.clinics.test_settings import BASELINE
from tests.security.test_code import OWN, nodes
from tests.test_house_rules import ROOT, name_of

# Modules, and names of Django's, whose use is one of cryptography; `clinics.secrets` and `clinics.sealing` are ours.
MODULES = ("hashlib", "hmac", "secrets", "cryptography", "django.core.signing", "django.utils.crypto")
CHANCE = {"os.urandom", "random.SystemRandom"}
WEAKEST_BITS = 128
HASHERS = BASELINE["PASSWORD_HASHERS"]  # of production, which tests/clinics/test_settings.py holds it to
CIPHERS = {"AESGCM"}
# Names and versions of things, each with what it is for in the table; and a nonce, which is no secret.
NOTHING_RESTS_ON_IT = {f"exercises/{name}.py" for name in ("own", "picturing", "pose_editor")} | {
    "clinics/sealing.py",
    "clinics/secrets.py",
    "programs/retention.py",
    "clinics/logs.py",
    "patients/searching.py",
}


def uses(path: Path) -> set[str]:
    """Return what a file calls of cryptography, by whole names such as “hashlib.sha256”."""
    known = {}
    for node in nodes(path):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    called = {_whole(node.func, known) for node in nodes(path) if isinstance(node, ast.Call)}
    return {name for name in called if name in CHANCE or name.startswith(tuple(f"{one}." for one in MODULES))}


def _whole(node: ast.AST, known: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_whole(node.value, known)}.{node.attr}"
    return known.get(node.id, "") if isinstance(node, ast.Name) else ""


def inventory() -> list[dict[str, str]]:
    with (ROOT / "docs/crypto.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.asvs("V11.1.2")
def test_names_every_use_and_no_other():
    found = {(name_of(path), name) for path in OWN for name in uses(path)}

    assert {(row["file"], row["use"]) for row in inventory()} == found
    assert len(inventory()) == len(found)
    assert all(row["what for"] for row in inventory())


@pytest.mark.asvs("V11.2.1")
def test_all_of_it_is_of_python_django_or_cryptography():
    """With the sign-in's own library: no other package that seals or hashes is asked for."""
    wanted = (ROOT / "requirements.in").read_text(encoding="utf-8").lower()

    assert "cryptography" in wanted
    assert not re.search(r"^(pycrypto|pycryptodome|pynacl|rsa|ecdsa|m2crypto|simple-?crypt)\b", wanted, re.MULTILINE)
    assert {row["use"].rpartition(".")[0].partition(".")[0] for row in inventory()} <= {
        *("hashlib", "hmac", "secrets", "os", "random"),
        *("django", "cryptography"),
    }


@pytest.mark.asvs("V11.2.3")
def test_nothing_that_is_secret_or_proves_something_has_less_than_128_bits():
    weak = [row for row in inventory() if row["bits"] and int(row["bits"]) < WEAKEST_BITS]

    assert weak == []
    assert {row["file"] for row in inventory() if not row["bits"]} == NOTHING_RESTS_ON_IT
    assert 8 * sealing.KEY_BYTES == 256
    assert {8 * len(key) for key in settings.FIELD_KEYS} == {256}
    assert 8 * secrets.NONCE_BYTES == 96  # what GCM is made for


@pytest.mark.asvs("V11.3.2")
def test_the_only_cipher_is_aes_gcm():
    ciphers = {row["use"].rpartition(".")[2] for row in inventory() if ".ciphers." in row["use"]}

    assert ciphers == CIPHERS


@pytest.mark.asvs("V11.4.2")
def test_passwords_are_hashed_as_strongly_as_the_standard_asks():
    first, older = (import_string(name)() for name in HASHERS)
    given = first.params()

    assert (given.type.name, given.time_cost >= 2, given.memory_cost >= 19 * 1024) == ("ID", True, True)
    assert isinstance(older, PBKDF2PasswordHasher)
    assert older.iterations >= 600_000


@pytest.mark.asvs("V11.6.1")
def test_a_key_that_is_made_here_is_of_chance_and_new_each_time(settings, tmp_path):
    settings.BACKUP_KEYS = []
    made = set()
    for number in range(3):
        settings.VAR_DIR = tmp_path / str(number)
        settings.VAR_DIR.mkdir()
        made |= set(backups.keys())

    assert len(made) == 3
    assert {len(key) for key in made} == {sealing.KEY_BYTES}
    assert "secrets.token_bytes" in uses(ROOT / "clinics/backups.py")


@pytest.mark.asvs("V11.1.1")
def test_every_key_has_a_life_and_a_way_to_change_it():
    code = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    asked = set(re.findall(r'env\.\w+\("(\w*KEYS?)"', code))
    paper = (ROOT / "docs/crypto.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in paper.splitlines() if line[:3] == "| `"]

    assert {row[0].strip("`") for row in rows} == asked
    assert all(len(row) == 5 and all(row) for row in rows)
