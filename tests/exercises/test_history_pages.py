"""The pages of the catalog's history: who sees them, what they say, how an old version comes back."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.models import Role, User
from exercises import editing, row_values
from exercises.models import Exercise, Revision
from tests.conftest import make_clinic, make_exercise, make_muscle, make_user, numbers, signed_in
from tests.exercises.test_admin import posted

pytestmark = pytest.mark.django_db

CHANGES = "/catalog/changes/"


def make_editor(*kinds: str, name: str = "Ed Itor", may: str = "change") -> User:
    """Return somebody with no clinic who edits these kinds of rows, exercises when none is named."""
    user = User.objects.create(email=f"editor{next(numbers)}@clinic.invalid", name=name, is_staff=True)
    codes = [f"{may}_{kind}" for kind in kinds or ["exercise"]]
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="exercises", codename__in=codes))
    return user


@pytest.fixture
def by() -> User:
    return make_editor()


@pytest.fixture
def editor(by: User) -> Client:
    return signed_in(by)


@pytest.fixture
def bridge(by: User) -> Exercise:
    """An exercise with two versions: ten repetitions, then twelve."""
    exercise = make_exercise("Bridge", strengthens=["gluteus_maximus"])
    editing.saved(exercise, by=by, why="Added")
    edit(exercise, by=by, reps=12)
    return exercise


def edit(row: Any, *, by: User, why: str = "", **values: Any) -> None:
    row_values.write(row, values)
    editing.saved(row, by=by, why=why)


def history(row: Any, number: int | None = None) -> str:
    return f"/catalog/history/{row._meta.model_name}/{row.pk}/{f'{number}/' if number else ''}"


def text_of(response: Any) -> str:
    """Return a page's words without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_lists_versions_with_who_when_why_and_what(editor: Client, bridge: Exercise) -> None:
    page = text_of(editor.get(history(bridge)))

    assert "2 versions, the newest first" in page
    assert "Version 2 Ed Itor, " in page
    assert "As it is now" in page
    assert "Reps removed: 10 added: 12" in page
    assert "Added The first version that was kept." in page


def test_escapes_what_was_typed(editor: Client, bridge: Exercise, by: User) -> None:
    edit(bridge, by=by, why="<b>why</b>", name="<script>alert(1)</script>")

    for address in (history(bridge), history(bridge, 1), CHANGES):
        assert b"<script>alert" not in editor.get(address).content
        assert b"<b>why" not in editor.get(address).content


def test_says_that_nobody_changed_a_row(editor: Client) -> None:
    assert "Nobody has changed it here yet." in text_of(editor.get(history(make_exercise("Clam"))))


def test_the_admin_leads_to_it(editor: Client, bridge: Exercise) -> None:
    response = editor.get(f"/admin/exercises/exercise/{bridge.pk}/history/")

    assert response["Location"] == history(bridge)


def test_restores_what_was_looked_at(editor: Client, bridge: Exercise) -> None:
    page = editor.get(history(bridge, 1))
    assert "Reps removed: 12 added: 10" in text_of(page)

    response = editor.post(history(bridge, 1), {"seen": page.context["seen"]}, follow=True)

    bridge.refresh_from_db()
    assert bridge.reps == 10
    assert "Version 1 is restored." in text_of(response)
    assert "Restored version 1" in text_of(response)


def test_restores_nothing_that_changed_since_it_was_looked_at(editor: Client, bridge: Exercise, by: User) -> None:
    edit(bridge, by=by, sets=5)

    response = editor.post(history(bridge, 1), {"seen": "2"})

    bridge.refresh_from_db()
    assert response.status_code == 409
    assert (bridge.reps, bridge.sets) == (12, 5)
    assert "Sets removed: 5 added: 1" in text_of(response)


def test_says_why_it_cant_restore(editor: Client, bridge: Exercise, by: User) -> None:
    edit(bridge, by=by, strengthens=[])
    make_muscle("gluteus_maximus").delete()

    page = text_of(editor.post(history(bridge, 2), {"seen": "3"}, follow=True))

    assert "There is no muscle “gluteus_maximus” any more. Version 2 needs it, so nothing was changed." in page


ADDRESSES = [CHANGES, "row", "version"]


def address_of(name: str, row: Exercise) -> str:
    return {"row": history(row), "version": history(row, 1)}.get(name, name)


@pytest.mark.parametrize("name", ADDRESSES)
def test_asks_for_a_sign_in(client: Client, bridge: Exercise, name: str) -> None:
    assert client.get(address_of(name, bridge))["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("role", Role)
def test_refuses_everybody_else(bridge: Exercise, name: str, role: str) -> None:
    client = signed_in(make_user(role))

    assert client.get(address_of(name, bridge)).status_code == 403
    assert client.post(history(bridge, 1), {"seen": "2"}).status_code == 403
    assert Exercise.objects.get().reps == 12


@pytest.mark.parametrize("name", [CHANGES, "row"])
def test_takes_no_post_where_nothing_changes(editor: Client, bridge: Exercise, name: str) -> None:
    assert editor.post(address_of(name, bridge)).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "exercise/999999/",
        "exercise/99999999999999999999/",
        "exercise/1/99999999999999999999/",
        "patient/1/",
        "exercise/999999/1/",
    ],
)
def test_a_row_that_isnt_there_is_missing(editor: Client, path: str) -> None:
    assert editor.get(f"/catalog/history/{path}").status_code == 404


def test_a_number_that_isnt_there_is_missing(editor: Client, bridge: Exercise) -> None:
    assert editor.get(history(bridge, 9)).status_code == 404


def test_who_may_only_look_restores_nothing(bridge: Exercise) -> None:
    client = signed_in(make_editor(may="view"))

    assert "Restore version" not in text_of(client.get(history(bridge, 1)))
    client.post(history(bridge, 1), {"seen": "2"})
    assert Exercise.objects.get().reps == 12


def test_an_editor_of_one_kind_sees_no_other(bridge: Exercise) -> None:
    client = signed_in(make_editor("muscle"))

    assert client.get(history(bridge)).status_code == 403
    assert "Bridge" not in text_of(client.get(CHANGES))


def test_a_clinics_own_exercise_is_its_admins_alone(editor: Client, by: User) -> None:
    clinic = make_clinic()
    admin = make_user(Role.CLINIC_ADMIN, clinic=clinic, name="Uma Reyes")
    own = make_exercise("Own bridge", clinic=clinic)
    editing.saved(own, by=admin, why="Added")
    edit(own, by=admin, reps=5)

    assert editor.get(history(own)).status_code == 404
    changes = text_of(editor.get(CHANGES))
    assert "Own bridge" not in changes
    assert "Uma Reyes" not in changes
    assert signed_in(make_user(Role.CLINIC_ADMIN)).get(history(own)).status_code == 404
    assert signed_in(make_user(Role.THERAPIST, clinic=clinic)).get(history(own)).status_code == 403
    signed_in(admin).post(history(own, 1), {"seen": "2"})
    assert Exercise.objects.get(pk=own.pk).reps == 10


def test_lists_what_was_changed_lately(editor: Client, bridge: Exercise) -> None:
    page = text_of(editor.get(CHANGES))

    assert page.index("version 2") < page.index("version 1")
    assert "Bridge Exercise, version 2 Ed Itor, " in page
    assert ": Added" in page


def test_finds_changes_by_kind_and_person(bridge: Exercise) -> None:
    other = make_editor("muscle", "exercise", name="Noa Lindgren")
    muscle = make_muscle("piriformis")
    edit(muscle, by=other, name="Deep one")
    client = signed_in(other)

    assert "Bridge" not in text_of(client.get(CHANGES, {"kind": "muscle"}))
    assert "Deep one" in text_of(client.get(CHANGES, {"kind": "muscle"}))
    assert "Bridge Exercise" not in text_of(client.get(CHANGES, {"by": other.pk}))
    assert "Nothing of this kind" in text_of(client.get(CHANGES, {"by": "shipped"}))
    assert client.get(CHANGES, {"by": "9" * 30, "kind": "user", "page": "x"}).status_code == 200


def test_keeps_the_filter_on_the_next_page(editor: Client, by: User, bridge: Exercise) -> None:
    for sets in range(2, 28):
        edit(bridge, by=by, sets=sets)

    page = editor.get(CHANGES, {"by": by.pk}).content.decode()

    assert f"?by={by.pk}&amp;page=2" in page
    assert "Page 2 of 2" in editor.get(f"{CHANGES}?by={by.pk}&page=2").content.decode()


@pytest.mark.parametrize(("name", "most"), [(CHANGES, 10), ("row", 18), ("version", 17)])
def test_takes_few_queries(
    editor: Client, by: User, bridge: Exercise, name: str, most: int, django_assert_max_num_queries: Any
) -> None:
    for sets in range(2, 9):
        edit(bridge, by=by, sets=sets)
    editor.get(address_of(name, bridge))

    with django_assert_max_num_queries(most):
        editor.get(address_of(name, bridge))


def change(client: Client, exercise: Exercise, **changes: Any) -> Any:
    return client.post(f"/admin/exercises/exercise/{exercise.pk}/change/", posted(exercise) | changes)


def test_an_edit_in_the_admin_is_kept(editor: Client, bridge: Exercise) -> None:
    form = editor.get(f"/admin/exercises/exercise/{bridge.pk}/change/").content.decode()
    assert '<input type="hidden" name="seen" value="2"' in form

    change(editor, bridge, reps=8, seen=2)

    assert Revision.objects.filter(row=bridge.pk).first().values["reps"] == 8


def test_writes_what_was_typed_and_no_other_column(editor: Client, bridge: Exercise) -> None:
    change(editor, bridge, seen=2)  # the builder's form says a few things otherwise than the row

    with CaptureQueriesContext(connection) as queries:
        change(editor, Exercise.objects.get(), reps=8, seen=3)

    (update,) = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "exercises_exercise"')]
    assert '"reps" = 8' in update
    assert '"sets"' not in update
    assert '"pose"' not in update, update


def test_refuses_to_undo_somebody_elses_edit_unseen(editor: Client, bridge: Exercise) -> None:
    before = Exercise.objects.get()
    edit(bridge, by=make_editor(name="Noa Lindgren"), sets=3, note="Mind the back.")

    page = change(editor, before, reps=8, seen=2, note="Mine.")

    said = text_of(page)
    assert "Noa Lindgren changed this exercise while you were typing." in said
    assert "Theirs: Sets: 1 → 3" in said
    assert "Theirs: Note for clinicians: nothing → Mind the back." in said
    assert 'name="reps" value="8"' in page.content.decode()
    assert "Mine." in said
    assert Exercise.objects.get().sets == 3


def test_lets_a_change_of_what_the_form_doesnt_hold_stand(editor: Client, bridge: Exercise) -> None:
    edit(bridge, by=make_editor(name="Noa Lindgren"), pose={"view": "side"})

    assert change(editor, bridge, reps=8, seen=2).status_code == 302

    bridge.refresh_from_db()
    assert (bridge.reps, bridge.pose) == (8, {"view": "side"})


def test_saves_over_it_when_asked_again(editor: Client, bridge: Exercise) -> None:
    before = Exercise.objects.get()
    edit(bridge, by=make_editor(name="Noa Lindgren"), sets=3)
    page = change(editor, before, reps=8, seen=2).content.decode()
    assert 'name="seen" value="3"' in page

    assert change(editor, before, reps=8, seen=3).status_code == 302

    bridge.refresh_from_db()
    assert (bridge.reps, bridge.sets) == (8, 1)


def test_says_that_a_row_without_history_was_changed(editor: Client) -> None:
    exercise = make_exercise("Clam")
    edit(exercise, by=make_editor(name="Noa Lindgren"), sets=3)
    edit(exercise, by=make_editor(name="Noa Lindgren"), pose={"view": "side"})

    said = text_of(change(editor, exercise, reps=8, seen=0))

    assert "Noa Lindgren changed this exercise while you were typing." in said


@pytest.mark.parametrize("may", ["view", "change"])
def test_each_kind_opens_with_its_history(db: None, may: str) -> None:
    for kind in ("muscle", "exercise"):
        row = make_muscle("piriformis") if kind == "muscle" else make_exercise("Clam")
        page = signed_in(make_editor(kind, may=may)).get(f"/admin/exercises/{kind}/{row.pk}/change/")
        assert page.status_code == 200
        assert ('name="seen"' in page.content.decode()) == (may == "change")
