"""The handout: the program in order, in a PDF that anyone can read and that comes out the same again."""

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from itertools import pairwise

import page
import pypdf
import pytest
from django.conf import settings

from clinics.pdf import CannotDraw
from programs.handout import BadSnapshot, Handout, content_hash, render_html, render_pdf
from tests.conftest import DEEP
from tests.programs.handout_samples import EIGHT, EXERCISES, FIGURES, in_schema_1, make_handout, make_item, make_phases

LONG_NOTE = "Go slowly and stop before it hurts. " * 9


@pytest.fixture
def pages(tmp_path):
    """Return the text of each page of a PDF, spaces folded."""

    def texts(document: bytes) -> list[str]:
        (tmp_path / "handout.pdf").write_bytes(document)
        command = ["pdftotext", "-layout", tmp_path / "handout.pdf", "-"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [" ".join(part.split()) for part in text.split("\f")[:-1]]

    return texts


@cache
def draw(handout: Handout) -> bytes:
    """Return the PDF; several tests look at the same one."""
    return render_pdf(handout, FIGURES).content


def test_it_prints_exercises_doses_and_steps_in_the_order_of_the_program(pages):
    text = " ".join(pages(draw(make_handout(*EIGHT))))

    expected = []
    for number, name in enumerate(EIGHT, start=1):
        _, dose, steps, _ = EXERCISES[name]
        expected += [f"{number}. {name}", *dose, *steps]
    assert re.search(".*?".join(map(re.escape, expected)), text)


def test_it_says_whom_it_is_for_and_from_and_when_to_get_help(pages):
    text = " ".join(pages(draw(make_handout())))

    for part in [
        "Maria Rivera · 21 November 2026",
        "Prepared by Dana Okafor, PT · Version 3",
        "weeks 0–2",
        "For: sciatica on the left, likely from the piriformis muscle",
        "Why this order:",
        "Get emergency help at once if",
        "you cannot pass urine",
        "Stop that exercise and call us if",
        "Do half as much.",
        "Next visit: Friday 5 December 2026",
        "Dana: Keep your tail bone on the mat.",
    ]:
        assert part in text


def test_it_repeats_clinic_version_page_and_hash_at_every_foot(pages):
    handout = make_handout(*EIGHT)

    texts = pages(draw(handout))

    for number, text in enumerate(texts, start=1):
        assert "Lakeside Physical Therapy · (555) 010-4477" in text
        assert f"Version 3 · page {number} of {len(texts)}" in text
        assert f"{handout.short_hash} · 2026.11" in text


def test_it_prints_at_most_two_mistakes(pages):
    text = " ".join(pages(draw(make_handout())))

    assert "Watch: Tail bone lifts. Ankle presses the knee." in text
    assert "Breath is held" not in text


def test_it_prints_a_change_made_for_the_patient(pages):
    text = " ".join(pages(draw(make_handout(*EIGHT))))

    assert "For you: Put a folded towel under the knee." in text


@pytest.mark.parametrize("names", [("Glute bridge", "Clamshell"), EIGHT], ids=["two exercises", "eight exercises"])
def test_it_is_pdf_ua_1(names):
    document = draw(make_handout(*names))

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant


def test_it_has_the_language_the_title_and_the_paper(tmp_path):
    (tmp_path / "handout.pdf").write_bytes(draw(make_handout(paper="Letter", language="es")))

    reader = pypdf.PdfReader(tmp_path / "handout.pdf")

    assert reader.trailer["/Root"]["/Lang"] == "es"
    assert reader.metadata.title == "Su programa de ejercicios: Maria Rivera, versión 3"
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [612, 792]


def test_it_has_every_picture_with_its_text(tmp_path):
    (tmp_path / "handout.pdf").write_bytes(draw(make_handout("Glute bridge", "Clamshell")))

    reader = pypdf.PdfReader(tmp_path / "handout.pdf")

    assert _alternatives(reader.trailer["/Root"]["/StructTreeRoot"]) == [
        "Glute bridge: start position",
        "Glute bridge: finish position",
        "Clamshell: start position",
        "Clamshell: finish position",
    ]


def test_it_refuses_to_print_without_a_picture_it_names():
    with pytest.raises(CannotDraw, match="asset:"):
        render_pdf(make_handout("Glute bridge"), {})


def test_it_gives_the_same_bytes_in_two_processes():
    script = (
        "import django, hashlib; django.setup()\n"
        "from tests.programs.test_handout import draw, make_handout, EIGHT\n"
        "print(hashlib.sha256(draw(make_handout(*EIGHT))).hexdigest())"
    )

    def run(seed: str) -> str:
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        result = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
        return result.stdout.strip()

    # This process and another; two others in a thorough run.
    here = hashlib.sha256(draw(make_handout(*EIGHT))).hexdigest()
    assert {run(seed) for seed in ("12" if DEEP else "1")} == {here}


def test_it_prints_markup_as_it_was_typed(pages):
    typed = '<script>alert(1)</script> & <img src=x onerror=y> "quoted" \''
    item = replace(make_item("Glute bridge"), name="<b>Bridge</b>", note=typed, feel=typed)
    handout = make_handout(patient_name="<h1>Maria</h1>", phases=make_phases(item), about=typed, next_visit=typed)

    text = " ".join(pages(draw(handout)))

    assert "<script" not in render_html(handout)
    assert "<h1>Maria</h1>" in text
    assert "1. <b>Bridge</b>" in text
    assert text.count("<script>alert(1)</script> & <img src=x onerror=y>") == 4


@pytest.mark.parametrize(("note", "paper"), [("", "A4"), (LONG_NOTE, "Letter")], ids=["typical", "long notes"])
def test_it_never_splits_an_exercise_or_leaves_a_heading_alone_at_a_foot(note, paper, pages):
    handout = make_handout(*EIGHT, paper=paper, **({"each": {"note": note, "note_by": "Dana"}} if note else {}))

    texts = pages(draw(handout))

    for phase in handout.phases:
        [with_heading] = [text for text in texts if f"{phase.number} {phase.name} {phase.patient_name}" in text]
        assert f"{phase.items[0].number}. {phase.items[0].name} {phase.items[0].dose_chips[0]}" in with_heading
    for item in handout.items:
        [with_title] = [text for text in texts if f"{item.number}. {item.name} {item.dose_chips[0]}" in text]
        card = with_title.partition(f"{item.number}. {item.name} {item.dose_chips[0]}")[2]
        assert item.steps[-1] in card
        assert item.note.strip() in card


def test_it_gets_eight_typical_exercises_on_two_pages(pages):
    texts = pages(draw(make_handout(*EIGHT)))

    assert "8. Walking 10 minutes" in " ".join(texts[:2])
    assert len(texts) <= 3


@pytest.mark.parametrize(
    "each",
    [{"figures": ()}, {"feel": "", "stop_if": (), "mistakes": ()}, {"steps": (), "dose_chips": ()}],
    ids=["no pictures", "no cues", "no words"],
)
def test_it_does_without_what_an_exercise_lacks(each):
    document = draw(make_handout("Glute bridge", "Clamshell", each=each))

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant


def test_it_holds_a_word_of_ten_thousand_letters():
    document = draw(make_handout("Glute bridge", each={"note": "x" * 10_000}))

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant


def test_it_gives_the_log_a_header_for_every_row_and_day():
    html = render_html(make_handout("Glute bridge", "Clamshell", weeks=2))

    assert html.count('scope="col"') == 15
    assert html.count('scope="row"') == 3
    assert html.count("<td></td>") == 3 * 14


def test_it_never_skips_a_heading_level():
    levels = [int(level) for level in re.findall(r"<h(\d)", render_html(make_handout(*EIGHT)))]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_it_comes_back_whole_from_its_snapshot():
    handout = make_handout(*EIGHT)

    again = Handout.from_snapshot(json.loads(json.dumps(handout.to_snapshot())))

    assert again == handout
    assert again.to_snapshot() == handout.to_snapshot()


def test_it_reads_what_the_first_version_of_the_product_froze():
    handout = make_handout(*EIGHT)

    again = Handout.from_snapshot(json.loads(json.dumps(in_schema_1(handout.to_snapshot()))))

    assert again == handout
    assert (again.weeks, again.log_days, again.layout, again.has_code) == (2, 14, "standard", False)


def test_its_hash_is_what_it_was_before_precautions_had_words_of_their_own():
    plain, careful = (make_handout("Glute bridge", each={"care": care}).to_snapshot() for care in ((), ("Slow.",)))

    assert not {"own_emergency", "own_stops", "care"} & {*plain, *plain["phases"][0]["items"][0]}
    assert careful["phases"][0]["items"][0]["care"] == ["Slow."]
    assert careful["content_hash"] != plain["content_hash"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_never_goes_without_the_emergency_signs_the_stops_and_the_pain_rule(language):
    handout = make_handout(language=language, emergency=(), stops=(), pain_rule=())

    assert handout.emergency == handout.words.emergency
    assert handout.stops == handout.words.stops
    assert [line.level for line in handout.pain_rule] == ["green", "amber", "red"]


def test_its_log_lasts_as_many_weeks_as_chosen():
    html = render_html(make_handout("Glute bridge", weeks=4))

    assert html.count("<table>") == 2
    assert html.count('scope="col"') == 2 * 15  # fourteen days a table, and what they are
    assert ">28</th>" in html


def test_its_templates_read_no_word_that_is_not_there():
    words = make_handout().words
    pages = [
        path for folder in ("handout", "home") for path in (settings.BASE_DIR / "templates" / folder).glob("*.html")
    ]
    read = {(path.name, word) for path in pages for word in re.findall(r"\bwords\.([a-z_]+)", path.read_text("utf-8"))}

    assert len(read) > 30
    assert [(page, word) for page, word in sorted(read) if word not in type(words).model_fields] == []


def test_its_hash_follows_the_content_and_nothing_else():
    handout = make_handout()
    snapshot = handout.to_snapshot()

    assert content_hash(snapshot) == snapshot["content_hash"] == handout.content_hash
    assert content_hash(dict(reversed(snapshot.items()))) == snapshot["content_hash"]
    assert replace(handout, version=4).content_hash != handout.content_hash
    assert handout.with_figures_at(lambda key: f"/figures/{key}.svg").content_hash == handout.content_hash


def test_a_preview_finds_its_pictures_on_the_site():
    handout = make_handout().with_figures_at(lambda key: f"/figures/{key}.svg")

    html = render_html(handout)

    assert f'src="/figures/{handout.figure_keys[0]}.svg"' in html
    assert "asset:" not in html


@pytest.mark.parametrize(
    "spoil",
    [
        lambda snapshot: snapshot | {"schema": 99},
        lambda snapshot: snapshot | {"patient_name": "Someone Else"},
        lambda snapshot: {key: value for key, value in snapshot.items() if key != "schema"},
        lambda snapshot: {key: value for key, value in snapshot.items() if key not in {"phases", "content_hash"}},
        lambda snapshot: {
            **snapshot,
            "surprise": 1,
            "content_hash": content_hash(snapshot | {"surprise": 1}),
        },
    ],
    ids=["a later schema", "changed content", "no schema", "a missing part", "an unknown part"],
)
def test_it_refuses_a_snapshot_it_cannot_trust(spoil):
    snapshot = make_handout().to_snapshot()

    with pytest.raises(BadSnapshot):
        Handout.from_snapshot(spoil(snapshot))


def _alternatives(node) -> list[str]:
    """Return the texts of the figures of a structure tree, in reading order."""
    if isinstance(node, pypdf.generic.IndirectObject):
        node = node.get_object()
    if isinstance(node, list):
        return [text for kid in node for text in _alternatives(kid)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/Alt"])] if node.get("/S") == "/Figure" else []
    return own + _alternatives(node.get("/K"))
