"""Which ciphers the code may use, and keys as the operating guide has them made."""

import ast
import base64
import re
import subprocess

import pytest
from django.conf import settings

from tests.test_house_rules import CODE, imported, name_of

# Where ciphers of the library are used, and which of its names: AES-GCM, and what derives a backup's key.
CIPHERS = {
    "clinics/secrets.py": {"InvalidTag", "AESGCM"},
    "clinics/sealing.py": {"InvalidTag", "AESGCM", "HKDF", "SHA256"},
}
OTHER_LIBRARIES = {"Crypto", "Cryptodome", "nacl", "rsa", "pyaes", "fernet"}


def names_of_ciphers(tree: ast.AST) -> set[str]:
    """Return what is imported from the library of ciphers; a module taken whole counts by its name."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom | ast.Import)]
    return {
        alias.name
        for node in found
        for alias in node.names
        if (getattr(node, "module", None) or alias.name).startswith("cryptography")
    }


@pytest.mark.asvs("V11.2.1", "V11.3.1", "V11.3.2")
def test_only_ciphers_that_show_each_change_are_used_and_in_two_places():
    trees = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in CODE}

    assert {name: used for name, tree in trees.items() if (used := names_of_ciphers(tree))} == CIPHERS
    assert not [name for name, tree in trees.items() if {part for _, part in imported(tree)} & OTHER_LIBRARIES]


def test_sees_a_cipher_however_it_is_imported():
    tree = ast.parse("from cryptography.hazmat.primitives.ciphers import modes\nimport cryptography.fernet")

    assert names_of_ciphers(tree) == {"modes", "cryptography.fernet"}


@pytest.mark.asvs("V11.6.1")
def test_keys_made_as_the_guide_says_are_whole_and_never_alike():
    guide = (settings.BASE_DIR / "docs" / "operating.md").read_text(encoding="utf-8").replace("\\|", "|")
    orders = set(re.findall(r"`((?:head -c|openssl rand)[^`]+)`", guide))
    made = [
        subprocess.run(order, shell=True, check=True, capture_output=True, text=True).stdout.strip()
        for order in sorted(orders)
        for _ in range(2)
    ]

    assert len(orders) == 2  # for fields and for backups
    assert len(set(made)) == len(made)
    assert {len(base64.b64decode(key, validate=True)) for key in made} == {32}
