"""Every signed value: refused when one sign of it is changed, when another key or sum signed it, and when it is old."""

import base64
import datetime
import json

import pytest
from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from clinics import devices
from programs import home_visit, patient_link
from tests.conftest import make_user
from tests.programs.home import make_link

pytestmark = pytest.mark.django_db


class Signed:
    """One of each kind, and how each is asked whether it is good."""

    def __init__(self) -> None:
        self.link, self.person = make_link(), make_user()
        self.now = timezone.now()
        made, known = HttpResponse(), HttpResponse()
        home_visit.renew(made, home_visit.begin(self.link, self.now), self.now)
        devices.remember(RequestFactory().get("/"), known, self.person.email)
        self.values = {
            "link": patient_link.token_of(self.link.seed),
            "visit": made.cookies["home"].value,
            "standing": home_visit.standing_code(self.link),
            "device": known.cookies["device"].value,
            "reset": EmailAwarePasswordResetTokenGenerator().make_token(self.person),
        }

    def is_good(self, kind: str, value: str) -> bool:
        request = RequestFactory().get("/")
        request.COOKIES = {"home": value, "device": value}
        return bool(
            {
                "link": lambda: patient_link.alive(value, self.now),
                "visit": lambda: home_visit.read(request, self.now),
                "standing": lambda: home_visit.link_of(value),
                "device": lambda: devices.is_known(request, self.person.email),
                "reset": lambda: EmailAwarePasswordResetTokenGenerator().check_token(self.person, value),
            }[kind]()
        )


KINDS = ["link", "visit", "standing", "device", "reset"]
# A signed value is its words, then a signature; these four are. A link's token is looked up by its sum.
SIGNED = KINDS[1:]


@pytest.fixture
def signed():
    return Signed()


@pytest.mark.asvs("V9.1.1")
@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_sign_is_one_too_many(signed, kind):
    good = signed.values[kind]
    changed = [f"{good[:at]}{'A' if good[at] != 'A' else 'B'}{good[at + 1 :]}" for at in range(len(good))]

    assert signed.is_good(kind, good)
    assert [value for value in changed if signed.is_good(kind, value)] == []


@pytest.mark.asvs("V9.1.2")
@pytest.mark.parametrize("algorithm", ["sha1", "md5", "sha512"])
def test_takes_no_other_sum(signed, algorithm):
    """What is signed doesn't say how: the site does."""
    assert signing.Signer().algorithm == "sha256"
    values = signing.loads(signed.values["visit"], salt=home_visit.VISIT)
    body = base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()

    signer = signing.TimestampSigner(salt=home_visit.VISIT, algorithm=algorithm)
    here = signing.TimestampSigner(salt=home_visit.VISIT)

    assert signed.is_good("visit", here.sign(body))
    assert not signed.is_good("visit", signer.sign(body))
    assert not signed.is_good("visit", here.sign(body).rpartition(":")[0] + ":")


@pytest.mark.asvs("V9.1.3")
@pytest.mark.parametrize("kind", SIGNED)
def test_takes_nothing_that_another_key_signed(signed, settings, kind):
    good = signed.values[kind]
    settings.SECRET_KEY = "another site's private key, which is long enough for one"

    assert not signed.is_good(kind, good)
    assert settings.SECRET_KEY_FALLBACKS == []


@pytest.mark.asvs("V9.2.1")
@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, True), (1, False)])
def test_a_link_for_a_new_password_ends_on_its_second(signed, settings, monkeypatch, seconds, good):
    there = datetime.datetime.now().replace(microsecond=0) + datetime.timedelta(
        seconds=settings.PASSWORD_RESET_TIMEOUT + seconds
    )
    made = EmailAwarePasswordResetTokenGenerator()
    token = made._make_token_with_timestamp(
        signed.person, made._num_seconds(datetime.datetime.now().replace(microsecond=0)), settings.SECRET_KEY
    )
    monkeypatch.setattr(EmailAwarePasswordResetTokenGenerator, "_now", lambda self: there)

    assert signed.is_good("reset", token) == good


@pytest.mark.asvs("V9.2.4")
def test_what_a_patients_browser_keeps_names_its_purpose_and_its_clinic(signed):
    clinic = signed.link.issue.program.patient.clinic_id
    visit = signing.loads(signed.values["visit"], salt=home_visit.VISIT)
    standing = signing.loads(signed.values["standing"], salt=home_visit.STANDING)

    assert (visit["for"], visit["clinic"]) == (home_visit.VISIT, clinic)
    assert (standing["for"], standing["clinic"]) == (home_visit.STANDING, clinic)


@pytest.mark.asvs("V9.2.2")
@pytest.mark.parametrize("kind", KINDS)
def test_each_is_good_for_one_thing_alone(signed, kind):
    assert [other for other in KINDS if signed.is_good(other, signed.values[kind])] == [kind]
