"""A clinic's admins read who saw or changed which patients, and see nothing of another clinic."""

import csv
import datetime
import io

import pytest
from django.utils import timezone

from clinics import audit
from clinics.models import AuditEntry, Role
from tests.conftest import logged_since, make_clinic, make_patient, make_user, signed_in
from tests.programs.samples import asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def admin(clinic):
    return signed_in(make_user(Role.CLINIC_ADMIN, clinic=clinic, name="Ada Admin"))


@pytest.fixture
def seen(clinic):
    """Return two patients that two people saw; another clinic's patient was seen, too."""
    maria, tom = make_patient(clinic=clinic), make_patient("Tom Berg", clinic=clinic)
    dana, eve = make_user(clinic=clinic), make_user(clinic=clinic, name="Eve Adams")
    audit.about(maria, "view patient", by=dana)
    audit.listed([maria, tom], "list patients", by=eve, subject="patients")
    audit.about(tom, "print handout", by=eve)
    audit.about(make_patient("Not here"), "view patient", by=dana)
    return {"maria": maria, "tom": tom, "dana": dana, "eve": eve}


def rows(admin, clinic, **asked):
    """Return the table's rows without its head, the look at it left out."""
    response = admin.get(f"/clinic/{clinic.pk}/log.csv", asked)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    return [row for row in list(csv.reader(io.StringIO(text)))[1:] if "access log" not in row[3]]


def said(found):
    return [(row[1], row[3], row[5]) for row in found]


ALL = [
    ("Eve Adams", "print handout", "Tom Berg"),
    ("Eve Adams", "list patients", "Maria Rivera; Tom Berg"),
    ("Dana Okafor", "view patient", "Maria Rivera"),
]


def test_tells_who_saw_whom_in_ones_own_clinic_alone(admin, clinic, seen):
    assert said(rows(admin, clinic)) == ALL


def test_tells_it_of_one_patient_with_the_lists_that_named_them(admin, clinic, seen):
    assert said(rows(admin, clinic, patient=seen["maria"].pk)) == ALL[1:]
    assert rows(admin, clinic, patient=987_654) == []


def test_tells_it_of_one_person(admin, clinic, seen):
    assert said(rows(admin, clinic, person=seen["eve"].pk)) == ALL[:2]
    assert rows(admin, clinic, person=0) == []


def test_tells_it_of_one_kind_of_act(admin, clinic, seen):
    assert said(rows(admin, clinic, action="print")) == ALL[:1]


@pytest.mark.parametrize(
    ("sort", "order"), [("oldest", [2, 1, 0]), ("person", [2, 0, 1]), ("action", [1, 0, 2]), ("patient", [2, 0, 1])]
)
def test_sorts(admin, clinic, seen, sort, order):
    assert said(rows(admin, clinic, sort=sort)) == [ALL[place] for place in order]


def test_tells_it_for_a_period_of_whole_days(admin, clinic, seen):
    today = timezone.localdate()
    yesterday = today - datetime.timedelta(days=1)

    assert len(rows(admin, clinic, since=today, until=today)) == 3
    assert rows(admin, clinic, since=yesterday, until=yesterday) == []


@pytest.mark.parametrize("page", ["log/", "log.csv"])
@pytest.mark.parametrize("wrong", [{"since": "x"}, {"since": "2026-03-02", "until": "2026-03-01"}, {"patient": "x"}])
def test_says_what_of_the_question_is_wrong(admin, clinic, wrong, page):
    assert admin.get(f"/clinic/{clinic.pk}/{page}", wrong).status_code == 422


def test_shows_it_on_a_page(admin, clinic, seen):
    page = admin.get(f"/clinic/{clinic.pk}/log/").content.decode()

    assert "Eve Adams" in page
    assert f"Tom Berg ({seen['tom'].pk})" in page
    assert "2 patients" in page
    assert "Not here" not in page


def test_notes_the_look_at_the_log_itself(admin, clinic, seen):
    count = len(logged_since(0))

    admin.get(f"/clinic/{clinic.pk}/log/", {"patient": seen["tom"].pk})
    rows(admin, clinic)

    assert logged_since(count) == ["view access log", "export access log"]
    assert AuditEntry.objects.get(action="view access log").patient_id == seen["tom"].pk


def test_lets_a_spreadsheet_reckon_with_nothing(admin, clinic):
    audit.about(make_patient("=1+1", clinic=clinic), "view patient", by=make_user(clinic=clinic, name="@SUM(A1)"))

    ((*cells, _),) = rows(admin, clinic)

    assert (cells[1], cells[5]) == ("'@SUM(A1)", "'=1+1")


def test_keeps_the_name_of_somebody_who_left(admin, clinic, seen):
    seen["eve"].memberships.all().delete()

    assert said(rows(admin, clinic, person=seen["eve"].pk)) == ALL[:2]


@pytest.mark.parametrize("page", ["log/", "log.csv"])
def test_answers_another_clinics_admin_as_for_no_clinic(clinic, page):
    stranger = signed_in(make_user(Role.CLINIC_ADMIN))

    theirs, none = (stranger.get(f"/clinic/{number}/{page}") for number in (clinic.pk, 987_654))

    assert theirs.status_code == none.status_code == 404
    assert theirs.content == none.content


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.TRAINER, Role.ASSISTANT])
def test_is_for_admins(clinic, role):
    client = signed_in(make_user(role, clinic=clinic))

    assert {client.get(f"/clinic/{clinic.pk}/{page}").status_code for page in ("log/", "log.csv")} == {403}


def test_asks_the_database_as_often_for_many_entries_as_for_few(admin, clinic, seen):
    few = asked(lambda: admin.get(f"/clinic/{clinic.pk}/log/"))
    for number in range(20):
        patient = make_patient(f"Patient {number}", clinic=clinic)
        audit.about(patient, "view patient", by=make_user(clinic=clinic))

    assert len(asked(lambda: admin.get(f"/clinic/{clinic.pk}/log/"))) == len(few) == 10


def test_notes_a_list_once_for_each_clinic_it_names(seen, clinic):
    other = make_patient("Elsewhere")

    audit.listed([seen["maria"], other, seen["tom"]], "list patients", by=seen["dana"], subject="patients")

    newest = AuditEntry.objects.order_by("-id")[:2]
    assert {entry.clinic_id: entry.detail["patients"] for entry in newest} == {
        clinic.pk: [seen["maria"].pk, seen["tom"].pk],
        other.clinic_id: [other.pk],
    }


@pytest.mark.parametrize("page", ["/patients/{}/", "/patients/{}/screening/"])
def test_notes_a_refusal_alike_for_what_is_elsewhere_and_what_is_nowhere(page):
    stranger = make_user()
    patient = make_patient()

    for number in (patient.pk, 987_654):
        assert signed_in(stranger).get(page.format(number)).status_code == 404

    one, other = AuditEntry.objects.order_by("id").values("by", "clinic", "action", "subject", "patient_id", "detail")
    one["detail"]["asked"] = other["detail"]["asked"] = {}
    assert one == other
    assert (one["action"], one["clinic"]) == ("refuse access", stranger.memberships.get().clinic_id)
