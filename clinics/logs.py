"""What logs may hold: no address that opens a patient's program."""

import logging
import re

TOKEN = re.compile(r"\bp/[\w-]{20,}")


class WithoutTokens(logging.Formatter):
    """Strikes patients' links out of what is written, tracebacks and all; Django names the address that failed.

    A call whose words and values don't fit is written as it came: `logging` would print it past the formatter.
    """

    def format(self, record: logging.LogRecord) -> str:
        try:
            text = super().format(record)
        except Exception as misfit:
            text = f"{record.pathname}:{record.lineno} logs {record.msg!r} with {record.args!r}: {misfit!r}"
        return TOKEN.sub("p/…", text)
