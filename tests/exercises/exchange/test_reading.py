"""Whatever program wrote a file, its names are right or the line that isn't is named."""

import codecs
import random

import pytest

from exercises.exchange import decoding, formulas, reading, writing
from exercises.exchange.columns import columns
from exercises.exchange.mistakes import BadFile

COLUMNS = columns()
NAMES = "slug,name\r\nfirst,Glúteo ñandú\r\nsecond,Más “fácil”\r\n"
CZECH = "slug,name\nfirst,Můstek\nsecond,Žluťoučký kůň\n"
JAPANESE = "slug,name\nfirst,ブリッジ\nsecond,表示ソ\n"
RIGHT = ["Glúteo ñandú", "Más “fácil”"]
CZECH_NAMES, JAPANESE_NAMES = ["Můstek", "Žluťoučký kůň"], ["ブリッジ", "表示ソ"]
WIDE = "slug,name," + ",".join(f"extra{number}" for number in range(300))

# What it is, its bytes, the encoding that somebody said, and the names or line and reason.
FILES = [
    ("UTF-8", NAMES.encode(), "", RIGHT),
    ("UTF-8 with a mark", NAMES.encode("utf-8-sig"), "", RIGHT),
    ("UTF-16 with a mark", NAMES.encode("utf-16"), "", RIGHT),
    ("UTF-16 big-endian with a mark", codecs.BOM_UTF16_BE + NAMES.encode("utf-16-be"), "", RIGHT),
    ("UTF-16 little-endian without a mark", NAMES.encode("utf-16-le"), "", RIGHT),
    ("UTF-16 big-endian without a mark", NAMES.encode("utf-16-be"), "", RIGHT),
    ("half a letter of UTF-16", NAMES.encode("utf-16")[:-1], "", (4, "no letter")),
    ("Windows-1252, not said", NAMES.encode("cp1252"), "", (2, "Byte FA is no letter in UTF-8")),
    ("Windows-1252, said", NAMES.encode("cp1252"), "cp1252", RIGHT),
    ("Latin-2, not said", CZECH.encode("iso8859_2"), "", (2, "is no letter in UTF-8")),
    ("Latin-2, said", CZECH.encode("iso8859_2"), "iso8859_2", CZECH_NAMES),
    ("Windows-1250 said to be Latin-2", CZECH.encode("cp1250"), "iso8859_2", (3, "Is it another encoding?")),
    ("Shift-JIS, not said", JAPANESE.encode("cp932"), "", (2, "is no letter in UTF-8")),
    ("Shift-JIS, said", JAPANESE.encode("cp932"), "cp932", JAPANESE_NAMES),
    ("UTF-8 said to be Windows-1252", NAMES.encode(), "cp1252", (1, "The file is UTF-8")),
    ("UTF-8 with one line of Windows-1252", NAMES.encode() + "third,señal\n".encode("cp1252"), "", (4, "Byte F1")),
    ("a zero byte", NAMES.encode() + b"third,a\0b\n", "", (4, "U+0000")),
    ("a letter lost before", NAMES.encode() + "third,se\ufffdal\n".encode(), "", (4, "A letter was lost")),
    ("semicolons", NAMES.replace(",", ";").encode(), "", RIGHT),
    ("tabs", NAMES.replace(",", "\t").encode(), "", RIGHT),
    ("Excel's hint", b"sep=;\r\n" + NAMES.replace(",", ";").encode(), "", RIGHT),
    ("CR alone", NAMES.replace("\r\n", "\r").encode(), "", RIGHT),
    ("LF alone, blank lines", NAMES.replace("\r\n", "\n\n").encode(), "", RIGHT),
    ("a quotation mark that stays open", NAMES.encode() + b'third,"never\nends\n', "", (4, "isn\u2019t closed")),
    ("a letter behind quotes", NAMES.encode() + b'third,"a"b\n', "", (4, "must be a separator")),
    ("300 columns more", WIDE.encode(), "", (1, "at most 256")),
    ("an unknown column", b"slug,dosis\nfirst,3\n", "", (1, "\u201cdosis\u201d")),
    ("a column twice", b"slug,name,Name\nfirst,a,b\n", "", (1, "twice")),
    ("no slug", b"name\nBridge\n", "", (1, "\u201cslug\u201d")),
    ("nothing but blanks", b" \r\n\t\r\n", "", (1, "empty")),
]


@pytest.mark.parametrize(("content", "said", "expected"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_names_are_right_or_refused_with_their_line(content: bytes, said: str, expected) -> None:
    if isinstance(expected, list):
        rows = list(reading.read(content, "csv", COLUMNS, encoding=said))
        assert ([row.cells["name"] for row in rows], [row.mistakes for row in rows]) == (expected, [[], []])
        return
    with pytest.raises(BadFile) as refused:
        list(reading.read(content, "csv", COLUMNS, encoding=said))

    line, why = expected
    assert refused.value.mistake.line == line
    assert why in refused.value.mistake.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "iso8859_2", "cp932"])
def test_no_name_of_a_thousand_comes_out_wrong(encoding: str) -> None:
    letters = "áéíóúñüçßøåæœžščřůłőűţđ日本語кириллица".encode(encoding, errors="ignore").decode(encoding)
    dice = random.Random(7)
    names = ["x" + "".join(dice.choices(letters.lstrip("\ufeff"), k=8)) for _ in range(1000)]
    content = "\n".join(["slug,name", *(f"a,{name}" for name in names)]).encode(encoding)

    try:
        read = [row.cells["name"] for row in reading.read(content, "csv", COLUMNS)]
    except BadFile as bad:
        read = names if bad.mistake.line == 2 else []

    assert read == names


LATER = [
    ("not YAML", "slug: a\n---\nslug: b\nname: [x\n", 3, "isn’t YAML"),
    ("an anchor", "slug: a\n---\nslug: &x b\nname: *x\n", 3, "anchors and aliases"),
    ("a tag", "slug: !!python/name:os.system a\n", 1, "tags"),
    ("a key twice", "slug: a\nname: x\nname: y\n", 3, "given twice"),
    ("an unknown key", "slug: a\n\ndose:\n  sets: 1\n  weight: 5\n", 5, "isn’t known"),
    ("a list for a name", "slug: a\nname:\n  - x\n", 2, "isn’t a text"),
    ("a list as a key", "slug: a\n---\nslug: b\n? [x]\n: 3\n", 4, "isn’t YAML: found unhashable key"),
    ("a list as a key below", "slug: a\ndose:\n  ? [x]\n  : 3\n", 3, "isn’t YAML: found unhashable key"),
    ("nothing to merge", "slug: a\n<<: 3\n", 2, "isn’t YAML: expected a mapping"),
    ("a sign that means something to YAML", "slug: a\nname: =\n", 2, "isn’t YAML: could not determine"),
    ("a number of 5,000 digits", f"slug: a\ndose:\n  sets: {'9' * 5000}\n", 3, "isn’t a whole number"),
    ("a number without a digit", "slug: a\nlevel: 0x_\n", 2, "isn’t a whole number"),
    ("no keys", "- a\n- b\n", 1, "keys with values"),
    ("deeper than an exercise", "slug: a\nother_names: " + "[" * 40 + "]" * 40 + "\n", 2, "nested deeper"),
]


@pytest.mark.parametrize(("text", "line", "why"), [row[1:] for row in LATER], ids=[row[0] for row in LATER])
def test_a_document_that_is_wrong_spoils_no_other(text: str, line: int, why: str) -> None:
    rows = list(reading.read(text.encode(), "yaml", COLUMNS))

    found = [mistake for row in rows for mistake in row.mistakes]
    assert any(mistake.line >= line and why in mistake.reason for mistake in found), found
    assert all(not row.mistakes for row in rows[:-1])


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "＋1", "－1", "＠x", "'=1", "''+1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_reckons_and_each_comes_back(text: str) -> None:
    marked = formulas.marked(text)

    assert marked.startswith("'")
    assert marked[1:] == text
    assert formulas.unmarked(marked) == text


@pytest.mark.parametrize("text", ["Bridge", "'quoted'", "", "a=b", "’", "5"])
def test_leaves_plain_words_as_they_are(text: str) -> None:
    assert formulas.marked(text) == text == formulas.unmarked(text)


@pytest.mark.asvs("V1.3.3")
def test_a_csv_cell_never_begins_as_a_formula() -> None:
    content = b"".join(writing.write([dict.fromkeys(COLUMNS, text) for text in FORMULAS], "csv", COLUMNS))

    body = content.decode("utf-8-sig").split("\r\n")[1:-1]
    assert all(cell.lstrip('"').startswith("'") for line in body for cell in line.split(",") if cell)


def test_every_encoding_that_is_offered_is_known() -> None:
    for code, _ in decoding.ENCODINGS[1:]:
        codecs.lookup(code)
