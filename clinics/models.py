"""People, clinics, the roles that join them, and the log of who saw or changed what."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from clinics.wall import WalledManager

PAPERS = [("A4", "A4"), ("Letter", "Letter")]
MAIL_POLICIES = [
    ("attach", "The handout as a PDF, or a link"),
    ("link", "A link alone"),
    ("none", "Nothing"),
]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new saved person who signs in with `email`; without a password they can't sign in yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new saved person who may do everything in the admin."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class User(AbstractBaseUser, PermissionsMixin):
    """One person, one account. What they may do in a clinic is in their memberships."""

    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=120, help_text="As patients see it on a handout, for example “Dana Okafor”.")
    credentials = models.CharField(
        max_length=40, blank=True, help_text="Printed after the name, for example “PT, DPT”."
    )
    is_staff = models.BooleanField("may open the admin", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    handout_options = models.JSONField(default=dict, blank=True, editable=False, help_text="As last chosen.")

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def signature(self) -> str:
        """Name with credentials, as on a handout."""
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


class Clinic(models.Model):
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    address = models.CharField(max_length=200, blank=True)
    website = models.CharField(
        max_length=120, blank=True, help_text="Printed on handouts, for example “lakesidept.com”."
    )
    colour = models.CharField(
        "colour of the handout’s head",
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-f]{6}\Z")],
        help_text="For example “#0b5f66”. It must read well on white.",
    )
    paper = models.CharField(max_length=6, choices=PAPERS, default="A4")
    mail_policy = models.CharField(
        "by e-mail goes at most",
        max_length=10,
        choices=MAIL_POLICIES,
        default="link",
        help_text="A patient may want less.",
    )
    prints_links = models.BooleanField(
        "print a code that opens the program on a phone", default=True, help_text="Whoever has the sheet can open it."
    )
    link_days = models.PositiveSmallIntegerField("days that a link works", default=90)
    requires_second_factor = models.BooleanField(
        "ask everyone for a second factor at sign-in",
        default=True,
        help_text="A passkey or a code of an app. A stolen password alone then opens nothing.",
    )
    idle_minutes = models.PositiveSmallIntegerField(
        "minutes without use until people are signed out", default=15, help_text="From 2 to 60."
    )
    retention_years = models.PositiveSmallIntegerField(
        "years that a record is kept after its last entry",
        null=True,
        blank=True,
        help_text="Empty: for good. Nothing is erased by itself: who runs the site is shown what is due, and confirms.",
    )
    is_demo = models.BooleanField(default=False, help_text="Holds invented people only.")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(paper__in=[code for code, _ in PAPERS]), name="paper_is_known"),
            models.CheckConstraint(
                condition=models.Q(mail_policy__in=[code for code, _ in MAIL_POLICIES]), name="mail_policy_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(link_days__gte=1, link_days__lte=366), name="links_work_for_a_day_to_a_year"
            ),
            models.CheckConstraint(
                condition=models.Q(idle_minutes__gte=2, idle_minutes__lte=60), name="idle_sessions_last_2_to_60_minutes"
            ),
            models.CheckConstraint(
                condition=models.Q(retention_years=None) | models.Q(retention_years__gte=1, retention_years__lte=100),
                name="records_are_kept_1_to_100_years",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def logo(self) -> bytes:
        """The PNG at the head of its sheets, read when it is first asked for; empty for none."""
        kept = ClinicLogo.objects.filter(clinic=self).first()
        return bytes(kept.png) if kept else b""


class ClinicLogo(models.Model):
    """A clinic's logo, in a row of its own: it may weigh as much as a page, and few pages show it."""

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, primary_key=True, related_name="+")
    png = models.BinaryField(help_text="As `clinics.branding` draws it.")

    def __str__(self) -> str:
        return f"Logo of clinic {self.clinic_id}"


class Role(models.TextChoices):
    THERAPIST = "therapist", "Therapist"
    TRAINER = "trainer", "Trainer"
    ASSISTANT = "assistant", "Assistant"
    CLINIC_ADMIN = "clinic_admin", "Clinic admin"


class Membership(models.Model):
    """What a person is in a clinic."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "user"], name="one_role_per_person_and_clinic"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()}, {self.clinic})"


class Invitation(models.Model):
    """A place in a clinic that waits for somebody; only `clinics.people` writes it. The token itself isn't kept."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail", help_text="In lower case.")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.THERAPIST)
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was taken or withdrawn.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_of_invitation_is_known"),
            models.UniqueConstraint(
                fields=["clinic", "email"],
                condition=models.Q(ended_at=None),
                name="one_open_invitation_per_address_and_clinic",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk} to {self.clinic}"


class AuditEntry(models.Model):
    """One view or change of patient data. Only `clinics.audit` writes it; the database refuses changes.

    `chain`, `number`, `previous` and `digest` are written by the database's own triggers (`clinics.audit_chain`).
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120, blank=True, help_text="As the person was called then.")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, help_text="Model and key, for example “patient:12”.")
    patient_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    chain = models.BigIntegerField(default=0, editable=False, help_text="The clinic’s number, or 0.")
    number = models.BigIntegerField(null=True, editable=False, help_text="1, 2, 3 … in the chain.")
    previous = models.CharField(max_length=64, default="", editable=False)
    digest = models.CharField(max_length=64, default="", editable=False)

    objects = WalledManager["AuditEntry"]()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="one_entry_per_number")]
        indexes = [
            models.Index(fields=["clinic", "at"], name="audit_of_clinic"),
            models.Index(fields=["patient_id", "at"], name="audit_of_patient"),
            models.Index(fields=["by", "at"], name="audit_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
