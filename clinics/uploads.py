"""What the site takes of uploaded files: so much and no more, in memory, never on the disk."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

LARGEST_FILE = 2 * 1024 * 1024


class SmallFiles(FileUploadHandler):
    """Keeps the first bytes of a file, up to one more than `largest`: so its form sees that it is too big."""

    largest = LARGEST_FILE

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.kept += raw_data[: self.largest + 1 - len(self.kept)]

    def file_complete(self, file_size: int) -> UploadedFile:
        return InMemoryUploadedFile(
            BytesIO(self.kept), self.field_name, self.file_name, self.content_type, len(self.kept), self.charset
        )
