"""A patient at home, for tests: an issue with a real snapshot, its link, and a browser that has opened it."""

from dataclasses import replace

from django.test import Client
from django.utils import timezone

from clinics.models import User
from exercises import pictures
from exercises.models import Exercise
from programs import home_visit, patient_link
from programs.at_home import PatientLink
from programs.handout import Handout, HandoutFigure
from programs.models import Issue
from tests.conftest import make_exercise, make_user
from tests.programs.handout_samples import make_handout
from tests.programs.samples import make_issue

POSE = {
    "props": ["mat"],
    "start": {"posture": "hook_lying"},
    "finish": {"lean": 30, "rest": [{"parts": "chest", "height": 0}], "anchor": ["shoulder_R", -26.6]},
}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def make_home_issue(*, by: User | None = None, handout: Handout | None = None, **fields: object) -> Issue:
    """Return an issue whose snapshot can be read; its first exercise has pictures of the catalog."""
    by = by or make_user()
    issue = make_issue(by=by)
    handout = replace(handout or make_handout(), **fields)
    phase, *others = handout.phases
    item, *rest = phase.items
    bridge = Exercise.objects.filter(slug="lifted-bridge").first() or make_exercise("Lifted bridge", pose=POSE)
    figures = tuple(HandoutFigure(key, alt="A bridge.") for key in pictures.keys(bridge, "left"))
    item = replace(item, figures=figures, exercise=bridge.slug, side="left", hold_s=30)
    named = [replace(other, items=tuple(replace(one, exercise="elsewhere") for one in other.items)) for other in others]
    frozen = replace(handout, phases=(replace(phase, items=(item, *rest)), *named))
    issue.snapshot = frozen.to_snapshot()
    issue.save(update_fields=["snapshot"])
    return issue


def make_link(issue: Issue | None = None, *, way: str = "paper") -> PatientLink:
    issue = issue or make_home_issue()
    return patient_link.make(issue, seed=patient_link.new_seed(), way=way, by=issue.issued_by)


def path_of(link: PatientLink) -> str:
    return f"/p/{patient_link.token_of(link.seed)}/"


def at_home(link: PatientLink) -> Client:
    """Return a browser in which the link was opened and its button pressed."""
    client = Client()
    response = client.post(path_of(link), headers=SAME_ORIGIN)
    assert (response.status_code, response["Location"]) == (302, "/p/")
    return client


def key_of(link: PatientLink) -> str:
    return home_visit.form_key(link)


def today() -> str:
    return timezone.localdate().isoformat()
