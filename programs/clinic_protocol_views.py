"""A clinic's own protocols: saved from a program, listed, changed, retired."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from exercises.vocabulary import STAGES, Phase
from exercises.wording import dose_words
from programs import clinic_protocols
from programs.clinic_protocols import Edit
from programs.dose import DOSE
from programs.models import ClinicProtocol, ClinicProtocolItem, Program, Stage
from programs.typed_dose import MOST
from programs.views import find_program, number_in, typed

CHANGED = "That protocol was changed or retired meanwhile. Look at it, then choose again."
LONGEST_NOTE = 1000
UNITS = {
    "sets": "sets",
    "reps": "repetitions",
    "hold_s": "seconds hold",
    "minutes": "minutes",
    "times_per_day": "times a day",
    "days_per_week": "days a week",
}


class SaveForm(forms.Form):
    """What a program is saved as: a new protocol, or one that is there. The patient's name stays out."""

    title = forms.CharField(max_length=120, required=False, widget=forms.TextInput(attrs={"class": "form-control"}))
    note = forms.CharField(
        label="Note for colleagues",
        help_text="For example when to use it. No patient's name.",
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )
    shared = forms.BooleanField(label="Share with the clinic", required=False)

    def __init__(self, program: Program, protocols: list[ClinicProtocol], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.patient = program.patient.name.casefold()
        self.protocols = {f"{row.pk}-{row.version}": row for row in protocols}
        there = [(key, f"In place of “{row.title}” ({row.driver.short_name})") for key, row in self.protocols.items()]
        self.fields["instead_of"] = forms.ChoiceField(
            label="Save it as",
            choices=[("", "A new protocol"), *there],
            initial="",
            required=False,
            error_messages={"invalid_choice": CHANGED},
            widget=forms.RadioSelect,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("instead_of") == "" and cleaned.get("title") == "":
            self.add_error("title", "Give it a title that colleagues will recognize.")
        for name in ("title", "note"):
            if self.patient in cleaned.get(name, "").casefold():
                self.add_error(name, "Leave the patient's name out: the protocol is used for others.")
        return cleaned


class WordsForm(forms.ModelForm):
    """What a protocol says besides its exercises."""

    note = forms.CharField(
        label="Note for colleagues",
        help_text="For example when to use it. No patient's name.",
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )

    class Meta:
        model = ClinicProtocol
        fields = clinic_protocols.WORDS
        labels = {"driver": "Suspected driver", "shared": "Shared with the clinic"}
        widgets = {
            "title": forms.TextInput(attrs={"class": "form-control"}),
            "driver": forms.Select(attrs={"class": "form-select"}),
        }


class DoseForm(forms.ModelForm):
    """The dose of one item, by repetitions or by minutes, and whether it is taken out."""

    remove = forms.BooleanField(required=False)

    class Meta:
        model = ClinicProtocolItem
        fields = DOSE
        labels = UNITS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted, timed = self.instance.reps is not None, self.instance.minutes is not None
        for name in (() if counted else ("sets", "reps", "hold_s")) + (() if timed else ("minutes",)):
            del self.fields[name]
        for name in self.dose_names:
            field = self.fields[name]
            field.required = name != "hold_s"
            field.validators += [MinValueValidator(1), MaxValueValidator(MOST[name])]
            field.widget.attrs.update({"min": 1, "max": MOST[name], "inputmode": "numeric", "class": "form-control"})

    @property
    def dose_names(self) -> list[str]:
        return [name for name in DOSE if name in self.fields]

    @property
    def dose_fields(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in self.dose_names)

    @property
    def dose(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.dose_names}


@dataclass(frozen=True, slots=True)
class Row:
    """An item with its form; `saved` is its dose in words as it is stored, `other` whether something else was typed."""

    item: ClinicProtocolItem
    form: DoseForm
    first: bool
    last: bool
    saved: str
    other: bool


@dataclass(frozen=True, slots=True)
class EditPage:
    """A protocol's words and its items by stage; `gone` are typed doses of items that aren't in it any more."""

    words: WordsForm
    stages: tuple[tuple[str, tuple[Row, ...]], ...]
    theirs: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]

    @property
    def rows(self) -> list[Row]:
        return [row for _, rows in self.stages for row in rows]

    def is_valid(self) -> bool:
        """Whether all that was sent is right; an item of which nothing was sent stays as it is."""
        sent = [row.form for row in self.rows if row.form.is_bound]
        return all([self.words.is_valid(), *(form.is_valid() for form in sent)])

    def edit(self, move: str) -> Edit:
        """Return what was typed, and the move that a button asks for: “up-7” or “down-7”."""
        sent = [row for row in self.rows if row.form.is_bound]
        to, _, key = move.partition("-")
        return Edit(
            words=self.words.cleaned_data,
            doses={row.item.pk: row.form.dose for row in sent},
            removed={row.item.pk for row in sent if row.form.cleaned_data["remove"]},
            move=next((row.item.pk for row in self.rows if str(row.item.pk) == key), None),
            up=to == "up",
        )


@requires(Can.CLINICAL)
def save_as_protocol(request: StaffRequest, program_id: int) -> HttpResponse:
    """Keep a program's exercises and doses as a protocol: a new one, or in place of one that is there."""
    program = find_program(request, program_id)
    protocols = list(clinic_protocols.replaceable(program, by=request.user))
    form = SaveForm(program, protocols, request.POST if request.method == "POST" else None)
    refused = ""
    if request.method != "POST":
        audit.about(program.patient, "view save as protocol", by=request.user, subject=program)
    elif form.is_valid():
        try:
            protocol = _save(program, form, request)
            messages.success(request, f"Saved as “{protocol.title}”.")
            return redirect("clinic_protocol", protocol_id=protocol.pk)
        except clinic_protocols.TitleTaken as reason:
            form.add_error("title", str(reason))
        except clinic_protocols.EditedMeanwhile:
            form.add_error("instead_of", CHANGED)
        except clinic_protocols.CannotSave as reason:
            refused = str(reason)
    stages = list(Stage.objects.of(program).annotate(count=Count("items")))
    shown = {
        "form": form,
        "refused": refused,
        "program": program,
        "patient": program.patient,
        "stages": stages,
        "empty": not any(stage.count for stage in stages),
    }
    return render(request, "programs/clinic_protocol_save.html", shown, status=422 if form.errors or refused else 200)


def _save(program: Program, form: SaveForm, request: StaffRequest) -> ClinicProtocol:
    given = form.cleaned_data
    if not given["instead_of"]:
        words = {name: given[name] for name in ("title", "note", "shared")}
        return clinic_protocols.save_program(program, **words, by=request.user)
    protocol = form.protocols[given["instead_of"]]
    clinic_protocols.put_in_place(program, protocol, seen_version=protocol.version, by=request.user)
    return protocol


@requires(Can.CLINICAL)
@require_safe
def clinic_protocol_list(request: StaffRequest) -> HttpResponse:
    """List the person's own protocols and those that the clinic shares, by driver."""
    protocols = list(clinic_protocols.listed(request.user))
    shown = {
        "protocols": [row for row in protocols if row.retired_at is None],
        "retired": [row for row in protocols if row.retired_at is not None],
    }
    return render(request, "programs/clinic_protocols.html", shown)


@requires(Can.CLINICAL)
def clinic_protocol(request: StaffRequest, protocol_id: int) -> HttpResponse:
    """Show a protocol, and change it for those who may; when somebody was quicker, show both."""
    protocol = _find(request, protocol_id)
    if request.method != "POST":
        may_change = clinic_protocols.may_change(protocol, request.user)
        template = "programs/clinic_protocol_edit.html" if may_change else "programs/clinic_protocol.html"
        return render(request, template, {"protocol": protocol, "page": _read(protocol)})
    clinic_protocols.check_may_change(protocol, request.user)
    return _change(request, protocol)


def _change(request: StaffRequest, protocol: ClinicProtocol) -> HttpResponse:
    seen, page, move = number_in(request, "version"), _read(protocol, request.POST), typed(request, "move")
    if seen != protocol.version:
        return _answer(request, protocol, page, status=409)
    if not page.is_valid():
        return _answer(request, protocol, page, status=422)
    try:
        changed = clinic_protocols.change(protocol, page.edit(move), seen_version=seen, by=request.user)
    except clinic_protocols.EditedMeanwhile:
        current = _find(request, protocol.pk)
        return _answer(request, current, _read(current, request.POST), status=409)
    except clinic_protocols.TitleTaken as reason:
        page.words.add_error("title", str(reason))
        return _answer(request, protocol, page, status=422)
    except clinic_protocols.CannotSave as reason:
        return _answer(request, protocol, page, status=422, refused=str(reason))
    return _after(request, changed, move)


@requires(Can.CLINICAL)
@require_POST
def clinic_protocol_retire(request: StaffRequest, protocol_id: int) -> HttpResponse:
    """Take a protocol out of use, or bring it back."""
    protocol = _find(request, protocol_id)
    if request.POST.get("to") != "back":
        clinic_protocols.retire(protocol, by=request.user)
        messages.success(
            request, f"“{protocol.title}” is retired. Programs that were started from it stay as they are."
        )
        return redirect("clinic_protocols")
    try:
        clinic_protocols.bring_back(protocol, by=request.user)
        messages.success(request, f"“{protocol.title}” is back in use.")
    except clinic_protocols.TitleTaken as reason:
        messages.error(request, str(reason))
    return redirect("clinic_protocol", protocol_id=protocol.pk)


def _find(request: StaffRequest, protocol_id: int) -> ClinicProtocol:
    protocols = ClinicProtocol.objects.visible_to(request.user).select_related("driver", "made_by", "clinic")
    return get_object_or_404(protocols.prefetch_related("items__exercise"), pk=protocol_id)


def _after(request: StaffRequest, protocol: ClinicProtocol, move: str) -> HttpResponse:
    """Go back to the page, at the item that was moved; to the list where the page can't be seen any more."""
    if not protocol.shared and protocol.made_by_id != request.user.pk:
        messages.success(request, f"“{protocol.title}” is saved. Only {protocol.made_by} sees it now.")
        return redirect("clinic_protocols")
    messages.success(request, "Saved.")
    page = redirect("clinic_protocol", protocol_id=protocol.pk)
    if move:
        page["Location"] += f"#item-{re.sub(r'[^0-9]', '', move)}"
    return page


def _answer(
    request: StaffRequest, protocol: ClinicProtocol, page: EditPage, *, status: int, refused: str = ""
) -> HttpResponse:
    """Show the page again with all that was typed."""
    shown = {"protocol": protocol, "page": page, "conflict": status == 409, "invalid": status == 422 and not refused}
    return render(request, "programs/clinic_protocol_edit.html", shown | {"refused": refused}, status=status)


def _read(protocol: ClinicProtocol, sent: QueryDict | None = None) -> EditPage:
    """Return the page of a protocol with what was sent in its fields; needs `items__exercise` prefetched."""
    words = WordsForm(sent, instance=copy.copy(protocol))
    items = sorted(protocol.items.all(), key=lambda item: (item.stage, Phase(item.phase).rank, item.position))
    theirs = tuple((str(words[name].label), _saved(protocol, name)) for name in words.changed_data)
    return EditPage(
        words=words,
        stages=tuple((label, _rows([item for item in items if item.stage == slug], sent)) for slug, label in STAGES),
        theirs=theirs,
        gone=tuple(_gone(sent, {str(item.pk) for item in items})),
    )


def _saved(protocol: ClinicProtocol, name: str) -> str:
    value = getattr(protocol, name)
    return str(value) if name != "shared" else "yes" if value else "no"


def _rows(items: list[ClinicProtocolItem], sent: QueryDict | None) -> tuple[Row, ...]:
    phases = [item.phase for item in items]
    return tuple(
        _row(item, sent, first=phase not in phases[:index], last=phase not in phases[index + 1 :])
        for index, (item, phase) in enumerate(zip(items, phases, strict=True))
    )


def _row(item: ClinicProtocolItem, sent: QueryDict | None, *, first: bool, last: bool) -> Row:
    prefix = f"item-{item.pk}"
    here = sent if sent is not None and f"{prefix}-name" in sent else None
    saved = " · ".join(dose_words(**{name: getattr(item, name) for name in DOSE}, side=item.side))
    form = DoseForm(here, instance=item, prefix=prefix)
    return Row(item, form, first, last, saved, other=bool(set(form.changed_data) & set(DOSE)))


def _gone(sent: QueryDict | None, there: set[str]) -> Iterator[str]:
    """Yield what was typed for items that are no longer in the protocol, in words."""
    for name in sent or {}:
        match = re.fullmatch(r"item-(\d+)-name", name)
        if match and match[1] not in there and sent:
            given = (f"{unit}: {sent.get(f'item-{match[1]}-{field}', '')}" for field, unit in UNITS.items())
            yield f"{sent[name]}: {', '.join(words for words in given if not words.endswith(': '))}"
