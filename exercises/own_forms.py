"""The form of a clinic's own exercise; it validates and nothing else. Its values are those of `row_values`."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from pydantic import ValidationError as Unreadable

from clinics.models import Clinic
from exercises import pictures, vocabulary, wording
from exercises.admin_fields import GroupsField, in_plain_words
from exercises.catalog_rows import names_of
from exercises.entries import PLACEHOLDERS
from exercises.exercise_entries import PatientText
from exercises.gates import LANGUAGES
from exercises.models import Attribute, Citation, Driver, Equipment, Exercise, Muscle, Precaution
from exercises.own_fields import ExerciseByName, Lines, Objections
from exercises.querysets import ExerciseQuerySet
from exercises.readability import level

Values = dict[str, Any]

MOST = 1800
MOST_NAMES = 300
WORDS = ("name", "other_names", "steps", "feel", "stop_if", "mistakes")
PLAIN = (
    *("name", "other_names", "phase", "kind", "level", "position", "bed_ok", "laterality", "equipment", "nerves"),
    *("spinal_loading", "attributes", "sets", "reps", "reps_max", "hold_s", "hold_s_max", "minutes", "minutes_max"),
    *("times_per_day", "days_per_week", "dose_source", "evidence", "note", "waiver", "regression", "progression"),
)
MANY = ("releases", "strengthens", "suits_primary", "suits_secondary", "citations")
RANGES = (("reps", "reps_max"), ("hold_s", "hold_s_max"), ("minutes", "minutes_max"))
UNEASY = {"steps": "Three to six short sentences, one line each.", "mistakes": "Up to four lines."}


def _number(label: str, most: int = MOST, *, needed: bool = False) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "short-field"})
    return in_plain_words(forms.IntegerField(label=label, min_value=1, max_value=most, required=needed, widget=widget))


def _slugs(label: str, model: Any, help_text: str = "") -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        model.objects.all(),
        label=label,
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


def _words(language: str) -> dict[str, forms.Field]:
    """Return the fields of what a patient reads in one language; Spanish may be left out as a whole."""
    needed = language == "en"
    return {
        f"{language}_steps": Lines(
            label="Steps", rows=6, required=needed, help_text="Three to six short sentences, one line each."
        ),
        f"{language}_feel": forms.CharField(
            label="Feel it here", max_length=240, required=needed, help_text="For example “In your buttocks.”"
        ),
        f"{language}_stop_if": forms.CharField(
            label="Stop if …" if needed else "Pare si …",
            max_length=240,
            required=needed,
            help_text="Ends that sentence, for example “your leg tingles”.",
        ),
        f"{language}_mistakes": Lines(label="Common mistakes", help_text="Up to four, one line each."),
    }


class OwnExerciseForm(forms.Form):
    """All that a clinic says of its own exercise. `exercise` is the one that is edited, or None for a new one."""

    name = forms.CharField(max_length=120, help_text="For example “Bridge with a band”.")
    other_names = Lines(label="Also called", rows=2, help_text="It is found by these too, one line each.")
    phase = forms.ChoiceField(choices=vocabulary.PHASES)
    kind = forms.ChoiceField(choices=vocabulary.KINDS)
    level = forms.TypedChoiceField(choices=vocabulary.LEVELS, coerce=int)
    position = forms.ChoiceField(choices=vocabulary.POSITIONS)
    laterality = forms.ChoiceField(label="Side", choices=vocabulary.LATERALITIES)
    spinal_loading = forms.ChoiceField(label="What the spine does", choices=vocabulary.LOADINGS)
    bed_ok = forms.BooleanField(label="Can be done on a firm bed", required=False)
    equipment = GroupsField(
        names=names_of(Equipment),
        label="Equipment",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One thing a line; what does as well after a slash: “Mat or carpet / Firm bed”.",
    )
    drawn_like = ExerciseByName(
        label="Drawn like", help_text="Its pictures are taken over, uploads too. For example “Bridge”."
    )
    sets = _number("Sets", 20, needed=True)
    reps = _number("Repetitions")
    reps_max = _number("Most repetitions")
    hold_s = _number("Hold, seconds")
    hold_s_max = _number("Longest hold, seconds")
    minutes = _number("Minutes")
    minutes_max = _number("Most minutes")
    times_per_day = _number("Times a day", 12, needed=True)
    days_per_week = _number("Days a week", 7, needed=True)
    dose_source = forms.CharField(
        label="Where the dose comes from", max_length=300, help_text="For example “our practice”."
    )
    regression = ExerciseByName(label="Easier one")
    progression = ExerciseByName(label="Harder one")
    releases = _slugs("Lets go of", Muscle)
    strengthens = _slugs("Makes stronger", Muscle)
    nerves = Lines(label="Nerves it glides", rows=2, help_text="One line each, for example “sciatic”.")
    attributes = forms.MultipleChoiceField(
        label="What a driver or a precaution may object to", required=False, widget=forms.CheckboxSelectMultiple
    )
    suits_primary = _slugs("Suits best", Driver)
    suits_secondary = _slugs("Suits too", Driver)
    evidence = forms.ChoiceField(
        label="Basis",
        choices=vocabulary.EVIDENCE,
        initial="practice",
        help_text="“Practice” needs no source; all else names one below.",
    )
    citations = _slugs("Sources", Citation)
    note = forms.CharField(label="Note for colleagues", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    waiver = forms.CharField(
        label="Goes without Spanish, because",
        max_length=200,
        required=False,
        help_text="For example “Our patients read English.” Leave it empty when the Spanish is there.",
    )
    es_name = forms.CharField(label="Name", max_length=120, required=False)
    es_other_names = Lines(label="Also called", rows=2)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        clinic: Clinic,
        stored: Values | None = None,
        slug: str = "",
        seen: str = "",
    ) -> None:
        self.stored = stored or {}
        super().__init__(data, initial=_initial(self.stored) | {"seen": seen})
        for language in LANGUAGES:
            self.fields.update(_words(language))
        for name, spoken in self.fields.items():
            if name.startswith("es_"):
                spoken.widget.attrs["lang"] = "es"
        names = list(Attribute.objects.order_by("name").values_list("slug", "name"))
        self.fields["attributes"].choices = names  # type: ignore[attr-defined]  # a MultipleChoiceField
        self.others = Exercise.objects.published(clinic.pk).exclude(slug=slug).order_by("name")
        for name in ("regression", "progression", "drawn_like"):
            field: Any = self.fields[name]
            before = self.stored.get(name) or ""
            field.among, field.before = self.others | _before(before, clinic), before
        self.objections = {
            "driver_overrides": Objections("driver", Driver, self.stored.get("driver_overrides", {})),
            "precaution_overrides": Objections(
                "care", Precaution, self.stored.get("precaution_overrides", {}), LANGUAGES
            ),
        }
        for rows in self.objections.values():
            self.fields.update(rows.fields())

    def clean(self) -> Values:
        values = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"reps", "minutes"} and bool(values.get("reps")) == bool(values.get("minutes")):
            self.add_error("reps", "Give either repetitions or minutes.")
        self._check_kind(values)
        for low, high in RANGES:
            if values.get(high) and values[high] < (values.get(low) or values[high] + 1):
                self.add_error(high, f"It must not be below “{self.fields[low].label}”.")
        for name, rows in self.objections.items():
            values[name] = rows.clean(self)
        values["texts"] = {language: text for language in LANGUAGES if (text := self._text(language, values))}
        return values

    def _check_kind(self, values: Values) -> None:
        """Take only what an import takes, too: a kind that belongs to the phase."""
        if not {"phase", "kind"} <= values.keys():
            return
        phase = vocabulary.Phase(values["phase"])
        fitting = vocabulary.KINDS_BY_PHASE[phase]
        if values["kind"] not in fitting:
            names = [label for kind, label in vocabulary.KINDS if kind in fitting]
            self.add_error("kind", f"That is no kind of the phase “{phase.label}”. Choose {' or '.join(names)}.")

    def _text(self, language: str, values: Values) -> Values | None:
        """Return what a patient reads in that language, or None when nothing is said in it."""
        said = {name: values.get(f"{language}_{name}") for name in WORDS}
        if language == "en":
            said |= {"name": values.get("name"), "other_names": self._english_names()}
        elif not any(said.values()):
            return None
        else:
            self._whole(language, said)
        bilateral = values.get("laterality") == "bilateral"
        for name in ("steps", "mistakes", "feel", "stop_if"):
            if bilateral and any(word in str(said[name]) for word in PLACEHOLDERS):
                self._complain(language, name, "It names a side, but the exercise is for the whole body.")
        try:
            PatientText.model_validate({name: said[name] or ([] if name == "mistakes" else "") for name in WORDS[2:]})
        except Unreadable as trouble:
            for error in trouble.errors():
                name = str(error["loc"][0])
                by_hand = error["msg"].removeprefix("Value error, ")
                self._complain(language, name, by_hand if "braces" in by_hand else UNEASY.get(name, "Fill this in."))
        return said

    def _whole(self, language: str, said: Values) -> None:
        for name in ("name", "feel", "stop_if", "steps"):
            if not said[name]:
                self._complain(language, name, f"Finish the {LANGUAGES[language]}, or leave all of it empty.")

    def _english_names(self) -> list[str]:
        """Return what the English text is also called, which the page doesn't ask."""
        names: list[str] = self.stored.get("texts", {}).get("en", {}).get("other_names", [])
        return names

    def _complain(self, language: str, name: str, sentence: str) -> None:
        field = f"{language}_{name}"
        if field not in self.errors:
            self.add_error(field, sentence)

    def values(self) -> Values:
        """Return what the exercise says, in the names and shapes of `row_values`; what isn't asked isn't there."""
        said = self.cleaned_data
        values: Values = {name: said[name] for name in (*PLAIN, *self.objections)}
        values |= {name: sorted(row.slug for row in said[name]) for name in MANY}
        texts = self.stored.get("texts", {})
        kept = {language: text for language, text in texts.items() if language not in LANGUAGES}
        asked = {language: texts.get(language, {}) | text for language, text in said["texts"].items()}
        values["texts"] = kept | asked
        if other := self.pictures_of():
            values |= self._drawn_like(other, values["texts"])
        return values

    def pictures_of(self) -> Exercise | None:
        """Return the exercise whose pictures are taken over, if one was named."""
        slug = self.cleaned_data["drawn_like"]
        return self.others.prefetch_related("texts").get(slug=slug) if slug else None

    def _drawn_like(self, other: Exercise, texts: Mapping[str, Values]) -> Values:
        """Return pose and texts with the pictures of another exercise, and their words in each language."""
        shown = {text.language: text.pictures for text in other.texts.all()}
        frames = set(pictures.frames(other))
        said = {
            language: {**text, "pictures": {k: v for k, v in shown.get(language, {}).items() if k in frames}}
            for language, text in texts.items()
        }
        return {"pose": other.pose, "texts": said}

    def names(self) -> list[str]:
        """Return names to choose from where another exercise is asked for; the first of many."""
        return list(self.others.values_list("name", flat=True)[:MOST_NAMES])

    def objecting(self) -> list[dict[str, Any]]:
        """Return the rows of drivers and of precautions, open when something is wrong there."""
        found = []
        for name, title in (("driver_overrides", "drivers"), ("precaution_overrides", "precautions")):
            rows = self.objections[name]
            wrong = any(field.startswith(f"{rows.prefix}-") for field in self.errors)
            count = f" ({len(rows.stored)})" if rows.stored else ""
            found.append(
                {
                    "title": f"What {title} say of this one{count}",
                    "rows": rows.bound(self),
                    "open": wrong,
                    "careful": rows.languages,
                }
            )
        return found

    def wrong(self) -> list[tuple[str, str, str]]:
        """Return label, anchor and complaint of each field that couldn't be taken, as the form asks them."""
        return [(_called(field), _anchor(field), str(line)) for field in self for line in field.errors]

    def works_on(self) -> list[tuple[forms.BoundField, str]]:
        """Return the long lists of muscles, each with what is chosen in it, in words."""
        return [self._with_chosen(name) for name in ("releases", "strengthens")]

    def objectionable(self) -> tuple[forms.BoundField, str]:
        return self._with_chosen("attributes")

    def cited(self) -> int:
        return len(self["citations"].value() or [])

    def _with_chosen(self, name: str) -> tuple[forms.BoundField, str]:
        field: Any = self[name]
        ticked = {str(value) for value in field.value() or []}
        labels = [str(label) for value, label in field.field.choices if str(value) in ticked]
        return field, ", ".join(labels) or "nothing"

    def reading(self) -> dict[str, str]:
        """Return how hard the words are to read in each language, in a sentence; “” without words."""
        parts = {language: self._parts(language) for language in LANGUAGES}
        return {language: level(language, said).verdict if said else "" for language, said in parts.items()}

    def _parts(self, language: str) -> list[str]:
        fields = (self[f"{language}_{name}"] for name in ("steps", "feel", "stop_if", "mistakes"))
        lines = (line for field in fields for line in str(field.value() or "").splitlines())
        return [wording.line_for(line, "left", language) for line in lines if line.strip()]


class ProposeForm(forms.Form):
    """What the editors of the shared catalog should know of a proposal."""

    note = forms.CharField(
        label="A note for its editors",
        max_length=140,
        required=False,
        help_text="For example why it helps. No patient’s name.",
    )

    def clean_note(self) -> str:
        return " ".join(self.cleaned_data["note"].split())


def _initial(stored: Values) -> Values:
    flat = {name: stored[name] for name in (*PLAIN, *MANY) if name in stored}
    for language in LANGUAGES:
        text = stored.get("texts", {}).get(language, {})
        flat |= {f"{language}_{name}": text[name] for name in WORDS if name in text}
    return {"times_per_day": 1, "days_per_week": 7, "sets": 1} | flat


def _called(field: forms.BoundField) -> str:
    language = LANGUAGES.get(field.name.partition("_")[0])
    return f"{field.label} ({language})" if language else str(field.label)


def _anchor(field: forms.BoundField) -> str:
    """Return the id of a field, or of the box around fields to tick, which have no one id."""
    return field.id_for_label or f"div_{field.auto_id}"


def _before(slug: str, clinic: Clinic) -> ExerciseQuerySet:
    """The exercise that stands there, even if it isn't offered any more: else nothing could be saved beside it."""
    rows = Exercise.objects.filter(Q(clinic=None) | Q(clinic=clinic), slug=slug)
    return rows.order_by("name")
