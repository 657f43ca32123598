"""Builders that tests share: people, clinics, patients, a loaded catalog."""

import gc
import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils.text import slugify

from clinics import audit_chain, presence
from clinics.models import AuditEntry, Clinic, Membership, Role, User
from exercises import catalog_files, known, languages, loading, pictures
from exercises.models import Driver, Exercise, ExerciseText, Muscle, Precaution
from patients.models import Assessment, MuscleFinding, Patient, fold
from tests import kept, migrated, site_role

numbers = itertools.count(1)
DEEP = bool(os.environ.get("RELEASEFIRST_DEEP"))
FIRST_CASES = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database", action="store_true", help="leave out tests that ask no database, and most cases of tables"
    )


@pytest.hookimpl(trylast=True)  # the journeys are marked by then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a second kind of database, a test that asks none would only say again what it said on the first.

    Of a test with a table of cases the first is asked there, all of them in a deep run.
    """
    if config.getoption("only_database"):
        cases: Counter[str] = Counter()
        kept_here = []
        for item in items:
            name = item.nodeid.partition("[")[0]
            cases[name] += 1
            if asks_the_database(item) and (DEEP or cases[name] <= FIRST_CASES):
                kept_here.append(item)
        chosen = set(kept_here)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = kept_here


def asks_the_database(item: pytest.Item) -> bool:
    """Say whether a test may reach the database; pytest-django refuses it to all others."""
    asking = {"db", "transactional_db", "live_server"}
    return bool(asking & set(item.fixturenames)) or item.get_closest_marker("django_db") is not None


def pytest_collection_finish() -> None:
    """Keep the garbage collector from walking again and again over what stays to the end: it took a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True, scope="session")
def emptied_log() -> Iterator[None]:
    """A test that commits is cleared away by emptying all tables, which the log's triggers refuse."""
    empty = TransactionTestCase._fixture_teardown

    def let(case: TransactionTestCase) -> None:
        audit_chain.uninstall(connection)
        try:
            empty(case)
        finally:
            audit_chain.install(connection)

    TransactionTestCase._fixture_teardown = let
    yield
    TransactionTestCase._fixture_teardown = empty


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    connection.creation.create_test_db = migrated.copied(connection)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        site_role.make()


@pytest.fixture(autouse=True)
def behind_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    site_role.take_on(monkeypatch)


@pytest.fixture(autouse=True)
def fresh_catalog() -> None:
    """What one test made of the catalog, another doesn't see."""
    known.forget()


@pytest.fixture
def own_languages(tmp_path: Path) -> Iterator[Path]:
    """A clinic's folder for languages of its own, empty at first; what was read from it is forgotten afterwards."""
    folder = tmp_path / "languages"
    folder.mkdir()
    yield folder
    languages.look_in(settings.LANGUAGES_DIR)


def make_clinic(name: str = "Lakeside") -> Clinic:
    return Clinic.objects.create(
        name=f"{name} {next(numbers)}", phone="(555) 010-4477", mail_policy="attach", requires_second_factor=False
    )


def make_user(role: str = Role.THERAPIST, *, clinic: Clinic | None = None, name: str = "Dana Okafor") -> User:
    """Return a person with that role in `clinic`, in a new one when none is given."""
    user = User.objects.create(email=f"person{next(numbers)}@clinic.invalid", name=name, credentials="PT", password="!")
    Membership.objects.create(clinic=clinic or make_clinic(), user=user, role=role)
    return user


def make_editor(name: str = "Elena Novak") -> User:
    """Return somebody who edits the shared catalog and works in no clinic."""
    user = User.objects.create(email=f"editor{next(numbers)}@catalog.invalid", name=name, is_staff=True, password="!")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="exercises"))
    return user


def make_patient(name: str = "Maria Rivera", *, clinic: Clinic | None = None, **fields: object) -> Patient:
    """Return a patient who agreed to get handouts by e-mail."""
    values = {"mail_consent": "attach", **fields}
    return Patient.objects.create(clinic=clinic or make_clinic(), name=name, folded_name=fold(name), **values)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    presence.begin(session, user)
    session.save()
    return client


def logged_since(count: int) -> list[str]:
    """Return what was written into the audit log after its first `count` entries."""
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True)[count:])


def make_muscle(slug: str) -> Muscle:
    known.forget()
    name = slug.replace("_", " ").capitalize()
    return Muscle.objects.get_or_create(slug=slug, defaults={"name": name, "plain": name, "action": "moves"})[0]


def make_exercise(
    name: str = "Bridge",
    phase: str = "strengthen",
    *,
    releases: Sequence[str] = (),
    strengthens: Sequence[str] = (),
    **fields: object,
) -> Exercise:
    """Return a published exercise with an English text; muscles are named by slug."""
    values = {
        "slug": slugify(name),
        "kind": "strengthening",
        "level": 1,
        "position": "supine",
        "laterality": "bilateral",
        "spinal_loading": "neutral",
        "evidence": "practice",
        "sets": 1,
        "reps": 10,
        **fields,
    }
    known.forget()
    exercise = Exercise.objects.create(name=name, phase=phase, search_text=name.casefold(), **values)
    ExerciseText.objects.create(
        exercise=exercise,
        language="en",
        name=name,
        steps=["Lie on your back.", "Lift your hips.", "Lower slowly."],
        feel="In your buttocks.",
        stop_if="your leg tingles",
        mistakes=["Do not arch your back."],
    )
    if exercise.clinic_id:
        known.edited(exercise.clinic_id)
    exercise.releases.set(make_muscle(slug) for slug in releases)
    exercise.strengthens.set(make_muscle(slug) for slug in strengthens)
    return exercise


def describe_pictures(exercise: Exercise) -> Exercise:
    """Say in each language that the exercise has what its pictures show, and return it."""
    frames = pictures.frames(Exercise.objects.get(pk=exercise.pk))  # which would remember that it has no uploads
    shown = {"en": "You lie on your back.", "es": "Su cara va al techo."}
    for text in exercise.texts.all():
        text.pictures = dict.fromkeys(frames, shown[text.language])
        text.save(update_fields=["pictures"])
    return exercise


def make_driver(slug: str = "piriformis") -> Driver:
    values = {
        "name": slug.capitalize(),
        "short_name": slug.capitalize(),
        "bias": "none",
        "direction": "Any.",
        "patient_name": "a muscle deep in your buttock",
        "patient_words": "A muscle in your buttock may press on a nerve.",
        "why_this_order": "We ease what feels tight first.",
    }
    known.forget()
    return Driver.objects.get_or_create(slug=slug, defaults=values)[0]


def make_precaution(slug: str, **fields: object) -> Precaution:
    known.forget()
    name = slug.replace("_", " ").capitalize()
    return Precaution.objects.create(slug=slug, **{"name": name, **fields})


def make_assessment(
    patient: Patient,
    *,
    by: User,
    tight: Sequence[str] = (),
    weak: Sequence[str] = (),
    muscle_side: str = "both",
    **fields: object,
) -> Assessment:
    """Return an assessment with these muscles, by slug, marked on `muscle_side`."""
    values = {"affected_side": "left", "irritability": "low", "driver": make_driver(), **fields}
    assessment = Assessment.objects.create(patient=patient, by=by, **values)
    for finding, slugs in (("tight", tight), ("weak", weak)):
        for slug in slugs:
            MuscleFinding.objects.create(
                assessment=assessment, muscle=make_muscle(slug), finding=finding, side=muscle_side
            )
    return assessment


@cache
def catalog_as_shipped() -> catalog_files.Catalog:
    """Return the shipped catalog's files as read."""
    return catalog_files.read(settings.CATALOG_DIR)


def load_catalog() -> None:
    """Fill an empty database with the shipped catalog."""
    assert not Clinic.objects.exists(), "name loaded_catalog before people and programs: it fills an empty database"
    kept.make("catalog", lambda: loading.load(catalog_as_shipped()))


@pytest.fixture
def loaded_catalog(db: None) -> Callable[[str], Exercise]:
    """Load the shipped catalog; the fixture finds an exercise by slug."""
    load_catalog()
    return lambda slug: Exercise.objects.get(slug=slug)
