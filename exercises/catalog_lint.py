"""What is wrong across the files of a catalog, each of which is right by itself: unknown slugs, doubles, loops,
languages and pictures that are missing, a driver that no exercise serves. No Django in here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from exercises import vocabulary
from exercises.entries import PLACEHOLDERS, Rule
from exercises.evidence_entries import FAMILIES
from exercises.exercise_entries import ExerciseEntry
from exercises.vocabulary import KINDS_BY_PHASE, Phase

if TYPE_CHECKING:
    from exercises.catalog_files import Catalog

Location = tuple[int | str, ...]
Mistake = tuple[str, Location, str]
Reference = tuple[str, Location, str, str]


def mistakes_in(catalog: "Catalog") -> Iterator[Mistake]:
    """Yield file, place and reason of each mistake."""
    yield from _unknown(catalog)
    yield from _doubles(catalog)
    yield from _chains(catalog)
    yield from _poses(catalog)
    yield from _languages(catalog)
    yield from _phases(catalog)
    yield from _unserved(catalog)
    yield from _topics(catalog)


def _unknown(catalog: "Catalog") -> Iterator[Mistake]:
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
            yield file, place, f"no {kind} is called {slug!r}"


def _references(catalog: "Catalog") -> Iterator[Reference]:
    for number, muscle in enumerate(catalog.muscles):
        yield from _each("muscles.yaml", (number, "antagonists"), "muscle", muscle.antagonists)
    for number, pair in enumerate(catalog.pairs):
        yield "pairs.yaml", (number, "tight"), "muscle", pair.tight
        yield "pairs.yaml", (number, "weak"), "muscle", pair.weak
    for number, driver in enumerate(catalog.drivers):
        for state, _ in vocabulary.MUSCLE_STATES:
            yield from _each("drivers.yaml", (number, state), "muscle", getattr(driver, state))
        yield from _rules("drivers.yaml", (number, "attribute_rules"), "attribute", driver.attribute_rules)
        yield from _each("drivers.yaml", (number, "citations"), "citation", driver.citations)
    for number, precaution in enumerate(catalog.precautions):
        yield from _rules("precautions.yaml", (number, "rules"), "attribute", precaution.rules)
    for number, group in enumerate(catalog.red_flags.groups):
        for inner, question in enumerate(group.questions):
            place = ("groups", number, "questions", inner, "citations")
            yield from _each("red_flags.yaml", place, "citation", question.citations)
    for number, protocol in enumerate(catalog.protocols):
        yield "protocols.yaml", (number, "driver"), "driver", protocol.driver
        yield from _each("protocols.yaml", (number, "citations"), "citation", protocol.citations)
        for stage in protocol.stages:
            slugs = [item.exercise for item in protocol.items(stage)]
            yield from _each("protocols.yaml", (number, "stages", stage), "exercise", slugs)
    yield from _evidence_references(catalog)
    for exercise in catalog.exercises:
        yield from references_of(exercise)


def _evidence_references(catalog: "Catalog") -> Iterator[Reference]:
    for number, finding in enumerate(catalog.findings):
        for answer in ("present", "absent"):
            for inner, voice in enumerate(getattr(finding, answer)):
                yield "findings.yaml", (number, answer, inner, "driver"), "driver", voice.driver
        for inner, accuracy in enumerate(finding.accuracy):
            yield "findings.yaml", (number, "accuracy", inner, "driver"), "driver", accuracy.driver
            yield "findings.yaml", (number, "accuracy", inner, "citation"), "citation", accuracy.citation
    for number, measure in enumerate(catalog.outcome_measures):
        yield from _each("outcome_measures.yaml", (number, "citations"), "citation", measure.citations)
    for number, claim in enumerate(catalog.claims):
        yield from _each("claims.yaml", (number, "made_by"), "citation", claim.made_by)
        yield from _each("claims.yaml", (number, "citations"), "citation", claim.citations)
    for number, check in enumerate(catalog.checks):
        yield from _each("checks.yaml", (number, "citations"), "citation", check.citations)


def references_of(exercise: ExerciseEntry) -> Iterator[Reference]:
    """Yield file, place, kind and slug of whatever an exercise names."""
    file = f"exercises/{exercise.slug}.yaml"
    yield from _each(file, ("releases",), "muscle", exercise.releases)
    yield from _each(file, ("strengthens",), "muscle", exercise.strengthens)
    yield from _each(file, ("attributes",), "attribute", exercise.attributes)
    yield from _each(file, ("citations",), "citation", exercise.citations)
    yield from _each(file, ("suits", "primary"), "driver", exercise.suits.primary)
    yield from _each(file, ("suits", "secondary"), "driver", exercise.suits.secondary)
    yield from _rules(file, ("driver_overrides",), "driver", exercise.driver_overrides)
    yield from _rules(file, ("precaution_overrides",), "precaution", exercise.precaution_overrides)
    for number, group in enumerate(exercise.equipment):
        yield from _each(file, ("equipment", number), "equipment", group)
    for link in ("progression", "regression"):
        if slug := getattr(exercise, link):
            yield file, (link,), "exercise", slug


def _each(file: str, place: Location, kind: str, slugs: Sequence[str]) -> Iterator[Reference]:
    for number, slug in enumerate(slugs):
        yield file, (*place, number), kind, slug


def _rules(file: str, place: Location, kind: str, rules: Mapping[str, Rule]) -> Iterator[Reference]:
    for slug, rule in rules.items():
        yield file, (*place, slug), kind, slug
        yield from _each(file, (*place, slug, "citations"), "citation", rule.citations)


def _doubles(catalog: "Catalog") -> Iterator[Mistake]:
    lists: list[tuple[str, Sequence[Any], Callable[[Any], object]]] = [
        ("pairs.yaml", catalog.pairs, lambda entry: (entry.tight, entry.weak)),
        *((f"{name}.yaml", getattr(catalog, name), lambda entry: entry.slug) for name in LISTS),
    ]
    for file, entries, key in lists:
        seen: set[object] = set()
        for number, entry in enumerate(entries):
            if key(entry) in seen:
                yield file, (number,), f"{key(entry)} is given twice"
            seen.add(key(entry))
    questions = [question.slug for group in catalog.red_flags.groups for question in group.questions]
    for slug in sorted({slug for slug in questions if questions.count(slug) > 1}):
        yield "red_flags.yaml", ("groups",), f"the question {slug!r} is given twice"


LISTS = (
    *("citations", "muscles", "equipment", "attributes", "drivers", "precautions", "protocols"),
    *("findings", "outcome_measures", "claims", "checks"),
)


def _chains(catalog: "Catalog") -> Iterator[Mistake]:
    by_slug = {entry.slug: entry for entry in catalog.exercises}
    for link in ("progression", "regression"):
        for exercise in catalog.exercises:
            seen = [exercise.slug]
            following = getattr(exercise, link)
            while following in by_slug and following not in seen:
                seen.append(following)
                following = getattr(by_slug[following], link)
            if following == exercise.slug:
                yield f"exercises/{exercise.slug}.yaml", (link,), f"{link} runs in a circle"


def _poses(catalog: "Catalog") -> Iterator[Mistake]:
    """Every exercise is drawn, and a pose fits the exercise whose file's name it has; without one it is a draft."""
    for exercise in catalog.exercises:
        drawn = catalog.poses.get(exercise.slug)
        file = f"poses/{exercise.slug}.yaml"
        if drawn is None:
            yield f"exercises/{exercise.slug}.yaml", ("slug",), f"it isn't drawn: {file} is missing"
            continue
        if drawn.name != exercise.name:
            yield file, ("name",), f"the name is {drawn.name!r}, the exercise is called {exercise.name!r}"
        lines = [line for words in drawn.words.values() for line in words.values()]
        if exercise.laterality == "bilateral" and any(word in line for line in lines for word in PLACEHOLDERS):
            yield file, ("words",), "the words name a side, but the exercise is bilateral"


def _languages(catalog: "Catalog") -> Iterator[Mistake]:
    """Whatever a patient reads is there in each language that ships, and in none that isn't known."""
    for language in catalog.languages.values():
        for word in language.missing:
            yield f"languages/{language.code}.yaml", ("words",), f"{word} is missing, and would be English"
    for exercise in catalog.exercises:
        drawn = catalog.poses.get(exercise.slug)
        yield from _languages_of(f"exercises/{exercise.slug}.yaml", "text", exercise.text, catalog)
        if drawn:
            yield from _languages_of(f"poses/{exercise.slug}.yaml", "words", drawn.words, catalog)
    yield from _care(catalog)
    for topic in ("drivers", "muscles", "equipment", "precautions"):
        for number, entry in enumerate(getattr(catalog, topic)):
            if entry.es is None:
                yield f"{topic}.yaml", (number,), "the Spanish is missing"
    for number, group in enumerate(catalog.red_flags.groups):
        if group.es is None:
            yield "red_flags.yaml", ("groups", number), "the Spanish is missing"
        for inner, question in enumerate(group.questions):
            if question.es is None:
                yield "red_flags.yaml", ("groups", number, "questions", inner), "the Spanish is missing"


def _care(catalog: "Catalog") -> Iterator[Mistake]:
    """A patient is told of whatever a precaution asks to be careful about, and of all its signs, in each language.

    What a driver's rule asked for would be printed nowhere.
    """
    for number, driver in enumerate(catalog.drivers):
        yield from _no_care("drivers.yaml", (number, "attribute_rules"), driver.attribute_rules)
    for number, precaution in enumerate(catalog.precautions):
        for slug, rule in precaution.rules.items():
            yield from _care_of("precautions.yaml", (number, "rules", slug, "care"), rule, catalog)
        for signs in ("emergency", "stops"):
            if precaution.es and len(getattr(precaution.es, signs) or []) != len(getattr(precaution, signs)):
                yield "precautions.yaml", (number, signs), f"the Spanish {signs} aren't as many as the English"
    for exercise in catalog.exercises:
        for slug, rule in exercise.precaution_overrides.items():
            file = f"exercises/{exercise.slug}.yaml"
            yield from _care_of(file, ("precaution_overrides", slug, "care"), rule, catalog)
        yield from _no_care(f"exercises/{exercise.slug}.yaml", ("driver_overrides",), exercise.driver_overrides)


def _no_care(file: str, place: Location, rules: Mapping[str, Rule]) -> Iterator[Mistake]:
    for slug, rule in rules.items():
        if rule.care:
            yield file, (*place, slug, "care"), "a driver's rule has no care: only a precaution's is printed"


def _care_of(file: str, place: Location, rule: Rule, catalog: "Catalog") -> Iterator[Mistake]:
    if rule.care or rule.level == "caution":
        for code, language in catalog.languages.items():
            if code not in rule.care:
                yield file, place, f"the care in {language.name} is missing"
    for code in rule.care:
        if code not in catalog.known_languages:
            yield file, place, f"no language is called {code!r}"


def _languages_of(file: str, key: str, said: Mapping[str, object], catalog: "Catalog") -> Iterator[Mistake]:
    for code, language in catalog.languages.items():
        if code not in said:
            yield file, (key,), f"the {key} in {language.name} {'is' if key == 'text' else 'are'} missing"
    for code in said:
        if code not in catalog.known_languages:
            yield file, (key, code), f"no language is called {code!r}"


def _phases(catalog: "Catalog") -> Iterator[Mistake]:
    """A kind belongs to its phase, and no exercise progresses to an earlier phase."""
    by_slug = {entry.slug: entry for entry in catalog.exercises}
    for exercise in catalog.exercises:
        file, phase = f"exercises/{exercise.slug}.yaml", Phase(exercise.phase)
        if exercise.kind not in KINDS_BY_PHASE[phase]:
            yield file, ("kind",), f"{exercise.kind} isn't a kind of the phase {phase.value}"
        following = by_slug.get(exercise.progression or "")
        if following and Phase(following.phase).rank < phase.rank:
            yield file, ("progression",), f"{following.slug} is in an earlier phase"


def _topics(catalog: "Catalog") -> Iterator[Mistake]:
    """A claim is about drivers, checks or families of exercises that there are."""
    known = {*FAMILIES, *(row.slug for row in catalog.drivers), *(row.slug for row in catalog.checks)}
    for number, claim in enumerate(catalog.claims):
        for inner, topic in enumerate(claim.about):
            if topic not in known:
                yield "claims.yaml", (number, "about", inner), f"no driver, check or family is called {topic!r}"


def _unserved(catalog: "Catalog") -> Iterator[Mistake]:
    for number, driver in enumerate(catalog.drivers):
        for phase in Phase:
            if not any(
                driver.slug in (*exercise.suits.primary, *exercise.suits.secondary) and exercise.phase == phase
                for exercise in catalog.exercises
            ):
                yield "drivers.yaml", (number, "slug"), f"no {phase.value} exercise suits this driver"
