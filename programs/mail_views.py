"""Sending a handout, and the mail as it went out."""

from email.message import EmailMessage

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from programs import delivery as outbox
from programs import mail_folder
from programs.forms import SendForm
from programs.models import Delivery, Issue


@requires(Can.HANDOUTS)
def send(request: StaffRequest, issue_id: int) -> HttpResponse:
    """Confirm name and address, then queue the mail."""
    issues = Issue.objects.visible_to(request.user).select_related("program__patient__clinic")
    issue = get_object_or_404(issues, pk=issue_id)
    patient = issue.program.patient
    form = SendForm(request.POST or None, initial={"to": patient.email, "form_key": outbox.new_form_key()})
    if request.method == "POST" and form.is_valid():
        try:
            queued = outbox.queue_handout(issue, **form.cleaned_data, by=request.user)
        except outbox.CannotSend as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, f"The handout is on its way to {queued.to}.")
            return redirect("patient", patient_id=patient.pk)
    if request.method != "POST":
        audit.about(patient, "view send form", by=request.user, subject=issue)
    page = {"form": form, "issue": issue, "patient": patient}
    return render(request, "programs/send.html", page, status=422 if form.errors else 200)


@requires(Can.HANDOUTS)
@require_safe
def delivery(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Show how a mail is doing; in the demo also the mail itself."""
    rows = Delivery.objects.visible_to(request.user).select_related("issue__program__patient", "queued_by")
    found = get_object_or_404(rows, pk=delivery_id)
    patient = found.issue.program.patient
    audit.about(patient, "view mail", by=request.user, subject=found)
    mail = mail_folder.read(found.message_id) if settings.DEMO or settings.TESTING else None
    page = {
        "delivery": found,
        "issue": found.issue,
        "patient": patient,
        "mail": _shown(mail) if mail else None,
    }
    return render(request, "programs/delivery.html", page)


def _shown(mail: EmailMessage) -> dict[str, object]:
    body = mail.get_body(("plain",))
    return {
        "sender": str(mail["From"]),
        "to": str(mail["To"]),
        "subject": str(mail["Subject"]),
        "text": body.get_content() if body else "",
        "attachments": [
            {"name": part.get_filename(), "kb": len(part.get_payload(decode=True) or b"") // 1024 + 1}
            for part in mail.iter_attachments()
        ],
    }
