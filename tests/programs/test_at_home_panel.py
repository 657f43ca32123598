"""What the clinic sees of a patient's home, and how it makes, shows and revokes links."""

import datetime

import pytest
from django.utils import timezone

from clinics.models import AuditEntry
from programs import at_home_log, at_home_panel, patient_link
from programs.at_home import PatientLink
from tests.conftest import make_user, signed_in
from tests.programs.home import make_home_issue, make_link
from tests.reading import words_of

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def site_address(settings):
    settings.SITE_ADDRESS = "https://clinic.example"


@pytest.fixture
def link(db):
    return make_link()


def patients_page(link, by=None) -> str:
    """Return the page as a person reads it."""
    page = signed_in(by or link.made_by).get(f"/patients/{link.issue.program.patient_id}/").content.decode()
    return words_of(page)


def note(link):
    today, now = timezone.localdate(), timezone.now()
    at_home_log.tick(link.issue, day=today, number=1, at=now)
    at_home_log.score(link.issue, day=today - DAY, score=6, at=now)
    at_home_log.score(link.issue, day=today, score=4, at=now)


def test_shows_clinicians_what_was_noted_at_home(link):
    note(link)

    page = patients_page(link)

    assert "At home: ticked on 1 of 1 day" in page
    assert "Worst pain of a day, oldest first: 6, 4 of 10" in page


def test_shows_assistants_links_but_not_what_was_noted(link):
    note(link)
    assistant = make_user("assistant", clinic=link.issue.program.patient.clinic)

    page = patients_page(link, assistant)

    assert "Code to scan" in page
    assert "At home" not in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "works until"),
        ({"expires_at": timezone.now() - DAY}, "ended"),
        ({"revoked_at": timezone.now()}, "revoked"),
    ],
)
def test_says_whether_a_link_works(link, change, words):
    by = {"revoked_by": link.made_by} if "revoked_at" in change else {}
    PatientLink.objects.filter(pk=link.pk).update(**change, **by)
    link.refresh_from_db()

    assert at_home_panel.state_of(link, timezone.now()).startswith(words)
    assert ("Show code" in patients_page(link)) == (not change)


@pytest.mark.parametrize(
    ("way", "with_the_issue", "name"),
    [
        ("paper", True, "Code on the printed handout"),
        ("paper", False, "Code to scan"),
        ("mail", False, "Link by e-mail"),
    ],
)
def test_says_where_a_link_is(link, way, with_the_issue, name):
    """Who ends the code on the sheet must know that each reprint bears it."""
    at = link.issue.issued_at if with_the_issue else link.made_at
    PatientLink.objects.filter(pk=link.pk).update(way=way, made_at=at)

    assert f"{name}, {at.day} {at:%B %Y}: works until" in patients_page(link)


def test_asks_three_times_however_many_issues_there_are(link, django_assert_num_queries):
    issues = [link.issue, make_home_issue(), make_home_issue()]

    with django_assert_num_queries(3):
        found = at_home_panel.read(issues, clinical=True, at=timezone.now())

    assert [len(found[issue.pk].links) for issue in issues] == [1, 0, 0]


def test_makes_a_link_and_shows_its_code(link):
    client = signed_in(link.made_by)

    response = client.post(f"/issues/{link.issue_id}/links/new/", follow=True)

    made = PatientLink.objects.first()
    assert response.redirect_chain[0][0] == f"/issues/{link.issue_id}/links/{made.pk}/"
    page = response.content.decode()
    assert patient_link.address(made.seed) in page
    assert "<svg" in page
    assert made.made_by == link.made_by
    assert AuditEntry.objects.first().action == "show patient link"


def test_revokes_a_link(link):
    client = signed_in(link.made_by)

    response = client.post(f"/issues/{link.issue_id}/links/{link.pk}/revoke/", follow=True)

    assert response.redirect_chain[0][0].endswith(f"#issue-{link.issue_id}")
    assert "no longer works, on paper or in a mail" in response.content.decode()
    link.refresh_from_db()
    assert link.revoked_by == link.made_by
    assert client.get(f"/issues/{link.issue_id}/links/{link.pk}/").status_code == 404


def test_makes_no_link_that_leads_nowhere(link, settings):
    settings.SITE_ADDRESS = ""

    response = signed_in(link.made_by).post(f"/issues/{link.issue_id}/links/new/", follow=True)

    assert "This site has no address for links yet." in response.content.decode()
    assert "New link" not in response.content.decode()
    assert PatientLink.objects.count() == 1


def test_makes_no_link_for_an_archived_patient(link):
    patient = link.issue.program.patient
    patient.archived_at = timezone.now()
    patient.save(update_fields=["archived_at"])

    signed_in(link.made_by).post(f"/issues/{link.issue_id}/links/new/")

    assert PatientLink.objects.count() == 1


def test_finds_a_link_under_its_own_issue_alone(link):
    other = make_home_issue(by=link.made_by)

    client = signed_in(link.made_by)

    assert client.get(f"/issues/{other.pk}/links/{link.pk}/").status_code == 404
    assert client.post(f"/issues/{other.pk}/links/{link.pk}/revoke/").status_code == 404


def test_shows_no_code_that_would_not_work(link, settings):
    client = signed_in(link.made_by)
    token = patient_link.token_of(link.seed)

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the site's next private key " * 3

    assert client.get(f"/issues/{link.issue_id}/links/{link.pk}/").status_code == 404
    assert client.get(f"/p/{token}/").status_code == 200  # the patient's sheet goes on working
