"""The mails themselves: what they say, in which language, and what never is in them."""

import datetime
import email
import email.policy
import re

import pytest
from django.conf import settings as site
from django.utils import timezone

from exercises import languages
from exercises.readability import grade, spanish_ease
from programs import delivery, mails, patient_link
from programs.models import Delivery
from tests.conftest import make_assessment, make_clinic, make_driver, make_patient, make_user
from tests.programs.samples import make_issue, make_program

pytestmark = pytest.mark.django_db

TO = "maria@patients.invalid"
BORN = datetime.date(1951, 4, 12)


POLISH = """
code: pl
name: Polski
words:
  title: Program ćwiczeń
"""
POLISH_MAIL = """
  mail:
    subject: Program ćwiczeń od {clinic}
    link_days: {one: "Link działa {n} dzień.", other: "Link działa {n} dni."}
    order_phone: Ćwicz po kolei. Zadzwoń pod {phone}.
    file_name: program-cwiczen.pdf
"""


@pytest.fixture
def polish(own_languages):
    """Add Polish from the clinic's folder, with these words."""

    def add(text):
        (own_languages / "pl.yaml").write_text(text, encoding="utf-8")
        languages.look_in(own_languages)

    return add


@pytest.fixture(autouse=True)
def with_links(settings):
    settings.SITE_ADDRESS = "https://clinic.example"
    settings.DEFAULT_FROM_EMAIL = "ReleaseFirst <no-reply@site.example>"


def row(how="attach", language="en", **clinic_fields) -> Delivery:
    clinic = make_clinic()
    for name, value in clinic_fields.items():
        setattr(clinic, name, value)
    clinic.save()
    by = make_user(clinic=clinic, name="Dana Okafor")
    patient = make_patient("Maria Rivera", clinic=clinic, birth_date=BORN, language=language, email=TO)
    make_assessment(patient, by=by, driver=make_driver("piriformis"))
    issue = make_issue(make_program("Bridge", by=by, patient=patient), by=by)
    return delivery.queue_handout(issue, to=TO, form_key=delivery.new_form_key(), by=by, how=how)


def read(made: Delivery):
    """Return the mail as the one who gets it reads it: (message, text, HTML)."""
    content = mails.compose(made).message().as_bytes(linesep="\r\n")
    message = email.message_from_bytes(content, policy=email.policy.default)
    return message, message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("how", ["attach", "link"])
def test_says_nothing_of_the_diagnosis_or_the_person(how, language):
    made = row(how, language)

    message, text, page = read(made)

    driver, patient = made.issue.assessment.driver, made.issue.program.patient
    for part in (str(message["Subject"]), text, page, str(message.items())):
        for private in (driver.name, driver.patient_name, "sciatic", "ciátic", patient.name, "Rivera", "1951"):
            assert private.casefold() not in part.casefold()


@pytest.mark.parametrize(
    ("how", "language", "subject", "words"),
    [
        ("attach", "en", "Your exercise program from", "is attached as a PDF"),
        ("link", "en", "Your exercise program from", "The link works for 90 days."),
        ("attach", "es", "Su programa de ejercicios de", "como PDF"),
        ("link", "es", "Su programa de ejercicios de", "El enlace funciona durante 90 días."),
    ],
)
def test_speaks_the_patients_language_in_text_and_html(how, language, subject, words):
    made = row(how, language)

    message, text, page = read(made)

    assert str(message["Subject"]).startswith(subject)
    for said in (text, page):
        assert words in said
        assert made.issue.program.patient.clinic.name in said
        assert "Dana Okafor, PT" in said
    assert f'<html lang="{language}">' in page
    assert text.split() == re.sub(r"<title>.*</title>|<[^>]*>", " ", page).replace("&#x27;", "'").split()


@pytest.mark.parametrize(("language", "name"), [("en", "exercise-program.pdf"), ("es", "programa-de-ejercicios.pdf")])
def test_attaches_the_issued_bytes(language, name):
    made = row("attach", language)

    message, _, _ = read(made)

    (part,) = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == (name, "application/pdf")
    assert part.get_content() == bytes(made.issue.pdf.content)


def test_sends_the_link_alone_to_the_sites_own_address():
    made = row("link")

    message, text, page = read(made)

    link = patient_link.address(made.link.seed)
    assert link.startswith("https://clinic.example/p/")
    assert link in text.splitlines()
    assert f'<a href="{link}">{link}</a>' in page
    assert page.count("href=") == 1
    assert list(message.iter_attachments()) == []


def test_signs_as_the_clinic_and_lets_one_answer_it():
    made = row(name="Lakeside, “Shore” & Söhne", email="hello@lakeside.example")

    message, text, _ = read(made)

    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Lakeside, “Shore” & Söhne", "no-reply@site.example")
    assert str(message["Reply-To"]) == "hello@lakeside.example"
    assert "answer this mail or call us" in text


@pytest.mark.parametrize("address", ["", "two@x.example, other@y.example"])
def test_says_that_answers_are_not_read_where_the_clinic_has_no_address(address):
    message, text, _ = read(row(email=address))

    assert message["Reply-To"] is None
    assert "Answers to this mail are not read." in text


def test_is_the_same_mail_in_each_attempt():
    made = row("link")

    first, second = read(made), read(made)

    assert first[1:] == second[1:]
    assert dict(first[0].items()) | {"Content-Type": ""} == dict(second[0].items()) | {"Content-Type": ""}
    assert str(first[0]["Message-ID"]) == made.message_id
    assert first[0]["Date"].datetime == made.queued_at.replace(microsecond=0)


def test_answers_in_english_where_it_has_no_other_words():
    assert [mails.language_for(code) for code in ("en", "es", "es-MX", "pl", "")] == ["en", "es", "es", "en", "en"]
    assert row("attach", "pl").language == "en"


def test_speaks_an_added_language_and_english_where_that_has_no_words(polish):
    polish(POLISH + POLISH_MAIL)

    attached, linked = read(row("attach", "pl", phone="555-0104")), read(row("link", "pl"))

    assert str(attached[0]["Subject"]).startswith("Program ćwiczeń od ")
    assert "Zadzwoń pod 555-0104." in attached[1]
    assert "You can print it or keep it on your phone." in attached[1]
    assert '<html lang="pl">' in attached[2]
    assert next(attached[0].iter_attachments()).get_filename() == "program-cwiczen.pdf"
    assert "Link działa 90 dni." in linked[1]


def test_is_english_throughout_in_an_added_language_without_words_for_mails(polish):
    polish(POLISH)

    made = row("link", "pl")

    assert made.language == "en"
    assert '<html lang="en">' in read(made)[2]


@pytest.mark.parametrize("name", ["../x.pdf", "a b.pdf", "program.exe", "ćw.pdf"])
def test_takes_no_file_name_that_is_not_plain(polish, name):
    with pytest.raises(languages.BadLanguages, match="file_name"):
        polish(POLISH + POLISH_MAIL.replace("program-cwiczen.pdf", name))


def test_every_phrase_is_in_a_template_and_every_template_knows_its_phrases():
    folder = site.BASE_DIR / "templates/email"
    texts = [(folder / name).read_text(encoding="utf-8") for name in ("handout.txt", "link.txt")]

    used = {name for text in texts for name in re.findall(r"words\.(\w+)", text)}

    assert used == set(languages.MailWords.model_fields) - {"link_days", "file_name"}


def test_reads_at_grade_six_and_at_ease_seventy():
    mail = {code: mails.compose(row("link", code, phone="555-0104")).body for code in ("en", "es")}
    said = {code: body.split("\n\n")[3:7] for code, body in mail.items()}

    assert [len(parts) for parts in said.values()] == [4, 4]
    assert grade(said["en"]) <= 6
    assert spanish_ease(said["es"]) >= 70


def test_shows_names_with_markup_as_they_are():
    _, text, page = read(row(name="<b>Lake</b> {{ 7 }}{% now %}"))

    assert "<b>Lake</b> {{ 7 }}{% now %}" in text
    assert "<b>" not in page
    assert "&lt;b&gt;Lake&lt;/b&gt; {{ 7 }}{% now %}" in page


@pytest.mark.parametrize("to", [TO, "a.b+c@x.example", "o'hara@x.example", "a@bücher.example", "a@x.co"])
def test_takes_one_plain_address(to):
    mails.check_address(to)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "maria",
        "@x.example",
        "a@",
        "a@b",
        "a@x.example, b@x.example",
        "a@x.example,b@x.example",
        "a@x.example b@x.example",
        "a@x.example;b@x.example",
        "A <a@x.example>",
        '"a, b"@x.example',
        '"a\x0bb"@x.example',
        "a@x.example\n",
        "a@x.example\r\nBcc: b@x.example",
        "a\x0b@x.example",
        "a\u2028@x.example",
        "a\x85@x.example",
        "a@[127.0.0.1]",
        "a" * 250 + "@x.example",
    ],
    ids=repr,
)
def test_takes_nothing_else_for_an_address(to):
    with pytest.raises(mails.BadAddress):
        mails.check_address(to)


def test_gives_each_row_an_id_of_its_own_on_the_senders_host():
    ids = {mails.new_message_id() for _ in range(50)}

    assert len(ids) == 50
    assert all(re.fullmatch(r"<[0-9a-f]{32}@site\.example>", each) for each in ids)


def test_counts_the_days_that_a_link_works():
    made = row("link", link_days=1)
    made.link.made_at = timezone.now()
    made.link.expires_at = made.link.made_at + datetime.timedelta(days=1)

    assert "The link works for 1 day." in read(made)[1]
