"""A bad catalog file is refused with file, line and reason; the shipped one has no mistakes."""

import shutil

import pytest
import yaml
from django.conf import settings

from exercises import catalog_files, languages, wording
from exercises.readability import grade, spanish_ease
from exercises.yaml_files import Reader

_read = {}


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the shipped catalog to damage. Of its files those that a test leaves as they are are read but once."""
    monkeypatch.setattr(Reader, "single", once(Reader.single))
    return shutil.copytree(settings.CATALOG_DIR, tmp_path / "catalog")


def once(read):
    def read_once(reader, name, kind):
        path, shipped = reader.directory / name, settings.CATALOG_DIR / name
        if not shipped.exists() or path.read_bytes() != shipped.read_bytes():
            return read(reader, name, kind)
        if name not in _read:
            entry = read(reader, name, kind)
            _read[name] = entry, reader.nodes[name]
        entry, reader.nodes[name] = _read[name]
        return entry

    return read_once


def mistakes_in(directory):
    with pytest.raises(catalog_files.BadCatalog) as bad:
        catalog_files.read(directory)
    return bad.value.mistakes


def change(directory, name, old, new):
    path = directory / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_reads_the_shipped_catalog():
    catalog = catalog_files.read(settings.CATALOG_DIR)

    assert len(catalog.exercises) == 132
    assert (len(catalog.muscles), len(catalog.pairs), len(catalog.drivers)) == (34, 19, 6)
    assert (len(catalog.precautions), len(catalog.protocols)) == (27, 6)
    assert sum(len(group.questions) for group in catalog.red_flags.groups) == 33
    assert sum(bool(finding.accuracy) for finding in catalog.findings) >= 26
    assert (len(catalog.outcome_measures), len(catalog.claims)) == (7, 30)


def test_ships_every_text_in_both_languages_and_readable():
    catalog = catalog_files.read(settings.CATALOG_DIR)

    for exercise in catalog.exercises:
        english, spanish = exercise.text["en"], exercise.text["es"]
        drawn = catalog.poses[exercise.slug]
        assert len(english.steps) == len(spanish.steps), exercise.slug
        assert grade([wording.line_for(part, "left") for part in english.parts]) <= 6, exercise.slug
        assert spanish_ease([wording.line_for(part, "left", "es") for part in spanish.parts]) >= 70, exercise.slug
        assert list(drawn.words["en"]) == list(drawn.words["es"]), exercise.slug


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("phase: strengthen", "phase: warmup", "phase:", id="an unknown phase"),
        pytest.param("kind: strengthening", "kind: yoga", "isn't one of", id="an unknown kind"),
        pytest.param("family: ", "families: ", "families: Extra inputs", id="an unknown key"),
        pytest.param("level: 2", "level: 9", "level:", id="a level that isn't there"),
        pytest.param("[gluteus_maximus", "[gluteus_megamus", "no muscle is called 'gluteus_megamus'", id="a muscle"),
        pytest.param("reps_max: 15", "reps_max: 2", "must not be below", id="a range upside down"),
    ],
)
def test_names_file_line_and_reason(copy, old, new, reason):
    line = change(copy, "exercises/bridge.yaml", old, new)

    found = mistakes_in(copy)

    near = [mistake for mistake in found if mistake.line <= line <= mistake.line + 3]  # a range's mistake is its dose's
    assert ("exercises/bridge.yaml", True) in [(mistake.file, reason in mistake.reason) for mistake in near]


def test_refuses_text_that_is_too_hard_to_read(copy):
    path = copy / "exercises/bridge.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    hard = "Subsequently reactivate the gluteal musculature, progressively maintaining lumbopelvic alignment."
    entry["text"]["en"]["steps"] = [hard] * 3
    path.write_text(yaml.safe_dump(entry), encoding="utf-8")

    assert any("reads at grade" in mistake.reason for mistake in mistakes_in(copy))


def test_refuses_broken_yaml_with_its_line(copy):
    (copy / "muscles.yaml").write_text("- slug: a\n  name: [unclosed\n- slug: b\n", encoding="utf-8")

    found = mistakes_in(copy)

    assert [(mistake.file, "isn't YAML" in mistake.reason) for mistake in found] == [("muscles.yaml", True)]


def test_refuses_bytes_that_are_not_utf_8(copy):
    (copy / "pairs.yaml").write_bytes(b"- tight: \xff\xfe\n")

    assert [mistake.file for mistake in mistakes_in(copy)] == ["pairs.yaml"]


def test_refuses_a_key_given_twice(copy):
    line = change(copy, "exercises/bridge.yaml", "level: ", "level: 1\nlevel: ")

    assert [(mistake.line, mistake.reason) for mistake in mistakes_in(copy)] == [(line + 1, "'level' is given twice")]


def test_refuses_a_progression_that_runs_in_a_circle(copy):
    path = copy / "exercises/bridge.yaml"
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("progression:")]
    path.write_text("\n".join([*lines, "progression: bridge", ""]), encoding="utf-8")

    assert any("runs in a circle" in mistake.reason for mistake in mistakes_in(copy))


def test_tells_all_mistakes_at_once(copy):
    change(copy, "exercises/bridge.yaml", "level: ", "level: 9 # ")
    change(copy, "exercises/clamshell.yaml", "phase: ", "phase: nowhere # ")

    assert {mistake.file for mistake in mistakes_in(copy)} == {
        "exercises/bridge.yaml",
        "exercises/clamshell.yaml",
    }


POSE = """name: {name}
words:
  en: {{start: "Lying on your back with both knees bent.", finish: "Your hips are up."}}
  es: {{start: "Está boca arriba.", finish: "La cadera sube."}}
pose:
  start: {{posture: hook_lying}}
  finish: {{lean: 20}}
"""


def put_pose(directory, slug="bridge", name="Bridge", old="", new=""):
    (directory / "poses").mkdir(exist_ok=True)
    (directory / "poses" / f"{slug}.yaml").write_text(POSE.format(name=name).replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("lean: 20", "joints: {knee_flexion_R: 200}", 5, "finish: knee_flexion_R is 200, the limit is 155"),
        ("lean: 20", "sofa: 1", 5, "'sofa' isn't known"),
        (', finish: "Your hips are up."', "", 1, "the en words are for start; the frames are start, finish"),
        ("  en:", "  # en:", 1, "the English words are missing"),
        ("  es:", "  # es:", 2, "the words in Español are missing"),
        ("Your hips", "Your {hip}", 1, "only {side} and {other}, and in Spanish"),
        ("Your hips are up", "Your {side} hip is up", 2, "the words name a side, but the exercise is bilateral"),
        ("name: Bridge", "name: Bridges", 1, "the name is 'Bridges', the exercise is called 'Bridge'"),
        (
            "Your hips are up",
            "Simultaneously contracting musculature facilitates considerable extension",
            1,
            "reads at grade",
        ),
    ],
)
def test_refuses_a_pose_that_is_wrong(copy, old, new, line, reason):
    put_pose(copy, old=old, new=new)

    (mistake,) = mistakes_in(copy)

    assert (mistake.file, mistake.line) == ("poses/bridge.yaml", line)
    assert reason in mistake.reason


def test_takes_a_pose_without_an_exercise_as_a_draft(copy):
    put_pose(copy, slug="new-one", name="New one")

    catalog = catalog_files.read(copy)

    assert "new-one" in catalog.poses
    assert "new-one" not in {entry.slug for entry in catalog.exercises}


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        pytest.param("exercises/bridge.yaml", "  es:\n", "  it:\n", "no language is called", id="a language"),
        pytest.param("exercises/bridge.yaml", "citations: [", "citations: []  # [", "citations", id="no citation"),
        pytest.param("exercises/bridge.yaml", "progression: ", "progression: prone-lying # ", "earlier", id="back"),
        pytest.param("exercises/bridge.yaml", "kind: strengthening", "kind: nerve_glide", "isn't a kind", id="a kind"),
        pytest.param("muscles.yaml", "  es:\n    plain", "  other:\n    plain", "Extra inputs", id="an unknown key"),
        pytest.param("protocols.yaml", "only_with: extension", "only_with: upward", "stages", id="a preference"),
        pytest.param("findings.yaml", "citation: suri2010", "citation: nobody1900", "no citation", id="a source"),
        pytest.param("findings.yaml", "certainty: high", "certainty: sure", "certainty", id="an unknown certainty"),
        pytest.param("claims.yaml", "kind: claim\n", "kind: rumour\n", "kind", id="a claim of an unknown kind"),
        pytest.param("claims.yaml", "about: [pelvic", "about: [pelvis", "no driver, check or family", id="a topic"),
        pytest.param("checks.yaml", "certainty: medium", "certainty: total", "certainty", id="a check"),
        pytest.param("precautions.yaml", "  es: Gire poco", "  it: Giri poco", "care in Español", id="a care"),
        pytest.param("precautions.yaml", "  es: Gire poco", "  it: Giri poco", "called 'it'", id="its language"),
        pytest.param("precautions.yaml", "en: Keep the twist", "en: Minimise rotational", "grade", id="hard care"),
        pytest.param("precautions.yaml", "    - you bleed or ", "    # ", "aren't as many", id="a sign"),
        pytest.param("exercises/abdominal-draw-in.yaml", "es: Suelte", "# ", "care in Español", id="own care"),
        pytest.param("drivers.yaml", "citations: [long2004", "citations: [long2999", "no citation", id="a rule"),
    ],
)  # fmt: skip
def test_names_the_line_of_any_topic(copy, name, old, new, reason):
    line = change(copy, name, old, new)

    found = [mistake for mistake in mistakes_in(copy) if mistake.file == name]

    assert any(reason in str(mistake) and abs(mistake.line - line) <= 12 for mistake in found), found


def test_refuses_a_care_for_a_driver_as_it_would_be_printed_nowhere(copy):
    change(
        copy, "drivers.yaml", "      level: avoid_early\n", "      level: avoid_early\n      care: {en: Go slowly.}\n"
    )
    change(copy, "exercises/ball-hip-flexor.yaml", "    level: caution\n", "    level: caution\n    care: {en: Go.}\n")

    found = [mistake.file for mistake in mistakes_in(copy) if "a driver's rule has no care" in mistake.reason]

    assert found == ["drivers.yaml", "exercises/ball-hip-flexor.yaml"]


def test_misses_a_language_a_picture_and_an_exercise_for_a_driver(copy):
    text = (copy / "exercises/bridge.yaml").read_text(encoding="utf-8")
    (copy / "exercises/bridge.yaml").write_text(text[: text.index("  es:\n")], encoding="utf-8")
    (copy / "poses/clamshell.yaml").unlink()
    for path in (copy / "exercises").glob("*.yaml"):
        words = path.read_text(encoding="utf-8")
        if "phase: calm" in words:
            path.write_text(words.replace("stenosis", "pelvic"), encoding="utf-8")

    said = "\n".join(map(str, mistakes_in(copy)))

    assert "exercises/bridge.yaml:" in said
    assert "the text in Español is missing" in said
    assert "it isn't drawn: poses/clamshell.yaml is missing" in said
    assert "no calm exercise suits this driver" in said


def test_refuses_spanish_that_is_hard_to_read(copy):
    text = (copy / "exercises/bridge.yaml").read_text(encoding="utf-8")
    english, _, spanish = text.partition("  es:\n")
    hard = "Posteriormente, reactive progresivamente la musculatura glútea manteniendo simultáneamente la alineación."
    steps = spanish.index("    feel:")
    damaged = f"{english}  es:\n    name: Puente\n    steps: [{hard!r}, {hard!r}, {hard!r}]\n{spanish[steps:]}"
    (copy / "exercises/bridge.yaml").write_text(damaged, encoding="utf-8")

    assert any("the Spanish reads at ease" in mistake.reason for mistake in mistakes_in(copy))


def test_takes_texts_in_a_language_that_the_clinic_added(copy, own_languages):
    (own_languages / "it.yaml").write_text("code: it\nname: Italiano\nwords: {title: Esercizi}\n", encoding="utf-8")
    path = copy / "exercises/bridge.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    entry["text"]["it"] = entry["text"]["en"] | {"name": "Ponte", "steps": ["Stia supino.", "Alzi il bacino.", "Giù."]}
    path.write_text(yaml.safe_dump(entry, allow_unicode=True), encoding="utf-8")

    languages.look_in(own_languages)
    catalog = catalog_files.read(copy)

    [bridge] = [exercise for exercise in catalog.exercises if exercise.slug == "bridge"]
    assert bridge.text["it"].name == "Ponte"
    languages.look_in(settings.LANGUAGES_DIR)
    assert any("no language is called 'it'" in mistake.reason for mistake in mistakes_in(copy))


def test_a_shipped_language_lacks_no_word(copy):
    change(copy, "languages/es.yaml", "  next_visit:", "  # next_visit:")

    [mistake] = mistakes_in(copy)

    assert (mistake.file, mistake.reason) == ("languages/es.yaml", "next_visit is missing, and would be English")
