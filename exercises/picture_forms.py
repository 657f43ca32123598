"""The form of an exercise's pictures; it validates and nothing else."""

import base64
from dataclasses import dataclass
from typing import Any

from django import forms

from clinics.forms import PICTURES
from clinics.uploads import decoded
from exercises import pictures, uploaded, uploads, wording
from exercises.entries import PLACEHOLDERS
from exercises.gates import LANGUAGES
from exercises.models import Exercise
from exercises.readability import level

LONGEST = 240
# A line alone is too short to be measured finely; before publishing, all of them are read together.
SLACK = {"en": 3, "es": 15}
# A form may send so much beside its files.
MOST_KEPT = 600_000


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture on the page: whether there is one now, whether that is an upload, and its fields."""

    name: str
    title: str
    there: bool
    uploaded: bool
    file: forms.BoundField
    kept: forms.BoundField
    off: forms.BoundField
    words: list[forms.BoundField]
    fresh: str


class PicturesForm(forms.Form):
    """An upload and the words of each picture.

    A picture that was uploaded beside a mistake elsewhere comes back in a hidden field, so that it isn't chosen twice.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, exercise: Exercise, seen: str) -> None:
        super().__init__(data, files, initial={"seen": seen})
        self.exercise = exercise
        self.names = pictures.may_be_uploaded(exercise)
        self.texts = {text.language: text for text in exercise.texts.all() if text.language in LANGUAGES}
        self.forgotten = False
        for frame in self.names:
            self._add(frame)

    def _add(self, frame: str) -> None:
        title = _title(frame)
        self.fields[f"{frame}-file"] = forms.FileField(
            label=f"A picture for “{title.lower()}”",
            required=False,
            widget=forms.FileInput(attrs={"accept": PICTURES}),
            help_text="PNG, JPEG or WebP, up to 5 MB. Place, date and all else in the file are dropped.",
        )
        self.fields[f"{frame}-kept"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.fields[f"{frame}-off"] = forms.BooleanField(label="Take the upload off", required=False)
        for language, text in self.texts.items():
            self.fields[f"{frame}-{language}"] = forms.CharField(
                label=f"What it shows, in {LANGUAGES[language]}",
                required=False,
                max_length=LONGEST,
                initial=text.pictures.get(frame, ""),
                widget=forms.Textarea(attrs={"rows": 3, "lang": language}),
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for frame in self.names:
            values[f"{frame}-new"] = self._picture(frame, values)
            self._check_words(frame, values)
        return values

    def _picture(self, frame: str, values: dict[str, Any]) -> bytes:
        chosen = values.get(f"{frame}-file")
        content = chosen.read() if chosen else decoded(values.get(f"{frame}-kept", ""))
        try:
            return uploads.clean(content) if content and not values.get(f"{frame}-off") else b""
        except uploads.BadPicture as reason:
            self.add_error(f"{frame}-file", str(reason))
            return b""

    def _check_words(self, frame: str, values: dict[str, Any]) -> None:
        stays = frame in uploaded.digests(self.exercise) and not values.get(f"{frame}-off")
        shows = values[f"{frame}-new"] or stays
        if shows and "en" not in self.texts:
            self.add_error(f"{frame}-file", "Write the exercise’s English text first: a picture needs words.")
        for language in self.texts:
            name = f"{frame}-{language}"
            line = values.get(name, "")
            if shows and not line and name not in self.errors:
                self.add_error(name, "Say in a sentence what the picture shows, for those who can’t see it.")
            elif name in self.changed_data and (wrong := self._wrong(line, language)):
                self.add_error(name, wrong)

    def _wrong(self, line: str, language: str) -> str:
        named = [word for word in PLACEHOLDERS if word in line]
        plain = line
        for word in named:
            plain = plain.replace(word, "")
        if "{" in plain or "}" in plain:
            return f"In braces only {', '.join(sorted(PLACEHOLDERS))} can stand."
        if named and self.exercise.laterality == "bilateral":
            return "It names a side, but the exercise is for the whole body."
        return "Say it easier: shorter words, shorter sentences." if line and not _level(line, language)[1] else ""

    def frames(self) -> list[Frame]:
        """Return what the page shows, picture by picture."""
        fresh, there = self._fresh(), pictures.frames(self.exercise)
        return [
            Frame(
                frame,
                _title(frame),
                frame in there,
                frame in there and pictures.is_uploaded(self.exercise, frame),
                self[f"{frame}-file"],
                self[f"{frame}-kept"],
                self[f"{frame}-off"],
                [self._levelled(frame, language) for language in self.texts],
                fresh.get(frame, ""),
            )
            for frame in self.names
        ]

    def _levelled(self, frame: str, language: str) -> forms.BoundField:
        field = self[f"{frame}-{language}"]
        line = str(field.value() or "")
        field.help_text = _level(line, language)[0] if line else "For example “Your foot is on the floor.”"
        if language == "es" and not line:
            field.help_text = "For example “Su pie está en el piso.”"
        return field

    def _fresh(self) -> dict[str, str]:
        """Return the good pictures that aren't saved yet, in base64, by frame; more than fit are forgotten."""
        if not self.is_bound:
            return {}
        found: dict[str, str] = {}
        for frame, picture in self.new().items():
            text = base64.b64encode(picture).decode()
            if sum(map(len, found.values())) + len(text) <= MOST_KEPT:
                found[frame] = text
            else:
                self.forgotten = True
        return found

    def new(self) -> dict[str, bytes]:
        """Return the new pictures by frame."""
        return {frame: picture for frame in self.names if (picture := self.cleaned_data.get(f"{frame}-new"))}

    def off(self) -> list[str]:
        """Return the frames whose uploads are taken off."""
        return [frame for frame in self.names if self.cleaned_data[f"{frame}-off"]]

    def words(self) -> dict[str, dict[str, str]]:
        """Return what the pictures show, by language and frame."""
        return {
            language: {frame: self.cleaned_data[f"{frame}-{language}"] for frame in self.names}
            for language in self.texts
        }


def _title(frame: str) -> str:
    return frame.replace("-", " ").capitalize()


def _level(line: str, language: str) -> tuple[str, bool]:
    """Return how hard a line is to read, in words, and whether it is easy enough."""
    said = [wording.line_for(line, "left", language)] if "{" not in line or _fills(line) else [line]
    found = level(language, said)
    return f"Reading level: {found}.", found.beyond <= SLACK[language]


def _fills(line: str) -> bool:
    for word in PLACEHOLDERS:
        line = line.replace(word, "")
    return "{" not in line and "}" not in line
