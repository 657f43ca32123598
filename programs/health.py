"""Whether the site can work: for load balancers and for `script/server`."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from exercises.models import Exercise


@login_not_required  # a load balancer has no account; the answer tells nothing but ok or not
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers and holds the catalog, else 503."""
    try:
        ready = Exercise.objects.published().exists()
    except DatabaseError:
        ready = False
    return HttpResponse(
        "ok" if ready else "not ready", content_type="text/plain; charset=utf-8", status=200 if ready else 503
    )
