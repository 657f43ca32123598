"""Editors send a file, see what it would do, and import just that; nobody else gets near."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from clinics.models import User
from exercises import exchange_views, known
from exercises.exchange import jobs
from exercises.models import CatalogImport, Exercise, KeptField
from tests.conftest import make_user, numbers, signed_in

DOSE = b"slug,dose_sets\r\nbird-dog,4\r\n"


def make_editor() -> User:
    user = User.objects.create(email=f"editor{next(numbers)}@clinic.invalid", name="Ed Itor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="exercises"))
    return user


@pytest.fixture
def editor(db: None) -> Client:
    return signed_in(make_editor())


def send(client: Client, content: bytes = DOSE, name: str = "doses.csv", **fields: str):
    return client.post("/catalog/exchange/", {"file": SimpleUploadedFile(name, content), **fields})


def test_a_file_is_compared_shown_and_imported(loaded_catalog: Callable, editor: Client) -> None:
    page = editor.get(send(editor).url)
    job = CatalogImport.objects.get()
    assert "Import 1 change" in page.text
    assert loaded_catalog("bird-dog").sets == 3

    page = editor.post(f"/catalog/exchange/{job.pk}/import/", {"plan": job.plan}, follow=True)

    assert "1 exercise changed." in page.text
    assert 'href="/exercises/bird-dog/"' in page.text
    assert 'href="/catalog/review/"' in page.text
    assert loaded_catalog("bird-dog").sets == 4
    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == ("done", b"")


def test_importing_the_same_file_again_finds_nothing_to_do(loaded_catalog: Callable, editor: Client) -> None:
    send(editor)
    first = CatalogImport.objects.get()
    editor.post(f"/catalog/exchange/{first.pk}/import/", {"plan": first.plan})

    page = editor.get(send(editor).url)

    assert "There is nothing to import." in page.text
    assert "Import 1 change" not in page.text


def test_wrong_rows_are_shown_with_exercise_column_what_was_typed_and_why(
    loaded_catalog: Callable, editor: Client
) -> None:
    page = editor.get(send(editor, b"slug,dose_sets\nbird-dog,many\nbridge-march,0\n").url)

    assert "2 mistakes: nothing can be imported" in page.text
    assert page.context["found"]["mistakes"][1] == {
        "line": 3,
        "exercise": loaded_catalog("bridge-march").name,
        "column": "dose_sets",
        "typed": "0",
        "reason": "must be 1 or more",
    }
    assert "“many” isn’t a whole number" in page.text
    assert "must be 1 or more" in page.text
    assert CatalogImport.objects.get().plan == ""


def test_asks_again_when_the_catalog_was_changed_meanwhile(loaded_catalog: Callable, editor: Client) -> None:
    send(editor)
    job = CatalogImport.objects.get()
    known.edited()

    page = editor.post(f"/catalog/exchange/{job.pk}/import/", {"plan": job.plan}, follow=True)

    assert "The catalog was changed meanwhile." in page.text
    assert "Import 1 change" in page.text
    assert loaded_catalog("bird-dog").sets == 3


@pytest.mark.parametrize("plan", ["", "0" * 64])
def test_imports_nothing_but_what_was_shown(loaded_catalog: Callable, editor: Client, plan: str) -> None:
    send(editor)
    job = CatalogImport.objects.get()

    editor.post(f"/catalog/exchange/{job.pk}/import/", {"plan": plan})

    assert loaded_catalog("bird-dog").sets == 3


def test_imports_once_though_the_button_is_pressed_twice(loaded_catalog: Callable, editor: Client) -> None:
    send(editor)
    job = CatalogImport.objects.get()
    for _ in range(2):
        answer = editor.post(f"/catalog/exchange/{job.pk}/import/", {"plan": job.plan}, follow=True)

    assert "1 exercise changed." in answer.text


def test_a_file_that_was_tampered_with_is_not_imported(loaded_catalog: Callable, editor: Client) -> None:
    send(editor)
    job = CatalogImport.objects.get()
    CatalogImport.objects.update(content=DOSE.replace(b"4", b"9"))

    page = editor.post(f"/catalog/exchange/{job.pk}/import/", {"plan": job.plan}, follow=True)

    assert "Nothing was changed." in page.text
    assert loaded_catalog("bird-dog").sets == 3


@pytest.mark.django_db(transaction=True)  # the worker closes its connection
def test_a_large_file_waits_for_the_worker(loaded_catalog: Callable, editor: Client, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_BYTES", 10)
    address = send(editor).url
    assert "The file waits for its turn." in editor.get(address).text

    call_command("deliver", "--once")
    assert "Import 1 change" in editor.get(address).text
    editor.post(f"{address}import/", {"plan": CatalogImport.objects.get().plan})
    assert "Importing" in editor.get(address).text
    call_command("deliver", "--once")

    assert loaded_catalog("bird-dog").sets == 4


def test_one_worker_works_on_an_import_and_a_dead_ones_is_taken_over(
    loaded_catalog: Callable, editor: Client, monkeypatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_BYTES", 10)
    send(editor)
    CatalogImport.objects.update(lease_until=timezone.now() + jobs.LEASE, lease_token="other")
    assert jobs.next_waiting() is None
    jobs.work.call(CatalogImport.objects.get().pk)
    assert CatalogImport.objects.get().state == "checking"

    CatalogImport.objects.update(lease_until=timezone.now())

    assert jobs.next_waiting() == CatalogImport.objects.get().pk


def test_shows_progress_while_it_works(loaded_catalog: Callable, editor: Client, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_BYTES", 10)
    address = send(editor).url
    CatalogImport.objects.update(done=250, total=1000)

    page = editor.get(address)

    assert 'max="1000" value="250"' in page.text
    assert "250 of 1000 rows" in page.text


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("doses.doc", DOSE, "must end in .yaml, .csv or .xlsx"),
        ("doses.csv", b"", "empty"),
        ("big.csv", b"x" * 300, "larger than"),
    ],
)
def test_refuses_what_is_no_such_file(editor: Client, monkeypatch, name: str, content: bytes, why: str) -> None:
    monkeypatch.setattr(exchange_views.ImportFiles, "largest", 200)
    monkeypatch.setattr(jobs, "LARGEST_FILE", 200)

    answer = send(editor, content, name)

    assert answer.status_code == 422
    assert why in answer.text
    assert not CatalogImport.objects.exists()


def test_checks_where_the_form_comes_from(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(make_editor()).cookies

    assert send(client).status_code == 403


def test_exports_by_status(loaded_catalog: Callable, editor: Client) -> None:
    Exercise.objects.filter(slug="bird-dog").update(status="draft")

    answer = editor.get("/catalog/exchange/export/?kind=csv&status=draft")

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert [line.split(",")[0] for line in lines][:2] == ["\ufeffslug", "bird-dog"]
    assert "exercises-draft-" in answer["Content-Disposition"]


PAGES = [
    ("get", "/catalog/exchange/"),
    ("post", "/catalog/exchange/"),
    ("get", "/catalog/exchange/export/?kind=csv"),
    ("get", "/catalog/exchange/{job}/"),
    ("post", "/catalog/exchange/{job}/import/"),
    ("post", "/catalog/exchange/{job}/drop/"),
    ("get", "/catalog/updates/"),
    ("post", "/catalog/updates/{kept}/"),
]


@pytest.mark.parametrize(("method", "path"), PAGES)
def test_only_editors_come_here_and_each_to_their_own_imports(db: None, method: str, path: str) -> None:
    job = jobs.receive("doses.csv", DOSE, by=make_editor())
    kept = KeptField.objects.create(kind="exercise", row=1, field="name", before="a", now="b")
    address = path.format(job=job.pk, kept=kept.pk)
    staff = User.objects.create(email=f"staff{next(numbers)}@clinic.invalid", is_staff=True)

    assert getattr(Client(), method)(address).status_code in {302, 401}
    for role in ("therapist", "clinic_admin"):
        assert getattr(signed_in(make_user(role)), method)(address).status_code == 403
    assert getattr(signed_in(staff), method)(address).status_code == 403
    if "{job}" in path:
        assert getattr(signed_in(make_editor()), method)(address).status_code == 404
    if method == "post" and path != "/catalog/exchange/":
        assert signed_in(make_editor()).get(address).status_code == 405
    assert CatalogImport.objects.get().state == "checked"


def test_asks_no_more_for_a_long_list_of_changes(
    loaded_catalog: Callable, editor: Client, django_assert_max_num_queries
) -> None:
    slugs = Exercise.objects.values_list("slug", flat=True)
    content = "slug,note\n" + "\n".join(f"{slug},Seen." for slug in slugs)
    address = send(editor, content.encode()).url

    with django_assert_max_num_queries(6):
        page = editor.get(address)

    assert "Page 1 of 3" in page.text
