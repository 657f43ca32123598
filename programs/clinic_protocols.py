"""A clinic's own protocols: what may be changed by whom, and every change of one. Only this module writes them.

Positions run 1, 2, 3 … in each stage, in phase order. Nothing is deleted: a retired protocol stays for the
programs that were started from it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from clinics import audit
from clinics.access import Can, may
from clinics.models import User
from exercises.models import Driver
from exercises.vocabulary import STAGES, Phase
from patients import assessing
from patients.models import Assessment, Patient
from programs import builder, starting
from programs.dose import GIVEN
from programs.models import ClinicProtocol, ClinicProtocolItem, Item, Program

WORDS = ("title", "driver", "note", "shared")


class CannotSave(Exception):
    """The protocol can't be saved or used; the text is the sentence the page shows."""


class TitleTaken(CannotSave):
    """Another protocol in use of the clinic has that title."""


class EditedMeanwhile(Exception):
    """Somebody else changed the protocol since the form was shown; nothing was written."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to become of a protocol: its words, doses by item, items to take out, and one that moves up or down."""

    words: Mapping[str, Any]
    doses: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    removed: Collection[int] = ()
    move: int | None = None
    up: bool = False


def may_change(protocol: ClinicProtocol, user: User) -> bool:
    """Whether the user made the protocol or is a therapist of its clinic."""
    needed = Can.CLINICAL if protocol.made_by_id == user.pk else Can.SIGN_OFF
    return may(user, needed, protocol.clinic_id)


def check_may_change(protocol: ClinicProtocol, user: User) -> None:
    """Raise PermissionDenied, with a sentence for the page, unless the user may change the protocol."""
    if not may_change(protocol, user):
        raise PermissionDenied("Only its maker and the clinic's therapists may change this protocol.")


def listed(user: User) -> QuerySet[ClinicProtocol]:
    """Return all protocols that the user may see, by driver, with `count_` of each stage: 1 query."""
    counts = {f"count_{slug}": Count("items", filter=Q(items__stage=slug)) for slug, _ in STAGES}
    rows = ClinicProtocol.objects.visible_to(user).select_related("driver", "made_by", "clinic")
    return rows.annotate(**counts).order_by("driver__order", "driver__name", "title", "id")


def replaceable(program: Program, *, by: User) -> QuerySet[ClinicProtocol]:
    """Return the protocols in use of the program's clinic in whose place this person may put it."""
    rows = ClinicProtocol.objects.visible_to(by).in_use().filter(clinic=program.patient.clinic_id)
    if not may(by, Can.SIGN_OFF, program.patient.clinic_id):
        rows = rows.filter(made_by=by)
    return rows.select_related("driver", "made_by")


def to_start_from(patient: Patient, driver: Driver, *, by: User) -> QuerySet[ClinicProtocol]:
    """Return the clinic's protocols for the driver, the person's own and the shared ones, with items: 3 queries."""
    rows = ClinicProtocol.objects.visible_to(by).in_use().filter(clinic=patient.clinic_id, driver=driver)
    return rows.select_related("made_by").prefetch_related("items__exercise")


def start(patient: Patient, protocol_id: int, assessment: Assessment, *, by: User) -> Program:
    """Return a new program from a clinic's protocol, made to suit the patient."""
    protocol = to_start_from(patient, assessment.driver, by=by).filter(pk=protocol_id).first()
    if protocol is None:
        raise CannotSave("That protocol isn't offered any more. Choose another one.")
    stages = starting.suited_clinic_stages(protocol, assessment, on=timezone.localdate())
    return builder.start(
        patient,
        protocol=None,
        by=by,
        clinic_protocol=protocol,
        filled=starting.filled(stages),
        adapted={slug: stage.notes for slug, stage in stages.items() if stage.changes or stage.unmet},
    )


@transaction.atomic
def save_program(program: Program, *, title: str, note: str, shared: bool, by: User) -> ClinicProtocol:
    """Return a new protocol with the program's exercises, phases and doses; nothing of the patient goes with them."""
    assessment = _assessment(program)
    items = _items_of(program, assessment.affected_side)
    protocol = ClinicProtocol(
        clinic=program.patient.clinic, driver=assessment.driver, title=title, note=note, shared=shared, made_by=by
    )
    _check_title(protocol)
    _save(protocol)
    _write_items(protocol, items)
    audit.about(program.patient, "save as protocol", by=by, subject=program, protocol=protocol.pk)
    return protocol


@transaction.atomic
def put_in_place(program: Program, protocol: ClinicProtocol, *, seen_version: int, by: User) -> None:
    """Put the program's exercises in place of the protocol's; its title, driver, note and sharing stay.

    Raises EditedMeanwhile when the protocol moved on since `seen_version`.
    """
    check_may_change(protocol, by)
    items = _items_of(program, _assessment(program).affected_side)
    current = _locked(protocol, seen_version)
    current.items.all().delete()
    _write_items(current, items)
    _save(current, [])
    audit.about(program.patient, "save as protocol", by=by, subject=program, protocol=protocol.pk)


@transaction.atomic
def change(protocol: ClinicProtocol, edit: Edit, *, seen_version: int, by: User) -> ClinicProtocol:
    """Write the protocol's words and doses, take items out, and move one within its phase.

    Raises EditedMeanwhile when the protocol moved on since `seen_version`.
    """
    check_may_change(protocol, by)
    current = _locked(protocol, seen_version)
    for name, value in edit.words.items():
        setattr(current, name, value)
    if current.retired_at is None:
        _check_title(current)
    items = list(current.items.order_by("stage", "position"))
    kept = [item for item in items if item.pk not in edit.removed]
    if not kept:
        raise CannotSave("A protocol needs at least one exercise. To be rid of it, retire it.")
    current.items.filter(pk__in=[item.pk for item in items if item.pk in edit.removed]).delete()
    _write_doses(kept, edit.doses)
    _renumber(current, _moved(kept, edit.move, up=edit.up))
    _save(current, [name for name in WORDS if name in edit.words])
    _record("change protocol", current, by)
    return current


@transaction.atomic
def retire(protocol: ClinicProtocol, *, by: User) -> None:
    """Take the protocol out of use; programs that were started from it keep pointing to it."""
    check_may_change(protocol, by)
    current = _locked(protocol)
    if current.retired_at is None:
        current.retired_at = timezone.now()
        _save(current, ["retired_at"])
        _record("retire protocol", current, by)


@transaction.atomic
def bring_back(protocol: ClinicProtocol, *, by: User) -> None:
    """Put a retired protocol back to use; its title must be free."""
    check_may_change(protocol, by)
    current = _locked(protocol)
    if current.retired_at is not None:
        current.retired_at = None
        _check_title(current)
        _save(current, ["retired_at"])
        _record("bring protocol back", current, by)


def _assessment(program: Program) -> Assessment:
    found = assessing.latest_of(program.patient)
    if found is None:
        raise CannotSave("Assess the patient first: a protocol is for a suspected driver.")
    return found


def _items_of(program: Program, affected_side: str) -> list[ClinicProtocolItem]:
    """Return the items of all stages as a protocol keeps them: a side only where each side is meant."""
    stored = Item.objects.filter(stage__program=program).select_related("stage").order_by("stage__slug", "position")
    items = [
        ClinicProtocolItem(
            stage=item.stage.slug,
            exercise_id=item.exercise_id,
            phase=item.phase,
            side="each" if item.side == "each" else "",
            **{name: getattr(item, name) for name in GIVEN},
        )
        for item in stored
    ]
    if not items:
        raise CannotSave("This program has no exercises yet, so there is nothing to save as a protocol.")
    return items


def _write_items(protocol: ClinicProtocol, items: Iterable[ClinicProtocolItem]) -> None:
    """Write new items, in order within each stage."""
    new = list(items)
    for _, group in groupby(new, key=lambda item: item.stage):
        for position, item in enumerate(group, start=1):
            item.protocol, item.position = protocol, position
    ClinicProtocolItem.objects.bulk_create(new)


def _write_doses(items: Iterable[ClinicProtocolItem], doses: Mapping[int, Mapping[str, Any]]) -> None:
    """Write the doses that are other than they were."""
    changed = []
    for item in items:
        new = {name: value for name, value in doses.get(item.pk, {}).items() if getattr(item, name) != value}
        for name, value in new.items():
            setattr(item, name, value)
        changed += [item] if new else []
    ClinicProtocolItem.objects.bulk_update(changed, GIVEN)


def _moved(items: list[ClinicProtocolItem], key: int | None, *, up: bool) -> list[ClinicProtocolItem]:
    """Return the items with one swapped with its neighbour in the same stage and phase; at the end it stays."""
    places = list(items)
    here = next((index for index, item in enumerate(places) if item.pk == key), None)
    if here is None:
        return places
    there = here - 1 if up else here + 1
    if 0 <= there < len(places) and _section(places[there]) == _section(places[here]):
        places[here], places[there] = places[there], places[here]
    return places


def _section(item: ClinicProtocolItem) -> tuple[str, str]:
    return item.stage, item.phase


def _renumber(protocol: ClinicProtocol, items: Iterable[ClinicProtocolItem]) -> None:
    """Write positions 1, 2, 3 … in phase order; lifted first, as the database checks them row by row."""
    ordered = sorted(items, key=lambda item: (item.stage, Phase(item.phase).rank))
    wanted = {
        item.pk: position
        for _, group in groupby(ordered, key=lambda item: item.stage)
        for position, item in enumerate(group, start=1)
    }
    if all(item.position == wanted[item.pk] for item in ordered):
        return
    lift = max(item.position for item in ordered) + len(ordered)
    protocol.items.update(position=F("position") + lift)
    for item in ordered:
        item.position = wanted[item.pk]
    ClinicProtocolItem.objects.bulk_update(ordered, ["position"])


def _locked(protocol: ClinicProtocol, seen_version: int | None = None) -> ClinicProtocol:
    """Return the protocol as it is now, locked for this change."""
    current = ClinicProtocol.objects.select_for_update().get(pk=protocol.pk)
    if seen_version is not None and current.version != seen_version:
        raise EditedMeanwhile
    return current


def _check_title(protocol: ClinicProtocol) -> None:
    others = ClinicProtocol.objects.in_use().filter(clinic=protocol.clinic_id).exclude(pk=protocol.pk)
    if others.filter(title__iexact=protocol.title).exists():
        raise _taken(protocol)


def _taken(protocol: ClinicProtocol) -> TitleTaken:
    return TitleTaken(f"Another protocol of the clinic is called “{protocol.title}”. Choose another title.")


def _save(protocol: ClinicProtocol, fields: list[str] | None = None) -> None:
    """Write a new protocol, or these fields of an old one and that it changed; the database may refuse the title."""
    try:
        with transaction.atomic():
            if fields is None:
                protocol.save(force_insert=True)
                return
            protocol.version += 1
            protocol.changed_at = timezone.now()
            protocol.save(update_fields=[*fields, "version", "changed_at"])
    except IntegrityError as refused:
        raise _taken(protocol) from refused


def _record(action: str, protocol: ClinicProtocol, by: User) -> None:
    audit.record(action, by=by, clinic_id=protocol.clinic_id, subject=protocol, version=protocol.version)
