"""The demo's post office: each mail becomes a file in MAIL_DIR and can be read in the app. Nothing leaves."""

import email
import email.policy
import re
from collections.abc import Sequence
from email.message import EmailMessage as ReadMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FolderBackend(BaseEmailBackend):
    """Writes each mail whole or not at all; sending the same Message-ID again replaces the file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        settings.MAIL_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            parsed = message.message()
            path = _path(str(parsed["Message-ID"]))
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(parsed.as_bytes())
            unfinished.replace(path)
        return len(email_messages)


def read(message_id: str) -> ReadMessage | None:
    """Return the mail that was written under this Message-ID, or None."""
    path = _path(message_id)
    if not path.is_file():
        return None
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return message if isinstance(message, ReadMessage) else None


def _path(message_id: str) -> Path:
    return Path(settings.MAIL_DIR) / (re.sub(r"[^0-9A-Za-z]+", "-", message_id).strip("-") + ".eml")
