"""Counts tries at links that don't work, by where they come from: 20 in a minute, then no more.

The count is the audit log's own entries, so that it holds for all worker processes, needs no cache, and a row is
written for each miss that was answered. Where a try comes from is kept as a hash only.
"""

import datetime

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from clinics import audit, wall
from clinics.addresses import client_address
from clinics.models import AuditEntry

MOST = 20
WITHIN = datetime.timedelta(minutes=1)
MISS = "miss patient link"


@wall.all_clinics("who has no link yet is in no clinic")
def too_many(request: HttpRequest, at: datetime.datetime) -> bool:
    """Whether this place has used up its tries for now: 1 query."""
    misses = AuditEntry.objects.filter(at__gt=at - WITHIN, action=MISS, subject=_place(request))
    return misses.count() >= MOST


def note(request: HttpRequest) -> None:
    audit.record(MISS, by=None, clinic_id=None, subject=_place(request))


def _place(request: HttpRequest) -> str:
    """Return a hash of the address that the request comes from."""
    found = client_address(request)
    return f"place:{salted_hmac('programs.link_misses', found, algorithm='sha256').hexdigest()[:32]}"
