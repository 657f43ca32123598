"""Every page that writes, with a form that it takes: what a fault in the middle must not leave half done."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.test import Client
from django.urls import reverse

from clinics import people
from exercises import editing, loading, own, picturing, pose_desk, syncing
from exercises.models import Exercise, ExerciseText, KeptField
from patients.models import Patient, RaisedFlag
from patients.rights import LegalHold
from programs import clinic_protocols, delivery, patient_link, sign_offs
from programs.models import Delivery, Program
from tests.conftest import (
    describe_pictures,
    make_assessment,
    make_clinic,
    make_editor,
    make_exercise,
    make_patient,
    make_precaution,
    make_user,
    signed_in,
)
from tests.exercises.test_own import TYPED as OWN_EXERCISE
from tests.photos import photo
from tests.programs.clinical import make_ready, screen
from tests.programs.home import SAME_ORIGIN, at_home, key_of, make_link, path_of, today
from tests.programs.samples import make_issue, make_program

SCRIPT = {"X-Requested-With": "fetch"}
PHOTO = photo()
CLINIC = {
    "name": "Lakeside",
    "phone": "(555) 010-4477",
    "paper": "A4",
    "mail_policy": "link",
    "idle_minutes": 15,
    "link_days": 30,
}
SCREENED = {"answer-fever": "yes", "answer-weakness": "no", "version": 0, "then": "finish"}
POSE = {"start": {"posture": "hook_lying"}}
Typed = Mapping[str, Any]


class World:
    """A clinic and a catalog in which every form below may be sent."""

    def __init__(self) -> None:
        self.clinic = make_clinic()
        self.therapist = make_user("therapist", clinic=self.clinic)
        self.trainer = make_user("trainer", clinic=self.clinic, name="Milo Hart")
        self.admin = make_user("clinic_admin", clinic=self.clinic, name="Ada Lund")
        self.editor = make_editor()
        self.program = make_ready(by=self.therapist)
        self.patient = self.program.patient
        Patient.objects.filter(pk=self.patient.pk).update(email="maria@patients.invalid")
        self.issue = make_issue(self.program, by=self.therapist)
        self.link = patient_link.make(self.issue, seed="5" * 64, way="paper", by=self.therapist)
        self.home = make_link()
        words = {"title": "Ours", "note": "", "shared": True}
        self.protocol = clinic_protocols.save_program(self.program, **words, by=self.therapist)
        people.invite(self.clinic, email="invited@clinic.invalid", role="trainer", by=self.admin)
        self.invited = self.clinic.invitations.get()
        self.membership = self.trainer.memberships.get()
        self.hold = LegalHold.objects.create(patient=self.patient, why="Dispute", placed_by=self.admin)
        self._others()
        self._catalog()

    def _others(self) -> None:
        """Patients in other states: one to copy from, one with a flag, one whom a trainer asked about."""
        source = make_patient("Jonas Weber", clinic=self.clinic)
        self.source = make_ready("Lying rest", "Plank", by=self.therapist, patient=source)
        flagged = make_patient("Ana Costa", clinic=self.clinic)
        make_assessment(flagged, by=self.therapist)
        screen(flagged, by=self.therapist, yes=("weakness",))
        self.flag = RaisedFlag.objects.get(patient=flagged)
        waiting = make_program("Clam", by=self.trainer, patient=make_patient("Lee Park", clinic=self.clinic))
        self.sign_off = sign_offs.ask(waiting, reasons=["A reason."], question="", by=self.trainer)
        operated = make_patient("Noor Aziz", clinic=self.clinic)
        make_assessment(operated, by=self.trainer).precautions.add(make_precaution("spine_surgery", sign_off=True))
        self.asked = make_program("Clam", by=self.trainer, patient=operated)
        sent = delivery.queue_handout(self.issue, to="m@patients.invalid", form_key="came-back", by=self.therapist)
        Delivery.objects.filter(pk=sent.pk).update(status="sent")
        self.delivery = sent

    def _catalog(self) -> None:
        self.draft = complete("Heel slide", status="draft")
        self.shared = complete("Cobra", status="published", evidence="practice")
        Exercise.objects.filter(pk=self.draft.pk).update(shipped={"name": "Heel slide", "citations": []}, name="Slide")
        report = syncing.Report()
        new = {"name": "Long slide", "citations": []}
        syncing.sync(Exercise, {"slug": "heel-slide"}, new, report, loading.EXERCISE_LINKS)
        report.remember_kept()
        self.kept = KeptField.objects.get()
        for sets in (2, 3):
            self.shared.sets = sets
            self.shared.save(update_fields=["sets"])
            editing.saved(self.shared, by=self.editor, why="Dose")
        self.own = own.clone(self.shared, clinic=self.clinic, by=self.admin)


def complete(name: str, **fields: object) -> Exercise:
    """Return an exercise that lacks nothing."""
    made = make_exercise(name, pose=POSE, dose_source="our practice", **fields)
    spanish = {"name": "Puente", "steps": ["Acuéstese.", "Suba.", "Baje."], "feel": "Ahí.", "stop_if": "duele"}
    ExerciseText.objects.create(exercise=made, language="es", **spanish)
    return describe_pictures(made)


@dataclass(frozen=True)
class Write:
    """A form that is sent: to which page, by whom, and what was typed; where a link leads to is `by` “home”."""

    page: str
    at: str
    typed: Callable[[World], Typed] = lambda world: {}
    by: str = "therapist"
    also: Mapping[str, Any] | None = None

    def client(self, world: World) -> Client:
        client = at_home(world.home) if self.by == "home" else signed_in(getattr(world, self.by))
        client.raise_request_exception = False
        return client

    def send(self, client: Client, world: World, typed: Any) -> Any:
        return client.post(self.address(world), typed, **(self.also or {}))

    def address(self, world: World) -> str:
        if self.page == "home_open":
            return path_of(world.home)
        if self.page == "row_version":
            return reverse(self.page, args=["exercise", world.shared.pk, 1])
        named = [getattr(world, name) for name in self.at.split()]
        return reverse(self.page, args=[row.slug if isinstance(row, Exercise) else row.pk for row in named])


def versioned(**typed: object) -> Callable[[World], Typed]:
    """Return what is typed, with the version of the program as it is then."""
    return lambda world: {"version": Program.objects.get(pk=world.program.pk).version, **typed}


def always(**typed: object) -> Callable[[World], Typed]:
    return lambda world: typed


def mail(how: str) -> Callable[[World], Typed]:
    """The patient agrees to that, and gets it."""
    return always(to="maria@patients.invalid", consent=how, how=how, form_key=f"by {how}")


def findings(world: World) -> Typed:
    found = {"affected_side": "left", "driver": "piriformis", "irritability": "low"}
    return {**found, "directional_preference": "not_tested", "based_on": world.patient.assessments.get().pk}


def protocol(world: World) -> Typed:
    items = [f"item-{key}" for key in world.protocol.items.values_list("pk", flat=True)]
    named = {f"{item}-name": "It" for item in items} | {f"{item}-sets": 3 for item in items}
    counts = {f"{item}-{name}": 1 for item in items for name in ("times_per_day", "days_per_week")}
    reps = {f"{item}-reps": 8 for item in items}
    return {
        "version": 1,
        "title": "Theirs",
        "driver": world.protocol.driver_id,
        "shared": "on",
        **named,
        **counts,
        **reps,
    }


def own_exercise(world: World) -> Typed:
    page = signed_in(world.admin).get(reverse("own_exercise", args=[world.own.slug]))
    values = {field.name: field.value() for field in page.context["form"]}
    return {name: value for name, value in values.items() if value not in (None, False)} | {"name": "Cobra, ours"}


def pose(world: World) -> Typed:
    fresh = Exercise.objects.get(pk=world.draft.pk)
    words = {f"words-{row.language}-{frame}": line for row in fresh.texts.all() for frame, line in row.pictures.items()}
    return {"act": "save", "was": pose_desk.state(fresh), "pose": json.dumps(POSE | {"view": "front"}), **words}


def pictures(world: World) -> Typed:
    said = {"start-en": "You lie.", "start-es": "Su cara."}
    return {"seen": picturing.state_of(Exercise.objects.get(pk=world.draft.pk)), "start-file": File(PHOTO), **said}


class File(BytesIO):
    """A file that can be sent more than once."""

    name = "a.jpg"

    def read(self, size: int | None = -1) -> bytes:
        return self.getvalue()


def note(world: World, **noted: object) -> Typed:
    return {"key": key_of(world.home), "day": today(), **noted}


def offline(world: World) -> str:
    at = f"{today()}T12:00:00Z"
    notes = [{"kind": "tick", "day": today(), "number": 1, "on": True, "at": at}]
    notes.append({"kind": "score", "day": today(), "score": 4, "at": at})
    return json.dumps({"key": key_of(world.home), "notes": notes})


WRITES = {
    "a new patient": Write("patient_new", "", always(name="Ida Holm", email="ida@patients.invalid", version=1)),
    "a changed patient": Write("patient_edit", "patient", always(name="Maria R.", language="en", version=1)),
    "an archived patient": Write("patient_archive", "patient"),
    "a screening": Write("screening", "patient", always(**SCREENED)),
    "a closed flag": Write("flag_close", "flag", always(outcome="Seen, no cause found.")),
    "an assessment": Write("assessment", "patient", findings),
    "a new program": Write("program_new", "patient", lambda world: {"clinic_protocol": world.protocol.pk}),
    "an edit by script": Write("program_edit", "program", versioned(do="add:cobra"), also={"headers": SCRIPT}),
    "an edit by button": Write("program_edit", "program", versioned(do="add:cobra")),
    "an undone edit": Write("program_edit", "program", versioned(do="undo"), also={"headers": SCRIPT}),
    "a copied program": Write(
        "program_copy", "program", lambda world: versioned(source=world.source.pk, stage=world.source.stage_slug)(world)
    ),
    "the next stage": Write("progress", "program", versioned(pace="progress")),
    "an issue": Write("issue", "program", versioned(number=2)),
    "a mail": Write("send", "issue", mail("attach")),
    "a mail with a link": Write("send", "issue", mail("link")),
    "a mail that came back": Write("came_back", "delivery", always(note="No such user.")),
    "a new link": Write("patient_link_new", "issue"),
    "a revoked link": Write("patient_link_revoke", "issue link"),
    "a question to a therapist": Write("sign_off_ask", "asked", always(question="Fine?"), by="trainer"),
    "a therapist's answer": Write("sign_off", "sign_off", always(approved="yes", answer="", version=2)),
    "a new protocol": Write("save_as_protocol", "program", always(title="Another", note="", instead_of="")),
    "a replaced protocol": Write(
        "save_as_protocol", "source", lambda world: {"instead_of": f"{world.protocol.pk}-{world.protocol.version}"}
    ),
    "a changed protocol": Write("clinic_protocol", "protocol", protocol),
    "a retired protocol": Write("clinic_protocol_retire", "protocol"),
    "an opened link": Write("home_open", "", by="home", also={"headers": SAME_ORIGIN}),
    "a ticked exercise": Write("home_tick", "", lambda world: note(world, number=1, on=1), by="home"),
    "a noted pain": Write("home_score", "", lambda world: note(world, score=3), by="home"),
    "notes from offline": Write("home_sync", "", offline, by="home", also={"content_type": "application/json"}),
    "clinic settings": Write("clinic", "clinic", lambda world: CLINIC | {"version": world.clinic.version}, by="admin"),
    "an invitation": Write("people", "clinic", always(email="new@clinic.invalid", role="trainer"), by="admin"),
    "a taken back invitation": Write("invitation_end", "clinic invited", by="admin"),
    "another role": Write("person_role", "clinic membership", always(role="assistant"), by="admin"),
    "an ended access": Write("person_end", "clinic membership", by="admin"),
    "a held record": Write("record_hold", "patient", always(why="A dispute."), by="admin"),
    "a lifted hold": Write("record_lift", "patient hold", by="admin"),
    "a noted disclosure": Write(
        "disclosures", "patient", always(on="2026-03-02", recipient="An insurer", what="A letter", why="Asked for it")
    ),
    "a new own exercise": Write("own_exercise_new", "clinic", always(**OWN_EXERCISE), by="admin"),
    "a changed own exercise": Write("own_exercise", "own", own_exercise, by="admin"),
    "a cloned exercise": Write("own_exercise_clone", "shared", lambda world: {"clinic": world.clinic.pk}, by="admin"),
    "a published own exercise": Write("own_exercise_move", "own", always(do="publish"), by="admin"),
    "a proposed exercise": Write("own_exercise_propose", "own", always(note="It is good."), by="admin"),
    "a submitted exercise": Write("review", "draft", always(do="submit"), by="editor"),
    "a retired exercise": Write("exercise_retire", "shared", always(why="It hurts."), by="editor"),
    "a restored exercise": Write("row_version", "", always(seen=2), by="editor"),
    "a shipped value": Write("update", "kept", always(choice="take"), by="editor"),
    "uploaded pictures": Write("exercise_pictures", "draft", pictures, by="editor"),
    "a new pose": Write("pose", "draft", pose, by="editor"),
}
