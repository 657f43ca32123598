"""Links for patients: what is kept of them, when they work, and what each kind of signed value may open."""

import datetime
import hashlib
import json

import pytest
from django.core import signing
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from clinics.models import AuditEntry
from programs import home_visit, patient_link
from programs.at_home import PatientLink
from tests.conftest import make_user
from tests.programs.home import at_home, key_of, make_home_issue, make_link

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def link(db):
    return make_link()


@pytest.mark.asvs("V11.5.1")
def test_makes_tokens_of_256_bits_that_no_two_seeds_share():
    tokens = {patient_link.token_of(patient_link.new_seed()) for _ in range(500)}

    assert len(tokens) == 500
    assert {len(token) for token in tokens} == {43}
    assert all(token.replace("-", "").replace("_", "").isalnum() for token in tokens)


@pytest.mark.asvs("V9.1.3")
def test_makes_another_token_of_the_same_seed_on_another_site(link, settings):
    here = patient_link.token_of(link.seed)

    settings.SECRET_KEY = "another site's private key " * 3

    assert patient_link.token_of(link.seed) != here


@pytest.mark.asvs("V6.5.2")
def test_keeps_the_tokens_hash_and_never_the_token(link):
    token = patient_link.token_of(link.seed)

    row = PatientLink.objects.values().get()

    assert row["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in json.dumps([row, *AuditEntry.objects.values()], default=str)


def test_gives_the_whole_address(link, settings):
    settings.SITE_ADDRESS = "https://clinic.example"

    assert patient_link.address(link.seed) == f"https://clinic.example/p/{patient_link.token_of(link.seed)}/"


@pytest.mark.asvs("V9.2.1")
def test_works_as_many_days_as_the_clinic_says():
    issue = make_home_issue()
    clinic = issue.program.patient.clinic
    clinic.link_days = 7
    clinic.save(update_fields=["link_days"])
    at = timezone.now()

    link = patient_link.make(issue, seed=patient_link.new_seed(), way="mail", by=issue.issued_by, at=at)

    token = patient_link.token_of(link.seed)
    end = at + datetime.timedelta(days=7)
    assert patient_link.alive(token, end - SECOND) == link
    assert patient_link.alive(token, end) is None
    assert patient_link.alive_by_key(link.pk, end) is None


@pytest.mark.parametrize("is_revoked", [False, True], ids=["standing", "revoked"])
@pytest.mark.parametrize("left", [SECOND, 0 * SECOND, -SECOND], ids=["before its end", "at its end", "after it"])
def test_says_by_itself_what_a_query_says_of_it(link, is_revoked, left):
    if is_revoked:
        patient_link.revoke(link, by=link.made_by)

    at = link.expires_at - left

    assert link.works(at) == PatientLink.objects.alive(at).exists() == (left > 0 * SECOND and not is_revoked)


def test_ends_at_once_when_it_is_revoked(link):
    by, at = make_user(), timezone.now()

    patient_link.revoke(link, by=by, at=at)

    assert patient_link.alive(patient_link.token_of(link.seed), at) is None
    assert patient_link.alive_by_key(link.pk, at) is None
    assert (link.revoked_at, link.revoked_by) == (at, by)


def test_keeps_who_revoked_it_first(link):
    first, second, at = make_user(), make_user(), timezone.now()

    patient_link.revoke(link, by=first, at=at)
    patient_link.revoke(link, by=second, at=at + HOUR)

    assert (link.revoked_at, link.revoked_by) == (at, first)
    assert AuditEntry.objects.filter(action="revoke patient link").count() == 1


def test_logs_who_made_opened_and_revoked_it(link):
    patient_link.exchange(link, timezone.now())
    patient_link.revoke(link, by=link.made_by)

    logged = AuditEntry.objects.filter(subject=f"patientlink:{link.pk}").order_by("id")
    assert [(row.action, row.by) for row in logged] == [
        ("make patient link", link.made_by),
        ("open patient link", None),
        ("revoke patient link", link.made_by),
    ]
    assert {row.patient_id for row in logged} == {link.issue.program.patient_id}


def test_finds_a_link_in_one_query(link, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = patient_link.alive(patient_link.token_of(link.seed), timezone.now())
        assert found.issue.program.patient.clinic.name


def test_no_two_links_have_the_same_token(link):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_again(link, token_hash=link.token_hash)


def test_a_revoked_link_has_name_and_date(link):
    with pytest.raises(IntegrityError), transaction.atomic():
        PatientLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())


def make_again(link, **fields):
    values = {"seed": patient_link.new_seed(), "expires_at": link.expires_at, "way": "paper", "made_by": link.made_by}
    return PatientLink.objects.create(issue=link.issue, **values, **fields)


def cookie(client):
    return client.cookies["home"]


def said(link, *, minutes_since: float, minutes_seen: float) -> str:
    """Return a visit's cookie that began and was last used so many minutes ago."""
    now = timezone.now().timestamp()
    values = {"link": link.pk, "clinic": link.issue.program.patient.clinic_id}
    values |= {"since": int(now - minutes_since * 60), "seen": int(now - minutes_seen * 60)}
    return signing.dumps({"for": home_visit.VISIT, **values}, salt=home_visit.VISIT)


@pytest.mark.asvs("V9.2.1")
@pytest.mark.parametrize(
    ("since", "seen", "status"),
    [(29, 29, 200), (31, 31, 401), (700, 10, 200), (719, 0, 200), (721, 0, 401), (60, 29, 200), (60, 31, 401)],
)
def test_a_visit_lasts_half_an_hour_and_in_use_half_a_day(client, link, since, seen, status):
    client.cookies["home"] = said(link, minutes_since=since, minutes_seen=seen)

    assert client.get("/p/").status_code == status


def test_a_visits_cookie_is_short_and_for_these_pages_alone(link):
    made = cookie(at_home(link))

    assert (made["path"], made["max-age"], made["httponly"], made["samesite"]) == ("/p/", 1800, True, "Lax")


def test_a_visits_cookie_is_for_https_and_this_host_alone_on_a_real_site(link, settings):
    settings.SESSION_COOKIE_SECURE = True

    made = at_home(link).cookies["__Host-home"]

    assert (made["path"], made["secure"], made["domain"]) == ("/", True, "")


def test_a_visit_goes_on_while_it_is_used(client, link):
    client.cookies["home"] = said(link, minutes_since=100, minutes_seen=25)

    client.get("/p/")

    assert cookie(client)["max-age"] == 1800
    values = signing.loads(cookie(client).value, salt=home_visit.VISIT)
    assert values["seen"] - values["since"] in range(6000, 6010)


def test_a_visit_never_outlasts_half_a_day(client, link):
    client.cookies["home"] = said(link, minutes_since=710, minutes_seen=1)

    client.get("/p/")

    assert 590 <= cookie(client)["max-age"] <= 600


def test_a_copied_visit_outlasts_the_button_that_leaves_but_not_its_link(link):
    """What decision 9 gives up, and what ends it."""
    phone, copy = at_home(link), Client()
    copy.cookies["home"] = cookie(phone).value

    phone.post("/p/leave/")

    assert phone.get("/p/").status_code == 401
    assert copy.get("/p/").status_code == 200
    patient_link.revoke(link, by=link.made_by)
    assert copy.get("/p/").status_code == 404


@pytest.mark.asvs("V9.2.3")
@pytest.mark.parametrize("change", ["of another purpose", "of another clinic", "changed", "empty"])
def test_refuses_a_cookie_that_is_not_a_visit(client, link, change):
    good = said(link, minutes_since=1, minutes_seen=1)
    values = signing.loads(good, salt=home_visit.VISIT)
    client.cookies["home"] = {
        "of another purpose": signing.dumps(values, salt=home_visit.STANDING),
        "of another clinic": signing.dumps({**values, "clinic": 987_654}, salt=home_visit.VISIT),
        "changed": f"{good[:-1]}{'A' if good[-1] != 'A' else 'B'}",
        "empty": "",
    }[change]

    assert client.get("/p/").status_code in {401, 404}


@pytest.mark.asvs("V9.2.2")
def test_each_signed_value_opens_its_own_place_alone(client, link):
    """The four kinds: token, visit, standing, form key; and at which place each is taken."""
    kinds = {
        "token": patient_link.token_of(link.seed),
        "visit": said(link, minutes_since=1, minutes_seen=1),
        "standing": home_visit.standing_code(link),
        "form key": key_of(link),
    }

    def as_token(value):
        return client.get(f"/p/{value}/").status_code == 200

    def as_visit(value):
        client.cookies["home"] = value
        taken = client.get("/p/").status_code == 200
        client.cookies.clear()
        return taken

    def as_standing(value):
        return client.post("/p/standing/", {"standing": value}).status_code == 200

    def as_key(value):
        client.cookies["home"] = kinds["visit"]
        body = json.dumps({"key": value, "notes": []})
        taken = client.post("/p/sync/", body, content_type="application/json").status_code == 200
        client.cookies.clear()
        return taken

    places = {"token": as_token, "visit": as_visit, "standing": as_standing, "form key": as_key}
    taken = {(kind, place) for kind, value in kinds.items() for place, asks in places.items() if asks(value)}

    assert taken == {(kind, kind) for kind in kinds}
