"""People and clinics in the admin, for those who run the site. Roles and the log can be read, not changed."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from clinics import accounts, audit, records
from clinics.models import AuditEntry, Clinic, Membership, User
from clinics.sign_in import confirmed_lately, post

admin.site.site_header = admin.site.site_title = "ReleaseFirst admin"
admin.site.enable_nav_sidebar = False  # forms need the room; the index lists the same
admin.site.index_title = "What can be edited"
# One way in, with its limits on guessing: the admin has no sign-in of its own.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class NewPerson(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """E-mail addresses are kept in lower case, as the sign-in looks for them."""
        return str(self.cleaned_data["email"]).lower()


class SiteOwnersOnly:
    """Only superusers see it, and nothing of it is deleted: accounts are closed, the log points to them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadAlone:
    """Shown, and neither added nor changed here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class RolesInline(ReadAlone, SiteOwnersOnly, admin.TabularInline):
    """Given elsewhere: `clinics.people` sees that an admin stays, and that the others hear of a new one."""

    model = Membership
    verbose_name_plural = "Roles: a clinic’s admins give them on its page “People”; for its first, see manage.py clinic"
    extra = 0


@admin.register(User)
@method_decorator(confirmed_lately, "changeform_view")
@method_decorator(confirmed_lately, "user_change_password")
class PersonAdmin(SiteOwnersOnly, UserAdmin):
    add_form = NewPerson
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "memberships__role")
    search_fields = ("email", "name")
    ordering = ("email",)
    inlines = (RolesInline,)
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "credentials")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)
    readonly_fields = ("last_login", "date_joined")

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Write it into the log, tell whom it concerns, and say which clinics have nobody to rule them now."""
        super().save_model(request, obj, form, change)
        by = cast(User, request.user)
        if not change:
            return accounts.added(obj, by=by)
        for mail in accounts.changed(obj, form.changed_data, by=by):
            post(mail)
        for clinic in accounts.left_alone(obj) if "is_active" in form.changed_data else []:
            how = f"To invite another, run: manage.py clinic “{clinic}” and their e-mail address."
            messages.warning(request, f"{clinic} has no admin now. {how}")
        return None

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Write it into the log, and tell the person."""
        person = self.get_object(request, unquote(id))
        was = person.password if person else ""
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if person and User.objects.get(pk=person.pk).password != was:
                accounts.changed(person, ["password"], by=cast(User, request.user))
                get_adapter().send_notification_mail("account/email/password_changed", person)
        return response


@admin.register(Clinic)
@method_decorator(confirmed_lately, "changeform_view")
class ClinicAdmin(SiteOwnersOnly, admin.ModelAdmin):
    """Clinics; what they say of themselves and how their handouts look is theirs to say, on a page that checks it."""

    list_display = ("name", "phone", "email", "is_demo")
    search_fields = ("name",)
    inlines = (RolesInline,)
    readonly_fields = tuple(name for name in records.EDITABLE if name not in ("name", "logo"))

    def save_model(self, request: HttpRequest, obj: Clinic, form: ModelForm, change: bool) -> None:
        """Save it as a new version, so that a settings page that is open doesn't undo it."""
        changed = form.changed_data if change else []
        if changed:
            obj.version += 1
        super().save_model(request, obj, form, change)
        if changed and isinstance(request.user, User):
            records.note(obj, changed, by=request.user)


# The library's pages would show sealed seeds and end sessions unlogged; a person does that on a page of their own.
admin.site.unregister([Authenticator, UserSession])


TOLD = {
    Authenticator.Type.TOTP: "mfa/email/totp_deactivated",
    Authenticator.Type.WEBAUTHN: "mfa/email/webauthn_removed",
}


@admin.register(Authenticator)
@method_decorator(confirmed_lately, "delete_view")
class SecondFactorAdmin(ReadAlone, SiteOwnersOnly, admin.ModelAdmin):
    """For whoever lost theirs and has no recovery code left: it can be removed, and nothing else."""

    actions = None  # one at a time
    list_display = ("user", "type", "created_at", "last_used_at")
    search_fields = ("user__email",)
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Write it into the log, who removed whose, and tell the person."""
        super().delete_model(request, obj)
        if isinstance(request.user, User):
            audit.record(
                "remove second factor",
                by=request.user,
                clinic_id=None,
                subject=f"user:{obj.user_id}",
                kind=obj.type,
            )
        if obj.type in TOLD:
            get_adapter().send_notification_mail(TOLD[obj.type], obj.user)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadAlone, SiteOwnersOnly, admin.ModelAdmin):
    list_display = ("at", "by", "action", "subject", "clinic", "patient_id")
    list_filter = ("action", "clinic")
    list_select_related = ("by", "clinic")
    search_fields = ("subject", "by__email", "=patient_id")
    date_hierarchy = "at"
