"""How the catalog is used: counted right, told to those who keep it alone, and nobody to be told apart."""

import html
import re
from collections import defaultdict
from itertools import product

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from clinics.models import Role, User
from programs import usage, usage_counts
from programs.models import ExerciseUse, Program
from tests.conftest import (
    make_assessment,
    make_clinic,
    make_driver,
    make_exercise,
    make_user,
    numbers,
    signed_in,
)
from tests.programs.samples import act, items_of, make_issue, make_program

pytestmark = pytest.mark.django_db
LIST, ONE = reverse("catalog_use"), reverse("catalog_use_of", args=["bridge"])


@pytest.fixture
def by() -> User:
    return make_user()


def make_editor(**fields: object) -> User:
    values = {"email": f"editor{next(numbers)}@clinic.invalid", "name": "Ed Itor", "is_staff": True, **fields}
    user = User.objects.create(**values)
    user.user_permissions.set(Permission.objects.filter(codename="change_exercise"))
    return user


def counted(*clinics: int) -> dict[tuple[str, str], int]:
    """Return patients by kind and exercise."""
    names = {exercise.pk: exercise.name for exercise in usage.Scope(None).exercises()}
    found = usage_counts.counts(clinics or None)
    return {(count.kind, names[count.exercise]): count.patients for count in found}


def accept(program: Program, exercise: str) -> None:
    said = {"reason": "Agreed.", "by": "Dana", "sentence": "Late.", "exercise": exercise}
    Program.objects.filter(pk=program.pk).update(accepted={program.stage_slug: {"phase_order:1:Late": said}})


def cells(page: str) -> dict[str, list[str]]:
    """Return the cells of the table's rows by their heading, without markup."""
    plain = re.compile(r"<[^>]+>")
    rows = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</th>(.*?)</tr>", page, re.DOTALL)
    return {
        html.unescape(plain.sub("", head)).strip(): [
            html.unescape(plain.sub("", cell)).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", rest, re.DOTALL)
        ]
        for head, rest in rows
    }


def test_counts_what_stands_in_active_stages(by):
    program = make_program("Bridge", "Clam", by=by)
    make_program("Bridge", by=by, patient=program.patient)
    make_program("Bridge", by=by)
    act(program, "stage:w4_8", by=by)

    assert counted() == {("used", "Bridge"): 2}  # the second program of the first patient has it still


def test_counts_what_was_replaced_unless_that_was_undone(by):
    make_exercise("Clam")
    program = make_program("Bridge", by=by)
    key = items_of(program)[0].pk

    act(program, f"swap:{key}:clam", by=by)

    assert counted() == {("used", "Clam"): 1, ("replaced", "Bridge"): 1}

    act(program, "undo", by=by)

    assert counted() == {("used", "Bridge"): 1}


def test_counts_warnings_accepted_about_what_stands_there_still(by):
    program = make_program("Bridge", "Clam", by=by)
    accept(program, "bridge")

    assert counted()["overridden", "Bridge"] == 1

    act(program, f"remove:{items_of(program)[0].pk}", by=by)

    assert ("overridden", "Bridge") not in counted()


def test_counts_warnings_accepted_with_the_issue_once(by):
    program = make_program("Bridge", "Clam", by=by)
    accept(program, "bridge")
    issue = make_issue(program, by=by)
    issue.overrides = [{"rule": "dose", "exercise": slug} for slug in ("bridge", "clam", "")] + [{"rule": "size"}]
    issue.save(update_fields=["overrides"])

    found = counted()

    assert found["overridden", "Bridge"] == found["overridden", "Clam"] == 1


def test_counts_by_the_driver_suspected_last(by):
    program = make_program("Bridge", by=by)
    make_assessment(program.patient, by=by, driver=make_driver("disc"))

    [count] = usage_counts.counts(None)

    assert count == ("used", items_of(program)[0].exercise_id, make_driver("disc").pk, 1)


def test_counts_in_the_clinics_that_are_asked_for(by):
    program = make_program("Bridge", by=by)
    make_program("Bridge", "Clam", by=make_user())

    assert counted(program.patient.clinic_id) == {("used", "Bridge"): 1}
    assert counted(make_clinic().pk) == {}


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        pytest.param({1: 9, 2: 5}, {1: "9", 2: "5"}, id="many are told"),
        pytest.param({1: 1200}, {1: "1,200"}, id="with a comma"),
        pytest.param({1: 4}, {1: "fewer than 5"}, id="few are not"),
        pytest.param({1: 9, 2: 0}, {1: "9", 2: "0"}, id="nobody is nobody"),
        pytest.param(
            {1: 9, 2: 7, 3: 2}, {1: "9", 2: "not told", 3: "not told"}, id="nor can they be worked out of the sum"
        ),
        pytest.param({1: 4, 2: 4, None: 10}, dict.fromkeys((1, 2, None), "not told"), id="nor several of them"),
        pytest.param({1: 4, 2: 3}, {1: "fewer than 5", 2: "fewer than 5"}, id="several few hide each other"),
    ],
)
def test_tells_no_number_by_which_somebody_is_told_apart(counts, words):
    assert usage.column(counts) == words


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        pytest.param({1: 4, 2: 4, 3: 10}, "18", id="with a large number"),
        pytest.param({1: 4, 2: 3}, "7", id="that tells neither"),
        pytest.param({1: 4, 2: 4}, "not told", id="as large as it can be"),
        pytest.param({1: 1, 2: 1, 3: 0}, "not told", id="as small as it can be"),
        pytest.param({1: 4}, "fewer than 5", id="of one"),
        pytest.param({}, "0", id="of nothing"),
    ],
)
def test_tells_no_sum_that_tells_the_numbers(counts, words):
    assert usage.told_sum(counts) == words
    assert usage.Figures(by_kind={"used": counts}).shown("used") == (int(words) if words.isdigit() else 1)


def test_small_numbers_cannot_be_worked_out_from_all_that_is_told():
    """Whoever knows the rules, too, finds two numbers at least for each that isn't told."""
    could_be = defaultdict(lambda: defaultdict(set))
    for length in range(1, 6):
        for row in product(range(9) if length < 5 else (0, 1, 2, 4, 5), repeat=length):
            counts = dict(enumerate(row))
            named = tuple(usage.Figures(by_kind={"used": counts}).drivers())
            page = (*usage.column(counts).values(), usage.told_sum(counts), named)
            for place, number in counts.items():
                could_be[page][place].add(number)

    for page, places in could_be.items():
        for place, found in places.items():
            assert page[place].isdigit() or len(found) > 1, (page, place, found)


def test_a_sum_that_is_not_told_is_in_no_share():
    found = usage.Figures(by_kind={"used": {1: 4, 2: 4}, "overridden": {1: 4, 2: 3}})

    assert found.share_overridden is None


def make_used(*, by: User, bridge: int = 6, overridden: int = 5) -> None:
    """Let that many patients have the bridge, one of them the clam, too; nobody has the squat."""
    make_exercise("Squat")
    for number in range(bridge):
        program = make_program("Bridge", *(["Clam"] if not number else []), by=by)
        if number < overridden:
            accept(program, "bridge")
        place = {"clinic": program.patient.clinic, "exercise": items_of(program)[0].exercise}
        ExerciseUse.objects.update_or_create(**place, defaults={"times": number + 1})


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (
            "used",
            {
                "Bridge": ["6", "6", "5 (83%)", "0", "Piriformis"],
                "Clam": ["fewer than 5", "0", "0", "0", ""],
            },
        ),
        ("unused", {"Squat": ["0", "0", "0", "0", ""]}),
        ("overridden", {"Bridge": ["6", "6", "5 (83%)", "0", "Piriformis"]}),
        ("replaced", {}),
    ],
)
def test_lists(by, chosen, expected):
    make_used(by=by)

    page = signed_in(make_editor()).get(LIST, {"list": chosen}).content.decode()

    assert cells(page) == expected
    assert "All clinics together." in page


def test_says_that_a_list_is_empty(by):
    editor = signed_in(make_editor())

    pages = [editor.get(LIST, {"list": chosen}).content.decode() for chosen in usage.LISTS]

    assert all('class="panel empty"' in page for page in pages)
    assert "fits “zebra”" in editor.get(LIST, {"q": "zebra"}).content.decode()


def test_shows_one_exercise_by_driver(by):
    make_used(by=by)

    page = signed_in(make_editor()).get(ONE).content.decode()

    assert cells(page) == {"All": ["6", "5 (83%)", "0"], "Piriformis": ["6", "5", "0"]}
    assert "Issued with it so far: 6." in page


def test_a_clinics_admin_sees_the_clinics_own_numbers_alone(by):
    make_used(by=by)
    make_program("Hinge", by=make_user())
    make_exercise("Our bridge", clinic=by.memberships.get().clinic)
    make_exercise("Their bridge", clinic=make_clinic())
    ours = signed_in(make_user(Role.CLINIC_ADMIN, clinic=by.memberships.get().clinic))
    theirs = signed_in(make_user(Role.CLINIC_ADMIN))

    assert list(cells(ours.get(LIST).content.decode())) == ["Bridge", "Clam"]
    assert list(cells(ours.get(LIST, {"list": "unused"}).content.decode())) == ["Hinge", "Our bridge Our own", "Squat"]
    assert cells(theirs.get(LIST).content.decode()) == {}
    assert theirs.get(reverse("catalog_use_of", args=["our-bridge"])).status_code == 404
    assert "Your clinic alone." in ours.get(LIST).content.decode()


def test_a_shared_draft_is_for_editors_alone(by):
    make_exercise("Bridge", status="draft")
    admin = make_user(Role.CLINIC_ADMIN)

    assert [signed_in(user).get(ONE).status_code for user in (admin, make_editor())] == [404, 200]


def test_a_clinics_own_exercise_is_not_the_shared_editors_to_see(by):
    exercise = make_exercise("Our bridge", clinic=by.memberships.get().clinic)
    make_program("Our bridge", by=by)
    editor = signed_in(make_editor())

    assert [cells(editor.get(LIST, {"list": name}).content.decode()) for name in usage.LISTS] == [{}, {}, {}, {}]
    assert editor.get(reverse("catalog_use_of", args=[exercise.slug])).status_code == 404


@pytest.mark.parametrize("address", [LIST, ONE])
def test_is_for_those_who_keep_exercises(client, address):
    make_exercise("Bridge")
    people = [make_user(role) for role in (Role.THERAPIST, Role.TRAINER, Role.ASSISTANT)]
    people.append(make_editor(is_staff=False))
    no_permission = make_editor()
    no_permission.user_permissions.clear()

    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    assert [signed_in(person).get(address).status_code for person in (*people, no_permission)] == [403] * 5
    assert signed_in(make_editor()).get(address).status_code == 200
    assert signed_in(make_editor()).post(address).status_code == 405


@pytest.mark.parametrize("count", [4, 400])
@pytest.mark.parametrize("chosen", ["used", "unused"])
def test_asks_the_same_queries_for_any_number(by, count, chosen, django_assert_num_queries):
    make_used(by=by)
    squat = make_exercise("Lunge")
    rows = []
    for number in range(count):
        rows.append(type(squat)(**{f.attname: getattr(squat, f.attname) for f in squat._meta.concrete_fields}))
        rows[-1].pk, rows[-1].slug, rows[-1].name = None, f"lunge-{number}", f"Lunge {number}"
    made = type(squat).objects.bulk_create(rows)
    clinic = by.memberships.get().clinic
    if chosen == "used":
        ExerciseUse.objects.bulk_create(ExerciseUse(clinic=clinic, exercise=row, times=9) for row in made)
    editor = signed_in(make_editor())

    # session, user, permissions twice, memberships; counts, handouts, names or count and page, rows, drivers
    compiled = connection.vendor == "postgresql"  # not to be
    with django_assert_num_queries((11 if chosen == "unused" else 10) + compiled):
        page = editor.get(LIST, {"list": chosen}).content.decode()

    assert len(cells(page)) == min(count + 2, usage.ON_A_PAGE)
