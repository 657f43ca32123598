"""A page as a person reads it."""

import html
import re

from django.http import HttpResponse


def shown(response: HttpResponse) -> str:
    """Return the page of a response as a person reads it."""
    return words_of(response.content.decode())


def words_of(page: str) -> str:
    """Return the words of some HTML: no tags, entities as letters, spaces folded."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
