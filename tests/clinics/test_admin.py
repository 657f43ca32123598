"""People, clinics and the log in the admin."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client

from clinics import audit, records
from clinics.models import AuditEntry, Clinic, User
from tests.conftest import make_clinic, make_user, signed_in

KINDS = ["clinics/user", "clinics/clinic", "clinics/auditentry", "mfa/authenticator"]


@pytest.fixture
def owner(db: None) -> Client:
    return signed_in(User.objects.create_superuser("owner@clinic.invalid", name="Owner"))


@pytest.mark.parametrize("kind", KINDS)
def test_opens_for_those_who_run_the_site(owner: Client, kind: str) -> None:
    audit.record("view patient", by=make_user(), clinic_id=make_clinic().pk, subject="patient:1")

    assert owner.get(f"/admin/{kind}/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_stays_shut_for_other_staff_whatever_their_permissions(kind: str) -> None:
    user = User.objects.create(email="editor@clinic.invalid", name="Ed Itor", is_staff=True)
    user.user_permissions.set(Permission.objects.all())

    assert signed_in(user).get(f"/admin/{kind}/").status_code == 403


@pytest.mark.parametrize("action", ["change", "delete"])
def test_shows_the_log_but_changes_nothing_in_it(owner: Client, action: str) -> None:
    audit.record("view patient", by=make_user(), clinic_id=None, subject="patient:1")
    entry = AuditEntry.objects.get()

    response = owner.post(f"/admin/clinics/auditentry/{entry.pk}/{action}/", {"action": "view nothing", "post": "yes"})

    assert response.status_code == 403
    assert AuditEntry.objects.get(pk=entry.pk).action == "view patient"


def test_adds_nothing_to_the_log(owner: Client) -> None:
    assert owner.get("/admin/clinics/auditentry/add/").status_code == 403


def test_admits_a_person_by_email_in_lower_case(owner: Client) -> None:
    clinic = make_clinic()

    response = owner.post(
        "/admin/clinics/user/add/",
        {
            **{"email": "New.Person@Clinic.invalid", "name": "New Person", "usable_password": "true"},
            **{"password1": "a long enough password", "password2": "a long enough password"},
            **{"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0},
        },
    )
    person = User.objects.get(name="New Person")
    changed = owner.post(
        f"/admin/clinics/user/{person.pk}/change/",
        {
            **{"email": person.email, "name": "New Person", "credentials": "PT", "is_active": "on"},
            **{"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0, "memberships-0-user": person.pk},
            **{"memberships-0-clinic": clinic.pk, "memberships-0-role": "therapist"},
        },
    )

    assert (response.status_code, changed.status_code) == (302, 302)
    assert person.email == "new.person@clinic.invalid"
    assert person.memberships.get().role == "therapist"


def change_clinic(owner: Client, clinic: Clinic, **typed: str) -> None:
    fields = {"name": clinic.name, "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    assert owner.post(f"/admin/clinics/clinic/{clinic.pk}/change/", fields | typed).status_code == 302
    clinic.refresh_from_db()


def test_leaves_a_clinics_settings_to_the_clinics_own_page(owner: Client) -> None:
    clinic = make_clinic()
    kept = [getattr(clinic, name) for name in records.EDITABLE[1:]]

    change_clinic(owner, clinic, name="Bayside", colour="teal", mail_policy="none", link_days="3", phone="1")

    assert clinic.name == "Bayside"
    assert [getattr(clinic, name) for name in records.EDITABLE[1:]] == kept


def test_a_new_name_is_a_new_version_and_is_logged(owner: Client) -> None:
    clinic = make_clinic()

    change_clinic(owner, clinic)
    assert clinic.version == 1
    change_clinic(owner, clinic, name="Bayside")

    assert clinic.version == 2
    assert AuditEntry.objects.get(action="change clinic").detail == {"fields": ["name"], "version": 2}


@pytest.mark.parametrize("colour", ["teal", "#0b5f6", "#0B5F66", "0b5f66", "#0b5f66\n"])
def test_a_clinics_colour_is_one(db: None, colour: str) -> None:
    with pytest.raises(ValidationError, match="colour"):
        Clinic(name="Bayside", colour=colour).full_clean()


def test_closes_accounts_and_never_deletes_them(owner: Client) -> None:
    person = make_user()

    assert owner.post(f"/admin/clinics/user/{person.pk}/delete/", {"post": "yes"}).status_code == 403


def test_removes_a_lost_second_factor_and_logs_who_did(owner: Client) -> None:
    person = make_user()
    lost = Authenticator.objects.create(user=person, type="totp", data={"secret": "1:sealed"})
    address = f"/admin/mfa/authenticator/{lost.pk}/"

    page = owner.get(f"{address}change/").content.decode()
    owner.post(f"{address}delete/", {"post": "yes"})

    assert "1:sealed" not in page
    assert not Authenticator.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == ("remove second factor", f"user:{person.pk}")
