"""How a handout is to look: layout, paper, weeks of the log, language. Each clinician's last choice is remembered."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

from clinics.models import User
from patients.models import Patient
from programs.handout import Layout, Paper

LAYOUTS: dict[str, str] = {
    "standard": "Standard",
    "large": "Large print",
    "compact": "Compact",
    "cards": "Picture cards",
    "checklist": "Checklist only",
}
WEEKS = (2, 4)
REMEMBERED = ("layout", "paper", "weeks")  # the language is the patient's


@dataclass(frozen=True, slots=True)
class Options:
    layout: Layout = "standard"
    paper: Paper = "A4"
    weeks: int = 2
    language: str = "en"


def chosen(asked: Mapping[str, str], *, by: User, patient: Patient) -> Options:
    """Return what was asked for; where it is silent or unknown, what this person chose last, else the clinic's."""
    last = by.handout_options if isinstance(by.handout_options, dict) else {}
    return Options(
        layout=_one_of(get_args(Layout), asked.get("layout"), last.get("layout")),
        paper=_one_of(get_args(Paper), asked.get("paper"), last.get("paper"), patient.clinic.paper),
        weeks=int(_one_of(tuple(map(str, WEEKS)), asked.get("weeks"), str(last.get("weeks")))),
        language=patient.language,
    )


def remember(options: Options, *, by: User) -> None:
    """Keep the choice for this person's next handout."""
    kept = {name: value for name, value in asdict(options).items() if name in REMEMBERED}
    if by.handout_options != kept:
        by.handout_options = kept
        by.save(update_fields=["handout_options"])


def _one_of(known: tuple[str, ...], *wanted: str | None) -> Any:
    return next((value for value in wanted if value in known), known[0])
