"""Every page with a patient's data writes one entry, and shows nothing while none can be written."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from clinics.audit_chain import TABLE
from patients import urls as patient_urls
from programs import home_urls, urls
from tests import kept
from tests.conftest import logged_since, signed_in
from tests.patients.samples import make_flag, make_question
from tests.programs.home import at_home, make_home_issue, make_link, path_of
from tests.programs.places import Place

pytestmark = pytest.mark.django_db

# Name of the page: the record its address names, what else stands there, and what the log says.
SHOWN = {
    "today": ("", "view today"),
    "patients": ("", "list patients"),
    "patient": ("patient", "view patient"),
    "patient_edit": ("patient", "view patient form"),
    "screening": ("patient", "view screening"),
    "assessment": ("patient", "view assessment"),
    "referral_pdf": ("patient", "print referral"),
    "flag_close": ("flag", "view red flag"),
    "clinic_log": ("clinic", "view access log"),
    "clinic_log_csv": ("clinic", "export access log"),
    "program_new": ("patient", "view program start"),
    "builder": ("program", "view program"),
    "program_catalog": ("program", "search for program"),
    "program_exercise": ("program exercise", "view exercise for program"),
    "program_swaps": ("program item", "view substitutes"),
    "program_changes": ("program", "view changes"),
    "program_copy": ("program", "view copy page"),
    "progress": ("program", "view progress"),
    "preview": ("program", "preview handout"),
    "preview_pdf": ("program", "preview handout"),
    "issue": ("program", "view issue form"),
    "handout_pdf": ("issue", "print handout"),
    "send": ("issue", "view send form"),
    "patient_link": ("issue link", "show patient link"),
    "delivery": ("delivery", "view mail"),
    "sign_off_ask": ("program", "view sign-off form"),
    "sign_off": ("sign_off", "view sign-off"),
    "save_as_protocol": ("program", "view save as protocol"),
}
CHANGED = {
    "patient_archive": ("patient", "archive patient"),
    "patient_link_new": ("issue", "make patient link"),
    "patient_link_revoke": ("issue link", "revoke patient link"),
    "program_edit": ("program", "remove item"),
    "came_back": ("delivery", "view mail"),  # the form comes back: that mail hasn't gone out
}
AT_HOME = {
    "home": "view handout at home",
    "home_handout": "print handout at home",
    "home_open": "look at patient link",
}
NOTHING_OF_A_PATIENT = {
    **dict.fromkeys(("healthz", "patient_new", "home_manifest", "home_worker", "home_leave"), "names nobody"),
    **dict.fromkeys(("clinic_protocols", "clinic_protocol", "clinic_protocol_retire"), "about no patient"),
    **dict.fromkeys(("home_figure", "home_motion"), "pictures of a page whose look is in the log already"),
    **dict.fromkeys(("home_tick", "home_score", "home_sync"), "answers with none; changes are in test_at_home_log"),
    "home_standing": "says whether a link works",
}
NAME = b"Maria Rivera"


class Whole(Place):
    """A clinic with an open red flag, too, its admin, and a patient at home."""

    def __init__(self) -> None:
        super().__init__()
        self.flag = make_flag(make_question("bladder"), patient=self.patient, by=self.therapist)
        self.admin = self.person("clinic_admin")
        self.home = make_link(make_home_issue(by=self.therapist))

    def open(self, name: str):
        """Return what a page answers, opened as people come to it."""
        if name in AT_HOME:
            client = at_home(self.home) if name != "home_open" else Client()
            address = path_of(self.home) if name == "home_open" else reverse(name)
            return lambda: client.get(address)
        records, _ = (SHOWN | CHANGED)[name]
        found = [getattr(self, record) for record in records.split()]
        address = reverse(name, args=[record.slug if record is self.exercise else record.pk for record in found])
        client = signed_in(self.admin if records == "clinic" else self.therapist)
        if name in CHANGED:
            return lambda: client.post(address, {"do": f"remove:{self.item.pk}", "note": "Unknown address."})
        return lambda: client.get(address, headers={"X-Requested-With": "fetch"} if name == "program_catalog" else {})


@pytest.fixture
def here(db: None, settings) -> Whole:
    settings.SITE_ADDRESS = "https://clinic.example"
    return kept.make("one clinic, all pages", Whole)


def test_knows_every_page():
    every = {pattern.name for module in (urls, patient_urls, home_urls) for pattern in module.urlpatterns}

    assert every == set(SHOWN) | set(CHANGED) | set(AT_HOME) | set(NOTHING_OF_A_PATIENT)


@pytest.mark.parametrize("name", [*SHOWN, *CHANGED, *AT_HOME])
@pytest.mark.asvs("V16.3.2")
def test_writes_exactly_one_entry(here, name):
    page = here.open(name)
    count = len(logged_since(0))

    response = page()

    assert response.status_code == (422 if name == "came_back" else 302 if name in CHANGED else 200)
    assert logged_since(count) == [AT_HOME.get(name) or (SHOWN | CHANGED)[name][1]]


@pytest.mark.asvs("V16.5.3")
@pytest.mark.fault
@pytest.mark.parametrize("name", [*SHOWN, *CHANGED, *AT_HOME])
def test_shows_nothing_when_the_entry_cannot_be_written(here, name):
    page = here.open(name)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} RENAME COLUMN by_name TO gone")

    response = page()

    assert response.status_code == 503
    assert NAME not in response.content
    assert b"the log can" in response.content
