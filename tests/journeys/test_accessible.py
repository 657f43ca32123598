"""Every page in every state: axe finds nothing, nothing scrolls sideways, and the console stays silent."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import models
from django.http import QueryDict
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinics.models import Clinic, User
from exercises.models import Exercise
from patients import records
from patients.models import Patient, RaisedFlag
from programs import bench, commands
from programs.clashes import Sent
from programs.handout_options import LAYOUTS
from programs.models import Delivery, Issue, Item, Program, SignOff, Stage
from tests.journeys.conftest import violations
from tests.journeys.steps import forgive, say_yes, tick_none

WIDTHS = (390, 1024, 1440)

# The search boxes of Django's admin style themselves by script, which the policy refuses without harm.
HARMLESS_IN_ADMIN = "Applying inline style violates"


class Eye:
    """Looks at pages and remembers what is wrong with them."""

    def __init__(self, tab: Page, refused: list[str]) -> None:
        self.tab = tab
        self.refused = refused
        self.saw: list[str] = []
        self.states = 0

    def at(self, path: str, status: int = 200) -> None:
        """Open a page and look at it."""
        answer = self.tab.goto(path)
        assert answer
        assert answer.status == status, f"{path} answered {answer.status}"
        self.look()

    def press(self, name: str) -> None:
        """Press a button and look at the page that it leads to."""
        with self.tab.expect_navigation():
            self.tab.get_by_role("button", name=name, exact=True).click()
        self.look()

    def look(self) -> None:
        """Look at the page as it is, at each width."""
        self.states += 1
        where = self.tab.url
        self.saw += [f"{where}: {problem}" for problem in violations(self.tab)]
        for width in WIDTHS:
            self.tab.set_viewport_size({"width": width, "height": 900})
            reaches = self.tab.evaluate("document.documentElement.scrollWidth")
            if reaches > width:
                self.saw.append(f"{where} reaches to {reaches} px of {width}")
        self.saw += [f"{where}: {words}" for words in self.refused]
        self.refused.clear()


@pytest.fixture
def eye(page: Page, demo, refused: list[str]) -> Eye:
    return Eye(page, refused)


@pytest.fixture
def people(as_demo: Callable[[str], Page]) -> Callable[[str], Page]:
    return as_demo


def key(model: type[models.Model], **where: object) -> int:
    """Return the key of the first such row."""
    row = model._default_manager.filter(**where).order_by("pk").first()
    assert row, f"the demo has no {model.__name__} with {where}"
    return row.pk


def of(name: str) -> str:
    """Return the address of a demo patient's page."""
    return f"/patients/{key(Patient, name=name)}/"


def program_of(name: str) -> str:
    """Return the address of a demo patient's builder."""
    return f"/programs/{key(Program, patient__name=name)}/"


def test_signed_out(eye):
    eye.at("/accounts/login/")
    eye.tab.get_by_label("Email").fill("nobody@demo.invalid")
    eye.tab.get_by_label("Password").fill("wrong wrong wrong")
    eye.press("Sign in")
    expect(eye.tab.get_by_text("not correct")).to_be_visible()
    eye.at("/accounts/password/reset/")
    eye.tab.get_by_label("Email").fill("nobody@demo.invalid")
    eye.press("Send the link")
    eye.at("/accounts/password/reset/done/")
    eye.at("/accounts/password/reset/key/1-nonsense/")
    eye.at("/accounts/inactive/")

    assert eye.saw == []


def test_today_for_each_role(eye, as_demo):
    for role in ("therapist", "trainer", "assistant", "admin", "editor"):
        as_demo(role)
        eye.look()
    eye.at("/accounts/logout/")
    eye.at("/accounts/password/change/")

    assert eye.saw == []


def test_what_an_assistant_sees(eye, as_demo):
    as_demo("assistant")
    eye.at("/patients/")
    eye.at(of("Maria Rivera"))
    eye.at(program_of("Maria Rivera"), status=403)

    assert eye.saw == []


def test_patients(eye, as_demo):
    as_demo("therapist")
    eye.at("/patients/")
    eye.tab.get_by_label("Name, e-mail or phone").fill("nobody")
    eye.press("Search")
    eye.at("/patients/?archived=1")
    eye.at("/patients/new/")
    eye.press("Save")
    expect(eye.tab.get_by_text("This field is required.")).to_be_visible()
    for name in ("Tom Becker", "Agnes Moore", "Priya Nair", "Maria Rivera"):
        eye.at(of(name))
    eye.at(f"{of('Maria Rivera')}edit/")
    eye.at(f"{of('Tom Becker')}referral.pdf", status=404)
    eye.at("/patients/999999/", status=404)
    eye.at("/no/such/page/", status=404)

    assert eye.saw == []


def test_patients_who_are_none_or_many(eye, as_demo):
    therapist = User.objects.get(email="therapist@demo.invalid")
    clinic = therapist.memberships.get().clinic
    blank = {"birth_date": None, "email": "", "phone": "", "contact_note": ""}
    as_demo("therapist")

    Patient.objects.update(archived_at=timezone.now())
    eye.at("/patients/")
    eye.at("/patients/?archived=1")
    eye.at(of("Maria Rivera"))
    eye.at("/")
    for number in range(60):
        long = "Wolfeschlegelsteinhausenbergerdorff" * (number % 3)
        records.create(clinic, {"name": f"Guest {number} {long}", **blank}, by=therapist)
    eye.at("/patients/")
    eye.at("/patients/?page=2")
    eye.at(f"/patients/{key(Patient, name__contains='dorffWolfe')}/")

    assert eye.saw == []


def test_screening(eye, as_demo):
    tab = as_demo("therapist")
    eye.at(f"{of('Tom Becker')}screening/")
    tick_none(tab, but_the_last=True)
    eye.press("Finish screening")
    expect(tab.get_by_text("Saved, but not finished.")).to_be_visible()
    say_yes(tab, "Have you lost control of your bowels")
    expect(tab.locator("#now")).to_contain_text("Emergency now")
    eye.look()
    tab.get_by_label("None of these").first.check()
    eye.press("Save and finish later")
    expect(tab.get_by_text("contradicts itself")).to_be_visible()
    tab.goto(f"{of('Tom Becker')}screening/")
    say_yes(tab, "Have you lost control of your bowels")
    eye.press("Save and finish later")
    expect(tab.get_by_role("heading", name="Emergency: stop here")).to_be_visible()

    assert eye.saw == []


def test_red_flags(eye, as_demo):
    tab = as_demo("therapist")
    eye.at(f"{of('Agnes Moore')}screening/")
    closing = f"/flags/{key(RaisedFlag)}/close/"
    eye.at(closing)
    eye.press("Close the flag")
    expect(tab.locator(".alert-danger, .invalid-feedback").first).to_be_visible()
    tab.get_by_label("What came of it").fill("A cold, over by now.")
    tab.get_by_label("Medically assessed by").fill("Dr. Adams")
    tab.get_by_label("Date of the medical assessment").fill(timezone.localdate().isoformat())
    eye.press("Close the flag")
    expect(tab.locator("p", has_text="A cold, over by now.").first).to_be_visible()
    eye.at(closing)

    assert eye.saw == []


def test_assessment(eye, as_demo):
    tab = as_demo("therapist")
    eye.at(f"{of('Tom Becker')}assessment/")
    eye.press("Fill in the driver's usual ones")
    expect(tab.get_by_text("Choose the suspected driver first")).to_be_visible()
    eye.press("Save assessment")
    expect(tab.get_by_text("Not saved yet.")).to_be_visible()
    tab.get_by_role("radio", name="Piriformis").check()
    eye.look()
    eye.at(f"{of('Priya Nair')}assessment/")
    tab.locator(".more-muscles summary").click()
    eye.look()
    tab.locator("input[name=based_on]").evaluate("field => { field.value = '1' + field.value }")
    eye.press("Save assessment")
    expect(tab.get_by_text("assessed this patient while you were typing")).to_be_visible()

    assert eye.saw == []


def test_new_program_and_builder(eye, as_demo):
    tab = as_demo("therapist")
    eye.at(f"{of('Priya Nair')}programs/new/")
    eye.press("Start empty")
    expect(tab.get_by_role("link", name="Find calm exercises")).to_be_visible()
    issued = program_of("Maria Rivera")
    eye.at(issued)
    eye.at(f"{issued}?q=hip&phase=release")
    eye.at(f"{issued}?q=nothing+like+this")
    expect(tab.get_by_text("No exercise matches “nothing like this”.")).to_be_visible()
    for layout in LAYOUTS:
        eye.at(f"{issued}preview/?layout={layout}")
    eye.at(f"{issued}issue/")

    assert eye.saw == []


def test_what_opens_in_the_builder(eye, as_demo):
    tab = as_demo("therapist")
    eye.at(program_of("Harold Lindqvist"))
    tab.get_by_text("Position, equipment, muscle").click()
    tab.locator(".hidden-ones > summary").click()
    tab.locator(".item-more > summary").first.click()
    tab.get_by_text("Program…", exact=True).click()
    eye.look()
    tab.keyboard.press("Escape")
    tab.get_by_label(re.compile("^Choose ")).first.check()
    eye.look()
    tab.locator(".item h3 a").first.click()
    see_dialog(eye)
    tab.get_by_role("link", name="Replace…").click()
    see_dialog(eye)
    tab.get_by_role("button", name="Keyboard shortcuts").click()
    see_dialog(eye)
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.get_by_role("button", name="Add exercises").click()
    expect(tab.get_by_role("dialog")).to_be_visible()
    assert violations(tab) == []
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.context.clear_cookies(name="sessionid")
    tab.locator(".item-moves button:enabled").first.click()
    expect(tab.get_by_role("dialog")).to_contain_text("You are signed out")
    forgive(eye.refused, "401")
    eye.look()

    assert eye.saw == []


def see_dialog(eye: Eye) -> None:
    """Look at the dialog that was just opened, and close it."""
    expect(eye.tab.get_by_role("dialog")).to_be_visible()
    expect(eye.tab.get_by_role("dialog").get_by_role("heading").first).to_be_visible()
    eye.look()
    eye.tab.keyboard.press("Escape")


def test_the_same_beside_the_builder(eye, as_demo):
    """What opens over the builder by script is a page of its own without."""
    as_demo("therapist")
    program = program_of("Maria Rivera")
    item = key(Item, stage__program__patient__name="Maria Rivera", stage__slug="w0_2")
    eye.at(f"{program}exercises/bridge/")
    eye.at(f"{program}items/{item}/swap/")
    eye.at(f"{program}changes/")

    assert eye.saw == []


def test_a_builder_with_forty_items(eye, as_demo):
    as_demo("therapist")
    stage = Stage.objects.get(program__patient__name="Harold Lindqvist", slug="w0_2")
    others = Exercise.objects.exclude(pk__in=Item.objects.filter(stage=stage).values("exercise")).order_by("slug")
    Item.objects.bulk_create(
        Item(stage=stage, position=place, exercise=exercise, phase="integrate", sets=1, reps=8)
        for place, exercise in enumerate(others[:34], start=7)
    )
    eye.at(program_of("Harold Lindqvist"))
    expect(eye.tab.locator(".item")).to_have_count(40)

    assert eye.saw == []


def test_copying_from_another_patient(eye, as_demo):
    tab = as_demo("therapist")
    copying = f"{program_of('Maria Rivera')}copy/"
    eye.at(copying)
    for words in ("nobody like this", "weber"):
        tab.get_by_label("The other patient's name, e-mail or phone").fill(words)
        eye.press("Search")
    for summary in tab.locator("main summary").all():
        summary.click()
    eye.look()

    assert eye.saw == []


def test_protocols_of_the_clinic(eye, as_demo):
    tab = as_demo("therapist")
    saving = f"{program_of('Maria Rivera')}save-as-protocol/"
    eye.at("/protocols/ours/")
    eye.at(saving)
    tab.locator("main form button[type=submit]").first.click()
    expect(tab.get_by_role("alert")).to_contain_text("Not saved yet.")
    eye.look()
    tab.get_by_label("Title").fill("Piriformis, the way we do it")
    tab.locator("main form button[type=submit]").first.click()
    tab.wait_for_url("**/protocols/ours/*/")
    eye.look()
    eye.at("/protocols/ours/")
    eye.at(f"{of('Jonas Weber')}programs/new/")

    assert eye.saw == []


def test_a_builder_with_everything_wrong(eye, as_demo):
    """Stops and warnings at once: an open flag, releases gone, and the calm phase at the end."""
    tab = as_demo("therapist")
    flag = RaisedFlag.objects.get()
    flag.patient = Patient.objects.get(name="Harold Lindqvist")
    flag.save(update_fields=["patient"])
    items = Item.objects.filter(stage__program__patient__name="Harold Lindqvist", stage__slug="w0_2")
    items.filter(phase="release").delete()
    items.filter(phase="strengthen").update(phase="calm", note="Stop when the leg tingles. " * 6)

    eye.at(program_of("Harold Lindqvist"))
    assert tab.locator(".verdict-stop").count() >= 1
    assert tab.locator(".verdict-warn").count() >= 2
    eye.at(f"{program_of('Harold Lindqvist')}issue/")
    flag.delete()
    eye.at(f"{program_of('Harold Lindqvist')}issue/")
    eye.press("Issue the handout")
    expect(tab.get_by_text("Not issued.")).to_be_visible()

    assert eye.saw == []


def test_dose(eye, as_demo):
    tab = as_demo("therapist")
    name = "Harold Lindqvist"
    item = Item.objects.get(stage__program__patient__name=name, stage__slug="w0_2", exercise__slug="glute-contractions")
    tab.goto(program_of(name))
    tab.get_by_label(f"More for {item.exercise.name}").click()
    days, times = (tab.locator(f"#{field}-{item.pk}") for field in ("days_per_week", "reps"))
    days.fill("9")
    days.press("Enter")
    expect(tab.locator(".field-error").first).to_be_visible()
    forgive(eye.refused, "422")
    eye.look()
    edit_as_trainer(item, reps="7")
    times.fill("9")
    times.press("Enter")
    expect(tab.get_by_role("dialog")).to_contain_text("Milo Hartmann changed Buttock squeezes while you did.")
    forgive(eye.refused, "409")
    eye.look()

    assert eye.saw == []


def edit_as_trainer(item: Item, **fields: str) -> None:
    """Change an item's dose as the trainer does beside it."""
    trainer = User.objects.get(email="trainer@demo.invalid")
    form = QueryDict(urlencode({f"{name}-{item.pk}": text for name, text in fields.items()}))
    commands.carry_out(bench.lock(item.stage.program_id, by=trainer), "dose", Sent(form), at=timezone.now())


def test_mail(eye, as_demo, settings, tmp_path):
    settings.MAIL_DIR = tmp_path
    settings.EMAIL_BACKEND = "programs.mail_folder.FolderBackend"
    tab = as_demo("therapist")
    eye.at(f"/issues/{key(Issue)}/send/")
    tab.get_by_label("Send to").fill("nowhere")
    eye.press("Send")
    expect(tab.locator(".invalid-feedback")).to_be_visible()
    waiting = f"/deliveries/{key(Delivery)}/"
    eye.at(waiting)
    call_command("deliver", once=True)
    eye.at(waiting)
    expect(tab.get_by_text("exercise-program.pdf")).to_be_visible()
    tab.get_by_label("What came back").fill("no such user")
    eye.press("Note that it came back")
    expect(tab.get_by_role("heading", name="Came back")).to_be_visible()
    eye.at(f"/issues/{key(Issue)}/send/?again={key(Delivery)}")
    Patient.objects.update(mail_consent="none")
    eye.at(f"/issues/{key(Issue)}/send/")
    Clinic.objects.update(mail_policy="none")
    eye.at(f"/issues/{key(Issue)}/send/")
    Delivery.objects.update(status="failed", trouble="The mail server refused the address.", sent_at=None)
    eye.at(waiting)
    eye.at("/")
    expect(tab.get_by_role("heading", name="Mail that didn't arrive")).to_be_visible()

    assert eye.saw == []


def test_sign_off(eye, as_demo):
    tab = as_demo("trainer")
    program = program_of("Luis Ortega")
    eye.at(f"{program}issue/")
    eye.at(f"{program}sign-off/")
    eye.at(f"/sign-offs/{key(SignOff)}/", status=403)
    as_demo("therapist")
    eye.at(f"/sign-offs/{key(SignOff)}/")
    tab.get_by_role("radio", name="No, change it first").check()
    eye.press("Answer")
    expect(tab.locator(".invalid-feedback")).to_be_visible()
    tab.get_by_label("Message to the trainer").fill("Take the bridge out for now.")
    eye.press("Answer")
    eye.at(f"/sign-offs/{key(SignOff)}/")
    as_demo("trainer")
    eye.at(program)

    assert eye.saw == []


def test_the_clinics_settings(eye, as_demo):
    tab = as_demo("admin")
    eye.at(f"/clinic/{key(Clinic)}/")
    tab.get_by_label("Colour of the handout’s head").fill("#fc0")
    eye.press("Save")
    expect(tab.get_by_text("too light to be read on white")).to_be_visible()
    eye.at(f"/clinic/{key(Clinic)}/people/")
    as_demo("therapist")
    eye.at("/clinic/", status=403)

    assert eye.saw == []


def test_the_catalog(eye, as_demo):
    as_demo("therapist")
    for path in ("/exercises/", "/exercises/?q=nothing+like+this", "/exercises/bridge/", "/protocols/"):
        eye.at(path)

    assert eye.saw == []


def test_when_the_session_ended(eye, as_demo):
    tab = as_demo("therapist")
    tab.goto(f"{of('Tom Becker')}assessment/")
    tab.get_by_label("Note for colleagues").fill("Sits all day.")
    tab.context.clear_cookies(name="sessionid")
    eye.press("Save assessment")
    expect(tab.get_by_role("heading", name="You were signed out")).to_be_visible()
    tab.get_by_label("Email").fill("therapist@demo.invalid")
    tab.get_by_label("Password").fill("a quiet place to heal")
    eye.press("Sign in and go on")
    expect(tab.get_by_role("heading", name="Send what you typed")).to_be_visible()

    assert eye.saw == []


def test_the_admin(eye, as_demo):
    as_demo("editor")
    eye.at("/admin/")
    eye.at("/admin/exercises/exercise/")
    eye.at("/admin/exercises/exercise/?q=nothing+like+this")
    assert eye.saw == []
    eye.at("/admin/exercises/exercise/add/")
    eye.at(f"/admin/exercises/exercise/{key(Exercise, slug='bridge')}/change/")

    assert [problem for problem in eye.saw if HARMLESS_IN_ADMIN not in problem] == []


def test_findings(eye, as_demo):
    tab = as_demo("therapist")
    eye.at(f"{of('Tom Becker')}assessment/")
    tab.locator("#findings > summary").click()
    for summary in tab.locator(".finding-group > summary").all():
        summary.click()
    tab.locator(".other-drivers > summary").click()
    eye.look()
    for answer in tab.locator(".finding input[value=present]").all()[::8]:
        answer.check()
    eye.press("Weigh the findings")
    expect(tab.locator(".weights").get_by_role("article").first).to_contain_text("for,")
    eye.at(f"{of('Maria Rivera')}assessment/")
    expect(tab.locator(".weights").get_by_role("article").first).to_be_visible()

    assert eye.saw == []


def test_evidence(eye, as_demo):
    as_demo("assistant")
    eye.at("/evidence/")
    eye.tab.locator("details > summary").first.click()
    eye.look()
    for address in ("drivers/disc/", "checks/pair_order/"):
        eye.at(f"/evidence/{address}")
    eye.at("/exercises/sciatic-slider-seated/")
    eye.tab.get_by_text("En español").click()
    eye.look()

    assert eye.saw == []


def test_copy_and_progress(eye, as_demo):
    as_demo("therapist")
    for pace in ("progress", "hold", "ease"):
        eye.at(f"{program_of('Ana Kovač')}progress/?pace={pace}")

    assert eye.saw == []


def test_what_a_protocol_changed(eye, as_demo):
    tab = as_demo("therapist")
    eye.at(program_of("Samuel Osei"))
    tab.locator(".adapted > summary").click()
    for summary in tab.locator(".balance summary").all():
        summary.click()
    eye.look()

    assert eye.saw == []
