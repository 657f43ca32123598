"""The draft of a handout: in the patient's language, with the clinic's head, as the clinician wants it to look."""

import datetime
import hashlib

import pytest
from django.utils import timezone

from clinics import records
from exercises import languages
from exercises.models import Driver, Equipment, Exercise, ExerciseText
from programs import drafting, handout_options, issuing
from programs.handout import Handout, render_html
from programs.handout_options import Options
from tests.conftest import make_exercise, make_patient, make_precaution, make_user
from tests.programs.samples import add, make_program

pytestmark = pytest.mark.django_db

POLISH = """
code: pl
name: Polski
words:
  title: Program ćwiczeń
  feel: Gdzie czujesz
  next_visit: Następna wizyta
  dose:
    times: {one: "{n} raz", other: "{n} razy"}
  phases:
    strengthen: {name: Wzmacnianie}
  sides_in_text:
    left: {side: lewe, side_f: lewa}
    right: {side: prawe, side_f: prawa}
  then_the_other: Powtórz po drugiej stronie.
"""


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def polish(own_languages) -> None:
    """Polish, with a handful of words, from the clinic's folder."""
    (own_languages / "pl.yaml").write_text(POLISH, encoding="utf-8")
    languages.look_in(own_languages)


def draft(program, by, options: Options | None = None) -> Handout:
    program.refresh_from_db()
    return drafting.draft(
        program,
        drafting.active_items(program),
        issuing.current_assessment(program),
        by=by,
        on=timezone.datetime(2026, 11, 21).date(),
        options=options,
    )


def make_program_in(language: str, by, *names: str):
    patient = make_patient(clinic=by.memberships.get().clinic, language=language)
    return make_program(*names, by=by, patient=patient)


def translate(exercise: str, language: str, **fields: object) -> None:
    values = {
        "name": "Puente",
        "steps": ["Apoye el pie {side} y la mano {other_f}.", "Suba la cadera.", "Baje despacio."],
        "feel": "En los glúteos.",
        "stop_if": "le duele",
        "mistakes": ["No arquee la espalda."],
        "pictures": {"start": "Está boca arriba."},
        **fields,
    }
    ExerciseText.objects.create(exercise=Exercise.objects.get(name=exercise), language=language, **values)


def test_is_spanish_throughout_for_a_spanish_patient(by):
    program = make_program_in("es", by, "Bridge")
    translate("Bridge", "es")
    Driver.objects.update(
        translations={
            "es": {
                "patient_name": "un músculo de la nalga",
                "patient_words": "Un músculo puede apretar un nervio.",
                "why_this_order": "Primero aflojamos.",
            }
        }
    )

    made = draft(program, by)

    assert made.language == "es"
    assert made.for_line == "Para la ciática del lado izquierdo. Puede venir de un músculo de la nalga."
    assert (made.about, made.why_order) == ("Un músculo puede apretar un nervio.", "Primero aflojamos.")
    assert (made.stage_label, made.printed_date) == ("semanas 0–2", "21 de noviembre de 2026")
    assert (made.phases[0].name, made.phases[0].patient_name) == ("Fortalecer", "Dar fuerza a lo débil")
    [item] = made.items
    assert (item.name, item.language) == ("Puente", "")
    assert item.dose_chips == ("10 veces", "una vez al día")
    assert item.steps[0] == "Apoye el pie derecho y la mano izquierda."
    assert item.steps[-1] == "Luego haga lo mismo con el otro lado."
    assert made.emergency == languages.of("es").words.emergency
    assert [line.rule for line in made.pain_rule] == ["Siga.", "Haga la mitad.", "Pare."]
    html = render_html(made)
    assert '<html lang="es">' in html
    for english in ("Stop if", "Why this order", "Prepared by", "times", "Get emergency", "Next visit"):
        assert english not in html


def test_prints_an_exercise_without_that_language_in_english_and_marks_it(by):
    program = make_program_in("es", by, "Bridge", "Clam")
    translate("Bridge", "es")

    made = draft(program, by)

    assert [(item.name, item.language) for item in made.items] == [("Puente", ""), ("Clam", "en")]
    assert made.items[1].dose_chips == ("10 veces", "una vez al día")
    assert render_html(made).count('lang="en"') >= 1


def test_a_language_added_by_data_is_used(by, polish):
    program = make_program_in("pl", by, "Bridge", "Clam")
    translate("Bridge", "pl", name="Mostek", steps=["Kolano {side}.", "Unieś biodra.", "Opuść."], pictures={})

    made = draft(program, by)

    assert (made.language, made.phases[0].name) == ("pl", "Wzmacnianie")
    assert [(item.name, item.language) for item in made.items] == [("Mostek", ""), ("Clam", "en")]
    assert made.items[0].dose_chips == ("10 razy", "once a day")
    assert made.items[0].steps == ("Kolano prawe.", "Unieś biodra.", "Opuść.", "Powtórz po drugiej stronie.")
    assert Handout.from_snapshot(made.to_snapshot()) == made
    html = render_html(made)
    assert '<html lang="pl">' in html
    assert "Program ćwiczeń" in html
    assert "Gdzie czujesz" in html
    assert "Get emergency help at once if" in html  # there is no word of its own yet


def test_a_language_that_is_not_known_any_more_is_english_throughout(by):
    made = draft(make_program_in("pl", by, "Bridge"), by)

    assert (made.language, made.items[0].language, made.phases[0].name) == ("en", "", "Strengthen")


def test_says_a_change_for_a_precaution_in_the_patients_language(by):
    rules = {"floor": {"level": "avoid", "reason": "Out of reach."}}
    words = {"change": "Do it on a bed.", "translations": {"es": {"change": "Hágalo en la cama."}}}
    precaution = make_precaution("cannot_get_to_floor", rules=rules, **words)
    make_exercise("Squeeze", attributes=["floor"], bed_ok=True)
    program = make_program_in("es", by, "Squeeze")
    assessment = program.patient.assessments.get()
    assessment.precautions.add(precaution)
    assessment.equipment.add(Equipment.objects.create(slug="bed", name="Bed"))

    assert draft(program, by).items[0].modify == ("Hágalo en la cama.",)


def make_careful(by, language, attributes, **precautions):
    """Return the program of an exercise with these attributes, and a patient with these precautions."""
    make_exercise("Squeeze", attributes=attributes)
    program = make_program_in(language, by, "Squeeze")
    assessment = program.patient.assessments.get()
    assessment.due_date = datetime.date(2027, 5, 29)  # week 14 begins on 28 November 2026
    assessment.save(update_fields=["due_date"])
    for order, (slug, fields) in enumerate(precautions.items()):
        assessment.precautions.add(make_precaution(slug, order=order, **fields))
    return program


def rule(level, en, es="", **more):
    return {"level": level, "reason": "Why.", "care": {"en": en} | ({"es": es} if es else {}), **more}


@pytest.mark.parametrize(
    ("language", "care"),
    [
        ("en", ("Keep it small.", "From 28 November 2026: Stay off your front.", "Hold on.")),
        ("es", ("Hágalo poco.", "Desde el 28 de noviembre de 2026: Stay off your front.", "Hold on.")),
    ],
)
def test_says_what_to_take_care_of_once_and_in_the_patients_language(by, language, care):
    small = rule("caution", "Keep it small.", "Hágalo poco.")
    program = make_careful(
        by,
        language,
        ["a_twist", "b_prone", "c_balance", "d_kneeling"],
        pregnancy={"rules": {"a_twist": small, "b_prone": rule("avoid", "Stay off your front.", from_week=14)}},
        vertigo={"rules": {"a_twist": small, "c_balance": rule("caution", "Hold on.")}},
        cannot_kneel={"rules": {"d_kneeling": rule("avoid", "Not on your knees."), "water": rule("caution", "Wet.")}},
    )

    made = draft(program, by)

    assert made.items[0].care == care
    assert f"{made.words.take_care}:</b> {' '.join(care)}" in render_html(made)
    assert Handout.from_snapshot(made.to_snapshot()) == made


@pytest.mark.parametrize(
    ("language", "emergency", "stops"),
    [("en", ("you bleed",), ("you leak", "it bulges")), ("es", ("sangra",), ("tiene escapes", "it bulges"))],
)
def test_names_the_precautions_own_signs_beside_those_of_everybody(by, language, emergency, stops):
    words = {"emergency": ["sangra"], "stops": ["tiene escapes"]}
    one = {"emergency": ["you bleed"], "stops": ["you leak"], "translations": {"es": words}}
    program = make_careful(by, language, [], pregnancy=one, hernia={"stops": ["it bulges"]}, again=one)

    made = draft(program, by)

    assert (made.own_emergency, made.own_stops) == (emergency, stops)
    assert (made.emergency, made.stops) == (made.words.emergency, made.words.stops)
    block = render_html(made).partition('class="rules"')
    assert f"{made.words.own_emergency_heading}</h2>" in block[0]
    assert f"{made.words.own_stops_heading}</h2>" in block[2]
    assert all(f"{sign}</li>" in part for part, signs in ((block[0], emergency), (block[2], stops)) for sign in signs)


@pytest.mark.parametrize(
    ("spanish", "printed"),
    [
        (["sangra"], ("sangra", "you bleed", "you leak")),
        ("sangra", ("sangra", "you bleed", "you leak")),
        (["sangra", "pierde"], ("sangra", "pierde")),
    ],
)
def test_never_loses_a_sign_for_want_of_its_translation(by, spanish, printed):
    signs = {"emergency": ["you bleed", "you leak"], "translations": {"es": {"emergency": spanish}}}

    assert draft(make_careful(by, "es", [], pregnancy=signs), by).own_emergency == printed


def test_signs_with_the_clinics_head(by):
    program = make_program("Bridge", by=by)
    clinic = program.patient.clinic
    logo = b"\x89PNG\r\n\x1a\n not really"
    clinic.colour, clinic.website = "#0b5f66", "lakeside.invalid"
    clinic.save(update_fields=["colour", "website"])
    records.keep_logo(clinic, logo)

    made = draft(program, by)

    assert (made.clinic.colour, made.clinic.website) == ("#0b5f66", "lakeside.invalid")
    assert made.clinic.logo_key == hashlib.sha256(logo).hexdigest()
    assert drafting.drawings(drafting.active_items(program), clinic)[made.clinic.logo_key] == logo
    assert not made.has_code


def test_without_a_logo_there_is_no_key_for_one(by):
    program = make_program("Bridge", by=by)

    assert draft(program, by).clinic.logo_key == ""
    assert "" not in drafting.drawings(drafting.active_items(program), program.patient.clinic)


def test_looks_as_asked_and_otherwise_as_chosen_last(by):
    program = make_program("Bridge", by=by)
    program.patient.clinic.paper = "Letter"
    program.patient.clinic.save(update_fields=["paper"])

    first = draft(program, by)
    handout_options.remember(Options("cards", "A4", 4, "es"), by=by)
    last = draft(program, by)
    asked = draft(program, by, Options("compact", "Letter", 2, "es"))

    assert [(made.layout, made.paper, made.log_days, made.language) for made in (first, last, asked)] == [
        ("standard", "Letter", 14, "en"),
        ("cards", "A4", 28, "en"),
        ("compact", "Letter", 14, "es"),
    ]


def test_a_name_of_blanks_signs_no_note(by):
    program = make_program(by=by)
    item = add(program, make_exercise("Bridge"), by=by)
    item.note = "Slowly."
    item.save(update_fields=["note"])
    by.name = "  "

    assert draft(program, by).items[0].note_by == ""


def test_a_picture_has_another_address_once_it_is_another_picture(by):
    program = make_program("Bridge", by=by)
    before = drafting.picture_addresses(drafting.active_items(program))

    Exercise.objects.filter(slug="bridge").update(pose={"start": {"posture": "standing"}})
    after = drafting.picture_addresses(drafting.active_items(program))

    assert not set(before.values()) & set(after.values())
