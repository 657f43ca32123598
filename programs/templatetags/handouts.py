"""Parts of a handout on pages that know no program."""

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinics.models import Clinic
from exercises import languages
from programs import drafting, handout, issuing

register = template.Library()

CODE_COMES = "The code to scan is printed here."


@register.filter
def said_in(text: str, language: str) -> str:
    """Return words marked as being in a language, or as they are where it is that of the page (“”)."""
    return format_html('<span lang="{}">{}</span>', language, text) if language else text


@register.simple_tag
def sample_masthead(clinic: Clinic, unsaved_logo: str = "") -> SafeString:
    """Return the head of an invented patient's handout; `unsaved_logo` is a PNG in base64 that isn't kept yet."""
    sample = handout.Handout(
        clinic=drafting.clinic_of(clinic),
        patient_name="Maria Rivera",
        clinician_name="Dana Okafor",
        clinician_credentials="PT",
        date=timezone.localdate(),
        version=1,
        phases=(),
    )
    address = f"data:image/png;base64,{unsaved_logo}" if unsaved_logo else reverse("clinic_logo", args=[clinic.pk])
    shown = {
        "handout": sample,
        "words": languages.of(sample.language).words,
        "logo_address": address,
        "code_later": CODE_COMES if issuing.prints_code(clinic) else "",
    }
    return render_to_string("handout/masthead.html", shown)
