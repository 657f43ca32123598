"""Markup as an attacker types it, put into every field where people type, and what a page's tree looks like."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import tinyhtml5
from django.apps import apps
from django.db import models

from clinics.sealed import Sealed, SealedLine, SealedText
from exercises import known
from exercises.models import ExerciseText
from programs.handout import content_hash
from programs.models import Issue

WHOLE = "&b=c#d?e/../'\"><svg onload=alert(1)></textarea></title></script><script>alert(1)</script>{{7*7}}"
PAYLOADS = [
    WHOLE,
    *(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        '" autofocus onfocus="alert(1)',
    ),
    *("</script><script>alert(1)</script>", "</textarea><img src=x onerror=alert(1)>", "</title><svg onload=alert(1)>"),
    *(
        '<iframe srcdoc="<script>alert(1)</script>">',
        '<a href="javascript:alert(1)">x</a>',
        "<math><mtext></table><img src=x>",
    ),
    *("--><img src=x onerror=alert(1)>", "]]><img src=x>", "<style>*{display:none}</style>", "<base href=//evil.test>"),
    *(
        "<form action=//evil.test><input name=x>",
        "<meta http-equiv=refresh content=0;url=//evil.test>",
        "<object data=x>",
    ),
    *(
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;img src=x&#62;",
        "\\u003cscript\\u003e",
        "%3Cscript%3E",
        "${alert(1)}",
    ),
    *(
        '{{constructor.constructor("alert(1)")()}}',
        "<%= 7*7 %>",
        "<!--",
        "<![CDATA[<b>x</b>]]>",
        "<b>bold",
        "<x y=",
        "<'",
    ),
    *(
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "<svg><animate onbegin=alert(1)>",
        "＜script＞",
    ),
    *("<details open ontoggle=alert(1)>", "<template><img src=x></template>", "<noscript><img src=x></noscript>"),
    *("<plaintext>", "<xmp><img src=x></xmp>", "<select><option>x", "<table><td>x", "<body onload=alert(1)>"),
]
OF_APPS = ("clinics", "patients", "programs", "exercises")
TYPED = {models.CharField, models.TextField, SealedLine, SealedText}
# Codes and keys, which nobody types and a person couldn't change to markup.
CODES = {"slug", "username", "password", "sha256", "content_hash", "digest", "session_key", "email", "phase", "state"}
CODES |= {"kind", "status", "colour", "language", "stage_slug", "protocol_slug", "name_of_file", "token_hash", "seed"}
SHORTEST, ROOM = 60, 2_000  # shorter ones, but for sealed ones, are codes; what a field without an end is given
WORDS_OF_TEXTS = ("steps", "mistakes", "other_names", "pictures")
NO_WORDS = {"logo_key", "colour", "key", "exercise", "side", "slug", "level", "language", "paper", "layout", "date"}
ADDRESSES = {"href", "src", "action", "formaction", "poster", "data", "srcset", "ping", "background"}


def typed_fields() -> list[tuple[type[models.Model], models.Field]]:
    """Return each column that holds what people type."""
    return [
        (model, field)
        for model in apps.get_models()
        if model._meta.app_label in OF_APPS and model.__name__ != "AuditEntry"
        for field in model._meta.concrete_fields
        if type(field) in TYPED
        and not field.choices
        and not field.unique
        and field.name not in CODES
        and ((field.max_length or ROOM) >= SHORTEST or isinstance(field, SealedLine) or field.name == "phone")
    ]


def harmless(text: str) -> str:
    """Return a text that is as long, word by word, and no markup: pages say how hard a text is to read."""
    return re.sub(r"[^\w\s]", "a", text)


def write(text: str | Callable[[int], str]) -> None:
    """Put a text, or one for each place, where anything was typed, whatever forms would say to it."""
    give = text if callable(text) else lambda place: text
    place = -1
    for place, (model, field) in enumerate(typed_fields()):
        rows = model._base_manager.all()
        typed = rows if isinstance(field, Sealed) else rows.exclude(**{field.name: ""})
        typed.update(**{field.name: give(place)[: field.max_length or ROOM]})
    for row in ExerciseText.objects.all():
        place += 1
        for name in WORDS_OF_TEXTS:
            setattr(row, name, _instead(getattr(row, name), give(place)))
        row.save(update_fields=WORDS_OF_TEXTS)
    for issue in Issue.objects.all():
        if not issue.snapshot:  # one that no page reads
            continue
        place += 1
        issue.snapshot = snapshot_of(issue.snapshot, give(place))
        issue.save(update_fields=["snapshot"])
    known.forget()


def snapshot_of(snapshot: dict[str, Any], text: str) -> dict[str, Any]:
    """Return an issued handout's snapshot with the text in the place of all its words."""
    made = _instead({name: part for name, part in snapshot.items() if name != "schema"}, text) | {
        "schema": snapshot["schema"]
    }
    return made | {"content_hash": content_hash(made)}


def _instead(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: part if name in NO_WORDS else _instead(part, text) for name, part in value.items()}
    if isinstance(value, list):
        return [_instead(part, text) for part in value]
    return text if isinstance(value, str) and value else value


def dealt(first: int) -> Callable[[int], str]:
    """Return what gives each place as many payloads as it has room for, and each place another one at its head."""

    def give(place: int) -> str:
        turned = PAYLOADS[(first + place) % len(PAYLOADS) :] + PAYLOADS[: (first + place) % len(PAYLOADS)]
        return " ".join(turned)

    return give


def shape(html: str) -> list[tuple[str, ...]]:
    """Return a page's elements with the names of their attributes and the shape of their addresses, in order."""
    tree = tinyhtml5.parse(html, namespace_html_elements=False)
    return [(tag.tag, *sorted(map(_attribute, tag.items()))) for tag in tree.iter() if isinstance(tag.tag, str)]


def _attribute(attribute: tuple[str, str]) -> str:
    """Return an attribute's name, with an address's shape: what was typed may only be a parameter's value in it."""
    name, value = attribute
    if name not in ADDRESSES:
        return name
    at = urlsplit(value)
    path = "" if at.scheme in {"data", "tel"} else re.sub(r"[0-9a-f]{12,}|\d+", "#", at.path)
    asked = "&".join(parse_qs(at.query, keep_blank_values=True))
    return f"{name}={at.scheme}://{at.netloc}{path}?{asked}{at.fragment and '#'}"
