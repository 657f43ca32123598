"""The mails that go to patients, one function per message: no diagnosis, no driver and no date of birth in them.

The words are those of the language (`exercises.languages`), put together by templates/email/<message>.txt, whose first
line is the subject; the HTML says the same. Hosts come from the settings, never from a request.
"""

import secrets
from email.utils import format_datetime, formataddr, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import EmailValidator
from django.template.loader import render_to_string

from exercises import languages
from programs import patient_link
from programs.mail_server import one_line
from programs.models import Delivery

LONGEST_ADDRESS = 254
# A quoted local part may hold nearly anything, and nobody's address needs one.
NOT_IN_ADDRESSES = frozenset('",;:<>()[]\\')


class BadAddress(ValueError):
    """Not one plain e-mail address; the text is the sentence the page shows."""


def check_address(to: str) -> None:
    """Raise BadAddress unless `to` is exactly one plain address that can stand in a header as it is."""
    plain = len(to) <= LONGEST_ADDRESS and to.isprintable() and not NOT_IN_ADDRESSES & set(to) and " " not in to
    try:
        if not plain:
            raise ValidationError("")
        EmailValidator()(to)
    except ValidationError:
        raise BadAddress("Give one e-mail address, such as maria@example.com.") from None


def language_for(language: str) -> str:
    """Return the language in which mails to a reader of that language are written: one with words for mails."""
    candidates = (language, language.partition("-")[0])
    known = languages.known()
    return next((code for code in candidates if code in known and "mail" not in known[code].missing), languages.ENGLISH)


def new_message_id() -> str:
    """Return a Message-ID that no other mail has."""
    return f"<{secrets.token_hex(16)}@{_sender().rpartition('@')[2]}>"


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """Return the mail of an outbox row: the same in each attempt."""
    return link_alone(delivery) if delivery.how == "link" else handout_attached(delivery)


def handout_attached(delivery: Delivery) -> EmailMultiAlternatives:
    """The handout as it was issued, byte for byte."""
    mail = _written(delivery, "handout")
    name = languages.of(language_for(delivery.language)).words.mail.file_name
    mail.attach(name, bytes(delivery.issue.pdf.content), "application/pdf")
    return mail


def link_alone(delivery: Delivery) -> EmailMultiAlternatives:
    """A link to the issue, for one who has no need of an account."""
    link = delivery.link
    if link is None or not patient_link.is_known(link):
        raise ValueError("This mail has no link to send.")
    days = (link.expires_at - link.made_at).days
    return _written(delivery, "link", link=patient_link.address(link.seed), days=days)


def _written(delivery: Delivery, message: str, *, link: str = "", days: int = 0) -> EmailMultiAlternatives:
    clinic, language = delivery.issue.program.patient.clinic, languages.of(language_for(delivery.language))
    names = {"clinic": one_line(clinic.name), "phone": one_line(clinic.phone)}
    page = {
        **names,
        "words": _filled(language.words.mail, **names),
        "link_days": language.counted(language.words.mail.link_days, days),
        "signature": one_line(delivery.issue.issued_by.signature),
        "answers": bool(_answers_to(clinic.email)),
        "link": link,
    }
    subject, _, text = render_to_string(f"email/{message}.txt", page).strip().partition("\n")
    paragraphs = text.strip().split("\n\n")
    mail = EmailMultiAlternatives(
        subject=subject,
        body="\n\n".join(paragraphs) + "\n",
        from_email=formataddr((one_line(clinic.name), _sender())),
        to=[delivery.to],
        reply_to=_answers_to(clinic.email),
        headers={"Message-ID": delivery.message_id, "Date": format_datetime(delivery.queued_at)},
    )
    whole = {"language": language.code, "subject": subject, "paragraphs": paragraphs, "link": link}
    mail.attach_alternative(render_to_string("email/mail.html", whole), "text/html")
    return mail


def _filled(words: languages.MailWords, **values: str) -> dict[str, str]:
    """Return the phrases by name with their places filled in."""
    phrases = {name: phrase for name, phrase in words if isinstance(phrase, str)}
    return {name: languages.fill(phrase, **values) for name, phrase in phrases.items()}


def _answers_to(address: str) -> list[str]:
    try:
        check_address(address)
    except BadAddress:
        return []
    return [address]


def _sender() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
