"""What a screen reader gets of a PDF: its structure tree as elements in reading order, each with its own text."""

import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdf
from pypdf.generic import ArrayObject, ByteStringObject, ContentStream, TextStringObject


class Element(NamedTuple):
    """One element of the tree: its kind (“H1”, “Figure”), its text with all that it holds, and its attributes.

    `language` is its own where it isn't that of what is around it.
    """

    kind: str
    text: str
    alt: str
    attributes: dict[str, Any]
    language: str = ""


def elements(document: bytes) -> list[Element]:
    """Return all elements of a document, each before what it holds."""
    reader = pypdf.PdfReader(io.BytesIO(document))
    texts = {page.indirect_reference.idnum: _marked_texts(reader, page) for page in reader.pages}
    return list(_walk(reader.trailer["/Root"]["/StructTreeRoot"], texts))


def reading(document: bytes) -> str:
    """Return the text of a document in the order of its structure tree, spaces folded."""
    whole = next(element for element in elements(document) if element.kind == "Document")
    return " ".join(whole.text.split())


def _walk(node: Any, texts: dict[int, dict[int, str]], page: int = 0) -> Iterator[Element]:
    node = node.get_object()
    page = node.raw_get("/Pg").idnum if "/Pg" in node else page
    inner = [element for child in _children(node) if _is_element(child) for element in _walk(child, texts, page)]
    if "/S" in node:
        text = _text(node, texts, page)
        yield Element(node["/S"][1:], text, node.get("/Alt", ""), _attributes(node), node.get("/Lang", ""))
    yield from inner


def _text(node: Any, texts: dict[int, dict[int, str]], page: int) -> str:
    parts = []
    for child in _children(node):
        if isinstance(child, int):
            parts.append(texts[page].get(child, ""))
        elif child.get("/Type") == "/MCR":
            parts.append(texts[child.raw_get("/Pg").idnum if "/Pg" in child else page].get(child["/MCID"], ""))
        elif _is_element(child):
            parts.append(_text(child, texts, child.raw_get("/Pg").idnum if "/Pg" in child else page))
    return " ".join(parts)


def _children(node: Any) -> list[Any]:
    kids = node.get("/K", [])
    kids = kids if isinstance(kids, ArrayObject | list) else [kids]
    return [kid.get_object() for kid in kids]


def _is_element(node: Any) -> bool:
    return not isinstance(node, int) and ("/S" in node or "/K" in node)


def _attributes(node: Any) -> dict[str, Any]:
    if "/A" not in node:
        return {}
    found = node["/A"].get_object()
    sets = [each.get_object() for each in found] if isinstance(found, ArrayObject) else [found]
    return {key: value for each in sets for key, value in each.items()}


def _marked_texts(reader: pypdf.PdfReader, page: Any) -> dict[int, str]:
    """Return the text of each piece of a page's marked content by its number."""
    letters = {name: _letters(font.get_object()) for name, font in page["/Resources"].get("/Font", {}).items()}
    texts: dict[int, str] = {}
    open_marks: list[int | None] = []
    known: dict[int, str] = {}
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator in (b"BDC", b"BMC"):
            marked = operands[1] if len(operands) > 1 and not isinstance(operands[1], str) else {}
            open_marks.append(marked.get("/MCID"))
        elif operator == b"EMC":
            open_marks.pop()
        elif operator == b"Tf":
            known = letters[operands[0]]
        elif operator in (b"Tj", b"TJ"):
            number = next((mark for mark in reversed(open_marks) if mark is not None), None)
            if number is not None:
                texts[number] = texts.get(number, "") + _shown(operands[0], known)
    return texts


def _shown(operand: Any, letters: dict[int, str]) -> str:
    pieces = operand if isinstance(operand, list) else [operand]
    codes = b"".join(_raw(piece) for piece in pieces if isinstance(piece, ByteStringObject | TextStringObject))
    return "".join(letters.get(int.from_bytes(codes[i : i + 2], "big"), "") for i in range(0, len(codes), 2))


def _raw(piece: Any) -> bytes:
    return piece if isinstance(piece, bytes) else piece.original_bytes


def _letters(font: Any) -> dict[int, str]:
    """Return which letters the codes of a font stand for."""
    table = font["/ToUnicode"].get_object().get_data().decode("ascii")
    found = re.findall(r"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>", table)
    return {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in found}
