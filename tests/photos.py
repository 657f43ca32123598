"""Files that people upload, and files that nobody should."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw


def photo(size: tuple[int, int] = (640, 480), colour: str = "#a05030", kind: str = "JPEG", **how: object) -> bytes:
    """Return a photo of sorts: a patch on the left, so that one sees whether it was turned or mirrored."""
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 4, size[1]), fill="#102040")
    return file_of(image, kind, **how)


def file_of(image: Image.Image, kind: str, **how: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that unfolds to a picture of that size."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width // 8 + 1) * min(height, 3000)), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
