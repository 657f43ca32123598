"""A clinician's hold on a patient's links: make one, show its code to be scanned, end one."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from programs import patient_link, printed_code
from programs.at_home import PatientLink
from programs.models import Issue


@requires(Can.HANDOUTS)
@require_POST
def new(request: StaffRequest, issue_id: int) -> HttpResponse:
    """Make a link to the issue, and show it."""
    issues = Issue.objects.visible_to(request.user).select_related("program__patient__clinic")
    issues = issues.defer("overrides", "program__edits")
    issue = get_object_or_404(issues, pk=issue_id)
    if not settings.SITE_ADDRESS or issue.program.patient.archived_at:
        archived = "This patient is archived. Bring the patient back before making a link."
        messages.error(request, "This site has no address for links yet." if not settings.SITE_ADDRESS else archived)
        return redirect(_on_patients_page(issue))
    link = patient_link.make(issue, seed=patient_link.new_seed(), way="paper", by=request.user)
    return redirect("patient_link", issue_id=issue.pk, link_id=link.pk)


@requires(Can.HANDOUTS)
@require_safe
def show(request: StaffRequest, issue_id: int, link_id: int) -> HttpResponse:
    """Show a link that works as a code to be scanned from the screen, and as an address."""
    link = _find(request, issue_id, link_id)
    if not link.works(timezone.now()) or not settings.SITE_ADDRESS or not patient_link.is_known(link):
        raise Http404("The link no longer works, or its address can't be told.")
    patient = link.issue.program.patient
    audit.about(patient, "show patient link", by=request.user, subject=link)
    address = patient_link.address(link.seed)
    # The drawing is our own and holds numbers alone.
    code = mark_safe(printed_code.drawing(address).decode())  # noqa: S308
    page = {"link": link, "issue": link.issue, "patient": patient, "address": address, "code": code}
    return render(request, "programs/patient_link.html", page)


@requires(Can.HANDOUTS)
@require_POST
def revoke(request: StaffRequest, issue_id: int, link_id: int) -> HttpResponse:
    """End a link and all visits that came of it."""
    link = _find(request, issue_id, link_id)
    patient_link.revoke(link, by=request.user)
    messages.success(request, "The link no longer works, on paper or in a mail. Make a new one if it is still needed.")
    return redirect(_on_patients_page(link.issue))


def _find(request: StaffRequest, issue_id: int, link_id: int) -> PatientLink:
    links = PatientLink.objects.visible_to(request.user).select_related("issue__program__patient__clinic", "made_by")
    return get_object_or_404(links.defer(*patient_link.UNREAD), pk=link_id, issue=issue_id)


def _on_patients_page(issue: Issue) -> str:
    return f"{reverse('patient', args=[issue.program.patient_id])}#issue-{issue.pk}"
