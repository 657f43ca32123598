"""The safety rules: no issue without a complete recent screening, with an open red flag, or without a sign-off."""

from collections.abc import Iterator

from programs.checks.facts import StageFacts, Verdict


def screening(stage: StageFacts) -> Iterator[Verdict]:
    """Stop while the screening is missing, unfinished, older than 14 days, or has an open flag."""
    if stage.patient.screening_stop:
        yield Verdict("red_flags", "stop", "Red flags", stage.patient.screening_stop)


def sign_off(stage: StageFacts) -> Iterator[Verdict]:
    """Stop a trainer while a therapist's sign-off is needed and missing."""
    if stage.patient.sign_off_stop:
        yield Verdict("sign_off", "stop", "Sign-off", stage.patient.sign_off_stop)
