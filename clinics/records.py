"""What a clinic says of itself and how its handouts look. Only this module writes it, for those who may."""

from typing import Any

from django.db import transaction

from clinics import audit
from clinics.access import Can, check_may
from clinics.models import Clinic, User

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
)


@transaction.atomic
def update(clinic: Clinic, values: dict[str, Any], *, by: User) -> list[str]:
    """Write those of the EDITABLE fields that changed, and return their names."""
    check_may(by, Can.SETTINGS, clinic.pk)
    kept = Clinic.objects.select_for_update().get(pk=clinic.pk)
    changed = sorted(name for name in EDITABLE if name in values and values[name] != _now(kept, name))
    if changed:
        for name in changed:
            setattr(kept, name, values[name])
        kept.save(update_fields=changed)
        audit.record("change clinic", by=by, clinic_id=kept.pk, subject=kept, fields=changed)
    return changed


def _now(clinic: Clinic, name: str) -> Any:
    """The logo comes as a view of the database's own memory from PostgreSQL."""
    return bytes(clinic.logo) if name == "logo" else getattr(clinic, name)
