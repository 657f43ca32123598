"""What the product's own code never does, found by reading it: the ways in which typed text becomes a command.

Each rule has its few exceptions by file, with the reason; a new one fails until somebody writes it down here.
"""

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from tests.test_house_rules import CODE, ROOT, TEMPLATES, VIEWS, name_of

OWN = [path for path in CODE if path.relative_to(ROOT).parts[0] != "benchmarks" and "migrations" not in path.parts]
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))

SQL_OF_ITS_OWN = {
    "clinics/audit_chain.py": "its SQL is put together from its own constants",
    "clinics/resealing.py": "names of tables and columns come from Django's models",
    "clinics/row_security.py": "as resealing, and run by a migration alone",
    "clinics/snapshots.py": "names come from the database itself; for a backup alone",
    "clinics/wall.py": "one of two constants is put into a third",
    "programs/usage_counts.py": "put together from its own constants; what was asked for are parameters",
}
NOT_ESCAPED = {
    "programs/link_views.py": "a drawing that we made of digits alone",
    "exercises/admin_fields.py": "what a template gave, which escapes",
}
# What becomes markup comes from our own templates, which escape, as the answer to a request of the page's own script.
MARKUP_OF_THE_SERVER = {
    "static/js/builder/beside.js": "the drawer",
    "static/js/builder/show.js": "the program and its checks",
    "static/js/catalog-import.js": "the progress of an import",
    "static/js/findings.js": "the weights of the drivers",
    "static/js/pose/editor.js": "the pictures and the words beside them",
}
COMMANDS = {"clinics/snapshots.py": "pg_dump and pg_restore, without a shell, each word our own or the settings'"}
XML_OF_OUR_OWN = {
    "clinics/pdf.py": "takes `escape` of it, and reads nothing",
    "clinics/recorded.py": "reads the handout's own page, one with “<!” is left to HTML's reader, and our own drawings",
}
PATTERNS_OF_FORMAT = {
    "clinics/audit_chain.py": "its own constants",
    "clinics/wall.py": "its own constants",
    "exercises/help_texts.py": "its own constants",
    "exercises/exchange/planning.py": "its own table of sentences",
    "exercises/said_levels.py": "lines of the shipped languages, checked when they are read",
    "programs/clashes.py": "one of the names of fields that programs.typed_dose has",
    "programs/typed_dose.py": "as clashes",
    "programs/usage_counts.py": "its own constants",
}
# Plain text for mail, where nothing is escaped because nothing is markup.
PLAIN_TEXT = {"email/handout.txt", "email/link.txt", "account/email/base_notification.txt"} | {
    "account/email/password_reset_key_message.txt",
    "email/invitation.txt",
    "email/new_admin.txt",
    "email/new_owner.txt",
}

Match = Callable[[ast.AST], bool]


def name(node: ast.AST) -> str:
    """Return what a call calls, “os.system” or “raw”, "" where it is no plain name."""
    if isinstance(node, ast.Call):
        return name(node.func)
    if isinstance(node, ast.Attribute):
        return f"{name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(*names: str) -> Match:
    """Match calls by their whole name, or by their last part where that is given with a dot in front."""
    ends = tuple(one for one in names if one.startswith("."))
    return lambda node: (
        isinstance(node, ast.Call) and (name(node) in names or (bool(ends) and name(node).endswith(ends)))
    )


def imports(*modules: str) -> Match:
    def match(node: ast.AST) -> bool:
        if isinstance(node, ast.Import):
            return any(alias.name == one or alias.name.startswith(f"{one}.") for alias in node.names for one in modules)
        if isinstance(node, ast.ImportFrom):
            named = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            return any(other == one or other.startswith(f"{one}.") for other in named for one in modules)
        return False

    return match


def names(*wanted: str) -> Match:
    """Match a name wherever it stands: called, handed on or imported."""
    return lambda node: (
        (isinstance(node, ast.Name | ast.Attribute) and name(node).rpartition(".")[2] in wanted)
        or (isinstance(node, ast.alias) and node.name in wanted)
    )


def is_text(node: ast.AST) -> bool:
    """Whether it is a text that stands in the code as it is."""
    if isinstance(node, ast.IfExp):
        return is_text(node.body) and is_text(node.orelse)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def made_sql(node: ast.AST) -> bool:
    made = isinstance(node, ast.Call) and name(node).endswith((".execute", ".executemany", ".copy")) and node.args
    return bool(made) and "cursor" in name(node) and not is_text(node.args[0])


def made_pattern(node: ast.AST) -> bool:
    """A format whose left side isn't in the code, by .format, by % on text, or in a line of a log."""
    if calls(".format", ".format_map")(node):
        return not is_text(node.func.value)
    if calls(*(f"logger.{level}" for level in LEVELS), *(f"_logger.{level}" for level in LEVELS))(node):
        return not is_text(node.args[0])
    values = (
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.right, ast.Tuple | ast.Dict)
    )
    return values and not is_text(node.left)


def is_shell(node: ast.AST) -> bool:
    return isinstance(node, ast.keyword) and node.arg == "shell"


def is_weak_sum(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and str(node.value).lower() in {"md5", "sha1", "sha-1"}


LEVELS = ("debug", "info", "warning", "error", "exception", "critical")


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def found(*matches: Match, code: list[Path] = OWN) -> set[str]:
    """Return the files with something that matches."""
    return {name_of(path) for path in code if any(match(node) for node in nodes(path) for match in matches)}


def lines(paths: list[Path], pattern: str) -> set[str]:
    """Return the lines that hold the pattern, each behind its file's name."""
    wanted = re.compile(pattern)
    return {
        f"{name_of(path)}: {line.strip()}"
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
        if wanted.search(line)
    }


@pytest.mark.asvs("V1.1.2")
def test_escaping_is_left_to_the_templates():
    assert found(calls("mark_safe", "SafeString", "SafeText", "html_safe", ".mark_safe")) == set(NOT_ESCAPED)
    assert lines(TEMPLATES, r"\|\s*safe(seq)?\b|autoescape") == set()
    texts = [path for path in (ROOT / "templates").rglob("*.txt") if "autoescape off" in path.read_text("utf-8")]
    assert {path.relative_to(ROOT / "templates").as_posix() for path in texts} == PLAIN_TEXT


@pytest.mark.asvs("V1.2.4")
def test_sql_that_is_put_together_stands_in_a_few_files_and_none_of_them_meets_a_request():
    assert found(calls(".objects.raw", ".extra", ".RawSQL"), names("RawSQL", "RawQuerySet")) == set()
    assert found(made_sql) == set(SQL_OF_ITS_OWN)
    asking = found(imports("django.http", "django.shortcuts"))
    assert asking & set(SQL_OF_ITS_OWN) == set()


@pytest.mark.asvs("V1.2.5")
def test_no_shell_is_ever_asked():
    shell = calls(
        "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", ".create_subprocess_shell"
    )

    assert found(shell, is_shell, names("execv", "execvp", "spawnl", "spawnv")) == set()
    assert found(imports("subprocess", "pty", "pexpect")) == set(COMMANDS)


@pytest.mark.asvs("V1.3.2")
def test_no_text_becomes_code():
    assert found(calls("eval", "exec", "compile", "__import__", ".import_module")) == set()
    # The settings' own list of what is done after a restore.
    assert found(names("import_string")) == {"clinics/backups.py"}
    assert lines(SCRIPTS, r"\beval\(|new Function|set(Timeout|Interval)\(\s*[\"'`]|document\.write") == set()
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert not [part for parts in policy.values() for part in parts if "unsafe" in part]


@pytest.mark.asvs("V3.2.2")
def test_scripts_write_text_as_text():
    written = r"(inner|outer)HTML\s*\+?=|insertAdjacentHTML|createContextualFragment|setHTML|srcdoc"
    assert {line.partition(":")[0] for line in lines(SCRIPTS, written)} == set(MARKUP_OF_THE_SERVER)


@pytest.mark.asvs("V3.7.1")
def test_pages_need_no_plugin_and_no_frame():
    plugged = r"<\s*(object|embed|applet|iframe|frame|frameset|bgsound)\b|ActiveXObject|navigator\.plugins|\.swf\b"
    assert lines([*TEMPLATES, *SCRIPTS], plugged) == set()


@pytest.mark.asvs("V1.3.10")
def test_no_typed_text_is_a_pattern_of_format():
    assert found(made_pattern) == set(PATTERNS_OF_FORMAT)


@pytest.mark.asvs("V1.5.2")
def test_nothing_is_read_that_could_be_code():
    unsafe = calls("yaml.load", "yaml.full_load", "yaml.unsafe_load", "yaml.load_all", "joblib.load", "numpy.load")
    loaders = names("UnsafeLoader", "FullLoader", "CLoader", "Loader", "PickleSerializer")

    assert found(unsafe, loaders, imports("pickle", "marshal", "shelve", "dill", "jsonpickle")) == set()


@pytest.mark.asvs("V1.5.1")
def test_xml_from_outside_is_read_by_defusedxml_alone():
    readers = imports("xml.sax", "xml.dom", "xml.parsers", "lxml", "xml.etree.ElementTree.parse")
    reading = calls("ElementTree.parse", "ElementTree.fromstring", "ElementTree.XML", "ElementTree.iterparse")

    assert found(readers, reading) == set(XML_OF_OUR_OWN)


@pytest.mark.asvs("V1.3.6", "V15.3.2")
def test_nothing_is_asked_of_other_machines_but_the_mail_server():
    clients = imports("requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "ftplib", "socket")

    # which looks at the site's own certificate
    assert found(clients) == {"programs/management/commands/doctor.py"}
    assert found(imports("smtplib")) == {"programs/mail_server.py", "programs/management/commands/doctor.py"}


@pytest.mark.asvs("V11.3.1")
def test_no_weak_way_of_sealing():
    weak = names("ECB", "PKCS1v15", "TripleDES", "ARC4", "Blowfish", "CBC", "DES", "RC4", "Fernet")

    assert found(weak, imports("Crypto", "Cryptodome", "nacl")) == set()


@pytest.mark.asvs("V11.4.1")
def test_no_weak_sum():
    assert found(names("md5", "sha1", "MD5", "SHA1"), is_weak_sum) == set()


@pytest.mark.asvs("V11.5.1")
def test_what_nobody_may_guess_comes_from_the_machines_own_chance():
    assert found(imports("uuid"), names("UUIDField", "uuid4", "uuid1")) == set()
    # Six letters at the end of an address, so that two copies don't meet: no secret, and of SystemRandom.
    assert found(imports("random", "numpy.random")) == {"exercises/own.py"}
    assert "random.SystemRandom()" in (ROOT / "exercises/own.py").read_text(encoding="utf-8")


@pytest.mark.asvs("V15.3.1")
def test_each_form_and_answer_names_its_fields():
    def all_fields(node: ast.AST) -> bool:
        named = isinstance(node, ast.Assign) and any(name(target) in {"fields", "exclude"} for target in node.targets)
        return named and (
            name(node.targets[0]) == "exclude" or ast.unparse(node.value) in {"'__all__'", "forms.ALL_FIELDS"}
        )

    assert found(all_fields) == set()
    # Whole rows as JSON: no view has one.
    assert found(names("model_to_dict", "serialize"), calls(".__dict__"), code=VIEWS) == set()


@pytest.mark.asvs("V15.3.6")
def test_no_script_writes_two_steps_deep_by_names_from_data():
    """`a[x][y] = …` and a deep merge are how `__proto__` in data changes every object."""
    assert lines(SCRIPTS, r"\[[^\]'\"]+\]\s*(\[[^\]'\"]+\])\s*=[^=]|\[[^\]'\"]+\]\.\w+\s*=[^=>]") == {
        "static/js/pose/editor.js: if (form.elements[name]) form.elements[name].value = value;"
    }
    assert lines(SCRIPTS, r"__proto__|\bmerge\(|setPrototypeOf|structuredMerge") == set()


PROBES: list[tuple[str, Match, list[str]]] = [
    ("SQL", made_sql, ["cursor.execute(f'x {y}')", "cursor.execute('a' + b)", "cursor.execute('a %s' % b)"]),
    ("pattern", made_pattern, ["typed.format(1)", "typed % (1,)", "logger.info(typed)", "logger.info(f'{typed}')"]),
    ("call", calls("os.system", ".extra"), ["os.system('ls')", "rows.filter(x=1).extra(where=['x'])"]),
    ("import", imports("pickle"), ["import pickle", "from pickle import loads"]),
    ("name", names("md5"), ["hashlib.md5(b'')", "from hashlib import md5"]),
]


@pytest.mark.parametrize(("match", "text"), [(match, text) for _, match, texts in PROBES for text in texts])
def test_recognizes_what_is_not_allowed(match, text):
    assert any(match(node) for node in ast.walk(ast.parse(text)))
