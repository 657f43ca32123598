"""A clinic's own exercise in programs: it works as any for its clinic, and for another it isn't there."""

import html
import re

import pytest
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic, User
from exercises import known, own
from exercises.models import Exercise
from programs import bench, builder, catalog_panel, checking, starting
from programs.models import ClinicProtocol, ClinicProtocolItem, Favourite
from tests.conftest import make_assessment, make_clinic, make_exercise, make_patient, make_user, signed_in
from tests.patients.pages import search
from tests.programs.clinical import make_ready
from tests.programs.samples import act, asked, make_program, names_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def ours(clinic) -> Exercise:
    """The clinic's own published exercise, of the same muscles as a shared one."""
    shared = make_exercise("Bridge", strengthens=["gluteus_maximus"], pose={"start": {"posture": "hook_lying"}})
    made = own.clone(shared, clinic=clinic, by=make_user("clinic_admin", clinic=clinic))
    Exercise.objects.filter(pk=made.pk).update(name="Secret bridge", status="published")
    made.texts.update(name="Secret bridge")
    known.edited()
    made.refresh_from_db()
    return made


@pytest.fixture
def by(clinic) -> User:
    return make_user(clinic=clinic)


@pytest.fixture
def stranger(ours) -> User:
    """A therapist of another clinic."""
    return make_user()


def shown(response) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_is_found_and_added_as_any(ours, by):
    program = make_program("Bridge", by=by)
    browser = signed_in(by)

    assert "Secret bridge" in shown(browser.get(f"/programs/{program.pk}/?q=secret"))
    assert browser.get(f"/programs/{program.pk}/exercises/{ours.slug}/").status_code == 200
    act(program, f"add:{ours.slug}", by=by)

    assert names_of(program) == ["Bridge", "Secret bridge"]


def test_is_printed_as_any(ours, by):
    program = make_ready(by=by)
    act(program, f"add:{ours.slug}", by=by)

    page = signed_in(by).get(f"/programs/{program.pk}/preview/")

    assert "Secret bridge" in shown(page)
    assert f"/exercises/{ours.slug}/figure.svg" in page.content.decode()
    assert checking.verdicts_on(program, by=by, at=timezone.now()) is not None


def test_the_builder_asks_no_query_more(ours, by, stranger):
    mine, theirs = make_program("Bridge", by=by), make_program("Bridge", by=stranger)
    for program, person in ((mine, by), (theirs, stranger)):
        signed_in(person).get(f"/programs/{program.pk}/")
    browsers = {person: signed_in(person) for person in (by, stranger)}

    counts = [
        len(asked(lambda p=program, w=person: browsers[w].get(f"/programs/{p.pk}/")))
        for program, person in ((mine, by), (theirs, stranger))
    ]

    assert counts[0] == counts[1]


# Another clinic


def test_is_nowhere_in_another_clinics_builder(ours, stranger):
    program = make_program("Bridge", by=stranger)
    browser = signed_in(stranger)
    address = f"/programs/{program.pk}"
    item = program.stages.get(slug=program.stage_slug).items.get()

    pages = [
        f"{address}/?suits=no",
        f"{address}/?q=secret",
        f"{address}/catalog/?q=secret",
        f"{address}/items/{item.pk}/swap/",
        f"{address}/preview/",
        f"{address}/copy/",
    ]

    for page in pages:
        response = browser.get(page, headers={"X-Requested-With": "fetch"})
        assert response.status_code == 200
        assert "Secret" not in response.content.decode()
        assert ours.slug not in response.content.decode()


def test_its_card_is_answered_as_a_missing_one(ours, stranger):
    program = make_program("Bridge", by=stranger)
    browser = signed_in(stranger)

    there, missing = (browser.get(f"/programs/{program.pk}/exercises/{slug}/") for slug in (ours.slug, "no-such"))

    assert (there.status_code, there.content) == (404, missing.content)


@pytest.mark.parametrize("do", ["add:{}", "add-back:{}", "star:{}", "unstar:{}", "swap:{key}:{}"])
def test_no_edit_reaches_it(ours, stranger, do):
    program = make_program("Bridge", by=stranger)
    item = program.stages.get(slug=program.stage_slug).items.get()
    browser: Client = signed_in(stranger)

    said = []
    for slug in (ours.slug, "no-such"):
        sent = {"do": do.format(slug, key=item.pk)}
        answer = browser.post(f"/programs/{program.pk}/edit/", sent, headers={"X-Requested-With": "fetch"})
        said.append((answer.status_code, answer.json()["said"]))

    assert said[0] == said[1]
    assert names_of(program) == ["Bridge"]
    assert not Favourite.objects.exists()


def test_no_fix_and_no_substitute_offers_it(ours, stranger):
    program = make_program("Bridge", by=stranger)
    there = bench.read(program.pk, by=stranger)

    assert ours.slug not in there.catalog
    assert ours.slug not in {row.slug for row in there.catalog.sharing(there.rows[0].phase, frozenset())}
    panel = catalog_panel.suitability(there, timezone.localdate())
    assert panel.mask.bit_count() <= len(known.index(there.edition).cards) == 1


def test_stays_behind_when_a_program_is_copied_to_another_clinic(ours, clinic, by):
    elsewhere = make_clinic()
    by.memberships.create(clinic=elsewhere, role="therapist")
    theirs = make_patient("Maria Rivera", clinic=clinic)
    source = make_program("Bridge", by=by, patient=theirs)
    act(source, f"add:{ours.slug}", by=by)
    here = make_patient("Luis Ortega", clinic=elsewhere)
    make_assessment(here, by=by)
    program = builder.start(here, protocol=None, by=by)
    browser = signed_in(by)

    page = search(browser, f"/programs/{program.pk}/copy/", "maria")
    assert "It is another clinic’s own exercise." in shown(page)
    browser.post(
        f"/programs/{program.pk}/copy/",
        {"source": source.pk, "stage": source.stage_slug, "mode": "replace", "version": program.version},
    )

    assert names_of(program) == ["Bridge"]


def test_a_clinics_protocol_starts_with_it(ours, clinic, by):
    protocol = ClinicProtocol.objects.create(
        clinic=clinic, driver=make_program("Bridge", by=by).patient.assessments.get().driver, title="T", made_by=by
    )
    ClinicProtocolItem.objects.create(
        protocol=protocol, stage="w0_2", position=1, exercise=ours, phase="strengthen", reps=9
    )
    patient = make_patient(clinic=clinic)
    assessment = make_assessment(patient, by=by)

    stages = starting.suited_clinic_stages(protocol, assessment, on=timezone.localdate())

    assert [line.name for line in stages["w0_2"].lines] == ["Secret bridge"]
