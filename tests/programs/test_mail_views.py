"""The pages on which a handout is sent, its mail is looked at, and what came back is noted."""

import html
import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditEntry
from patients.models import Patient
from programs import delivery, mails
from programs.models import Delivery
from tests.conftest import make_patient, make_user, signed_in
from tests.programs.samples import make_issue, make_program
from tests.reading import shown

pytestmark = pytest.mark.django_db

TO = "maria@patients.invalid"


@pytest.fixture(autouse=True)
def own_mailbox(settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"
    settings.SITE_ADDRESS = "https://clinic.example"


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def client(by):
    return signed_in(by)


def sendable(by, email=TO, **fields):
    patient = make_patient(clinic=by.memberships.get().clinic, email=email, **fields)
    return make_issue(make_program("Bridge", by=by, patient=patient), by=by)


def address_of(made) -> str:
    return reverse("send", args=[made.pk])


def form_key(page) -> str:
    return re.search(r'name="form_key" value="([^"]+)"', page.content.decode())[1]


def typed(**fields):
    return {"to": TO, "consent": "attach", "how": "attach", "form_key": delivery.new_form_key(), **fields}


def queued(by, **also):
    made = sendable(by)
    return delivery.queue_handout(made, to=TO, form_key=delivery.new_form_key(), by=by, **also)


def send_now(row):
    Delivery.objects.filter(pk=row.pk).update(next_at=timezone.now())
    delivery.send_due.call(row.pk)
    row.refresh_from_db()


def last_actions(count: int) -> list[str]:
    return list(AuditEntry.objects.order_by("-id").values_list("action", flat=True)[:count])[::-1]


def test_shows_name_and_address_and_queues_once(by, client):
    address = address_of(sendable(by))
    page = client.get(address)
    sent = typed(form_key=form_key(page))

    answers = [client.post(address, sent, follow=True) for _ in range(2)]

    assert "Patient Maria Rivera Address on record maria@patients.invalid" in shown(page)
    assert f'value="{TO}"' in page.content.decode()
    assert Delivery.objects.get().to == TO
    assert all(f"The handout is on its way to {TO}" in shown(answer) for answer in answers)


def test_queues_a_link_alone(by, client):
    made = sendable(by)

    answer = client.post(address_of(made), typed(how="link"), follow=True)

    assert Delivery.objects.get().how == "link"
    assert f"A link to the handout is on its way to {TO}" in shown(answer)
    assert f"Link mailed to {TO} : waiting to be sent" in shown(answer)


def test_asks_what_the_patient_agrees_to_and_keeps_it_with_name_and_date(by, client):
    made = sendable(by, mail_consent="")
    page = client.get(address_of(made))
    unanswered = client.post(address_of(made), typed(consent=""))
    assert unanswered.status_code == 422

    client.post(address_of(made), typed(consent="link", how="link"))

    patient = Patient.objects.get()
    assert "Ask the patient." in shown(page)
    assert not re.search(r'name="consent"[^>]*checked', page.content.decode())
    assert (patient.mail_consent, patient.mail_consent_by) == ("link", by)
    assert patient.mail_consent_at is not None
    assert last_actions(3) == ["record mail consent", "make patient link", "queue handout mail"]
    assert f"by {by.name}. A change is kept" in shown(client.get(address_of(made)))


def test_keeps_the_first_date_of_an_answer_that_stays(by, client):
    made = sendable(by, mail_consent="")
    client.post(address_of(made), typed())
    first = Patient.objects.get()

    client.post(address_of(made), typed())

    assert Patient.objects.get().mail_consent_at == first.mail_consent_at
    assert AuditEntry.objects.filter(action="record mail consent").count() == 1


def test_takes_a_no_without_an_address(by, client):
    made = sendable(by, email="", mail_consent="")

    answer = client.post(address_of(made), {"consent": "none", "form_key": "k"}, follow=True)

    assert "nothing goes to Maria Rivera by e-mail. Print the handout instead." in shown(answer)
    assert Patient.objects.get().mail_consent == "none"
    assert not Delivery.objects.exists()


def test_says_plainly_that_a_patient_wants_no_mail(by, client):
    made = sendable(by, mail_consent="none", mail_consent_at=timezone.now(), mail_consent_by=by)

    page = client.get(address_of(made))

    assert "Nothing is sent. Maria Rivera wanted nothing by e-mail, noted" in shown(page)
    assert f'href="{reverse("handout_pdf", args=[made.pk])}"' in page.content.decode()
    assert "The patient has agreed since" in shown(page)


def test_refuses_more_than_the_patient_agreed_to(by, client):
    made = sendable(by, mail_consent="link")

    response = client.post(address_of(made), typed(consent="link", how="attach"))

    assert response.status_code == 422
    assert "The patient agreed to a link alone." in shown(response)
    assert not Delivery.objects.exists()


def test_offers_no_more_than_the_clinic_sends(by, client):
    made = sendable(by)
    type(made.program.patient.clinic).objects.update(mail_policy="link")

    page = client.get(address_of(made)).content.decode()
    response = client.post(address_of(made), typed(how="attach"))

    assert 'name="how" value="link"' in re.sub(r'(name="how") [^>]*?(value="\w+")', r"\1 \2", page)
    assert not re.search(r'name="how"[^>]*value="attach"', page)
    assert response.status_code == 422
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("policy", "site", "backend", "words"),
    [
        ("none", "https://clinic.example", "locmem", "This clinic sends nothing by e-mail."),
        ("link", "", "locmem", "This clinic sends links alone, and the address they would lead to isn’t set up."),
        ("attach", "https://clinic.example", "dummy", "No mail server is set up here."),
    ],
)
def test_says_plainly_that_nothing_can_be_sent_and_offers_print(by, client, settings, policy, site, backend, words):
    made = sendable(by)
    type(made.program.patient.clinic).objects.update(mail_policy=policy)
    settings.SITE_ADDRESS, settings.EMAIL_BACKEND = site, f"django.core.mail.backends.{backend}.EmailBackend"

    page = client.get(address_of(made))
    response = client.post(address_of(made), typed(how="link" if policy == "link" else "attach"))

    assert f"Nothing can be sent. {words} Print the handout instead." in shown(page)
    assert 'name="form_key"' not in page.content.decode()
    assert response.status_code == 422
    assert not Delivery.objects.exists()


def test_asks_for_a_tick_at_an_address_that_is_not_on_record(by, client):
    made = sendable(by)

    refused = client.post(address_of(made), typed(to="new@patients.invalid"))
    client.post(address_of(made), typed(to="new@patients.invalid", address_given="on"))

    assert refused.status_code == 422
    assert "This isn’t the address on record." in shown(refused)
    assert 'value="new@patients.invalid"' in refused.content.decode()
    assert Delivery.objects.get().to == "new@patients.invalid"
    assert Patient.objects.get().email == TO


def test_asks_for_a_tick_when_no_address_is_on_record(by, client):
    made = sendable(by, email="")

    response = client.post(address_of(made), typed())

    assert response.status_code == 422
    assert not Delivery.objects.exists()


def test_does_not_pass_another_mail_off_as_sent_when_the_same_form_comes_again(by, client):
    made, key = sendable(by), delivery.new_form_key()
    client.post(address_of(made), typed(form_key=key))

    other = typed(form_key=key, to="second@patients.invalid", address_given="on")
    refused = client.post(address_of(made), other)
    client.post(address_of(made), other | {"form_key": form_key(refused)})

    assert refused.status_code == 422
    assert f"that mail is on its way to {TO}" in shown(refused)
    assert 'value="second@patients.invalid"' in refused.content.decode()
    assert sorted(Delivery.objects.values_list("to", flat=True)) == [TO, "second@patients.invalid"]


@pytest.mark.parametrize(
    "to",
    ["", "maria", "a@b", f"{TO}\r\nBcc: x@y.invalid", f"{TO}, b@y.invalid", f"{TO};b@y.invalid", '"a, b"@y.invalid'],
)
def test_keeps_an_address_that_is_none(by, client, to):
    response = client.post(address_of(sendable(by)), typed(to=to, address_given="on"))

    assert response.status_code == 422
    assert html.escape(to, quote=True).split("\r")[0] in response.content.decode()
    assert not Delivery.objects.exists()


def test_sends_nothing_to_an_archived_patient(by, client):
    made = sendable(by)
    Patient.objects.update(archived_at=timezone.now())

    response = client.post(address_of(made), typed())

    assert response.status_code == 422
    assert "This patient is archived." in shown(response)


def test_lets_an_assistant_send(by):
    made = sendable(by)
    assistant = signed_in(make_user("assistant", clinic=by.memberships.get().clinic))

    response = assistant.post(address_of(made), typed())

    assert response["Location"] == reverse("patient", args=[made.program.patient_id])
    assert Delivery.objects.get().to == TO


def test_says_in_which_language_the_mail_is(by, client):
    assert "Language of the mail: Español." in shown(client.get(address_of(sendable(by, language="es"))))
    assert "Language of the mail: English." in shown(client.get(address_of(sendable(by, language="pl"))))


def test_shows_a_mail_that_waits(by, client):
    text = shown(client.get(reverse("delivery", args=[queued(by).pk])))

    assert "Waiting to be sent It goes out in a moment." in text


def test_shows_when_a_mail_is_tried_next(by, client):
    row = queued(by)
    when = timezone.now().replace(month=3, day=5, hour=10, minute=30)
    Delivery.objects.update(trouble="The mail server said 450 greylisted", attempts=2, next_at=when)

    text = shown(client.get(reverse("delivery", args=[row.pk])))

    assert "450 greylisted Tried 2 times of at most 14. Next try 5 March, 10:30." in text


def test_shows_the_mail_as_it_was_written(by, client, settings):
    settings.EMAIL_BACKEND = "programs.mail_folder.FolderBackend"
    row = queued(by)
    send_now(row)

    text = shown(client.get(reverse("delivery", args=[row.pk])))

    clinic = by.memberships.get().clinic
    for part in (
        f"To {TO}",
        f"Subject Your exercise program from {clinic.name}",
        "Attached exercise-program.pdf (1 kB)",
        f"Your exercise program from {clinic.name} is attached as a PDF.",
        "Dana Okafor, PT",
    ):
        assert part in text
    assert len(list(settings.MAIL_DIR.glob("*.eml"))) == 1


def test_writes_the_same_mail_over_itself(by, settings):
    settings.EMAIL_BACKEND = "programs.mail_folder.FolderBackend"
    row = queued(by)

    for _ in range(2):
        mails.compose(row).send()

    assert [path.suffix for path in settings.MAIL_DIR.iterdir()] == [".eml"]


def test_says_handed_over_and_never_delivered(by, client, settings):
    settings.TESTING = False
    row = queued(by)
    send_now(row)

    pages = [reverse("delivery", args=[row.pk]), reverse("patient", args=[row.issue.program.patient_id])]
    texts = [shown(client.get(page)) for page in pages]

    assert "Handed over to the mail server" in texts[0]
    assert "Whether it arrived is not known" in texts[0]
    assert f"Mail to {TO} : handed over to the mail server" in texts[1]
    assert not any(word in text.casefold() for text in texts for word in ("delivered", "mail sent", ": sent"))
    assert len(mail.outbox) == 1


def test_says_why_a_mail_failed_and_offers_to_send_again(by, client):
    row = queued(by)
    Delivery.objects.update(status="failed", trouble="The mail server said 550 no such user.", attempts=1)

    page = client.get(reverse("delivery", args=[row.pk]))

    assert "The mail server said 550 no such user. Tried 1 time. It isn’t tried again by itself." in shown(page)
    assert f'href="{address_of(row.issue)}?again={row.pk}"' in page.content.decode()


def test_shows_how_the_link_of_a_mail_is_doing_and_ends_it(by, client):
    """For a mail that went to the wrong address."""
    row = queued(by, how="link")
    address = reverse("delivery", args=[row.pk])
    before = shown(client.get(address))

    client.post(reverse("patient_link_revoke", args=[row.issue_id, row.link_id]))

    after = shown(client.get(address))
    assert "Its link: works until" in before
    assert "Revoke the link" in before
    assert "Its link: revoked" in after
    assert "Revoke the link" not in after


def test_says_nothing_of_a_link_where_none_went_out(by, client):
    assert "Its link" not in shown(client.get(reverse("delivery", args=[queued(by).pk])))


def test_sends_again_under_the_old_mails_name(by, client):
    row = queued(by, how="link")
    Delivery.objects.update(status="failed", trouble="The mail server said 550 no such user.", attempts=1)

    page = client.get(address_of(row.issue), {"again": row.pk})
    client.post(address_of(row.issue), typed(how="link", again=row.pk, form_key=form_key(page)))

    again = Delivery.objects.exclude(pk=row.pk).get()
    assert "This makes up for the mail of" in shown(page)
    assert again.again_for == row
    assert again.link != row.link
    assert "Mail that didn't arrive" not in shown(client.get("/"))
    assert "Sent again" in shown(client.get(reverse("delivery", args=[row.pk])))


@pytest.mark.parametrize("again", ["x", "-1", "9" * 30, "²", "0"])
def test_sends_without_a_mail_to_make_up_for_when_there_is_none(by, client, again):
    made = sendable(by)

    assert client.get(address_of(made), {"again": again}).status_code == 200


def test_makes_up_for_no_mail_of_another_handout(by, client):
    row, made = queued(by), sendable(by)

    client.post(address_of(made), typed(again=row.pk))

    assert Delivery.objects.get(issue=made).again_for is None


def test_notes_what_came_back_and_shows_it_where_one_looks(by, client):
    row = queued(by)
    send_now(row)

    answer = client.post(reverse("came_back", args=[row.pk]), {"note": "no such user"}, follow=True)

    row.refresh_from_db()
    assert row.bounce_note == "no such user"
    assert "Came back" in shown(answer)
    assert "It came back, noted" in shown(answer)
    assert last_actions(2) == ["note bounced mail", "view mail"]
    assert "came back: no such user" in shown(client.get("/"))
    assert "came back. no such user" in shown(client.get(reverse("patient", args=[row.issue.program.patient_id])))


@pytest.mark.parametrize(("note", "words"), [("", "This field is required."), ("x" * 241, "at most 240 characters")])
def test_keeps_a_note_that_is_none(by, client, note, words):
    row = queued(by)
    send_now(row)

    response = client.post(reverse("came_back", args=[row.pk]), {"note": note})

    assert response.status_code == 422
    assert words in shown(response)
    assert f'value="{note}"' in response.content.decode() or not note
    assert Delivery.objects.get().bounced_at is None


def test_notes_nothing_of_a_mail_that_never_went_out(by, client):
    row = queued(by)

    response = client.post(reverse("came_back", args=[row.pk]), {"note": "no such user"})

    assert response.status_code == 422
    assert "hasn’t been handed over yet" in shown(response)
    assert Delivery.objects.get().bounced_at is None
