"""The shipped catalog as files: reads the YAML, checks it, and names file and line of what is wrong.

No Django in here. `read` returns the whole catalog or raises `BadCatalog` with every mistake found, so
nothing is ever half-loaded.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from exercises import vocabulary
from exercises.figures import reading
from exercises.figures.poses import BadPose
from exercises.readability import grade

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=240)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Count = Annotated[int, Field(ge=1, le=1800)]
Location = tuple[int | str, ...]

HARDEST_GRADE = 6.0
PLACEHOLDERS = ("{side}", "{other}")


class Entry(BaseModel):
    """A piece of a catalog file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Entry):
    """How far a driver or a precaution objects, and why."""

    level: Literal["avoid", "avoid_early", "caution"]
    reason: Prose


class CitationEntry(Entry):
    slug: Slug
    text: Prose
    status: Literal["looked_up", "secondary", "known", "practice"]
    note: str | None = None


class MuscleEntry(Entry):
    slug: Slug
    name: Line
    plain: Line
    search: list[Line] = []
    action: Line
    antagonists: list[Slug] = []


class PairEntry(Entry):
    tight: Slug
    weak: Slug
    relation: Line
    weight: Literal["primary", "secondary"]
    note: str | None = None


class EquipmentEntry(Entry):
    slug: Slug
    name: Line
    household: bool
    search: list[Line] = []


class AttributeEntry(Entry):
    slug: Slug
    name: Line


class DriverEntry(Entry):
    slug: Slug
    name: Line
    short_name: Line
    bias: Literal["extension", "flexion", "neutral", "mid_range", "none"]
    direction: Prose
    patient_name: Line
    patient_words: Prose
    why_this_order: Prose
    icd10: list[Line]
    supports: list[Line]
    opposes: list[Line]
    careful: list[Line]
    progress: list[Line]
    regress: list[Line]
    stop: list[Line]
    course: Prose
    tight: list[Slug]
    sometimes_tight: list[Slug]
    weak: list[Slug]
    sometimes_weak: list[Slug]
    attribute_rules: dict[Slug, Rule]

    @field_validator("patient_words", "why_this_order")
    @classmethod
    def _easy(cls, text: str) -> str:
        return _easy_to_read([text], text)


class PrecautionEntry(Entry):
    slug: Slug
    name: Line
    question: Line | None = None
    rules: dict[Slug, Rule]
    source: Prose
    sign_off: bool = False
    needs_due_date: bool = False


class QuestionEntry(Entry):
    slug: Slug
    question: Prose
    suspects: Line
    urgency: Literal["emergency", "same_day", "refer_urgent", "refer"]
    blocks: bool
    action: Prose
    citations: list[Slug] = []
    note: str | None = None


class QuestionGroupEntry(Entry):
    slug: Slug
    title: Line
    lead: Line
    questions: Annotated[list[QuestionEntry], Field(min_length=1, max_length=6)]


class RedFlagFile(Entry):
    groups: Annotated[list[QuestionGroupEntry], Field(min_length=1)]


class ProtocolEntry(Entry):
    slug: Slug
    driver: Slug
    title: Line
    rationale: Prose
    citations: list[Slug]
    stages: dict[Literal["w0_2", "w2_4", "w4_8"], list[Slug]]


class Dose(Entry):
    """Sets × repetitions with a hold in seconds, or minutes; `_max` is the upper end of the range."""

    sets: Count
    reps: Count | None = None
    reps_max: Count | None = None
    hold_s: Count | None = None
    hold_s_max: Count | None = None
    minutes: Count | None = None
    minutes_max: Count | None = None
    times_per_day: Annotated[int, Field(ge=1, le=12)]
    days_per_week: Annotated[int, Field(ge=1, le=7)]
    source: Prose

    @model_validator(mode="after")
    def _possible(self) -> "Dose":
        if (self.reps is None) == (self.minutes is None):
            raise ValueError("give either reps or minutes")
        for low, high in (("reps", "reps_max"), ("hold_s", "hold_s_max"), ("minutes", "minutes_max")):
            start, end = getattr(self, low), getattr(self, high)
            if end is not None and (start is None or end < start):
                raise ValueError(f"{high} {end} must not be below {low} {start}")
        return self


class Suits(Entry):
    primary: list[Slug] = []
    secondary: list[Slug] = []


class PatientText(Entry):
    """What the patient reads, in one language; `name` only where it differs from the clinician's."""

    name: Line | None = None
    steps: Annotated[list[Line], Field(min_length=3, max_length=6)]
    feel: Line
    stop_if: Line
    mistakes: Annotated[list[Line], Field(max_length=4)]

    @property
    def parts(self) -> list[str]:
        return [*self.steps, self.feel, f"Stop if {self.stop_if}", *self.mistakes]

    @field_validator("steps", "mistakes")
    @classmethod
    def _known_placeholders(cls, lines: list[str]) -> list[str]:
        for line in lines:
            _check_placeholders(line)
        return lines

    @field_validator("feel", "stop_if")
    @classmethod
    def _known_placeholder(cls, line: str) -> str:
        return _check_placeholders(line)


class ExerciseEntry(Entry):
    slug: Slug
    name: Line
    other_names: list[Line] = []
    family: Slug
    phase: Literal["calm", "release", "restore", "strengthen", "integrate"]
    kind: Slug
    level: Literal[1, 2, 3]
    position: Slug
    bed_ok: bool
    equipment: list[Annotated[list[Slug], Field(min_length=1)]]
    laterality: Literal["bilateral", "affected_side", "each_side"]
    releases: list[Slug] = []
    strengthens: list[Slug] = []
    nerves: list[Slug] = []
    spinal_loading: Slug
    attributes: list[Slug] = []
    dose: Dose
    suits: Suits
    driver_overrides: dict[Slug, Rule] = {}
    precaution_overrides: dict[Slug, Rule] = {}
    progression: Slug | None = None
    regression: Slug | None = None
    evidence: Slug
    citations: Annotated[list[Slug], Field(min_length=1)]
    note: str | None = None
    text: dict[Literal["en", "es"], PatientText]

    @field_validator("kind", "position", "spinal_loading", "evidence")
    @classmethod
    def _in_vocabulary(cls, value: str, info: Any) -> str:
        known = {slug for slug, _ in CLOSED_LISTS[info.field_name]}
        if value not in known:
            raise ValueError(f"{value!r} isn't one of {', '.join(sorted(known))}")
        return value

    @field_validator("text")
    @classmethod
    def _english_first(cls, text: dict[str, PatientText]) -> dict[str, PatientText]:
        if "en" not in text:
            raise ValueError("the English text is missing")
        _easy_to_read([part.format(side="left", other="right") for part in text["en"].parts], text)
        return text

    @model_validator(mode="after")
    def _side_words_fit(self) -> "ExerciseEntry":
        for language, text in self.text.items():
            named = any(word in part for part in text.parts for word in PLACEHOLDERS)
            if named and self.laterality == "bilateral":
                raise ValueError(f"the {language} text names a side, but the exercise is bilateral")
        return self


class PoseEntry(Entry):
    """How an exercise is drawn, and what each of its pictures shows in words, by language and frame."""

    name: Line
    words: dict[Literal["en", "es"], dict[Slug, Line]]
    pose: dict[str, Any]

    @field_validator("pose")
    @classmethod
    def _drawable(cls, pose: dict[str, Any]) -> dict[str, Any]:
        try:
            reading.read("the pose", pose)
        except BadPose as trouble:
            raise ValueError("; ".join(str(trouble).splitlines())) from trouble
        return pose

    @model_validator(mode="after")
    def _each_frame_in_words(self) -> "PoseEntry":
        frames = [frame.name for frame in reading.read("the pose", self.pose).frames]
        for language, words in self.words.items():
            if list(words) != frames:
                raise ValueError(f"the {language} words are for {', '.join(words)}; the frames are {', '.join(frames)}")
            for line in words.values():
                _check_placeholders(line)
        if "en" not in self.words:
            raise ValueError("the English words are missing")
        _easy_to_read([line.format(side="left", other="right") for line in self.words["en"].values()], self)
        return self


CLOSED_LISTS = {
    "kind": vocabulary.KINDS,
    "position": vocabulary.POSITIONS,
    "spinal_loading": vocabulary.LOADINGS,
    "evidence": vocabulary.EVIDENCE,
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a catalog file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class BadCatalog(Exception):
    """The files hold mistakes; `mistakes` lists them all."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = list(mistakes)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole shipped catalog, and the hash of the files it came from."""

    citations: list[CitationEntry]
    muscles: list[MuscleEntry]
    pairs: list[PairEntry]
    equipment: list[EquipmentEntry]
    attributes: list[AttributeEntry]
    drivers: list[DriverEntry]
    precautions: list[PrecautionEntry]
    red_flags: RedFlagFile
    exercises: list[ExerciseEntry]
    poses: dict[str, PoseEntry]
    protocols: list[ProtocolEntry]
    digest: str


EntryType = TypeVar("EntryType", bound=Entry)


class _Reader:
    """Reads one directory and collects mistakes with their places."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.mistakes: list[Mistake] = []
        self.nodes: dict[str, yaml.Node] = {}

    def list_of(self, name: str, kind: type[EntryType]) -> list[EntryType]:
        content = self._content(name)
        if content is None:
            return []
        if not isinstance(content, list):
            self.complain(name, (), "the file must be a list")
            return []
        entries = (self._entry(name, kind, value, (index,)) for index, value in enumerate(content))
        return [entry for entry in entries if entry is not None]

    def single(self, name: str, kind: type[EntryType]) -> EntryType | None:
        content = self._content(name)
        return None if content is None else self._entry(name, kind, content, ())

    def complain(self, file: str, place: Location, reason: str) -> None:
        self.mistakes.append(Mistake(file, _line(self.nodes.get(file), place), reason))

    def _content(self, name: str) -> Any:
        try:
            text = (self.directory / name).read_text(encoding="utf-8")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except (OSError, UnicodeDecodeError) as trouble:
            self.mistakes.append(Mistake(name, 1, f"can't be read: {trouble}"))
            return None
        except yaml.MarkedYAMLError as trouble:
            line = trouble.problem_mark.line + 1 if trouble.problem_mark else 1
            self.mistakes.append(Mistake(name, line, f"isn't YAML: {trouble.problem}"))
            return None
        if node is None:
            self.mistakes.append(Mistake(name, 1, "the file is empty"))
            return None
        self.nodes[name] = node
        for line, key in _doubled_keys(node):
            self.mistakes.append(Mistake(name, line, f"{key!r} is given twice"))
        return yaml.safe_load(text)

    def _entry(self, name: str, kind: type[EntryType], value: Any, place: Location) -> EntryType | None:
        try:
            return kind.model_validate(value)
        except ValidationError as trouble:
            for error in trouble.errors():
                where = ".".join(str(part) for part in error["loc"])
                reason = error["msg"].removeprefix("Value error, ")
                self.complain(name, (*place, *error["loc"]), f"{where}: {reason}" if where else reason)
            return None


def read(directory: Path) -> Catalog:
    """Return the catalog kept in `directory`, or raise BadCatalog."""
    reader = _Reader(directory)
    red_flags = reader.single("red_flags.yaml", RedFlagFile)
    names = [f"exercises/{path.name}" for path in sorted((directory / "exercises").glob("*.yaml"))]
    exercises = [(name, reader.single(name, ExerciseEntry)) for name in names]
    drawn = {path.stem: f"poses/{path.name}" for path in sorted((directory / "poses").glob("*.yaml"))}
    read_poses = {slug: reader.single(name, PoseEntry) for slug, name in drawn.items()}
    catalog = Catalog(
        citations=reader.list_of("citations.yaml", CitationEntry),
        muscles=reader.list_of("muscles.yaml", MuscleEntry),
        pairs=reader.list_of("pairs.yaml", PairEntry),
        equipment=reader.list_of("equipment.yaml", EquipmentEntry),
        attributes=reader.list_of("attributes.yaml", AttributeEntry),
        drivers=reader.list_of("drivers.yaml", DriverEntry),
        precautions=reader.list_of("precautions.yaml", PrecautionEntry),
        red_flags=red_flags or RedFlagFile.model_construct(groups=[]),
        exercises=[entry for _, entry in exercises if entry is not None],
        poses={slug: entry for slug, entry in read_poses.items() if entry is not None},
        protocols=reader.list_of("protocols.yaml", ProtocolEntry),
        digest=digest(directory),
    )
    for name, entry in exercises:
        if entry is not None and entry.slug != Path(name).stem:
            reader.complain(name, ("slug",), f"slug {entry.slug!r} must be the file's name")
    if not reader.mistakes:  # a broken file would make every reference to it look unknown
        _check_references(catalog, reader)
    if reader.mistakes:
        raise BadCatalog(sorted(reader.mistakes, key=lambda mistake: (mistake.file, mistake.line)))
    return catalog


def digest(directory: Path) -> str:
    """Return the SHA-256 of all catalog files with their names."""
    total = hashlib.sha256()
    for path in sorted(directory.rglob("*.yaml")):
        total.update(path.relative_to(directory).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _check_references(catalog: Catalog, reader: _Reader) -> None:
    known = {
        "muscle": {entry.slug for entry in catalog.muscles},
        "citation": {entry.slug for entry in catalog.citations},
        "equipment": {entry.slug for entry in catalog.equipment},
        "attribute": {entry.slug for entry in catalog.attributes},
        "driver": {entry.slug for entry in catalog.drivers},
        "precaution": {entry.slug for entry in catalog.precautions},
        "exercise": {entry.slug for entry in catalog.exercises},
    }
    for file, place, kind, slug in _references(catalog):
        if slug not in known[kind]:
            reader.complain(file, place, f"no {kind} is called {slug!r}")
    _check_doubles(catalog, reader)
    _check_chains(catalog, reader)
    _check_poses(catalog, reader)


Reference = tuple[str, Location, str, str]


def _references(catalog: Catalog) -> Iterator[Reference]:
    for number, muscle in enumerate(catalog.muscles):
        yield from _each("muscles.yaml", (number, "antagonists"), "muscle", muscle.antagonists)
    for number, pair in enumerate(catalog.pairs):
        yield "pairs.yaml", (number, "tight"), "muscle", pair.tight
        yield "pairs.yaml", (number, "weak"), "muscle", pair.weak
    for number, driver in enumerate(catalog.drivers):
        for state, _ in vocabulary.MUSCLE_STATES:
            yield from _each("drivers.yaml", (number, state), "muscle", getattr(driver, state))
        yield from _keys("drivers.yaml", (number, "attribute_rules"), "attribute", driver.attribute_rules)
    for number, precaution in enumerate(catalog.precautions):
        yield from _keys("precautions.yaml", (number, "rules"), "attribute", precaution.rules)
    for number, group in enumerate(catalog.red_flags.groups):
        for inner, question in enumerate(group.questions):
            place = ("groups", number, "questions", inner, "citations")
            yield from _each("red_flags.yaml", place, "citation", question.citations)
    for number, protocol in enumerate(catalog.protocols):
        yield "protocols.yaml", (number, "driver"), "driver", protocol.driver
        yield from _each("protocols.yaml", (number, "citations"), "citation", protocol.citations)
        for stage, slugs in protocol.stages.items():
            yield from _each("protocols.yaml", (number, "stages", stage), "exercise", slugs)
    for exercise in catalog.exercises:
        yield from _exercise_references(exercise)


def _exercise_references(exercise: ExerciseEntry) -> Iterator[Reference]:
    file = f"exercises/{exercise.slug}.yaml"
    yield from _each(file, ("releases",), "muscle", exercise.releases)
    yield from _each(file, ("strengthens",), "muscle", exercise.strengthens)
    yield from _each(file, ("attributes",), "attribute", exercise.attributes)
    yield from _each(file, ("citations",), "citation", exercise.citations)
    yield from _each(file, ("suits", "primary"), "driver", exercise.suits.primary)
    yield from _each(file, ("suits", "secondary"), "driver", exercise.suits.secondary)
    yield from _keys(file, ("driver_overrides",), "driver", exercise.driver_overrides)
    yield from _keys(file, ("precaution_overrides",), "precaution", exercise.precaution_overrides)
    for number, group in enumerate(exercise.equipment):
        yield from _each(file, ("equipment", number), "equipment", group)
    for link in ("progression", "regression"):
        if slug := getattr(exercise, link):
            yield file, (link,), "exercise", slug


def _each(file: str, place: Location, kind: str, slugs: Sequence[str]) -> Iterator[Reference]:
    for number, slug in enumerate(slugs):
        yield file, (*place, number), kind, slug


def _keys(file: str, place: Location, kind: str, rules: dict[str, Rule]) -> Iterator[Reference]:
    for slug in rules:
        yield file, (*place, slug), kind, slug


def _check_doubles(catalog: Catalog, reader: _Reader) -> None:
    lists: list[tuple[str, Sequence[Any], Callable[[Any], object]]] = [
        ("citations.yaml", catalog.citations, lambda entry: entry.slug),
        ("muscles.yaml", catalog.muscles, lambda entry: entry.slug),
        ("pairs.yaml", catalog.pairs, lambda entry: (entry.tight, entry.weak)),
        ("equipment.yaml", catalog.equipment, lambda entry: entry.slug),
        ("attributes.yaml", catalog.attributes, lambda entry: entry.slug),
        ("drivers.yaml", catalog.drivers, lambda entry: entry.slug),
        ("precautions.yaml", catalog.precautions, lambda entry: entry.slug),
        ("protocols.yaml", catalog.protocols, lambda entry: entry.slug),
    ]
    for file, entries, key in lists:
        seen: set[object] = set()
        for number, entry in enumerate(entries):
            if key(entry) in seen:
                reader.complain(file, (number,), f"{key(entry)} is given twice")
            seen.add(key(entry))
    questions = [question.slug for group in catalog.red_flags.groups for question in group.questions]
    for slug in sorted({slug for slug in questions if questions.count(slug) > 1}):
        reader.complain("red_flags.yaml", ("groups",), f"the question {slug!r} is given twice")


def _check_chains(catalog: Catalog, reader: _Reader) -> None:
    by_slug = {entry.slug: entry for entry in catalog.exercises}
    for link in ("progression", "regression"):
        for exercise in catalog.exercises:
            seen = [exercise.slug]
            following = getattr(exercise, link)
            while following in by_slug and following not in seen:
                seen.append(following)
                following = getattr(by_slug[following], link)
            if following == exercise.slug:
                reader.complain(f"exercises/{exercise.slug}.yaml", (link,), f"{link} runs in a circle")


def _check_poses(catalog: Catalog, reader: _Reader) -> None:
    """A pose fits the exercise whose file's name it has; one without an exercise is a draft."""
    for exercise in catalog.exercises:
        drawn = catalog.poses.get(exercise.slug)
        if drawn is None:
            continue
        file = f"poses/{exercise.slug}.yaml"
        if drawn.name != exercise.name:
            reader.complain(file, ("name",), f"the name is {drawn.name!r}, the exercise is called {exercise.name!r}")
        lines = [line for words in drawn.words.values() for line in words.values()]
        if exercise.laterality == "bilateral" and any(word in line for line in lines for word in PLACEHOLDERS):
            reader.complain(file, ("words",), "the words name a side, but the exercise is bilateral")


def _line(node: yaml.Node | None, place: Location) -> int:
    if node is None:
        return 1
    line = node.start_mark.line
    for part in place:
        following: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    following, line = value, key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            following = node.value[part]
            line = node.value[part].start_mark.line
        if following is None:
            break
        node = following
    return line + 1


def _doubled_keys(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from _doubled_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _doubled_keys(value)


T = TypeVar("T")


def _easy_to_read(sentences: list[str], value: T) -> T:
    level = grade(sentences)
    if level > HARDEST_GRADE:
        raise ValueError(f"reads at grade {level}, the limit is {HARDEST_GRADE:g}")
    return value


def _check_placeholders(line: str) -> str:
    rest = line
    for word in PLACEHOLDERS:
        rest = rest.replace(word, "")
    if "{" in rest or "}" in rest:
        raise ValueError("only {side} and {other} may stand in braces")
    return line
