"""What the product is made of: listed, with hashes, and none older than where its known holes were closed."""

import json
import re
import subprocess
import sys

import pytest

from tests.test_house_rules import ROOT

LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
# The first versions without holes that concern us.
AT_LEAST = {"django": (5, 2, 19), "weasyprint": (70, 0), "pillow": (12, 3)}


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


@pytest.fixture(scope="module")
def bill():
    command = [sys.executable, str(ROOT / "script/sbom")]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.asvs("V15.1.2")
def test_the_bill_of_materials_is_the_lock_file(bill):
    locked = re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==(\S+)", LOCK, re.MULTILINE)
    listed = [(part["name"], part["version"]) for part in bill["components"]]
    sums = {one["hashes"][0]["content"] for part in bill["components"] for one in part["externalReferences"]}

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert listed == locked
    assert len(listed) > 40
    assert sums == set(re.findall(r"sha256:([0-9a-f]{64})", LOCK))
    assert all(part["externalReferences"] for part in bill["components"])


@pytest.mark.parametrize(("name", "first"), AT_LEAST.items())
def test_is_not_older_than_where_its_holes_were_closed(bill, name, first):
    (version,) = (part["version"] for part in bill["components"] if part["name"] == name)

    assert numbers(version) >= first


@pytest.mark.asvs("V15.2.3")
def test_nothing_for_development_is_installed_with_the_product(bill):
    names = {part["name"] for part in bill["components"]}
    code = (ROOT / "config/settings.py").read_text(encoding="utf-8")

    assert names & {"django-debug-toolbar", "django-extensions", "pytest", "playwright", "ipython", "werkzeug"} == set()
    assert re.search(r"^DEBUG = False$", code, re.MULTILINE)
    assert 'env.bool("DEBUG' not in code
