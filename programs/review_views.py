"""The pages on which editors of the shared catalog review its exercises."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import StaffRequest
from exercises import review_queue, reviewing
from exercises.editors import for_editors
from exercises.models import Exercise
from programs import review_page

DONE = {
    "submit": "Sent to review. Another editor publishes it.",
    "publish": "Published: it is in the search and in the builder now.",
    "send_back": "Sent back: it is a draft again.",
    "reopen": "It is a draft again. Send it to review when it is right.",
}


@for_editors
@require_safe
def queue(request: StaffRequest) -> HttpResponse:
    """List what waits for editors."""
    return render(request, "catalog/queue.html", {"queue": review_queue.read()})


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: StaffRequest, slug: str) -> HttpResponse:
    """Show an exercise as it will look and what it lacks; a POST moves it on. What was typed stays when it can't be."""
    exercise = get_object_or_404(review_page.shared(), slug=slug)
    refused = ""
    if request.method == "POST":
        try:
            _move(exercise, request)
        except reviewing.CannotMove as reason:
            refused = str(reason)
            exercise = get_object_or_404(review_page.shared(), slug=slug)
        else:
            messages.success(request, DONE[request.POST["do"]])
            return redirect("review", slug=slug)
    page = review_page.read(exercise, by=request.user)
    shown = {"page": page, "exercise": exercise, "refused": refused, "why": request.POST.get("why", "")}
    return render(request, "catalog/review.html", shown, status=422 if refused else 200)


def _move(exercise: Exercise, request: StaffRequest) -> None:
    """Do what the button says. Raises CannotMove."""
    sent, by = request.POST, request.user
    do = sent.get("do", "")
    if do == "submit":
        reviewing.submit(exercise, by=by)
    elif do == "publish":
        reviewing.publish(exercise, by=by, seen=_number(sent.get("seen", "")))
    elif do == "send_back":
        reviewing.send_back(exercise, by=by, why=sent.get("why", ""))
    elif do == "reopen":
        reviewing.reopen(exercise, by=by)
    else:
        raise reviewing.CannotMove("Choose what to do with it.")


def _number(typed: str) -> int:
    """Return the version that the page was drawn from; one that nobody has when it isn't said."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1
