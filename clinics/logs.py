"""What logs may hold: no address that opens a patient's program."""

import logging
import re

TOKEN = re.compile(r"/p/[\w-]{20,}")


class WithoutTokens(logging.Filter):
    """Strikes patients' links out of each line; Django writes the address of each request that fails."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if TOKEN.search(said):
            record.msg, record.args = TOKEN.sub("/p/…", said), ()
        return True
