"""People, clinics and the log in the admin."""

import io

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from clinics import audit, records
from clinics.models import AuditEntry, Clinic, Membership, Role, User
from tests.clinics.accounts import mails
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


NONE = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}


def change_person(owner: Client, person: User, *may: str, **typed: object) -> str:
    """Save a person's page with these boxes ticked, and return the page that follows."""
    fields = {"email": person.email, "name": person.name, "credentials": person.credentials, **NONE}
    sent = fields | dict.fromkeys(may, "on") | typed
    response = owner.post(f"/admin/clinics/user/{person.pk}/change/", sent, follow=True)
    assert response.redirect_chain
    return response.content.decode()


def entries(action: str) -> list[tuple]:
    return list(AuditEntry.objects.filter(action=action).order_by("pk").values_list("clinic_id", "subject", "detail"))


def test_admits_a_person_by_email_in_lower_case(owner: Client) -> None:
    response = owner.post(
        "/admin/clinics/user/add/",
        {
            **{"email": "New.Person@Clinic.invalid", "name": "New Person", "usable_password": "true"},
            **{"password1": "a long enough password", "password2": "a long enough password"},
            **NONE,
        },
    )

    person = User.objects.get(name="New Person")
    assert response.status_code == 302
    assert person.email == "new.person@clinic.invalid"
    said = {"fields": ["is_active", "is_staff", "is_superuser"], "may": ["is_active"]}
    assert entries("add account") == [(None, f"user:{person.pk}", said)]


@pytest.mark.parametrize("kind", ["user", "clinic"])
def test_shows_roles_and_gives_none(owner: Client, kind: str) -> None:
    clinic = make_clinic()
    admin = make_user(Role.CLINIC_ADMIN, clinic=clinic)
    member, other = admin.memberships.get(), make_user(clinic=make_clinic("Bayside"))
    page = f"/admin/clinics/{kind}/{(admin if kind == 'user' else clinic).pk}/change/"
    new = {"memberships-1-user": other.pk, "memberships-1-clinic": clinic.pk, "memberships-1-role": "clinic_admin"}
    before = list(Membership.objects.order_by("pk").values())

    for change in ({"memberships-0-role": "therapist"}, {"memberships-0-DELETE": "on"}, new):
        owner.post(
            page,
            {
                **{"email": admin.email, "name": admin.name if kind == "user" else clinic.name, "is_active": "on"},
                **{"memberships-TOTAL_FORMS": 2, "memberships-INITIAL_FORMS": 1, "memberships-0-id": member.pk},
                **{"memberships-0-user": admin.pk, "memberships-0-clinic": clinic.pk},
                **{"memberships-0-role": "clinic_admin"},
                **change,
            },
        )

    shown = owner.get(page).content.decode()
    assert list(Membership.objects.order_by("pk").values()) == before
    assert "Clinic admin" in shown
    assert "on its page “People”" in shown
    assert 'name="memberships-0-role"' not in shown


def test_a_closed_account_is_told_to_its_clinics(owner: Client) -> None:
    clinic, other = make_clinic(), make_clinic("Bayside")
    dana = make_user(clinic=clinic)
    Membership.objects.create(clinic=other, user=dana, role=Role.TRAINER)
    browser = signed_in(dana)

    page = change_person(owner, dana)

    assert "has no admin now" not in page
    assert browser.get("/patients/").status_code == 302
    one, two = dana.memberships.order_by("clinic_id")
    assert entries("close account") == [
        (clinic.pk, f"membership:{one.pk}", {"person": dana.pk, "role": "therapist"}),
        (other.pk, f"membership:{two.pk}", {"person": dana.pk, "role": "trainer"}),
    ]
    assert entries("change account") == [(None, f"user:{dana.pk}", {"fields": ["is_active"], "may": []})]


def test_says_how_a_clinic_without_an_admin_gets_another(owner: Client) -> None:
    clinic = make_clinic()
    admin, second = (make_user(Role.CLINIC_ADMIN, clinic=clinic) for _ in range(2))
    assert "has no admin now" not in change_person(owner, second)

    page = change_person(owner, admin)

    assert f"{clinic} has no admin now" in page
    out = io.StringIO()
    call_command("clinic", clinic.name, "rescue@clinic.invalid", stdout=out)
    assert "/join/" in out.getvalue()


def test_an_admin_whose_account_opens_again_is_told_to_the_others(owner: Client) -> None:
    clinic = make_clinic()
    admin, back = (make_user(Role.CLINIC_ADMIN, clinic=clinic) for _ in range(2))
    change_person(owner, back)
    assert mails() == []

    change_person(owner, back, "is_active")

    assert [entry[0] for entry in entries("open account")] == [clinic.pk]
    assert set(mails()[-1].to) == {admin.email, back.email}
    assert "has a new admin" in mails()[-1].subject


def test_who_runs_the_site_hears_of_others_who_do(owner: Client) -> None:
    dana = make_user()

    change_person(owner, dana, "is_active", "is_staff")
    assert mails() == []
    change_person(owner, dana, "is_active", "is_staff", "is_superuser")

    assert set(mails()[-1].to) == {"owner@clinic.invalid", dana.email}
    assert "Dana Okafor may now see and change everything on this site; Owner made it so" in mails()[-1].body
    assert [entry[2] for entry in entries("change account")] == [
        {"fields": ["is_staff"], "may": ["is_active", "is_staff"]},
        {"fields": ["is_superuser"], "may": ["is_active", "is_staff", "is_superuser"]},
    ]


def test_a_password_set_here_is_logged_and_told_to_the_person(owner: Client) -> None:
    dana = make_user()
    form = f"/admin/clinics/user/{dana.pk}/password/"

    owner.post(form, {"password1": "short", "password2": "short", "usable_password": "true"})
    assert entries("change account") == []
    owner.post(form, {"password1": "brass kettle lama", "password2": "brass kettle lama", "usable_password": "true"})

    assert entries("change account") == [(None, f"user:{dana.pk}", {"fields": ["password"], "may": ["is_active"]})]
    assert mails()[-1].to == [dana.email]
    assert owner.get("/admin/clinics/user/none/password/").status_code == 404


def test_changes_nothing_that_the_log_cant_tell(owner: Client, monkeypatch) -> None:
    dana = make_user()
    was = dana.password

    def fail(*args: object, **detail: object) -> None:
        raise audit.NotRecorded

    monkeypatch.setattr(audit, "record", fail)
    typed = {"password1": "brass kettle lama", "password2": "brass kettle lama", "usable_password": "true"}
    answers = [
        owner.post(f"/admin/clinics/user/{dana.pk}/password/", typed),
        owner.post(f"/admin/clinics/user/{dana.pk}/change/", {"email": dana.email, "name": dana.name, **NONE}),
    ]

    assert [answer.status_code for answer in answers] == [503, 503]
    dana.refresh_from_db()
    assert (dana.password, dana.is_active) == (was, True)


def change_clinic(owner: Client, clinic: Clinic, **typed: str) -> None:
    fields = {"name": clinic.name, **NONE}
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
