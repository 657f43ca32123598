"""What patients are searched by: mostly a name, and so in no address, no browser's history and no log of a proxy.

The words are sent as a form, kept sealed in the person's session, and go with it; the page that shows what was found
has a key of theirs in its address. So reloading, going back, paging and a second window each keep their own search.
"""

import secrets
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect

from clinics import secrets as seals
from clinics.access import StaffRequest

PARAMETER = "search"
LONGEST = 80
KEPT = 20
PLACE = ABOUT = "patient_searches"


def begin(request: StaffRequest, **asked: str) -> HttpResponse:
    """Keep the words that were sent, and lead to the same page, which shows what they find beside what is `asked`."""
    text = request.POST.get("q", "").replace("\0", "").strip()[:LONGEST]
    address = {**asked, PARAMETER: _keep(request, text) if text else ""}
    query = urlencode({name: value for name, value in address.items() if value})
    return redirect(f"{request.path}?{query}" if query else request.path)


def words(request: StaffRequest) -> str:
    """Return the words of the search that the address names; empty for none, and for one that is forgotten."""
    sealed = request.session.get(PLACE, {}).get(request.GET.get(PARAMETER, ""))
    try:
        return seals.unseal(sealed, about=ABOUT) if sealed else ""
    except seals.CannotUnseal:
        return ""


def _keep(request: StaffRequest, text: str) -> str:
    """Return the key under which the words are kept; the oldest of many are forgotten."""
    key = secrets.token_hex(6)
    kept = {**request.session.get(PLACE, {}), key: seals.seal(text, about=ABOUT)}
    request.session[PLACE] = dict(list(kept.items())[-KEPT:])
    return key
