"""What waits for a person today, in a fixed number of queries."""

import datetime
from dataclasses import dataclass

from clinics.access import Can
from clinics.models import User
from patients.models import Patient, RaisedFlag
from programs.models import Delivery, Program, SignOff

MOST = 20


@dataclass(frozen=True, slots=True)
class TodayPage:
    """Lists for the Today page; each is empty for those whose role doesn't see it."""

    sign_offs: tuple[SignOff, ...]
    asked: tuple[SignOff, ...]
    flags: tuple[RaisedFlag, ...]
    drafts: tuple[Program, ...]
    failed: tuple[Delivery, ...]
    recent: tuple[Patient, ...]

    @property
    def patient_ids(self) -> list[int]:
        """The patients named on the page."""
        named = {request.program.patient_id for request in (*self.sign_offs, *self.asked)}
        named |= {flag.patient_id for flag in self.flags} | {draft.patient_id for draft in self.drafts}
        named |= {mail.issue.program.patient_id for mail in self.failed} | {patient.pk for patient in self.recent}
        return sorted(named)

    @property
    def names_patients(self) -> bool:
        return bool(self.patient_ids)


def read(user: User, *, at: datetime.datetime) -> TodayPage:
    """Return what waits for this person, at most 20 of each."""
    waiting = SignOff.objects.waiting().select_related("program__patient", "asked_by")
    drafts = Program.objects.visible_to(user).drafts().select_related("patient", "protocol__driver")
    failed = Delivery.objects.visible_to(user).filter(status="failed", queued_at__gte=at - datetime.timedelta(days=30))
    return TodayPage(
        sign_offs=tuple(waiting.visible_to(user, Can.SIGN_OFF)[:MOST]),
        asked=tuple(waiting.filter(asked_by=user).visible_to(user)[:MOST]),
        flags=tuple(RaisedFlag.objects.visible_to(user).open().blocking().select_related("patient", "red_flag")[:MOST]),
        drafts=tuple(drafts[:MOST]),
        failed=tuple(failed.select_related("issue__program__patient")[:MOST]),
        recent=tuple(Patient.objects.visible_to(user).active().order_by("-created_at")[:6]),
    )
