"""`python -m tests.security.rules` writes docs/input-rules.md anew: what each field of each form takes."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAPER = Path(__file__).resolve().parents[2] / "docs" / "input-rules.md"
HEAD = """\
# What each field takes

Written by `python -m tests.security.rules` from the forms themselves; a test sees to it that this page says what they
do. All of it is checked by the site, whatever a browser did before. Text may hold any letters but NUL; it is kept as
typed and escaped where it is shown. A choice is one of those that the page offers, and of one's own clinic.

What isn't a form: words that patients are searched by (`patients/searching.py`: 80 letters), doses in the builder
(`programs/typed_dose.py`: whole numbers from 1 to what is listed in `MOST`, notes up to 240 letters), poses
(`exercises/pose_editor.py`), files of the catalog (`docs/exchange.md`), and what a patient's phone notes
(`programs/at_home_log.py`: pain 0 to 10, a day within the link's life).

## Fields that must fit each other

"""
MIDDLE = """
## Fields

| form | field | kind | needed | limits |
| --- | --- | --- | --- | --- |
"""
# What must hold between fields, and the test that tries it.
TOGETHER = {
    "born within 120 years": "patients/test_views.py::test_keeps_the_typed_text_when_the_date_is_wrong",
    "pregnancy needs a due date, of the next 42 weeks or the last two": (
        "patients/test_assessing.py::test_takes_a_due_date_within_reach_only"
    ),
    "a patient who agreed to a link gets no attachment": (
        "programs/test_mail_views.py::test_refuses_more_than_the_patient_agreed_to"
    ),
    "an address that isn't on record needs a tick": (
        "programs/test_mail_views.py::test_asks_for_a_tick_at_an_address_that_is_not_on_record"
    ),
    "a no to a trainer needs a sentence": (
        "programs/test_issue_views.py::test_a_refusal_needs_words_and_an_answer_a_choice"
    ),
    "repetitions or minutes, not both": "programs/test_builder.py::test_the_database_refuses_what_may_not_be",
    "the last day of a log isn't before its first": (
        "patients/test_access_log.py::test_says_what_of_the_question_is_wrong"
    ),
    "a protocol's words don't name the patient": (
        "programs/test_clinic_protocols.py::test_reminds_that_a_patients_name_stays_out"
    ),
}


def forms() -> dict[str, type]:
    """Return the forms that pages have; those of the admin and of the sign-in's library are theirs."""
    from clinics.forms import ClinicForm
    from clinics.people_forms import InviteForm, JoinForm, RoleForm
    from exercises.exchange.forms import ExportForm, ImportForm
    from exercises.own_forms import OwnExerciseForm, ProposeForm
    from patients.access_log import LogForm
    from patients.forms import AssessmentForm, CloseFlagForm, PatientForm
    from programs.clinic_protocol_forms import DoseForm, SaveForm, WordsForm
    from programs.forms import CameBackForm, SendForm, SignOffAnswerForm, SignOffQuestionForm
    from programs.record_forms import DisclosureForm, EraseForm, HoldForm

    found = [PatientForm, CloseFlagForm, AssessmentForm, LogForm, SendForm, CameBackForm, SignOffQuestionForm]
    found += [SignOffAnswerForm, SaveForm, WordsForm, DoseForm, ClinicForm, OwnExerciseForm, ProposeForm]
    found += [InviteForm, RoleForm, JoinForm, HoldForm, DisclosureForm, EraseForm, ExportForm, ImportForm]
    return {form.__name__: form for form in found}


def lines() -> Iterator[str]:
    for name, form in forms().items():
        for field, rule in form.base_fields.items():
            needed = "yes" if rule.required else ""
            yield f"| {name} | {field} | {type(rule).__name__.removesuffix('Field')} | {needed} | {limits(rule)} |\n"


def limits(rule: Any) -> str:
    """Return what a field refuses, in words."""
    said = []
    for name, words in (("max_length", "{} letters"), ("min_value", "from {}"), ("max_value", "to {}")):
        if getattr(rule, name, None) is not None:
            said.append(words.format(getattr(rule, name)))
    choices = [] if hasattr(rule, "queryset") else getattr(rule, "choices", [])
    if choices:
        said.append("one of: " + ", ".join(str(key) for key, _ in choices if key not in ("", None)))
    return "; ".join(said).replace("|", "/")


def paper() -> str:
    together = "".join(f"- {rule}: `tests/{test}`\n" for rule, test in TOGETHER.items())
    return HEAD + together + MIDDLE + "".join(lines())


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    PAPER.write_text(paper(), encoding="utf-8")
    sys.stdout.write(f"{PAPER}\n")
