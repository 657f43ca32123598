"""Sending a handout, how its mail is doing, and what came back."""

from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from exercises import languages
from patients import mail_consent
from patients.models import Patient
from programs import at_home_panel, mail_folder, mails
from programs import delivery as outbox
from programs.forms import CameBackForm, SendForm
from programs.models import Delivery, Issue


@requires(Can.HANDOUTS)
def send(request: StaffRequest, issue_id: int) -> HttpResponse:
    """Confirm name and address and what the patient agreed to, then queue the mail."""
    issues = Issue.objects.visible_to(request.user).defer("snapshot", "overrides", "program__edits")
    issues = issues.select_related("program__patient__clinic", "program__patient__mail_consent_by")
    issue = get_object_or_404(issues, pk=issue_id)
    patient = issue.program.patient
    before = _made_up_for(request, issue)
    form = _form(request, patient, before)
    barred = _barred(patient)
    if request.method == "POST" and form.is_valid():
        if barred:
            form.add_error(None, barred)
        elif _sent(request, issue, form, before):
            return redirect("patient", patient_id=patient.pk)
    audit.about(patient, "view send form", by=request.user, subject=issue)
    page = {
        "form": form,
        "issue": issue,
        "patient": patient,
        "barred": barred,
        "before": before,
        "ways": mail_consent.offered(patient.clinic),
        "language": languages.of(mails.language_for(patient.language)).name,
    }
    return render(request, "programs/send.html", page, status=422 if form.errors else 200)


def _made_up_for(request: StaffRequest, issue: Issue) -> Delivery | None:
    """Return the mail of the same handout that this one is to make up for."""
    asked = request.POST.get("again") or request.GET.get("again") or ""
    if not (asked.isascii() and asked.isdigit() and len(asked) < 16):
        return None
    return Delivery.objects.visible_to(request.user).filter(pk=int(asked), issue=issue).first()


def _form(request: StaffRequest, patient: Patient, before: Delivery | None) -> SendForm:
    ways = mail_consent.offered(patient.clinic)
    wanted = before.how if before else patient.mail_consent
    initial = {
        "to": before.to if before else patient.email,
        "consent": patient.mail_consent,
        "how": wanted if wanted in ways else next(iter(ways), ""),
        "form_key": outbox.new_form_key(),
        "again": before.pk if before else None,
    }
    return SendForm(request.POST or None, initial=initial, patient=patient, ways=ways)


def _barred(patient: Patient) -> str:
    """Say why nothing at all may go out, whatever the patient agrees to; empty if it may."""
    try:
        outbox.check_sends_to(patient)
    except outbox.CannotSend as reason:
        return str(reason)
    return ""


@transaction.atomic  # so that nothing is kept of a form whose mail isn't queued because something broke
def _sent(request: StaffRequest, issue: Issue, form: SendForm, before: Delivery | None) -> bool:
    """Record what the patient agreed to and queue the mail; return False with the reason in the form if it can't be."""
    typed, patient = form.cleaned_data, issue.program.patient
    mail_consent.record(patient, typed["consent"], by=request.user)
    if typed["consent"] == "none":
        messages.info(request, f"Noted: nothing goes to {patient.name} by e-mail. Print the handout instead.")
        return True
    try:
        queued = outbox.queue_handout(
            issue,
            to=typed["to"],
            form_key=typed["form_key"],
            by=request.user,
            how=typed["how"],
            again_for=before,
        )
    except outbox.CannotSend as reason:
        form.add_error(None, str(reason))
        retyped = request.POST.copy()
        retyped["form_key"] = outbox.new_form_key()
        form.data = retyped
        return False
    what = "A link to the handout" if queued.how == "link" else "The handout"
    messages.success(request, f"{what} is on its way to {queued.to}.")
    return True


@requires(Can.HANDOUTS)
@require_safe
def delivery(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Show how a mail is doing; in the demo also the mail itself."""
    found = _find(request, delivery_id)
    return _page(request, found, CameBackForm())


@requires(Can.HANDOUTS)
@require_POST
def came_back(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Note that a mail came back after it had been handed over."""
    found = _find(request, delivery_id)
    form = CameBackForm(request.POST)
    if form.is_valid():
        try:
            outbox.note_bounce(found, form.cleaned_data["note"], by=request.user)
        except outbox.CannotNote as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, "Noted. You can send it again, or print it.")
            return redirect("delivery", delivery_id=found.pk)
    return _page(request, found, form, status=422)


def _find(request: StaffRequest, delivery_id: int) -> Delivery:
    rows = Delivery.objects.visible_to(request.user).select_related(
        "issue__program__patient", "queued_by", "again_for", "link"
    )
    rows = rows.defer("issue__snapshot", "issue__overrides", "issue__program__edits")
    return get_object_or_404(rows.prefetch_related("again"), pk=delivery_id)


def _page(request: StaffRequest, found: Delivery, form: CameBackForm, status: int = 200) -> HttpResponse:
    audit.about(found.issue.program.patient, "view mail", by=request.user, subject=found)
    mail = mail_folder.read(found.message_id) if settings.DEMO or settings.TESTING else None
    page = {
        "delivery": found,
        "issue": found.issue,
        "patient": found.issue.program.patient,
        "form": form,
        "link": at_home_panel.line(found.link, found.issue, timezone.now()) if found.link else None,
        "most": outbox.MOST_ATTEMPTS,
        "mail": _shown(mail) if mail else None,
    }
    return render(request, "programs/delivery.html", page, status=status)


def _shown(mail: EmailMessage) -> dict[str, Any]:
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
