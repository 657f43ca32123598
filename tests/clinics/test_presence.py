"""How long sessions last, and how a person ends them."""

import pytest
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction
from django.test import Client

from clinics.models import Clinic, User
from clinics.presence import KEY
from tests.clinics.accounts import PASSWORD, is_in, log_in, make_person

HOUR_S = 3600
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def person(db: None) -> User:
    return make_person()


@pytest.fixture
def client(person: User) -> Client:
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0")
    log_in(client, person)
    assert is_in(client)
    return client


def pass_time(client: Client, seconds: float, *, of: str = "seen") -> None:
    """Set the session's clock back, as if that much time had gone by since."""
    session = client.session
    session[KEY] = {**session[KEY], of: session[KEY][of] - seconds}
    session.save()


@pytest.mark.asvs("V7.3.1")
@pytest.mark.parametrize(("seconds", "still"), [(14 * 60 + 59, True), (15 * 60 + 1, False)])
def test_ends_a_session_that_was_left_alone_for_15_minutes(client: Client, seconds: int, still: bool) -> None:
    pass_time(client, seconds)

    assert is_in(client) is still


@pytest.mark.parametrize(("minutes", "still"), [(2, False), (60, True)])
def test_ends_it_when_the_clinic_says(client: Client, minutes: int, still: bool) -> None:
    Clinic.objects.update(idle_minutes=minutes)
    pass_time(client, 61)  # the clinic's word is read again
    assert is_in(client)

    pass_time(client, 10 * 60)

    assert is_in(client) is still


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [0, 1, 61])
def test_no_clinic_may_say_less_than_2_or_more_than_60(minutes: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Clinic.objects.create(name="Bayside", idle_minutes=minutes)


@pytest.mark.asvs("V7.3.2")
def test_ends_it_after_12_hours_even_in_use(client: Client) -> None:
    pass_time(client, 12 * HOUR_S - 60, of="began")
    assert is_in(client)

    pass_time(client, 61, of="began")

    assert not is_in(client)


def test_use_keeps_it_alive_and_is_noted_at_most_once_a_minute(client: Client, django_assert_num_queries) -> None:
    before = client.session[KEY]["seen"]
    is_in(client)
    assert client.session[KEY]["seen"] == before
    pass_time(client, 14 * 60)
    is_in(client)

    pass_time(client, 14 * 60)

    assert is_in(client)
    assert client.session[KEY]["began"] <= before


def test_asks_nothing_more_of_the_database_on_most_pages(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(3):  # session, person, memberships
        client.get("/signed-in/")


@pytest.mark.asvs("V7.3.1")
def test_loses_nothing_typed_in_a_session_that_was_left_alone(client: Client, person: User) -> None:
    pass_time(client, 15 * 60 + 1)
    typed = {"note": "Felt tingling"}

    asked = client.post("/patients/new/", typed)
    sent = client.post(
        "/resume/", {**typed, "login": person.email, "password": PASSWORD, "resume_target": "/patients/new/"}
    )

    assert asked.status_code == 401
    for page in (asked, sent):
        assert 'name="note" value="Felt tingling"' in page.content.decode()
    assert sent.status_code == 200


def test_tells_a_script_that_it_ended(client: Client) -> None:
    pass_time(client, 15 * 60 + 1)

    response = client.post("/patients/new/", {"note": "Felt tingling"}, headers={"X-Requested-With": "fetch"})

    assert (response.status_code, response.json()) == (401, {})


@pytest.mark.asvs("V7.4.1")
def test_an_ended_session_is_gone_at_the_server(client: Client) -> None:
    copy = Client()
    copy.cookies["sessionid"] = client.cookies["sessionid"].value

    client.post("/accounts/logout/")

    assert not is_in(copy)


@pytest.mark.asvs("V7.4.2")
def test_a_closed_account_is_out_at_once(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert not is_in(client)


@pytest.mark.asvs("V7.2.4")
def test_a_sign_in_takes_a_new_session(person: User) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["sessionid"] = before = session.session_key

    log_in(client, person)

    assert client.cookies["sessionid"].value != before


@pytest.mark.asvs("V7.5.2")
def test_lists_sessions_and_ends_one(client: Client, person: User) -> None:
    other = Client(HTTP_USER_AGENT=PHONE, REMOTE_ADDR="192.0.2.7")
    log_in(other, person)
    theirs = UserSession.objects.get(user_agent=PHONE)

    page = client.get("/accounts/security/").content.decode()
    client.post(f"/accounts/security/sessions/{theirs.pk}/end/")

    assert "Firefox on Windows" in page
    assert "Safari on an iPhone" in page
    assert "From 192.0.2.7" in page
    assert page.count("This one") == 1
    assert is_in(client)
    assert not is_in(other)


@pytest.mark.asvs("V7.4.3")
def test_ends_all_others_at_once(client: Client, person: User) -> None:
    others = [Client(), Client()]
    for other in others:
        log_in(other, person)

    client.post("/accounts/security/sessions/end/")

    assert is_in(client)
    assert not any(is_in(other) for other in others)


def test_ends_no_session_of_somebody_else(client: Client) -> None:
    stranger = Client()
    log_in(stranger, make_person())
    theirs = UserSession.objects.latest("pk")

    assert client.post(f"/accounts/security/sessions/{theirs.pk}/end/").status_code == 404
    assert is_in(stranger)


@pytest.mark.asvs("V7.1.2")
def test_keeps_the_five_newest_sessions(client: Client, person: User) -> None:
    others = [Client() for _ in range(5)]
    for other in others:
        log_in(other, person)

    assert not is_in(client)
    assert all(is_in(other) for other in others)


@pytest.mark.asvs("V6.2.3", "V7.4.3")
def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(client: Client, person: User) -> None:
    other = Client()
    log_in(other, person)
    new = {"password1": "quite another password", "password2": "quite another password"}

    client.post("/accounts/password/change/", {"oldpassword": "not the password", **new})
    assert is_in(other)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})

    assert is_in(client)
    assert not is_in(other)
