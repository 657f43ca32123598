"""Which requirements of the OWASP ASVS 5.0 (levels 1 and 2) hold, by the tests that carry their ids.

`python -m tests.asvs` writes docs/asvs.md anew. A test carries ids as `@pytest.mark.asvs("V6.2.1")`; it must fail when
the control is switched off. `tests/asvs.csv` names the requirements that apply here, and why one is open.
"""

import ast
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parent
PAPER = TESTS.parent / "docs" / "asvs.md"
HEAD = """\
# Security requirements

The requirements of the OWASP Application Security Verification Standard 5.0, levels 1 and 2, that apply to this
application: {covered} of {all} are covered by tests that fail when the control is off. Written by
`python -m tests.asvs` from the tests themselves; a test sees to it that this page says what they say.

| id | level | requirement | shown by | state |
| --- | --- | --- | --- | --- |
"""


class Requirement(NamedTuple):
    """One row of `tests/asvs.csv`; `open` says why no test shows it, "" where one does or should."""

    id: str
    level: str
    requirement: str
    open: str


def requirements() -> list[Requirement]:
    """Return every requirement that applies, in the standard's order."""
    with (TESTS / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return [Requirement(**row) for row in csv.DictReader(file)]


def carried() -> dict[str, list[str]]:
    """Return the tests that carry each requirement's id, by id."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("*.py")):
        for test, id in _marks(ast.parse(path.read_text(encoding="utf-8"))):
            found[id].append(f"{path.relative_to(TESTS)}::{test}".removesuffix("::"))
    return found


def paper() -> str:
    """Return docs/asvs.md as it should be."""
    rows, tests = requirements(), carried()
    head = HEAD.format(covered=sum(row.id in tests for row in rows), all=len(rows))
    return head + "".join(_line(row, tests.get(row.id, [])) for row in rows)


def _line(row: Requirement, tests: list[str]) -> str:
    first = f"`{tests[0]}`" if tests else ""
    more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
    state = "covered" if tests else f"open: {row.open or 'no test shows it yet'}"
    return f"| {row.id} | {row.level} | {row.requirement} | {first}{more} | {state} |\n"


def _marks(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (name of the test, id) for each id in a module; the name is "" where the whole module carries it."""
    for node in module.body:
        if isinstance(node, ast.Assign) and any(getattr(name, "id", "") == "pytestmark" for name in node.targets):
            yield from (("", id) for id in _ids(node.value))
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from ((node.name, id) for decorator in node.decorator_list for id in _ids(decorator))


def _ids(tree: ast.AST) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "asvs":
            yield from (str(ast.literal_eval(one)) for one in call.args)


if __name__ == "__main__":
    PAPER.write_text(paper(), encoding="utf-8")
