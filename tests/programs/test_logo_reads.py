"""A clinic's logo may weigh as much as a page: a sheet reads it once."""

import pytest
from django.urls import reverse

from tests.conftest import make_user, signed_in
from tests.programs.clinical import make_ready
from tests.programs.samples import asked, make_issue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "times"), [("preview", 1), ("program_changes", 1), ("builder", 0)])
def test_a_page_reads_it_once_if_it_shows_a_sheet(name, times):
    """What changed since the last handout is found by drafting the next one."""
    by = make_user()
    program = make_ready(by=by)
    make_issue(program, by=by)
    client = signed_in(by)

    sql = asked(lambda: client.get(reverse(name, args=[program.pk])))

    assert sum("clinics_cliniclogo" in said for said in sql) == times
