"""How long a session lasts: until it was left alone for as long as the clinic says, and 12 hours at most.

Beside the times the session keeps what every request needs to know of its person, so that no page asks for it.
"""

import time
from typing import TypedDict

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from clinics import second_factor
from clinics.models import Clinic, User

KEY = "presence"
LONGEST_S = 12 * 60 * 60
IDLE_MINUTES = 15
# The stamp is written anew after a fifteenth of the idle time: each minute, for a clinic with 15 minutes.
STAMPS = 15


class Stamp(TypedDict):
    began: float
    seen: float
    idle_s: int
    needs_factor: bool


def begin(session: SessionBase, user: User) -> None:
    """Start the clock of a session: 3 queries."""
    now = time.time()
    session[KEY] = Stamp(began=now, seen=now, idle_s=_idle_s(user), needs_factor=second_factor.is_missing(user))


def is_over(session: SessionBase) -> bool:
    stamp: Stamp | None = session.get(KEY)
    if stamp is None:
        return False
    now = time.time()
    return now - stamp["seen"] > stamp["idle_s"] or now - stamp["began"] > LONGEST_S


def note(session: SessionBase, user: User, *, is_sending: bool = False) -> None:
    """Note that the session is in use. The stamp is as old as a fifteenth of the idle time before it is written.

    Who is asked for a second factor from now on meets it on the next page, not while `is_sending` what they typed.
    """
    stamp: Stamp | None = session.get(KEY)
    if stamp is None:
        return begin(session, user)
    now = time.time()
    if stamp["needs_factor"] or now - stamp["seen"] >= stamp["idle_s"] / STAMPS:
        waits = is_sending and not stamp["needs_factor"]
        needs = not waits and second_factor.is_missing(user)
        session[KEY] = Stamp(began=stamp["began"], seen=now, idle_s=_idle_s(user), needs_factor=needs)
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
    return None


def needs_factor(session: SessionBase) -> bool:
    """Return whether the person must set up a second factor before anything else."""
    stamp: Stamp | None = session.get(KEY)
    return stamp is not None and stamp["needs_factor"]


def _idle_s(user: User) -> int:
    """Return the shortest time that a clinic of this person allows."""
    minutes = Clinic.objects.filter(memberships__user_id=user.pk).values_list("idle_minutes", flat=True)
    return min(minutes, default=IDLE_MINUTES) * 60
