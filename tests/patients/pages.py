"""What a page says, and what is ticked and marked on it."""

import re
from html import unescape


def words_of(response):
    """Return the page as text with its tags, one space between words."""
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def search(client, address, text, **asked):
    """Type the words into the page's search, and return the page that it leads to."""
    return client.post(address, {"q": text, **asked}, follow=True)


def checked(response):
    """Return what is ticked: “name” for a box, “name=value” for a radio button."""
    inputs = re.findall(r"<input [^>]*\bchecked\b[^>]*>", response.content.decode())
    pairs = [(re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]+)"', tag)) for tag in inputs]
    return {f"{name[1]}={value[1]}" if value else name[1] for name, value in pairs}


def marks(response):
    """Return the marked muscles by slug, each with its finding and side."""
    page = response.content.decode()
    selects = dict(re.findall(r'<select class="form-select" name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL))
    chosen = {name: re.search(r'value="([^"]*)" selected', options) for name, options in selects.items()}
    return {
        name.removeprefix("finding-"): (found[1], chosen[name.replace("finding-", "side-")][1])
        for name, found in chosen.items()
        if name.startswith("finding-") and found and found[1]
    }


def hidden(response, name):
    found = re.search(rf'<input type="hidden" name="{name}"(?: value="([^"]*)")?', response.content.decode())
    return found[1] or "" if found else None
