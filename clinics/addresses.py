"""Where a request comes from, by what can't be forged."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "::"


def client_address(request: HttpRequest) -> str:
    """Return the address that the request comes from, or UNKNOWN when there is none that could be one.

    Behind the site's own proxy that is the last one in the list, which the proxy wrote; those before it can be forged.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        found = request.headers.get("X-Forwarded-For", found).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(found))
    except ValueError:
        return UNKNOWN
