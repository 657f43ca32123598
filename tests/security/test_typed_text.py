"""What is typed is kept as it was typed, shown as text, and never understood as anything else."""

import html
import io
import logging
import re

import pytest
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.module_loading import import_string
from hypothesis import given
from hypothesis import strategies as st

from patients.forms import PatientForm
from patients.models import Patient
from tests.conftest import make_clinic, make_patient, make_user, signed_in
from tests.patients.pages import search
from tests.programs.test_mails import read, row

DOUBLED = ["%3Cb%3E", "&lt;b&gt;", "&amp;amp;", "\\u003cb\\u003e", "<b>x</b>", "[x](javascript:alert(1))", "**x**"]
TEMPLATES = ["{{ 7*7 }}", "{% load static %}", "{x.__class__}", "%(name)s", "${7*7}", "{0}", "{phone}", "{{ words }}"]
PATTERNS = ["(", "[", ".*", "+", "\\", "?", "a|b", "x" * 10_000, "(" * 1_000]


@pytest.mark.asvs("V1.1.1", "V1.3.1", "V1.3.5")
@pytest.mark.django_db
@pytest.mark.parametrize("typed", DOUBLED)
def test_a_name_is_kept_and_shown_as_it_was_typed(typed):
    clinic = make_clinic()
    patient, client = make_patient(clinic=clinic), signed_in(make_user(clinic=clinic))

    sent = {"name": typed, "contact_note": typed, "language": "en", "version": patient.version}
    answer = client.post(reverse("patient_edit", args=[patient.pk]), sent)

    assert answer.status_code == 302
    kept = Patient.objects.get(pk=patient.pk)
    assert (kept.name, kept.contact_note) == (typed, typed)
    page = client.get(reverse("patient", args=[patient.pk])).content.decode()
    assert html.escape(typed).replace("&#x27;", "&#39;") in page.replace("&#x27;", "&#39;")


@pytest.mark.asvs("V1.1.1")
@given(typed=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=100))
def test_a_form_reads_any_text_once(typed):
    data = QueryDict(mutable=True)
    data["name"] = typed

    assert PatientForm.base_fields["name"].clean(QueryDict(data.urlencode())["name"]) == typed


@pytest.mark.asvs("V1.3.7", "V1.3.10")
@pytest.mark.django_db
@pytest.mark.parametrize("typed", TEMPLATES)
def test_a_clinics_own_words_are_no_template(typed):
    made = row(name=typed, address=typed)
    patient = made.issue.program.patient

    _, text, page = read(made)
    shown = signed_in(made.issue.issued_by).get(reverse("patient", args=[patient.pk])).content.decode()

    assert typed in text
    assert html.escape(typed) in page
    assert html.escape(typed) in shown


@pytest.mark.asvs("V1.2.9")
@pytest.mark.django_db
@pytest.mark.parametrize("typed", PATTERNS, ids=lambda text: text[:10])
def test_a_search_takes_no_pattern(typed):
    clinic = make_clinic()
    names = ["Ida (Holm)", "Ann [x]", "Ben .* Ro", "C+ \\ D?", "a|b"]
    for name in names:
        make_patient(name, clinic=clinic)

    answer = search(signed_in(make_user(clinic=clinic)), reverse("patients"), typed)

    assert answer.status_code == 200
    shown = {name for name in names if html.escape(name) in answer.content.decode()}
    assert shown <= {name for name in names if typed in name}


LINES = ["a\nERROR forged", "a\r\nb", "\x1b[31mred", "\u202egnp.exe", "\x85next", "\u2028line", "\x00"]


@pytest.mark.asvs("V1.3.3")
@pytest.mark.parametrize("typed", LINES)
def test_a_line_of_the_log_is_one_line_of_plain_signs(typed):
    written = io.StringIO()
    how = dict(settings.LOGGING["formatters"]["line"])
    handler = logging.StreamHandler(written)
    handler.setFormatter(import_string(how.pop("()"))(**how))
    logger = logging.Logger("tests.logs")
    logger.addHandler(handler)

    logger.error("Not Found: %s", typed)

    assert len(written.getvalue().splitlines()) == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", written.getvalue())
