"""The page on which an editor takes an exercise of the shared catalog out of use."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinics.access import StaffRequest
from exercises import reviewing
from exercises.editors import for_editors
from exercises.models import Exercise
from programs import retiring, retiring_page, review_page
from programs.retiring import Replaced


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: StaffRequest, slug: str) -> HttpResponse:
    """Show what retiring would touch and what could take the place; a POST retires. What was typed stays."""
    exercise = get_object_or_404(review_page.shared(), slug=slug)
    sent, refused = request.POST, ""
    if request.method == "POST":
        try:
            done = retiring.retire(exercise, by=request.user, why=sent.get("why", ""), substitute=_chosen(sent))
        except reviewing.CannotMove as reason:
            refused = str(reason)
        else:
            messages.success(request, _said(exercise, done))
            return redirect("review", slug=slug)
    shown = {"exercise": exercise, "refused": refused, "sent": sent}
    shown |= {"offers": retiring_page.offers(exercise), "touched": retiring_page.touched(exercise)}
    return render(request, "catalog/retire.html", shown, status=422 if refused else 200)


def _chosen(sent: QueryDict) -> Exercise | None:
    """Return the substitute that was chosen, or None when none is wanted. Raises CannotMove for an unknown one."""
    slug = sent.get("substitute", "").replace("\0", "")
    if not slug:
        return None
    found = Exercise.objects.published().filter(slug=slug).first()
    if found is None:
        raise reviewing.CannotMove("That substitute isn't in use itself. Choose another one.")
    return found


def _said(exercise: Exercise, done: Replaced) -> str:
    words = f"“{exercise}” is retired. Programs and clinics' protocols that have it keep it."
    if done.protocols or done.exercises:
        places = [
            f"{done.protocols} shipped protocol{'s' * (done.protocols != 1)}" if done.protocols else "",
            f"the easier or harder ones of {done.exercises} exercise{'s' * (done.exercises != 1)}"
            if done.exercises
            else "",
        ]
        words += f" The substitute took its place in {' and '.join(place for place in places if place)}."
    return words
