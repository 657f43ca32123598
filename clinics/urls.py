"""Signing in and out, one's own password, and the clinic. The library's other pages aren't served: nobody signs up."""

from allauth.account import views
from django.urls import path, re_path

from clinics import clinic_views, page, sign_in

urlpatterns = [
    path("accounts/login/", views.login, name="account_login"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/inactive/", views.account_inactive, name="account_inactive"),
    path("accounts/password/change/", views.password_change, name="account_change_password"),
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
    path("signed-in/", page.signed_in, name="signed_in"),
    path("resume/", sign_in.resume, name="resume"),
    path("clinic/", clinic_views.own, name="own_clinic"),
    path("clinic/<int:clinic_id>/", clinic_views.settings, name="clinic"),
    path("clinic/<int:clinic_id>/logo.png", clinic_views.logo, name="clinic_logo"),
    path("clinic/colour-<slug:digits>.css", clinic_views.colour, name="clinic_colour"),
]
