"""Who works in a clinic: invited, in another role, gone; and the first admin of all."""

import io
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from clinics import people
from clinics.models import AuditEntry, Clinic, Invitation, Membership, Role, User
from tests.clinics.accounts import PASSWORD, log_in, mails, make_person
from tests.conftest import logged_since, make_clinic, make_patient, make_user, signed_in

pytestmark = pytest.mark.django_db

NEW = {"name": "Noor Haddad", "credentials": "PT", "password": "thirteen sheep jump", "again": "thirteen sheep jump"}


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def admin(clinic) -> User:
    return make_user(Role.CLINIC_ADMIN, clinic=clinic, name="Ada Admin")


@pytest.fixture
def office(admin) -> Client:
    return signed_in(admin)


def page_of(clinic: Clinic) -> str:
    return f"/clinic/{clinic.pk}/people/"


def invite(office: Client, clinic: Clinic, email: str = "noor@clinic.invalid", role: str = Role.TRAINER) -> str:
    """Invite somebody on the page, and return the path of the link in the mail."""
    response = office.post(page_of(clinic), {"email": email, "role": role})
    assert response.status_code == 302
    return re.search(r"https?://[^/\s]+(/join/[\w-]+/)", mails()[-1].body)[1]


def act(office: Client, member: Membership, what: str, **typed: str) -> str:
    """Press a button beside a person, and return the page that follows."""
    return office.post(f"{page_of(member.clinic)}{member.pk}/{what}/", typed, follow=True).content.decode()


@pytest.mark.asvs("V6.4.1")
def test_a_new_person_takes_the_invitation_with_a_password_of_their_own(office, clinic, admin):
    link, browser, logged = invite(office, clinic), Client(), AuditEntry.objects.count()

    shown = browser.get(link)
    assert shown["Referrer-Policy"] == "no-referrer"
    assert not User.objects.filter(email="noor@clinic.invalid").exists()
    response = browser.post(link, NEW)

    noor = User.objects.get(email="noor@clinic.invalid")
    assert response["Location"] == "/accounts/login/"
    assert (noor.name, noor.memberships.get().role) == ("Noor Haddad", Role.TRAINER)
    assert log_in(Client(), noor, NEW["password"]).status_code == 302
    assert "join clinic" in logged_since(logged)


@pytest.mark.asvs("V6.4.1")
def test_an_invitation_works_once_and_for_three_days(office, clinic):
    link = invite(office, clinic)
    Client().post(link, NEW)
    late = invite(office, clinic, "late@clinic.invalid")
    Invitation.objects.filter(email="late@clinic.invalid").update(expires_at=timezone.now() - timedelta(seconds=1))

    for used in (link, late, "/join/made-up/"):
        for answer in (Client().get(used), Client().post(used, NEW)):
            assert answer.status_code == 404
            assert "doesn’t work any more" in answer.content.decode()
    assert all(row.expires_at - row.made_at <= timedelta(hours=72) for row in Invitation.objects.all())


@pytest.mark.asvs("V6.4.1")
def test_keeps_the_hash_of_a_token_of_256_bits_alone(clinic, admin):
    token = people.invite(clinic, email="noor@clinic.invalid", role=Role.TRAINER, by=admin)

    assert len(token) == 43
    assert token not in str(list(Invitation.objects.values()))
    assert token not in str(list(AuditEntry.objects.values()))


def test_a_second_invitation_ends_the_first(office, clinic):
    first, second = invite(office, clinic), invite(office, clinic)

    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_a_withdrawn_invitation_opens_nothing(office, clinic):
    link, invited = invite(office, clinic), clinic.invitations.get()

    office.post(f"/clinic/{clinic.pk}/invited/{invited.pk}/end/")

    assert Client().post(link, NEW).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"again": "another one"}, "not the same"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_makes_no_account_with_a_weak_or_mistyped_password(office, clinic, typed, said):
    response = Client().post(invite(office, clinic), NEW | typed)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert not User.objects.filter(email="noor@clinic.invalid").exists()


def test_somebody_with_an_account_signs_in_first_and_then_works_in_both(office, clinic):
    person = make_person()
    link, browser = invite(office, clinic, person.email.upper()), Client()

    assert f"/accounts/login/?next={link}" in browser.get(link).content.decode()
    assert browser.post(link, NEW).status_code == 200
    assert log_in(Client(), person, PASSWORD).status_code == 302
    browser = signed_in(person)
    assert person.memberships.count() == 1
    browser.post(link)

    assert set(person.memberships.values_list("clinic__name", "role")) >= {(clinic.name, Role.TRAINER)}
    assert person.memberships.count() == 2


def test_nobody_takes_somebody_elses_invitation(office, clinic):
    link, other = invite(office, clinic), make_user()

    shown = signed_in(other).post(link, NEW)

    assert "went to another address" in shown.content.decode()
    assert other.memberships.count() == 1


def test_says_the_same_whether_or_not_the_address_has_an_account(office, clinic):
    known = make_person().email
    pages = [
        office.post(page_of(clinic), {"email": email, "role": Role.TRAINER}, follow=True).content.decode()
        for email in (known, "unknown@clinic.invalid")
    ]

    said = [re.findall(r'<p class="message.*?</p>', page, re.DOTALL) for page in pages]
    assert said[0][0].replace(known, "…") == said[1][0].replace("unknown@clinic.invalid", "…")


@pytest.mark.asvs("V7.4.2", "V8.3.1")
def test_ended_access_ends_with_the_next_request_in_every_session(office, clinic):
    dana = make_user(clinic=clinic)
    patient = make_patient(clinic=clinic)
    browsers = [signed_in(dana), signed_in(dana)]
    assert all(browser.get(f"/patients/{patient.pk}/").status_code == 200 for browser in browsers)

    page = act(office, dana.memberships.get(), "end")

    assert "has no access to" in page
    assert all(browser.get(f"/patients/{patient.pk}/").status_code in (403, 404) for browser in browsers)
    assert browsers[0].post(f"/patients/{patient.pk}/archive/").status_code in (403, 404)
    assert User.objects.filter(pk=dana.pk).exists()


def test_another_role_counts_with_the_next_request(office, clinic):
    dana = make_user(clinic=clinic)
    patient, browser, logged = make_patient(clinic=clinic), signed_in(dana), AuditEntry.objects.count()
    assert browser.get(f"/patients/{patient.pk}/screening/").status_code == 200

    act(office, dana.memberships.get(), "role", role=Role.ASSISTANT)

    assert browser.get(f"/patients/{patient.pk}/screening/").status_code == 403
    assert "change role" in logged_since(logged)


@pytest.mark.parametrize(("what", "typed"), [("end", {}), ("role", {"role": "therapist"})])
def test_the_last_admin_stays(office, admin, what, typed):
    page = act(office, admin.memberships.get(), what, **typed)

    assert "only admin" in page
    assert admin.memberships.get().role == Role.CLINIC_ADMIN


def test_of_two_admins_one_may_go(office, clinic, admin):
    make_user(Role.CLINIC_ADMIN, clinic=clinic)

    assert "has no access to" in act(office, admin.memberships.get(), "end")


def test_tells_the_admins_when_somebody_becomes_one(office, clinic, admin):
    dana = make_user(clinic=clinic)

    act(office, dana.memberships.get(), "role", role=Role.CLINIC_ADMIN)

    mail = mails()[-1]
    assert "has a new admin" in mail.subject
    assert set(mail.to) == {admin.email, dana.email}
    assert "Dana Okafor is now an admin" in mail.body
    assert "Dana Okafor" in mail.alternatives[0][0]


def test_takes_no_role_that_there_isnt(office, clinic):
    dana = make_user(clinic=clinic)

    assert "Choose a role" in act(office, dana.memberships.get(), "role", role="owner")
    assert dana.memberships.get().role == Role.THERAPIST


@pytest.mark.asvs("V6.3.2")
def test_the_first_admin_comes_by_a_link_from_the_console(settings):
    settings.SITE_ADDRESS = "https://clinic.example"
    assert not User.objects.exists()
    out = io.StringIO()

    call_command("clinic", "Lakeside", "first@clinic.invalid", stdout=out)

    link = out.getvalue().strip().removeprefix("https://clinic.example")
    assert not User.objects.exists()
    Client().post(link, NEW)
    first = User.objects.get()
    assert (first.is_staff, first.memberships.get().role) == (False, Role.CLINIC_ADMIN)
    with pytest.raises(CommandError, match="has an admin"):
        call_command("clinic", "Lakeside", "second@clinic.invalid")


def test_asks_a_fixed_number_of_queries(office, clinic, django_assert_num_queries):
    for _ in range(5):
        make_user(clinic=clinic)

    with django_assert_num_queries(7):
        office.get(page_of(clinic))
