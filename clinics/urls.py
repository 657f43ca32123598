"""Signing in and out, one's own password, and the clinic. The library's other pages aren't served: nobody signs up."""

from allauth.account import views
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path
from django.views.generic import RedirectView

from clinics import clinic_views, page, people_views, security, sign_in

SECURITY = "accounts/security/"

urlpatterns = [
    path("accounts/login/", views.login, name="account_login"),
    path("accounts/login/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/login/second/", factor.authenticate, name="mfa_authenticate"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/inactive/", views.account_inactive, name="account_inactive"),
    path("accounts/again/", views.reauthenticate, name="account_reauthenticate"),
    path("accounts/again/code/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/again/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("accounts/password/change/", views.password_change, name="account_change_password"),
    path(
        "accounts/password/set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path("accounts/password/reset/", views.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path(SECURITY, security.own, name="mfa_index"),
    path(SECURITY + "app/", app.activate_totp, name="mfa_activate_totp"),
    path(SECURITY + "app/remove/", app.deactivate_totp, name="mfa_deactivate_totp"),
    path(SECURITY + "codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(SECURITY + "codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(SECURITY + "passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path(SECURITY + "passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path(SECURITY + "passkeys/<int:pk>/name/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path(SECURITY + "passkeys/<int:pk>/remove/", security.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path(SECURITY + "sessions/end/", security.end_others, name="mfa_end_other_sessions"),
    path(SECURITY + "sessions/<int:session_id>/end/", security.end_session, name="mfa_end_session"),
    path("signed-in/", page.signed_in, name="signed_in"),
    path("resume/", sign_in.resume, name="resume"),
    path("clinic/", clinic_views.own, name="own_clinic"),
    path("clinic/<int:clinic_id>/", clinic_views.settings, name="clinic"),
    path("clinic/<int:clinic_id>/people/", people_views.listed, name="people"),
    path("clinic/<int:clinic_id>/people/<int:membership_id>/role/", people_views.role, name="person_role"),
    path("clinic/<int:clinic_id>/people/<int:membership_id>/end/", people_views.end, name="person_end"),
    path("clinic/<int:clinic_id>/people/<int:membership_id>/out/", people_views.sign_out, name="person_sign_out"),
    path("clinic/<int:clinic_id>/invited/<int:invitation_id>/end/", people_views.withdraw, name="invitation_end"),
    path("join/<str:token>/", people_views.join, name="join"),
    path("clinic/<int:clinic_id>/logo.png", clinic_views.logo, name="clinic_logo"),
    path("clinic/colour-<slug:digits>.css", clinic_views.colour, name="clinic_colour"),
]
