"""A clinic's admin makes an exercise of the catalog the clinic's own; colleagues use it, other clinics don't see it."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinics.models import Clinic, Membership, Role, User
from exercises.models import Exercise
from tests.conftest import make_assessment, make_patient
from tests.journeys.conftest import sign_in, violations
from tests.journeys.steps import row
from tests.programs.samples import make_program

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
NAME = "Bridge the Lakeside way"


def press(tab: Page, name: str) -> None:
    with tab.expect_navigation():
        tab.get_by_role("button", name=name, exact=True).click()


def builder_of(clinic: Clinic, by: User) -> str:
    patient = make_patient(clinic=clinic)
    make_assessment(patient, by=by)
    return reverse("builder", args=[make_program("Clamshell", by=by, patient=patient).pk])


def looked_up(tab: Page, address: str) -> str:
    """Return what the builder finds for the exercise's name, whether or not it suits the patient."""
    tab.goto(f"{address}?q=lakeside+way&suits=no")
    return tab.locator("#catalog").inner_text()


@pytest.mark.parametrize("size", SIZES)
def test_clone_change_publish_and_use(page, clinic, size):
    tab = sign_in(page, "clinic_admin")
    tab.set_viewport_size(SIZES[size])
    tab.goto("/exercises/bridge/")
    assert violations(tab) == []
    press(tab, "Clone for our clinic")

    # a mistake first: nothing typed is lost
    tab.locator("#id_name").fill(NAME)
    tab.get_by_label("Repetitions", exact=True).fill("8")
    tab.get_by_label("Most repetitions").fill("6")
    press(tab, "Save and publish")
    expect(tab.get_by_text("It must not be below “Repetitions”.", exact=True)).to_be_visible()
    expect(tab.locator("#id_name")).to_have_value(NAME)
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]

    tab.get_by_label("Most repetitions").fill("12")
    tab.locator("#id_en_feel").fill("In your buttocks and thighs.")
    press(tab, "Save and publish")
    expect(tab.get_by_text("Published: your colleagues find it")).to_be_visible()
    assert violations(tab) == []
    tab.goto("/clinic/exercises/")
    expect(tab.get_by_role("link", name=NAME)).to_be_visible()
    assert violations(tab) == []
    own = Exercise.objects.get(name=NAME)
    assert (own.reps, own.reps_max, own.status, own.clinic) == (8, 12, "published", clinic)

    # a colleague finds and adds it
    sign_in(tab, "therapist")
    tab.set_viewport_size(SIZES["desk"])
    mine = builder_of(clinic, User.objects.get(email="therapist@lakeside.invalid"))
    assert NAME in looked_up(tab, mine)
    tab.locator("#catalog").get_by_role("button", name=f"Add {NAME}").first.click()
    expect(row(tab, NAME)).to_be_visible()

    # somebody of another clinic doesn't
    other = Clinic.objects.create(name="Hillside", requires_second_factor=False)
    stranger = User.objects.create_user("therapist@hillside.invalid", "x", name="Other Person")
    Membership.objects.create(clinic=other, user=stranger, role=Role.THERAPIST)
    sign_in(tab, "therapist", at="hillside.invalid")
    assert NAME not in looked_up(tab, builder_of(other, stranger))
    tab.goto(f"/exercises/{own.slug}/")
    expect(tab.get_by_role("heading", level=1)).not_to_contain_text("Lakeside")
