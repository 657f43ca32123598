"""The fields of the catalog's forms: what each is for, and that it gives back what it was given."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from exercises.admin_fields import RowsWidget
from exercises.evidence import Citation, Finding
from exercises.models import Driver, Equipment, Exercise, Muscle, Precaution, RedFlag
from exercises.own_forms import OwnExerciseForm
from tests.conftest import make_clinic, make_driver, make_exercise, make_precaution
from tests.exercises.test_admin import change, editor

__all__ = ["editor"]


def fields_of(editor: Client) -> Iterator[tuple[str, str, forms.Field]]:
    """Yield kind, name and field of all that can be typed in the catalog's forms, those of rows inside too."""
    request = RequestFactory().get("/")
    request.user = editor.get("/admin/").context["user"]
    for model, made in admin.site._registry.items():
        if model._meta.app_label == "exercises":
            forms_of = [(made.get_form(request), "")]
            forms_of += [(rows.form, rows.fk.name) for rows, _ in made.get_formsets_with_inlines(request)]
            for form, parent in forms_of:
                shown = {name: field for name, field in form.base_fields.items() if name != parent}
                yield from ((model._meta.model_name, name, field) for name, field in shown.items())


def test_says_of_each_field_what_it_is_for_with_an_example(editor: Client) -> None:
    found = list(fields_of(editor))

    mute = [(kind, name) for kind, name, field in found if "For example" not in field.help_text]
    assert mute == []
    assert len(found) > 150
    assert [(kind, name) for kind, name, field in found if isinstance(field, forms.JSONField)] == []


@pytest.mark.parametrize("kind", [Driver, Precaution, Muscle, Equipment, RedFlag, Finding, Exercise])
def test_changes_nothing_that_nobody_typed(loaded_catalog: object, editor: Client, kind: Any) -> None:
    """Each field of the form gives back what it was given."""
    request = RequestFactory().get("/")
    request.user = editor.get("/admin/").context["user"]
    made = admin.site.get_model_admin(kind)
    row = kind.objects.all()[3]
    before = {field.name: getattr(row, field.name) for field in kind._meta.fields}
    form = made.get_form(request, row, change=True)(instance=row)

    again = made.get_form(request, row, change=True)(sent(form), instance=row)

    assert (again.errors, {*again.changed_data} - {"seen"}) == ({}, set())
    assert {field.name: getattr(row, field.name) for field in kind._meta.fields} == before


def sent(form: Any) -> QueryDict:
    """What a browser sends of a form that nobody touched."""
    data = QueryDict(mutable=True)
    for field in form:
        value = field.value()
        if isinstance(field.field.widget, RowsWidget):
            for place, row in enumerate([*(value or []), dict.fromkeys(value[0]) if value else {}]):
                data.update({f"{field.html_name}-{place}-{part}": typed or "" for part, typed in row.items()})
        elif isinstance(value, list):
            data.setlist(field.html_name, [str(getattr(one, "pk", one)) for one in value])
        elif value is not False:
            data[field.html_name] = "" if value is None else str(value)
    return data


def test_calls_an_exercises_fields_as_a_clinics_own_form_does(editor: Client) -> None:
    page = editor.get(f"/admin/exercises/exercise/{make_exercise('Bridge').pk}/change/")

    theirs, ours = page.context["adminform"].form.fields, OwnExerciseForm(clinic=make_clinic()).fields
    shared = (theirs.keys() & ours.keys()) - {"seen"}
    assert len(shared) > 25
    assert [name for name in shared if (ours[name].label or name.capitalize()) != theirs[name].label] == []


def test_makes_a_new_rows_slug_from_its_name(editor: Client) -> None:
    row = make_exercise("Bridge")

    new, known = (editor.get(f"/admin/exercises/exercise/{page}/").content for page in ("add", f"{row.pk}/change"))

    assert b"&quot;#id_slug&quot;" in new
    assert b"&quot;#id_slug&quot;" not in known


def test_offers_sources_while_a_rule_is_typed(editor: Client) -> None:
    Citation.objects.create(slug="jensen2019", text="Jensen RK et al. BMJ 2019;367:l6273.", status="looked_up")

    page = editor.get(f"/admin/exercises/exercise/{make_exercise('Bridge').pk}/change/").content.decode()

    key = re.search(r'name="driver_overrides-0-citations"[^>]* list="([^"]+)"', page)[1]
    offered = page.partition(f'<datalist id="{key}"')[2].partition("</datalist>")[0]
    assert 'value="jensen2019"' in offered
    assert "Jensen RK et al." in offered


def test_carries_what_was_typed_past_a_session_that_ended(client: Client, db: None) -> None:
    row = make_exercise("Bridge")

    page = client.post(f"/admin/exercises/exercise/{row.pk}/change/", {"en__steps": "Lie down."})

    assert page.status_code == 401
    assert 'name="en__steps" value="Lie down."' in page.content.decode()


def test_leads_from_each_mistake_to_its_field(editor: Client) -> None:
    row = make_exercise("Bridge")

    page = change(editor, row, en__steps="Lie down.").content.decode()

    assert '<a href="#id_en__steps">Steps in English</a>: At least 3 lines are needed; here are 1.' in page
    assert 'id="id_en__steps"' in page


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({}, ""),
        ({"lr_positive": "often"}, "“Positive ratio” can’t be “often”: it is a number above 0."),
        ({"sensitivity": "85"}, "“Sensitivity” can’t be “85”: it is a share from 0 to 1."),
        ({"citation": "nobody1900"}, "There is no citation called “nobody1900”."),
        ({"words": ""}, "Row 1: “In words” is missing."),
    ],
)
def test_takes_what_studies_measured_as_pages_can_read_it(
    editor: Client, typed: dict[str, str], complaint: str
) -> None:
    make_driver("disc")
    Citation.objects.create(slug="suri2010", text="Suri 2010", status="looked_up")
    finding = Finding.objects.create(slug="seated", name="Seated", group="history", how="Ask.")
    row = {"driver": "disc", "result": "both", "certainty": "low", "citation": "suri2010", "words": "LR 2"}
    row |= {"checked": "Record read", "lr_positive": "2.5", **typed}
    fields = {f"accuracy-0-{part}": value for part, value in row.items()}

    page = editor.post(
        f"/admin/exercises/finding/{finding.pk}/change/",
        {"name": "Seated", "group": "history", "order": 0, "how": "Ask.", **fields},
    )

    finding.refresh_from_db()
    assert page.status_code == (200 if complaint else 302)
    assert complaint in page.content.decode()
    assert [row["lr_positive"] for row in finding.accuracy] == ([] if complaint else [2.5])


def test_asks_no_more_for_more_rows(editor: Client, django_assert_max_num_queries: Any) -> None:
    row = make_precaution("pregnancy")
    address = f"/admin/exercises/precaution/{row.pk}/change/"
    with CaptureQueriesContext(connection) as few:
        editor.get(address)
    rule = {"level": "avoid", "reason": "It presses.", "citations": ["practice"], "from_week": 0, "care": {}}
    Precaution.objects.update(rules={f"attribute{number}": rule for number in range(9)})

    with django_assert_max_num_queries(len(few)):
        page = editor.get(address)

    assert "attribute8" in page.content.decode()
