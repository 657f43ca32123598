"""The pages of a patient's record as a whole."""

from django.urls import path

from programs import record_views

urlpatterns = [
    path("clinic/<int:clinic_id>/records/", record_views.records, name="records"),
    path("patients/<int:patient_id>/record/", record_views.record, name="record"),
    path("patients/<int:patient_id>/record.zip", record_views.export, name="record_export"),
    path("patients/<int:patient_id>/record/hold/", record_views.hold, name="record_hold"),
    path("patients/<int:patient_id>/record/holds/<int:hold_id>/lift/", record_views.lift, name="record_lift"),
    path("patients/<int:patient_id>/record/erase/", record_views.erase, name="record_erase"),
    path("patients/<int:patient_id>/disclosures/", record_views.disclosed, name="disclosures"),
    path("patients/<int:patient_id>/disclosures.csv", record_views.disclosed_csv, name="disclosures_csv"),
]
