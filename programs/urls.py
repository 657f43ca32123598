"""The pages of programs: Today, a patient's page, the builder, issuing, sign-offs, mail, health."""

from django.urls import path

from programs import health, issue_views, mail_views, patient_views, progress_views, sign_off_views, views

urlpatterns = [
    path("", patient_views.today, name="today"),
    path("patients/<int:patient_id>/", patient_views.patient, name="patient"),
    path("patients/<int:patient_id>/programs/new/", views.program_new, name="program_new"),
    path("programs/<int:program_id>/", views.builder, name="builder"),
    path("programs/<int:program_id>/stage/", views.stage_choose, name="stage_choose"),
    path("programs/<int:program_id>/add/", views.item_add, name="item_add"),
    path("programs/<int:program_id>/progress/", progress_views.progress, name="progress"),
    path("programs/<int:program_id>/fix/", views.fix, name="fix"),
    path("programs/<int:program_id>/next-visit/", views.next_visit, name="next_visit"),
    path("items/<int:item_id>/", views.item_edit, name="item_edit"),
    path("items/<int:item_id>/move/", views.item_move, name="item_move"),
    path("items/<int:item_id>/place/", views.item_place, name="item_place"),
    path("items/<int:item_id>/remove/", views.item_remove, name="item_remove"),
    path("programs/<int:program_id>/preview/", issue_views.preview, name="preview"),
    path("programs/<int:program_id>/issue/", issue_views.issue, name="issue"),
    path("issues/<int:issue_id>/handout.pdf", issue_views.handout_pdf, name="handout_pdf"),
    path("issues/<int:issue_id>/send/", mail_views.send, name="send"),
    path("deliveries/<int:delivery_id>/", mail_views.delivery, name="delivery"),
    path("programs/<int:program_id>/sign-off/", sign_off_views.ask, name="sign_off_ask"),
    path("sign-offs/<int:sign_off_id>/", sign_off_views.decide, name="sign_off"),
    path("healthz", health.healthz, name="healthz"),
]
