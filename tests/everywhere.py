"""Every route of the site with a record behind it, and who comes there: for tests of what holds for all of them."""

import json
import runpy
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from clinics import people
from clinics.models import User
from exercises import own, pictures
from exercises.evidence import CheckBasis
from exercises.exchange import jobs
from exercises.exchange_rows import KeptField
from exercises.models import Exercise
from patients.rights import LegalHold
from tests import kept
from tests.clinics.accounts import PASSWORD
from tests.conftest import numbers, signed_in
from tests.programs.home import SAME_ORIGIN, path_of
from tests.programs.test_audited import Whole

# Who comes to a route, by how its name begins; the first that fits. All others are a therapist's.
COMERS = {
    "therapist": ("clinic_protocol", "account_logout", "account_reauth", "account_change"),
    "nobody": ("account_", "mfa_login", "mfa_authenticate", "healthz", "home_open"),
    "home": ("home",),
    "root": (
        *("admin:", "catalog_", "pose", "exercise_pictures", "exchange", "export", "import", "update"),
        *("review", "exercise_retire"),
    ),
    "admin": (
        *("clinic", "own_", "row_", "people", "person_", "invitation_"),
        *("records", "record_erase", "record_hold", "record_lift"),
    ),
}
# Pages of Django's admin that lead on to others of this site, or answer its own scripts.
ANYWHERE_ELSE = {"admin:view_on_site"}


class Route(NamedTuple):
    """One address of the site's map, and who comes there."""

    name: str
    path: str
    who: str


class Site(Whole):
    """A clinic with everything that an address can name, and somebody who runs the site."""

    def __init__(self) -> None:
        super().__init__()
        email = f"root{next(numbers)}@site.invalid"
        self.root = User.objects.create(email=email, name="Root", is_staff=True, is_superuser=True, password="!")
        for person in (self.therapist, self.admin):
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])
        self.bridge = Exercise.objects.get(slug="lifted-bridge")
        self.ours = own.clone(self.exercise, clinic=self.clinic, by=self.admin)
        self.job = jobs.receive("rows.csv", b"slug,name\nnew,New\n", by=self.root)
        changed = {"kind": "exercise", "row": self.exercise.pk, "field": "name", "before": "A", "now": "B"}
        self.changed = KeptField.objects.create(**changed)
        self.passkey = Authenticator.objects.create(
            user=self.therapist, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": _credential()}
        )
        self.session = UserSession.objects.create(
            user=self.therapist, session_key="other", ip="127.0.0.1", last_seen_at=timezone.now()
        )
        self.hold = LegalHold.objects.create(patient=self.patient, why="Dispute", placed_by=self.admin)
        self.membership = self.therapist.memberships.get()
        self.token = people.invite(self.clinic, email="new@clinic.invalid", role="trainer", by=self.admin)
        self.invitation = self.clinic.invitations.get()
        self.check = CheckBasis.objects.create(slug="chronology", title="Chronology", certainty="low")

    def client(self, who: str, **how: bool) -> Client:
        """Return the browser of somebody, signed in or on a patient's visit."""
        client = Client(**how) if who in {"nobody", "home"} else signed_in(getattr(self, who))
        client.handler.enforce_csrf_checks = how.get("enforce_csrf_checks", False)
        if who == "home":
            client.post(path_of(self.home), headers=SAME_ORIGIN, secure=True)
        return client

    def routes(self) -> list[Route]:
        """Return every route that leads to a record here; one of the admin whose table is empty is left out."""
        found = []
        for name, pattern in _named(get_resolver()):
            values = [self._value(name, part) for part in pattern.pattern.converters or _groups(pattern)]
            if None not in values and name not in ANYWHERE_ELSE:
                found.append(Route(name, reverse(name, args=values), who_comes(name)))
        return found

    def _value(self, name: str, part: str) -> Any:
        """Return what stands at a place of an address."""
        if name.startswith("admin:"):
            return "exercises" if part == "app_label" else _first_row(name)
        return (self._usual() | self._special().get(name, {})).get(part) or getattr(self, part.removesuffix("_id")).pk

    def _usual(self) -> dict[str, Any]:
        return {
            "slug": self.bridge.slug,
            "key": self.item.pk,
            "number": 1,
            "kind": "exercise",
            "row_id": self.ours.pk,
            "view": "front",
            "digits": "0f4c5c",
            "token": path_of(self.home).split("/")[2],
            "uidb36": "1",
            "job_id": self.job.pk,
            "kept_id": self.changed.pk,
            "pk": self.passkey.pk,
            "user_id": self.therapist.pk,
        }

    def _special(self) -> dict[str, dict[str, Any]]:
        ours = ("own_exercise", "own_exercise_move", "own_exercise_propose")
        return {
            **{name: {"slug": self.ours.slug} for name in ours},
            "join": {"token": self.token},
            "driver_evidence": {"slug": "piriformis"},
            "check_evidence": {"slug": self.check.slug},
            "home_figure": {"key": next(iter(pictures.keys(self.bridge, "left")))},
            "account_reset_password_from_key": {"key": "nonsense"},
            "catalog_preview_of": {"row_id": self.bridge.pk},
        }


def _first_row(name: str) -> int | None:
    """Return the key of the first row of what a page of the admin is about."""
    tables = {model._meta.label_lower.replace(".", "_"): model for model in admin.site._registry}
    model = next((model for table, model in tables.items() if name.startswith(f"admin:{table}_")), User)
    return model._default_manager.order_by("pk").values_list("pk", flat=True).first()


def _credential() -> dict[str, Any]:
    """Return what a browser would have sent when a passkey was made."""
    public = AttestedCredentialData.create(Aaguid.NONE, b"c" * 16, ES256.from_ctap1(b"\4" + b"k" * 64))
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    attested = AttestationObject.create("none", AuthenticatorData.create(b"r" * 32, flags, 0, public), {})
    data = CollectedClientData.create("webauthn.create", b"x", "https://clinic.example")
    response = AuthenticatorAttestationResponse(client_data=data, attestation_object=attested)
    return json.loads(json.dumps(dict(RegistrationResponse(raw_id=b"c" * 16, response=response))))


def who_comes(name: str) -> str:
    return next((who for who, starts in COMERS.items() if name.startswith(starts)), "therapist")


def _named(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _named(pattern, f"{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield f"{space}{pattern.name}", pattern


def _groups(pattern: URLPattern) -> list[str]:
    return list(pattern.pattern.regex.groupindex)


def everything() -> dict[str, list[tuple]]:
    """Return all rows of the database, but for the log and for what a session notes of its own use."""
    aside = {"clinics_auditentry", "clinics_chainhead", "usersessions_usersession"}
    return {table: sorted(kept._read(table).rows, key=repr) for table in kept._tables() if table not in aside}


@pytest.fixture
def in_production(settings, monkeypatch) -> None:
    """Everything about headers, cookies and sign-in is as production has it; requests must be `secure`."""
    given = {"SECRET_KEY": "k" * 60, "FIELD_KEYS": "f" * 43, "ALLOWED_HOSTS": "clinic.example"}
    for name, value in {"RELEASEFIRST_ENV": "production", **given}.items():
        monkeypatch.setenv(name, value)
    for name, value in runpy.run_path(str(settings.BASE_DIR / "config/settings.py")).items():
        if name.startswith(("SECURE_", "SESSION_", "CSRF_", "DEVICE_", "X_FRAME", "CONTENT_SECURITY")):
            setattr(settings, name, value)


@pytest.fixture
def site(db: None, settings) -> Site:
    settings.SITE_ADDRESS = "https://clinic.example"
    return kept.make("one clinic, all routes", Site)
