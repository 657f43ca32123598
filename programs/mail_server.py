"""Hands one mail to the mail server and says, in a sentence, why it wasn't taken. Takes 30 seconds at most.

Knows nothing of the outbox. A mail counts as taken when the server said so after its last byte, not before.
"""

import signal
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

LONGEST_S, GOODBYE_S = 25.0, 2.0
LONGEST_WORDS = 200
NOT_SET_UP = "No mail server is set up here."


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a mail wasn't taken; a final trouble isn't worth another try."""

    sentence: str
    final: bool


def is_set_up() -> bool:
    """Say whether there is a mail server at all; the dummy backend would take every mail and drop it."""
    return not str(settings.EMAIL_BACKEND).endswith("dummy.EmailBackend")


def hand_over(mail: EmailMessage) -> Trouble | None:
    """Send the mail; return None once the server took it, else what was wrong."""
    if not is_set_up():
        return Trouble(NOT_SET_UP, final=True)
    connection, taken = get_connection(), 0
    try:
        with at_most(LONGEST_S):
            connection.open()
            taken = connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as refusal:
        return _refused(*next(iter(refusal.recipients.values())))
    except smtplib.SMTPResponseException as refusal:
        return _refused(refusal.smtp_code, refusal.smtp_error)
    except OSError as trouble:  # of which those of smtplib and ssl are kinds
        if not taken:
            return Trouble(_said_of(trouble), final=False)
    finally:
        with suppress(OSError), at_most(GOODBYE_S):
            connection.close()
    return None if taken else Trouble("The mail has nobody to go to.", final=True)


def one_line(words: str) -> str:
    """Return the words without line breaks and other letters that can't be printed, fit for a header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeoutError after so many seconds, whatever is waited for. In threads each wait has EMAIL_TIMEOUT only.

    EMAIL_TIMEOUT begins anew with every byte, so that a server that drips them would hold a worker for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("The mail server is too slow.")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _refused(code: int, words: bytes | str) -> Trouble:
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return Trouble(f"The mail server said {code} {_short(text).rstrip('.')}.", final=code >= 500)


def _said_of(trouble: OSError) -> str:
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return "The mail server’s certificate isn’t trusted, so nothing was given to it."
    if isinstance(trouble, smtplib.SMTPNotSupportedError):
        return f"The mail server can’t do what is asked of it: {_short(str(trouble))}"
    return f"The mail server can't be reached ({type(trouble).__name__})."


def _short(words: str) -> str:
    return one_line(words)[:LONGEST_WORDS]
