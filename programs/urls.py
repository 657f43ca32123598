"""The pages of programs: Today, a patient's page, the builder, issuing, sign-offs, mail, health."""

from django.urls import path

from programs import (
    builder_views,
    copy_views,
    health,
    issue_views,
    link_views,
    mail_views,
    patient_views,
    progress_views,
    sign_off_views,
    views,
)
from programs import clinic_protocol_views as protocol_views

urlpatterns = [
    path("", patient_views.today, name="today"),
    path("patients/<int:patient_id>/", patient_views.patient, name="patient"),
    path("patients/<int:patient_id>/programs/new/", views.program_new, name="program_new"),
    path("programs/<int:program_id>/", builder_views.builder, name="builder"),
    path("programs/<int:program_id>/edit/", builder_views.edit, name="program_edit"),
    path("programs/<int:program_id>/catalog/", builder_views.catalog, name="program_catalog"),
    path("programs/<int:program_id>/exercises/<slug:slug>/", builder_views.exercise, name="program_exercise"),
    path("programs/<int:program_id>/items/<int:key>/swap/", builder_views.swaps, name="program_swaps"),
    path("programs/<int:program_id>/changes/", builder_views.changes, name="program_changes"),
    path("programs/<int:program_id>/copy/", copy_views.copy, name="program_copy"),
    path("programs/<int:program_id>/progress/", progress_views.progress, name="progress"),
    path("programs/<int:program_id>/preview/", issue_views.preview, name="preview"),
    path("programs/<int:program_id>/preview.pdf", issue_views.preview_pdf, name="preview_pdf"),
    path("programs/<int:program_id>/issue/", issue_views.issue, name="issue"),
    path("issues/<int:issue_id>/handout.pdf", issue_views.handout_pdf, name="handout_pdf"),
    path("issues/<int:issue_id>/send/", mail_views.send, name="send"),
    path("issues/<int:issue_id>/links/new/", link_views.new, name="patient_link_new"),
    path("issues/<int:issue_id>/links/<int:link_id>/", link_views.show, name="patient_link"),
    path("issues/<int:issue_id>/links/<int:link_id>/revoke/", link_views.revoke, name="patient_link_revoke"),
    path("deliveries/<int:delivery_id>/", mail_views.delivery, name="delivery"),
    path("deliveries/<int:delivery_id>/came-back/", mail_views.came_back, name="came_back"),
    path("programs/<int:program_id>/sign-off/", sign_off_views.ask, name="sign_off_ask"),
    path("sign-offs/<int:sign_off_id>/", sign_off_views.decide, name="sign_off"),
    path("programs/<int:program_id>/save-as-protocol/", protocol_views.save_as_protocol, name="save_as_protocol"),
    path("protocols/ours/", protocol_views.clinic_protocol_list, name="clinic_protocols"),
    path("protocols/ours/<int:protocol_id>/", protocol_views.clinic_protocol, name="clinic_protocol"),
    path(
        "protocols/ours/<int:protocol_id>/retire/", protocol_views.clinic_protocol_retire, name="clinic_protocol_retire"
    ),
    path("healthz", health.healthz, name="healthz"),
]
