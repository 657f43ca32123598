"""Workbooks that are small when sent and huge when opened: refused before anything is kept of them.

No Django in here. Sizes are counted as the members unfold, a piece at a time: what a zip says of itself isn't believed.
"""

import io
import zipfile
import zlib

from exercises.exchange.mistakes import BadFile

MOST_MEMBERS = 200
MOST_BYTES = 80 * 1024 * 1024
MOST_RATIO = 200
SMALL = 1024 * 1024
PIECE = 64 * 1024
# A document type is where entities are declared; no workbook has one. UTF-16 hides it from a reader of bytes.
DECLARED = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
OVERLAP = max(map(len, DECLARED))


def unfolded_size(content: bytes) -> int:
    """Return how many bytes a zip unfolds to; raise BadFile for too many, or too many members, or what is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise BadFile(f"The file holds {len(members):,} parts, a workbook has at most {MOST_MEMBERS}.")
            total = 0
            for member in members:
                total += _unfolded(archive, member, MOST_BYTES - total)
            return total
    except BadFile:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        ValueError,
        OSError,
        RuntimeError,
    ) as trouble:
        raise BadFile("The file isn’t a workbook, or it is damaged or encrypted.") from trouble


def _unfolded(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> int:
    """Count the bytes of a member as it unfolds; raise BadFile once there are too many."""
    size, end = 0, b""
    with archive.open(member) as unfolding:
        while piece := unfolding.read(PIECE):
            size += len(piece)
            if size > room:
                raise BadFile(f"The file unfolds to more than {MOST_BYTES // SMALL} MB.")
            if size > SMALL and size > MOST_RATIO * max(member.compress_size, 1):
                raise BadFile(f"A part of the file unfolds to more than {MOST_RATIO} times its size.")
            seen = end + piece
            if any(mark in seen for mark in DECLARED):
                raise BadFile("The file declares entities, which no workbook does.")
            end = piece[-OVERLAP:]
    return size
