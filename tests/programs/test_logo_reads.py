"""A clinic's logo may weigh as much as a page: its bytes are read where a sheet is drawn, and nowhere else."""

import pytest
from django.urls import reverse

from tests.conftest import make_user, signed_in
from tests.programs.clinical import make_ready
from tests.programs.home import make_link
from tests.programs.samples import asked, make_issue

pytestmark = pytest.mark.django_db

OF_A_PROGRAM = ("builder", "issue", "program_copy", "progress", "save_as_protocol")
OF_A_PATIENT = ("patient", "patient_edit", "screening", "assessment", "program_new")


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def program(by):
    return make_ready(by=by)


def reads(by, *addresses: str) -> dict[str, int]:
    """Return how many times each page reads a logo."""
    client = signed_in(by)
    found = {}
    for address in addresses:
        answers = []
        sql = asked(lambda address=address, answers=answers: answers.append(client.get(address, follow=True)))
        assert answers[0].status_code == 200, address
        found[address] = sum('"clinics_clinic"."logo"' in said for said in sql)
    return found


def test_no_other_page_reads_it(by, program, settings):
    settings.SITE_ADDRESS = "https://clinic.example"
    link = make_link(make_issue(program, by=by))
    addresses = [
        *(reverse(name, args=[program.pk]) for name in OF_A_PROGRAM),
        *(reverse(name, args=[program.patient_id]) for name in OF_A_PATIENT),
        reverse("send", args=[link.issue_id]),
        reverse("patient_link", args=[link.issue_id, link.pk]),
        reverse("clinic_protocols"),
        reverse("today"),
    ]

    assert reads(by, *addresses) == dict.fromkeys(addresses, 0)


def test_an_edit_reads_none(by, program):
    client = signed_in(by)

    sql = asked(lambda: client.post(reverse("program_edit", args=[program.pk]), {"do": "keys:on"}))

    assert sql
    assert not [said for said in sql if '"clinics_clinic"."logo"' in said]


def test_a_sheet_reads_it_once(by, program):
    """What changed since the last handout is found by drafting the next one."""
    make_issue(program, by=by)
    addresses = [reverse(name, args=[program.pk]) for name in ("preview", "program_changes")]

    assert reads(by, *addresses) == dict.fromkeys(addresses, 1)
