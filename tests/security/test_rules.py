"""docs/input-rules.md says what each field takes, and the fields do."""

import re
from typing import Any

import pytest
from django import forms as django_forms

from exercises.languages import Entry
from tests.security import rules
from tests.test_house_rules import CODE, ROOT, name_of

# Not of a page of ours: the admin's, the sign-in library's, and what is no form.
ELSEWHERE = re.compile(r"exercises/(admin\w*|word_forms|languages)\.py|clinics/second_factor\.py")
# Made for what stands on a page, field by field: pictures of an exercise.
PER_RECORD = {"PicturesForm"}


def test_the_page_is_written_from_the_forms():
    assert rules.PAPER.read_text(encoding="utf-8") == rules.paper(), "run python -m tests.security.rules"


@pytest.mark.asvs("V2.1.1")
def test_names_every_form_and_field():
    written = {
        name
        for path in CODE
        if not ELSEWHERE.fullmatch(name_of(path))
        for name in re.findall(r"^class (\w+)\(forms\.(?:Model)?Form\)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    page = rules.PAPER.read_text(encoding="utf-8")

    assert written - PER_RECORD == set(rules.forms())
    assert not issubclass(Entry, django_forms.Form)
    for name, form in rules.forms().items():
        assert re.findall(rf"^\| {name} \| (\S+) \|", page, re.MULTILINE) == list(form.base_fields)


@pytest.mark.asvs("V2.1.1")
@pytest.mark.parametrize("name", rules.forms())
def test_holds_what_the_page_says(name):
    """Each text has an end, and each number both; more is refused by the field itself."""
    page = rules.PAPER.read_text(encoding="utf-8")

    for field, rule in rules.forms()[name].base_fields.items():
        said = re.search(rf"^\| {name} \| {field} \| \w+ \| \w* \| (.*) \|$", page, re.MULTILINE)[1]
        if letters := re.match(r"(\d+) letters", said):
            assert refuses(rule, "x" * (int(letters[1]) + 1))
        if most := re.search(r"to (\d+)", said):
            assert refuses(rule, str(int(most[1]) + 1))
        if said.startswith("one of: "):
            assert refuses(rule, "none of these")


def refuses(rule: Any, value: str) -> bool:
    try:
        return rule.clean(value) is None  # a hidden version that is none asks to look again
    except django_forms.ValidationError:
        return True


@pytest.mark.asvs("V2.2.1")
@pytest.mark.parametrize("name", rules.forms())
def test_no_field_takes_what_is_not_of_its_kind(name):
    wrong = {"DateField": "soon", "IntegerField": "many", "EmailField": "a@b\r\nBcc: c@d.example"}
    for field, rule in rules.forms()[name].base_fields.items():
        kind = next((kind for kind in wrong if isinstance(rule, getattr(django_forms, kind))), "")
        if kind:
            assert refuses(rule, wrong[kind]), field
        if type(rule) in {django_forms.CharField, django_forms.EmailField}:
            assert refuses(rule, "nul\0byte"), field


@pytest.mark.asvs("V2.1.2")
@pytest.mark.parametrize("test", rules.TOGETHER.values(), ids=rules.TOGETHER)
def test_what_must_fit_is_tried(test):
    path, _, name = test.partition("::")

    assert f"def {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8")
