"""The pages of patients; a patient's own page gathers what programs know and is mapped there."""

from django.urls import path

from patients import clinical_views, log_views, views

urlpatterns = [
    path("patients/", views.patient_list, name="patients"),
    path("patients/new/", views.patient_new, name="patient_new"),
    path("patients/<int:patient_id>/edit/", views.patient_edit, name="patient_edit"),
    path("patients/<int:patient_id>/archive/", views.patient_archive, name="patient_archive"),
    path("patients/<int:patient_id>/screening/", clinical_views.screening_round, name="screening"),
    path("patients/<int:patient_id>/assessment/", clinical_views.assessment, name="assessment"),
    path("patients/<int:patient_id>/referral.pdf", clinical_views.referral_pdf, name="referral_pdf"),
    path("clinic/<int:clinic_id>/log/", log_views.log, name="clinic_log"),
    path("clinic/<int:clinic_id>/log.csv", log_views.log_csv, name="clinic_log_csv"),
    path("flags/<int:flag_id>/close/", clinical_views.flag_close, name="flag_close"),
]
