"""Taking an exercise out of use: what may take its place, what it touches, and that nothing issued changes."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import User
from exercises import known, reviewing
from exercises.models import Exercise, Protocol, ProtocolItem
from programs import bench, clinic_protocols, retiring, retiring_page, swapping
from programs.models import Issue, Item, Program
from programs.retiring import Replaced
from tests.conftest import make_driver, make_editor, make_exercise, make_user, signed_in
from tests.programs.home import at_home, make_home_issue, make_link
from tests.programs.samples import make_program
from tests.programs.test_review_pages import shown

pytestmark = pytest.mark.django_db

PAGE = "/catalog/exercises/bridge/retire/"


def glute(name: str, *drivers: str, **fields: object) -> Exercise:
    exercise = make_exercise(name, strengthens=["gluteus_maximus"], **fields)
    exercise.suits_primary.set(make_driver(slug) for slug in drivers)
    return exercise


def protocol_of(*exercises: Exercise, slug: str = "start", stage: str = "w0_2") -> Protocol:
    protocol = Protocol.objects.create(slug=slug, driver=make_driver(), title=f"Protocol {slug}", rationale="Because.")
    for position, exercise in enumerate(exercises, start=1):
        ProtocolItem.objects.create(protocol=protocol, stage=stage, position=position, exercise=exercise)
    return protocol


def held(protocol: Protocol) -> list[tuple[int, str]]:
    return list(protocol.items.order_by("position").values_list("position", "exercise__slug"))


def test_proposes_what_works_on_the_same_for_the_same_drivers_first():
    bridge = glute("Bridge", "disc", "pelvic", position="supine")
    glute("Clam", "disc", position="side_lying")
    glute("Donkey kick", "disc", "pelvic", position="quadruped")
    glute("Squeeze", "disc", position="supine")
    glute("Old", "disc", "pelvic", status="retired")
    make_exercise("Curl", strengthens=["biceps"])
    make_exercise("Stretch", "release", releases=["gluteus_maximus"])

    assert [row.name for row in retiring.substitutes(bridge)] == ["Donkey kick", "Squeeze", "Clam"]


def test_proposes_what_is_nearest_in_level_and_what_is_harder_last_and_says_so():
    bridge = glute("Bridge", "disc", level=3)
    for name, level in (("Harder", 4), ("Much easier", 1), ("A little easier", 2)):
        glute(name, "disc", level=level)
    Exercise.objects.filter(pk=bridge.pk).update(progression=glute("Next step", "disc", level=3))

    page = shown(signed_in(make_editor()).get(PAGE))

    assert [row.name for row in retiring.substitutes(bridge)] == [
        "A little easier",
        "Much easier",
        "Next step",
        "Harder",
    ]
    assert "Level 3 harder Harder" in page
    assert "Level 4 harder Nothing" in page
    assert "Level 2 Much easier" in page


def test_puts_the_substitute_where_the_exercise_stood():
    bridge, clam, squat = glute("Bridge"), glute("Clam"), glute("Squat")
    protocol, full = protocol_of(squat, bridge), protocol_of(bridge, clam, squat, slug="full")
    easier = glute("Squeeze", progression=bridge)
    Exercise.objects.filter(pk=clam.pk).update(regression=bridge)

    done = retiring.retire(bridge, by=make_editor(), why="Hurts.", substitute=clam)

    assert done == Replaced(protocols=2, exercises=2)
    assert held(protocol) == [(1, "squat"), (2, "clam")]
    assert held(full) == [(1, "clam"), (2, "squat")]
    easier.refresh_from_db()
    clam.refresh_from_db()
    assert (easier.progression, clam.regression) == (clam, None)


@pytest.mark.parametrize(
    ("was", "there", "becomes"),
    [
        pytest.param("", "extension", "", id="for all, so the substitute is for all"),
        pytest.param("flexion", "extension", "", id="for others"),
        pytest.param("extension", "extension", "extension", id="for the same"),
        pytest.param("extension", "", "", id="for some of them"),
    ],
)
def test_leaves_no_patient_without_the_substitute(was, there, becomes):
    bridge, clam = glute("Bridge"), glute("Clam")
    protocol = protocol_of(bridge, clam)
    protocol.items.filter(exercise=bridge).update(only_with=was)
    protocol.items.filter(exercise=clam).update(only_with=there)

    retiring.retire(bridge, by=make_editor(), why="Hurts.", substitute=clam)

    assert list(protocol.items.values_list("position", "exercise__slug", "only_with")) == [(1, "clam", becomes)]


def test_leads_no_chain_into_a_circle_or_a_phase_back():
    bridge, squeeze = glute("Bridge"), glute("Squeeze")
    clam = glute("Clam", progression=squeeze)
    glide = glute("Glide", phase="integrate", progression=bridge)
    Exercise.objects.filter(pk=squeeze.pk).update(progression=bridge)

    retiring.retire(bridge, by=make_editor(), why="Hurts.", substitute=clam)

    assert Exercise.objects.get(pk=squeeze.pk).progression is None
    assert Exercise.objects.get(pk=glide.pk).progression is None


def test_changes_nothing_when_the_substitute_is_out_of_use_itself():
    bridge, old = glute("Bridge"), glute("Old", status="retired")
    protocol = protocol_of(bridge)

    for wrong in (old, bridge):
        with pytest.raises(reviewing.CannotMove, match="isn't in use itself"):
            retiring.retire(bridge, by=make_editor(), why="Hurts.", substitute=wrong)

    assert Exercise.objects.get(slug="bridge").status == "published"
    assert held(protocol) == [(1, "bridge")]


def test_says_what_it_touches_and_of_programs_only_how_many():
    bridge = glute("Bridge")
    protocol = protocol_of(bridge, stage="w2_4")
    ProtocolItem.objects.create(protocol=protocol, stage="w0_2", position=1, exercise=bridge)
    glute("Squeeze", progression=bridge)
    by = make_user()
    program = make_program("Bridge", by=by)
    for title, is_shared in (("Backs", True), ("Mine", False)):
        clinic_protocols.save_program(program, title=title, note="", shared=is_shared, by=by)
    retired = clinic_protocols.save_program(program, title="Gone", note="", shared=True, by=by)
    clinic_protocols.retire(retired, by=by)

    page = shown(signed_in(make_editor()).get(PAGE))

    clinic = by.memberships.get().clinic.name
    assert "Shipped protocols Protocol start Piriformis · Weeks 0–2, Weeks 2–4 Other" in page
    assert "Squeeze has it as harder" in page
    assert f"Clinics’ protocols {clinic}: Backs and 1 private one Programs fewer than 5" in page
    for secret in ("Mine", "Gone", "Maria Rivera", program.patient.name):
        assert secret not in page


def test_says_how_many_programs_from_five_on():
    bridge, by = glute("Bridge"), make_user()
    for _ in range(5):
        make_program("Bridge", by=by)

    assert retiring_page.touched(bridge).programs == "5"


def test_retires_from_the_page_and_keeps_what_was_typed_when_it_cannot():
    glute("Bridge")
    glute("Clam")
    client = signed_in(make_editor())

    without = client.post(PAGE, {"substitute": "clam", "why": " "})
    unknown = client.post(PAGE, {"substitute": "no\0such", "why": "It <hurts>."})
    done = client.post(PAGE, {"substitute": "clam", "why": "It hurts."}, follow=True)

    assert (without.status_code, unknown.status_code) == (422, 422)
    assert "Not retired. Say why it is retired." in shown(without)
    assert 'value="clam" checked' in without.content.decode()
    assert "It &lt;hurts&gt;." in unknown.content.decode()
    assert "“Bridge” is retired. Programs and clinics' protocols that have it keep it." in shown(done)
    assert "It is out of use: Clam is offered in its place. Programs that have it keep it." in shown(done)
    assert "It lacks nothing." not in shown(done)
    assert "It is retired already." in shown(client.get(PAGE))
    assert client.post(PAGE, {"why": "Again."}).status_code == 422


def test_asks_as_much_for_much_that_is_touched(django_assert_max_num_queries):
    bridge = glute("Bridge")
    for number in range(8):
        protocol_of(bridge, slug=f"p{number}")
        glute(f"Near {number}", "disc", progression=bridge)

    with django_assert_max_num_queries(9):
        retiring_page.touched(bridge)


def test_tells_clinics_what_could_take_the_place():
    glute("Bridge")
    glute("Clam")
    by = make_user()
    protocol = clinic_protocols.save_program(make_program("Bridge", by=by), title="Ours", note="", shared=True, by=by)
    retiring.retire(Exercise.objects.get(slug="bridge"), by=make_editor(), why="Hurts.", substitute=None)
    page = reverse("clinic_protocol", args=[protocol.pk])

    for role in ("therapist", "trainer"):
        reader = signed_in(make_user(role, clinic=protocol.clinic))
        assert "retired from the catalog, substitute: Clam" in shown(reader.get(page))
    assert [item.exercise.slug for item in protocol.items.all()] == ["bridge"]


def test_tells_a_clinic_what_could_take_the_place_of_its_own(django_assert_num_queries):
    by = make_user()
    clinic = by.memberships.get().clinic
    own = [glute(name, clinic=clinic) for name in ("Our bridge", "Our clam", "Our squat")]
    program = make_program(*(row.name for row in own), by=by)
    protocol = clinic_protocols.save_program(program, title="Ours", note="", shared=True, by=by)
    Exercise.objects.filter(pk__in=[row.pk for row in own[:2]]).update(status="retired")
    known.edited()

    page = shown(signed_in(by).get(reverse("clinic_protocol", args=[protocol.pk])))

    assert page.count("retired from the catalog, substitute: Our squat") == 2
    retired = list(Exercise.objects.filter(status="retired"))
    with django_assert_num_queries(1):
        assert set(retiring.instead_of(retired, clinic.pk).values()) == {"Our squat"}
    with django_assert_num_queries(0):
        assert retiring.instead_of(own[2:], clinic.pk) == {}


def test_offers_first_what_was_named_in_its_place_as_long_as_that_is_in_use():
    bridge, squat, wall_sit = (glute(name) for name in ("Bridge", "Squat", "Wall sit"))
    glute("Clam")
    program = make_program("Bridge", by=(by := make_user()))
    editor = make_editor()

    retiring.retire(bridge, by=editor, why="Hurts.", substitute=squat)
    assert offered(program, by) == ["Squat", "Clam", "Wall sit"]
    assert "not in use any more, substitute: Squat" in shown(signed_in(by).get(program.get_absolute_url()))
    assert retiring.instead_of([Exercise.objects.get(slug="bridge")], program.patient.clinic_id) == {"bridge": "Squat"}

    retiring.retire(squat, by=editor, why="Hurts, too.", substitute=wall_sit)
    assert offered(program, by) == ["Wall sit", "Clam"]

    retiring.retire(wall_sit, by=editor, why="Hurts as well.", substitute=None)
    assert offered(program, by) == ["Clam"]
    assert retiring.instead_of([Exercise.objects.get(slug="bridge")], program.patient.clinic_id) == {"bridge": "Clam"}


def offered(program: Program, by: User) -> list[str]:
    """Return what the builder offers in place of the program's first item."""
    read = bench.read(program.pk, by=by)
    found = swapping.offered(read, read.rows[0].key, at=timezone.now())
    return [choice.card.name for choice in found.choices]


def test_leaves_issued_handouts_and_the_page_at_home_as_they_are():
    issue = make_home_issue()
    link = make_link(issue)
    staff, patient = signed_in(issue.issued_by), at_home(link)
    addresses = {f"/issues/{issue.pk}/handout.pdf": staff, issue.program.get_absolute_url(): staff, "/p/": patient}
    before = [answered(reader, address) for address, reader in addresses.items()]

    for slug in ("lifted-bridge", "bridge"):
        exercise = Exercise.objects.get(slug=slug)
        retiring.retire(exercise, by=make_editor(), why="Hurts.", substitute=glute(f"Instead of {slug}"))

    found = Issue.objects.get()
    assert (found.snapshot, bytes(found.pdf.content)) == (issue.snapshot, bytes(issue.pdf.content))
    pdf, builder, home = (answered(reader, address) for address, reader in addresses.items())
    assert (pdf, home) == (before[0], before[2])
    assert "not in use any more" in builder
    assert [item.exercise.slug for item in Item.objects.all()] == ["bridge"]


def answered(reader: Client, address: str) -> str:
    """Return what a page says, but for the token of its form and the code that is signed with the time."""
    response = reader.get(address)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return re.sub(r'(name="csrfmiddlewaretoken" value|data-standing)="[^"]+"', "", content.decode("latin-1"))
