"""What editors of the shared catalog find on Today."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from clinics.models import Role
from exercises.models import KeptField
from tests.conftest import make_clinic, make_editor, make_exercise, make_user, signed_in
from tests.programs.samples import asked
from tests.reading import shown


@pytest.fixture
def editor(db: None) -> Client:
    return signed_in(make_editor())


def test_counts_what_waits_in_the_shared_catalog(editor: Client) -> None:
    bridge = make_exercise("Bridge", status="in_review")
    make_exercise("Clam", status="draft")
    make_exercise("Squat", status="draft")
    make_exercise("Plank", status="draft", clinic=make_clinic())
    for field, now in (("sets", 2), ("name", "Bridge")):  # one ships what is here, so there is nothing to choose
        KeptField.objects.create(kind="exercise", row=bridge.pk, field=field, before=None, now=now)

    page = shown(editor.get("/"))

    assert "1 exercise waits for a second editor, 2 drafts" in page
    assert "1 value to choose" in page


def test_leads_to_every_page_of_the_catalogs_editors(editor: Client) -> None:
    page = editor.get("/").content.decode()

    for address in (
        "/catalog/review/",
        "/catalog/updates/",
        "/catalog/changes/",
        "/catalog/use/",
        "/catalog/exchange/",
    ):
        assert f'href="{address}"' in page
        assert editor.get(address).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.THERAPIST, Role.CLINIC_ADMIN])
def test_is_for_editors_alone(role: Role) -> None:
    user = make_user(role=role)

    assert "/catalog/review/" not in signed_in(user).get("/").content.decode()


def test_asks_two_queries_more_however_much_waits(editor: Client) -> None:
    for name in ("Bridge", "Clam", "Squat"):
        make_exercise(name, status="draft")
    queries = asked(lambda: editor.get("/"))

    assert sum('FROM "exercises_' in query for query in queries) == 2


def test_leads_other_staff_to_the_admin(db: None) -> None:
    user = make_editor()
    user.user_permissions.remove(Permission.objects.get(codename="change_exercise"))

    assert "Open the catalog admin" in shown(signed_in(user).get("/"))
