"""F13: markup in every text field stays text: on pages, in the admin and where a handout is previewed."""

import re
from collections import Counter

import pytest
import tinyhtml5
from django.apps import apps
from django.db import models
from django.http import HttpResponse

from tests.conftest import DEEP
from tests.everywhere import Site, site

__all__ = ["site"]

pytestmark = [pytest.mark.django_db, pytest.mark.fault]

PAYLOADS = [
    "'\"><svg onload=alert(1)></textarea></title></script><script>alert(1)</script>{{7*7}}",
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
TRIED = PAYLOADS if DEEP else PAYLOADS[:1]
# These end what the rest needs, or list the looks of this very crawl.
LEFT_OUT = {"home_leave", "account_logout", "admin:logout", "clinic_log", "admin:clinics_auditentry_changelist"}
OF_APPS = ("clinics", "patients", "programs", "exercises")
# Codes and keys, which nobody types and a person couldn't change to markup.
CODES = {"slug", "username", "password", "sha256", "content_hash", "digest", "session_key", "email", "phase", "state"}
CODES |= {"kind", "status", "colour", "language", "stage_slug", "protocol_slug", "name_of_file", "token_hash", "seed"}


def typed_fields() -> list[tuple[type[models.Model], models.Field]]:
    """Return each column that holds what people type."""
    return [
        (model, field)
        for model in apps.get_models()
        if model._meta.app_label in OF_APPS and model.__name__ != "AuditEntry"
        for field in model._meta.concrete_fields
        if type(field) in {models.CharField, models.TextField}
        and not field.choices
        and not field.unique
        and field.name not in CODES
        and (field.max_length or 999) >= 60
    ]


def write(text: str) -> None:
    """Put the text where anything was typed, whatever forms would say to it."""
    for model, field in typed_fields():
        model._base_manager.exclude(**{field.name: ""}).update(**{field.name: text[: field.max_length]})


def shape(page: HttpResponse) -> list[tuple[str, ...]]:
    """Return the page's elements with the names of their attributes, in order."""
    tree = tinyhtml5.parse(page.getvalue().decode(), namespace_html_elements=False)
    return [(tag.tag, *sorted(tag.keys())) for tag in tree.iter() if isinstance(tag.tag, str)]


def shapes(site: Site) -> dict[str, list[tuple[str, ...]]]:
    found = {}
    for who in ("therapist", "admin", "root", "home"):
        client = site.client(who)
        for route in site.routes():
            if route.who == who and not route.path.endswith(".pdf") and route.name not in LEFT_OUT:
                page = client.get(route.path)
                if "text/html" in page.get("Content-Type", "") and page.status_code == 200:
                    found[route.name] = shape(page)
    return found


@pytest.mark.asvs("V1.2.1", "V1.2.3", "V1.3.5")
@pytest.mark.parametrize("payload", TRIED)
def test_markup_that_somebody_typed_stays_text_on_every_page(site, payload):
    write(re.sub(r"[^\w\s]", "a", payload))  # as long: pages say how hard a text is to read
    plain = shapes(site)
    write(payload)
    found = shapes(site)

    assert len(plain) > 100
    added = {name: Counter(found[name]) - Counter(plain[name]) for name in plain}
    assert {name: more for name, more in added.items() if more} == {}
