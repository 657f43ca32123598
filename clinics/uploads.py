"""What the site takes of uploaded files: so much and no more, in memory, never on the disk."""

import base64
from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MB = 1024 * 1024
# A logo; and whatever is uploaded.
LARGEST_FILE, MOST_KEPT = 2 * MB, 5 * MB
# Of a request with several files in it; a longer one isn't read at all.
LONGEST_REQUEST = 64 * MB


def decoded(text: str) -> bytes:
    """Return a file that a page carried in base64, b"" for what is none."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # no base64, or signs beyond ASCII
        return b""


class SmallFiles(FileUploadHandler):
    """Keeps the first bytes of a file, up to one more than `largest`: so its form sees that it is too big."""

    largest = MOST_KEPT

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  # Django's name for it
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse a request that is far too long before any of it is read."""
        if content_length > LONGEST_REQUEST:
            raise RequestDataTooBig("These files are too large.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.kept += raw_data[: self.largest + 1 - len(self.kept)]

    def file_complete(self, file_size: int) -> UploadedFile:
        return InMemoryUploadedFile(
            BytesIO(self.kept), self.field_name, self.file_name, self.content_type, len(self.kept), self.charset
        )
