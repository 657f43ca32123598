"""Rules that hold for all code and templates, checked by reading them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(settings.BASE_DIR)
# Each may import those after it, none before it.
APPS = ("programs", "patients", "exercises", "clinics")
CODE = sorted(path for app in (*APPS, "config", "benchmarks") for path in (ROOT / app).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
VIEWS = [path for path in CODE if path.name.endswith("views.py")]

MOST_LINES_OF_CODE, MOST_LINES_OF_TEMPLATE = 350, 150
PRINTED = {"handout", "referral"}

PUBLIC = {
    "healthz": "a load balancer has no account; it says ok or not and nothing else",
    "resume": "the way back in for a form that outlived its session",
    "account_login": "where people sign in",
    "mfa_authenticate": "the second step of a sign-in that began with the right password",
    "mfa_login_webauthn": "where people sign in with a passkey",
    "account_logout": "signing out twice is no mistake",
    "account_inactive": "says to somebody without access that the account is closed",
    "account_reset_password": "for people who can't sign in",
    "account_reset_password_done": "for people who can't sign in",
    "account_reset_password_from_key": "for people who can't sign in",
    "account_reset_password_from_key_done": "for people who can't sign in",
    "join": "somebody who is invited may have no account; who holds the token sees the clinic's name and a form",
    "admin:login": "sends on to the sign-in page",
    "home_open": "a patient has no account; who holds the token sees one button",
    "home": "a patient's visit, which a link was exchanged for, shows one issue",
    "home_tick": "as home",
    "home_score": "as home",
    "home_sync": "as home",
    "home_handout": "as home",
    "home_figure": "as home; the pictures of that issue alone",
    "home_motion": "as home_figure",
    "home_manifest": "as home; names no one",
    "home_standing": "says to a signed code whether its link still works, nothing else",
    "home_leave": "ends a visit; twice is no mistake",
    "home_worker": "a script that is the same for all",
}

ALLOWED_FIRST = {"visible_to", "readable_by", "pictured_for", "published", "for_driver", "of"}
# Pages of the shared catalog may start from all that is no clinic's own.
SHARED_CATALOG = {"shared"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=name_of)


def manager_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and method of each `Something.objects.method`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "objects":
            yield node.lineno, node.attr


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and first name of each module that is imported, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.split(".")[0]


def test_finds_what_it_reads():
    assert {path.parent.name for path in VIEWS} >= {"programs", "patients", "exercises"}
    assert len(CODE) > 60
    assert len(TEMPLATES) > 60


@each(VIEWS)
def test_views_start_from_what_the_person_may_see(path):
    calls = list(manager_calls(ast.parse(path.read_text(encoding="utf-8"))))

    allowed = ALLOWED_FIRST | (SHARED_CATALOG if path.parent.name == "exercises" else set())
    bare = [(line, method) for line, method in calls if method not in allowed]

    assert bare == []


def test_recognizes_a_bare_query():
    tree = ast.parse("Patient.objects.get(pk=1)\nPatient.objects.visible_to(user).get(pk=1)")

    assert [method for _, method in manager_calls(tree)] == ["get", "visible_to"]


def pages(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from pages(pattern, space + inner)
        else:
            yield f"{space}{pattern.name}", pattern


def test_every_page_needs_a_sign_in_but_for_a_few():
    found = {name for name, pattern in pages(get_resolver()) if not getattr(pattern.callback, "login_required", True)}

    assert found == {name for name, reason in PUBLIC.items() if reason}
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE


@each([path for path in CODE if path.relative_to(ROOT).parts[0] in APPS])
def test_imports_one_way_only(path):
    app = path.relative_to(ROOT).parts[0]
    above = set(APPS[: APPS.index(app)]) | {"tests", "benchmarks"}

    found = list(imported(ast.parse(path.read_text(encoding="utf-8"))))

    assert [(line, name) for line, name in found if name in above] == []


def partials() -> set[str]:
    """Return the templates that others include."""
    tags = (re.findall(r'{% include "([^"]+)"', path.read_text(encoding="utf-8")) for path in TEMPLATES)
    return {name for names in tags for name in names}


@pytest.mark.parametrize("name", sorted(partials()))
def test_each_partial_opens_with_what_it_needs(name):
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")

    assert text.startswith("{#")
    comment = text[: text.index("#}")]
    assert "Needs:" in comment or "Needs nothing" in comment


@each(TEMPLATES)
def test_templates_are_short_and_hold_no_style_or_script(path):
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= MOST_LINES_OF_TEMPLATE
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert path.parent.name in PRINTED or "<style" not in text


@each([path for path in CODE if "migrations" not in path.parts])
def test_files_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_CODE


def silenced(text: str) -> list[str]:
    """Return the lines that silence a tool without saying why, on the line or in a comment above it."""
    lines, found = text.splitlines(), []
    for number, line in enumerate(lines):
        mark = re.search(r"#\s*(noqa|type:\s*ignore)(.*)$", line)
        if mark is None or re.search(r"['\"].*#\s*(noqa|type:).*['\"]", line):
            continue
        above = next((other for other in reversed(lines[:number]) if not re.search(r"#\s*(noqa|type:)", other)), "")
        if not re.search(r"#\s*\w", mark[2]) and not above.strip().startswith("#"):
            found.append(line.strip())
    return found


@each([path for path in CODE + TESTS if path.name != "test_house_rules.py"])
def test_silences_no_tool_without_a_reason(path):
    assert silenced(path.read_text(encoding="utf-8")) == []


def test_recognizes_a_silenced_tool():
    assert silenced("import x  # noqa: F401") == ["import x  # noqa: F401"]
    assert silenced("import x  # noqa: F401  # for its side effect") == []
    assert silenced("# It must come first.\nimport x  # noqa: E402\nimport y  # noqa: E402") == []
    assert silenced("x = 1\ny = f()  # type: ignore[misc]") == ["y = f()  # type: ignore[misc]"]
