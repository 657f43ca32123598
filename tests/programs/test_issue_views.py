"""From preview to mail: the pages on which a handout is issued, printed, sent and signed off."""

import html
import re

import pytest
from django.urls import reverse

from clinics.models import AuditEntry
from programs import sign_offs
from programs.models import Issue, Item, Program, SignOff
from tests.conftest import make_assessment, make_exercise, make_patient, make_user, signed_in
from tests.programs.clinical import make_ready, screen
from tests.programs.samples import act, add, items_of, make_issue, make_program
from tests.reading import shown

pytestmark = pytest.mark.django_db

WARNED = "reason-phase_order:{}:Rest comes too late"


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def client(by):
    return signed_in(by)


def sheet_of(response) -> str:
    return re.search(r"<article.*</article>", response.content.decode(), re.S)[0]


def warned(by):
    """Return a program that is ready but for one warning, and that warning's item."""
    program = make_ready(by=by)
    rest = add(program, make_exercise("Rest", "calm"), by=by)
    act(program, f"place:{rest.pk}", by=by, phase="integrate")
    return program, rest


def issue(client, program, **typed):
    return client.post(reverse("issue", args=[program.pk]), {"number": 1, "version": program.version, **typed})


@pytest.mark.parametrize(
    ("stage", "issued", "said"),
    [
        ("w0_2", [], ""),
        ("w2_4", ["w0_2"], ""),
        ("w2_4", [], "Not issued so far: Weeks 0–2."),
        ("w4_8", ["w0_2"], "Not issued so far: Weeks 2–4."),
        ("w4_8", ["w4_8"], "Not issued so far: Weeks 0–2, Weeks 2–4."),
    ],
)
def test_says_which_earlier_stages_were_never_issued(by, client, stage, issued, said):
    program = make_ready(by=by)
    for slug in issued:
        program.stage_slug = slug
        make_issue(program, by=by)
    Program.objects.update(stage_slug=stage)

    text = shown(client.get(reverse("issue", args=[program.pk])))

    assert said in text
    assert ("This is a later stage." in text) is bool(said)


def test_previews_the_same_sheet_that_is_issued(by, client):
    program = make_ready(by=by)
    Item.objects.update(note="Slowly.")

    page = client.get(reverse("preview", args=[program.pk]))

    assert "handout/sheet.html" in [template.name for template in page.templates]
    text = shown(page)
    for part in ("Preview, not issued", "Maria Rivera", "Prepared by Dana Okafor, PT", "2. Bridge", "Dana: Slowly."):
        assert part in text
    assert "asset:" not in sheet_of(page)
    assert sheet_of(page).count("/figure.svg?frame=start") == 4


def test_previews_pictures_that_are_there(by, client):
    page = client.get(reverse("preview", args=[make_ready(by=by).pk]))

    addresses = {html.unescape(address) for address in re.findall(r'<img [^>]*src="([^"]+)"', sheet_of(page))}

    assert addresses
    assert {client.get(address).status_code for address in addresses} == {200}


def test_previews_an_empty_stage(by, client):
    assert client.get(reverse("preview", args=[make_program(by=by).pk])).status_code == 200


def test_says_what_stops_it_and_offers_no_button(by, client):
    program = make_program("Bridge", by=by)

    text = shown(client.get(reverse("issue", args=[program.pk])))

    assert "Stop · Red flags The red-flag questions haven't been asked yet." in text
    assert "Go to the screening" in text
    assert "Issue the handout" not in text


def test_asks_for_a_reason_per_warning(by, client):
    program, rest = warned(by)

    page = client.get(reverse("issue", args=[program.pk]))

    assert "Warn · Rest comes too late" in shown(page)
    assert f'name="{WARNED.format(rest.pk)}"' in page.content.decode()
    assert "Issue the handout" in shown(page)


def test_keeps_the_typed_reason_after_a_refusal(by, client):
    program, rest = warned(by)

    response = issue(client, program, **{WARNED.format(rest.pk): "t <short"})

    assert response.status_code == 422
    assert "Not issued. “Rest comes too late” needs a reason of at least 10 characters" in shown(response)
    assert ">t &lt;short</textarea>" in response.content.decode()
    assert not Issue.objects.exists()


def test_keeps_the_typed_reason_when_the_program_changed(by, client):
    program, rest = warned(by)
    seen = program.version
    act(program, "next-visit", by=by, next_visit="Monday")

    response = issue(client, program, version=seen, **{WARNED.format(rest.pk): "Agreed with the patient."})

    page = response.content.decode()
    assert response.status_code == 409
    assert "The program changed since you opened this page." in shown(response)
    assert ">Agreed with the patient.</textarea>" in page
    assert f'name="version" value="{seen + 1}"' in page
    assert not Issue.objects.exists()


def test_issues_and_shows_the_handout_on_the_patients_page(by, client):
    program, rest = warned(by)

    response = issue(client, program, **{WARNED.format(rest.pk): "Agreed\0 with the patient."})

    made = Issue.objects.get()
    assert response["Location"] == f"/patients/{program.patient_id}/#issue-{made.pk}"
    assert made.overrides[0]["reason"] == "Agreed with the patient."
    assert f'id="issue-{made.pk}"' in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30, "²"])
def test_refuses_a_number_that_is_none(by, client, number):
    program = make_ready(by=by)

    assert issue(client, program, number=number).status_code == 409
    assert not Issue.objects.exists()


def test_a_second_click_lands_on_the_same_handout(by, client):
    program = make_ready(by=by)

    answers = {issue(client, program)["Location"] for _ in range(2)}

    assert len(answers) == 1
    assert Issue.objects.count() == 1


def test_serves_the_stored_bytes_inline_or_as_a_download(by, client):
    made = make_issue(content=b"%PDF-1.7 frozen", by=by)
    address = reverse("handout_pdf", args=[made.pk])

    inline, download = client.get(address), client.get(f"{address}?download=1")

    assert inline.content == download.content == b"%PDF-1.7 frozen"
    assert inline["Content-Type"] == "application/pdf"
    assert inline["Content-Disposition"] == 'inline; filename="exercise-program-maria-rivera-v1.pdf"'
    assert download["Content-Disposition"].startswith("attachment; ")
    assert "no-store" in inline["Cache-Control"]


def test_names_the_file_of_a_patient_whose_name_has_no_latin_letters(by, client):
    patient = make_patient("Мария", clinic=by.memberships.get().clinic)
    made = make_issue(make_program("Bridge", by=by, patient=patient), by=by)

    response = client.get(reverse("handout_pdf", args=[made.pk]))

    assert 'filename="exercise-program-patient-v1.pdf"' in response["Content-Disposition"]


def test_logs_who_printed(by, client):
    made = make_issue(by=by)

    client.get(reverse("handout_pdf", args=[made.pk]))

    entry = AuditEntry.objects.first()
    assert (entry.action, entry.by, entry.subject) == ("print handout", by, f"issue:{made.pk}")


@pytest.fixture
def trainer(by):
    return make_user("trainer", clinic=by.memberships.get().clinic, name="Milo Hartmann")


def needing(trainer):
    patient = make_patient(clinic=trainer.memberships.get().clinic)
    make_assessment(patient, by=trainer, neurological_deficit=True)
    return make_ready(by=trainer, patient=patient)


def test_a_trainer_asks_and_a_therapist_answers(by, client, trainer):
    program, at_desk = needing(trainer), signed_in(trainer)
    assert "Ask a therapist to sign off" in shown(at_desk.get(reverse("issue", args=[program.pk])))

    at_desk.post(reverse("sign_off_ask", args=[program.pk]), {"question": "All right to start?"})
    request = SignOff.objects.get()
    assert "A therapist was asked" in shown(at_desk.get(reverse("issue", args=[program.pk])))
    assert "waiting for an answer" in shown(issue(at_desk, program))

    page = client.get(reverse("sign_off", args=[request.pk]))
    answer = client.post(
        reverse("sign_off", args=[request.pk]), {"approved": "yes", "answer": "", "version": program.version}
    )

    assert "The leg has weakness, numbness or a lost reflex." in shown(page)
    assert "All right to start?" in shown(page)
    assert "Bridge Strengthen · 10 times · once a day" in shown(page)
    assert answer["Location"] == "/"
    assert issue(at_desk, program).status_code == 302


def test_shows_the_trainer_why_it_was_refused(by, trainer):
    program = needing(trainer)
    request = sign_offs.ask(program, reasons=["A reason."], question="", by=trainer)
    sign_offs.decide(request, approved=False, answer="Leave the bridge out.", seen_version=program.version, by=by)

    text = shown(signed_in(trainer).get(reverse("issue", args=[program.pk])))

    assert "Dana Okafor said no: Leave the bridge out." in text


@pytest.mark.parametrize("typed", [{}, {"approved": "no"}, {"approved": "no", "answer": "  "}, {"approved": "maybe"}])
def test_a_refusal_needs_words_and_an_answer_a_choice(client, trainer, typed):
    program = needing(trainer)
    request = sign_offs.ask(program, reasons=["A reason."], question="", by=trainer)

    response = client.post(reverse("sign_off", args=[request.pk]), {"version": program.version, **typed})

    assert response.status_code == 422
    assert SignOff.objects.waiting().exists()


def test_an_answer_to_a_program_that_changed_is_kept_and_asked_again(client, trainer):
    program = needing(trainer)
    request = sign_offs.ask(program, reasons=["A reason."], question="", by=trainer)
    address, seen = reverse("sign_off", args=[request.pk]), program.version
    act(program, f"remove:{items_of(program)[0].pk}", by=trainer)

    response = client.post(address, {"approved": "yes", "answer": "Go ahead.", "version": seen})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Not recorded. The program changed" in shown(response)
    assert "Go ahead.</textarea>" in page
    assert SignOff.objects.waiting().exists()
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    client.post(address, {"approved": "yes", "answer": "Go ahead.", "version": version})
    assert SignOff.objects.get().approved


def test_says_that_somebody_else_answered(by, client, trainer):
    program = needing(trainer)
    request = sign_offs.ask(program, reasons=["A reason."], question="", by=trainer)
    sign_offs.decide(request, approved=False, answer="Not yet.", seen_version=program.version, by=by)

    response = client.post(
        reverse("sign_off", args=[request.pk]), {"approved": "yes", "answer": "", "version": program.version}
    )

    assert response.status_code == 409
    assert "Somebody else answered this request already." in shown(response)
    assert "Dana Okafor answered on" in shown(response)
    assert "Not yet." in shown(response)


def test_has_nothing_to_ask_when_no_sign_off_is_needed(by, trainer):
    program = make_ready(by=trainer)
    client = signed_in(trainer)

    page = client.get(reverse("sign_off_ask", args=[program.pk]))
    response = client.post(reverse("sign_off_ask", args=[program.pk]), {"question": ""}, follow=True)

    assert "This program needs no sign-off." in shown(page)
    assert "This program needs no sign-off." in shown(response)
    assert not SignOff.objects.exists()


def test_keeps_a_question_that_is_too_long(trainer):
    program = needing(trainer)

    response = signed_in(trainer).post(reverse("sign_off_ask", args=[program.pk]), {"question": "x" * 1001})

    assert response.status_code == 422
    assert "x" * 1001 in response.content.decode()


def test_carries_the_typed_reason_through_a_lost_session(by, client):
    program, rest = warned(by)
    client.logout()

    response = issue(client, program, **{WARNED.format(rest.pk): "Agreed with the patient."})

    assert response.status_code == 401
    assert 'value="Agreed with the patient."' in response.content.decode()
    assert f'name="{WARNED.format(rest.pk)}"' in response.content.decode()


def test_screening_again_is_asked_for_after_two_weeks(by, client):
    program = make_program("Bridge", "Clam", "Squat", by=by)
    screen(program.patient, by=by, days_ago=15)

    assert "more than 14 days old" in shown(client.get(reverse("issue", args=[program.pk])))
