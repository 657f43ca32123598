"""A clinic with a record of each kind, for tests of who reaches what."""

from clinics.models import User
from programs import clinic_protocols, delivery, patient_link, sign_offs
from tests.conftest import make_clinic, make_user
from tests.programs.clinical import make_ready
from tests.programs.samples import items_of, make_issue


class Place:
    """A clinic with a program that has been issued, mailed, and waits for a sign-off."""

    def __init__(self) -> None:
        self.clinic = make_clinic()
        self.therapist = self.person("therapist")
        self.program = make_ready(by=self.therapist)
        self.issue = make_issue(self.program, by=self.therapist)
        key = delivery.new_form_key()
        self.delivery = delivery.queue_handout(self.issue, to="m@patients.invalid", form_key=key, by=self.therapist)
        self.sign_off = sign_offs.ask(self.program, reasons=["A reason."], question="", by=self.therapist)
        self.item = items_of(self.program)[0]
        self.exercise = self.item.exercise
        self.patient = self.program.patient
        seed = patient_link.new_seed()
        self.link = patient_link.make(self.issue, seed=seed, way="paper", by=self.therapist)
        words = {"title": "Ours", "note": "", "shared": True}
        self.protocol = clinic_protocols.save_program(self.program, **words, by=self.therapist)

    def person(self, role: str) -> User:
        return make_user(role, clinic=self.clinic)
