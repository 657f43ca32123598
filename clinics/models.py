"""People, clinics, the roles that join them, and the log of who saw or changed what."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

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
    logo = models.BinaryField(
        default=bytes, blank=True, editable=False, help_text="PNG, written by `clinics.branding`."
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
        ]

    def __str__(self) -> str:
        return self.name


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


class AuditEntry(models.Model):
    """One view or change of patient data. Only `clinics.audit` writes it; nobody changes it."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, help_text="Model and key, for example “patient:12”.")
    patient_id = models.BigIntegerField(null=True, db_index=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
