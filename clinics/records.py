"""What a clinic says of itself and how its handouts look. Only this module writes it, for those who may."""

from typing import Any

from django.db import transaction

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import AuditEntry, Clinic, ClinicLogo, User

CHANGE = "change clinic"

EDITABLE = (
    "name",
    "phone",
    "email",
    "address",
    "website",
    "logo",
    "colour",
    "paper",
    "mail_policy",
    "prints_links",
    "link_days",
    "requires_second_factor",
    "idle_minutes",
    "retention_years",
)


class EditedMeanwhile(Exception):
    """The settings were changed since the form was shown; nothing was written.

    `clinic` is as it is saved, `fields` what was changed of it.
    """

    def __init__(self, clinic: Clinic, fields: list[str]) -> None:
        super().__init__("The settings were changed meanwhile.")
        self.clinic, self.fields = clinic, fields


@transaction.atomic
def update(clinic: Clinic, values: dict[str, Any], *, seen_version: int | None, by: User) -> list[str]:
    """Write those of the EDITABLE fields that changed, and return their names.

    Raise EditedMeanwhile if there are any and the settings moved on since `seen_version`.
    """
    check_may(by, Can.SETTINGS, clinic.pk)
    kept = Clinic.objects.select_for_update().get(pk=clinic.pk)
    changed = sorted(name for name in EDITABLE if name in values and values[name] != getattr(kept, name))
    if changed and kept.version != seen_version:
        raise EditedMeanwhile(kept, _changed_since(kept, seen_version or 0))
    if changed:
        for name in changed:
            setattr(kept, name, values[name])
        kept.version += 1
        kept.save(update_fields=[*(name for name in changed if name != "logo"), "version"])
        if "logo" in changed:
            keep_logo(kept, values["logo"])
        note(kept, changed, by=by)
    return changed


def note(clinic: Clinic, fields: list[str], *, by: User) -> None:
    """Write into the log which fields were changed, and to which version that led."""
    audit.record(CHANGE, by=by, clinic_id=clinic.pk, subject=clinic, fields=fields, version=clinic.version)


def keep_logo(clinic: Clinic, png: bytes) -> None:
    """Write the clinic's logo as it is; without a byte take it away."""
    if png:
        ClinicLogo.objects.update_or_create(clinic=clinic, defaults={"png": png})
    else:
        ClinicLogo.objects.filter(clinic=clinic).delete()


def _changed_since(clinic: Clinic, version: int) -> list[str]:
    entries = AuditEntry.objects.filter(clinic=clinic, action=CHANGE, detail__version__gt=version)
    changed = {name for entry in entries for name in entry.detail["fields"]}
    return [name for name in EDITABLE if name in changed]
