"""Links that open one issue for whoever holds them. Only this module makes, revokes and exchanges them.

The token is 256 bits made of a random seed and the site's secret key; the database holds the seed and the token's
SHA-256. So neither a copy of the database nor the key alone opens anything. A token stands in one address only,
which a button exchanges for a short visit (`programs.home_visit`).
"""

import base64
import contextlib
import datetime
import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clinics import audit, wall
from clinics.models import User
from programs import handout, home_pictures
from programs.at_home import PatientLink
from programs.models import Issue

PURPOSE = "patient-link:"
ASKED = "the link itself says whose it is"
UNREAD = (
    "issue__overrides",
    "issue__program__edits",
    "issue__program__accepted",
)


def new_seed() -> str:
    """Return what a new link's token will be made of."""
    return secrets.token_hex(32)


def token_of(seed: str) -> str:
    """Return the seed's token: 256 bits in 43 characters that may stand in an address."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"{PURPOSE}{seed}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def address(seed: str) -> str:
    """Return the whole address that the seed's link has."""
    return f"{settings.SITE_ADDRESS.rstrip('/')}/p/{token_of(seed)}/"


def is_known(link: PatientLink) -> bool:
    """Whether the address can still be told: a link of an older secret key works, but only its holder knows it."""
    return _hash(token_of(link.seed)) == link.token_hash


def make(issue: Issue, *, seed: str, way: str, by: User, at: datetime.datetime | None = None) -> PatientLink:
    """Return a new link to the issue, for as many days as its clinic lets links work; `way` is paper or mail."""
    at = at or timezone.now()
    patient = issue.program.patient
    with transaction.atomic():
        link = PatientLink.objects.create(
            issue=issue,
            way=way,
            seed=seed,
            token_hash=_hash(token_of(seed)),
            made_at=at,
            made_by=by,
            expires_at=at + datetime.timedelta(days=patient.clinic.link_days),
        )
        audit.about(patient, "make patient link", by=by, subject=link, way=way, issue=issue.pk)
    with contextlib.suppress(handout.BadSnapshot):
        home_pictures.keep(handout.Handout.from_snapshot(issue.snapshot))
    return link


@wall.all_clinics(ASKED)
def alive(token: str, at: datetime.datetime) -> PatientLink | None:
    """Return the link that the token opens at that moment, with its clinic, or None: 1 query by its hash."""
    return _with_clinic(at).defer("issue__snapshot", *UNREAD).filter(token_hash=_hash(token)).first()


@wall.all_clinics(ASKED)
def alive_by_key(key: int, at: datetime.datetime) -> PatientLink | None:
    """Return the link with that primary key if it opens something at that moment, with its issue: 1 query."""
    return _with_clinic(at).defer(*UNREAD).filter(pk=key).first()


def exchange(link: PatientLink, at: datetime.datetime) -> None:
    """Note that the link was opened for a visit."""
    with transaction.atomic():
        PatientLink.objects.filter(pk=link.pk).update(opened_at=at)
        audit.about(link.issue.program.patient, "open patient link", by=None, subject=link)


def revoke(link: PatientLink, *, by: User, at: datetime.datetime | None = None) -> None:
    """End the link for good, and every visit that came of it. A link that has ended stays as it is."""
    with transaction.atomic():
        ended = PatientLink.objects.filter(pk=link.pk, revoked_at=None).update(
            revoked_at=at or timezone.now(), revoked_by=by
        )
        if ended:
            audit.about(link.issue.program.patient, "revoke patient link", by=by, subject=link)
    link.refresh_from_db(fields=["revoked_at", "revoked_by"])


def _with_clinic(at: datetime.datetime) -> QuerySet[PatientLink]:
    return PatientLink.objects.alive(at).select_related("issue__program__patient__clinic")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
