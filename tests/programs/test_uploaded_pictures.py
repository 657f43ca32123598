"""An uploaded picture on the handout and at home; what was issued keeps it."""

import hashlib

import pytest
from django.db import transaction

from exercises import editing, known, pictures, uploaded, uploads
from exercises.models import Exercise
from programs import drafting, home_pictures, issuing, preview_page
from programs.handout import Handout, render_html
from programs.handout_options import Options
from programs.models import Program
from tests.conftest import make_user
from tests.photos import photo
from tests.programs.clinical import make_ready
from tests.programs.home import at_home, make_link
from tests.programs.samples import items_of

pytestmark = pytest.mark.django_db
POSE = {"start": {"posture": "hook_lying"}, "finish": {"joints": {"neck_flexion": 20}}}


@pytest.fixture
def by():
    return make_user()


def upload(exercise: Exercise, by, content: bytes | None = None, frame: str = "start") -> bytes:
    made = uploads.clean(content or photo())
    with transaction.atomic():
        uploaded.put(exercise, frame, made)
        editing.saved(exercise, by=by, why="Picture")
    return made


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def program(by):
    """Nothing stops it; its first exercise is drawn, works on the left, and has a photo of its start."""
    program = make_ready(by=by)
    first = items_of(program)[0]
    first.exercise.pose, first.exercise.laterality, first.side = POSE, "affected_side", "left"
    first.exercise.save(update_fields=["pose", "laterality"])
    first.save(update_fields=["side"])
    upload(first.exercise, by)
    return program


def pictured(program) -> Exercise:
    return items_of(program)[0].exercise


def sheet(program, by, **options):
    items = drafting.active_items(program)
    options = Options(**options) if options else None
    assessment = issuing.current_assessment(program)
    return drafting.draft(program, items, assessment, by=by, on=program.created_at.date(), options=options), items


def test_names_the_side_that_a_photo_shows(program, by):
    start, finish = sheet(program, by)[0].items[0].figures

    assert (start.photo, start.side_shown) == (True, "shown on the right side")
    assert (finish.photo, finish.side_shown) == (False, "")
    assert "1 start, shown on the right side" in render_html(sheet(program, by)[0])
    upload(pictured(program), by, frame="finish")
    assert "(Shown on the right side.)" in render_html(sheet(program, by, layout="compact")[0])


def test_prints_a_photo_as_small_as_paper_needs_it_under_the_whole_ones_key(program, by):
    frozen, items = sheet(program, by)
    whole = pictures.shown(items[0].exercise, "start")

    printed = drafting.drawings(items, program.patient.clinic)

    assert set(printed) == set(frozen.figure_keys)
    assert printed[digest(whole)] == uploads.for_print(whole)


def test_asks_no_more_for_a_draft_than_without_uploads(program, by, django_assert_num_queries):
    known.catalog()
    with django_assert_num_queries(15):
        preview_page.read(Program.objects.get(pk=program.pk), Options(), by=by)
    with transaction.atomic():
        uploaded.take_off(pictured(program), "start")
        editing.saved(pictured(program), by=by)
    known.catalog()

    with django_assert_num_queries(15):
        preview_page.read(Program.objects.get(pk=program.pk), Options(), by=by)


def test_an_issue_keeps_its_bytes_and_its_photo_when_another_is_uploaded(program, by):
    issue = issuing.issue(program, reasons={}, by=by, seen_version=program.version, number=1)
    before, whole = bytes(issue.pdf.content), pictures.shown(pictured(program), "start")

    upload(pictured(program), by, photo(colour="#00aa00"))
    issue.refresh_from_db()

    frozen = Handout.from_snapshot(issue.snapshot)
    assert bytes(issue.pdf.content) == before
    assert home_pictures.still(frozen, digest(whole)) == whole


def test_sends_the_photo_home_and_no_motion(program, by):
    issue = issuing.issue(program, reasons={}, by=by, seen_version=program.version, number=1)
    browser = at_home(make_link(issue))
    start, finish = Handout.from_snapshot(issue.snapshot).items[0].figures

    page = browser.get("/p/").content.decode()
    photo_sent, drawing = (browser.get(f"/p/figures/{figure.key}.svg") for figure in (start, finish))

    assert "shown on the right side" in page
    assert "home-motion" not in page
    assert photo_sent["Content-Type"] == uploads.media_type(photo_sent.content) != uploads.SVG
    assert digest(photo_sent.content) == start.key
    assert drawing["Content-Type"] == uploads.SVG
    assert browser.get("/p/motion/1.svg").status_code == 404
