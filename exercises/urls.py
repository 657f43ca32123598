"""The pages of exercises."""

from django.urls import path

from exercises import evidence_views, views

urlpatterns = [
    path("exercises/", views.exercise_list, name="exercises"),
    path("exercises/<slug:slug>/", views.exercise_detail, name="exercise"),
    path("exercises/<slug:slug>/figure.svg", views.exercise_figure, name="exercise_figure"),
    path("exercises/<slug:slug>/motion.svg", views.exercise_motion, name="exercise_motion"),
    path("body/<slug:view>.svg", views.body, name="body_map"),
    path("evidence/", evidence_views.evidence, name="evidence"),
    path("evidence/drivers/<slug:slug>/", evidence_views.driver, name="driver_evidence"),
    path("evidence/checks/<slug:slug>/", evidence_views.check, name="check_evidence"),
    path("protocols/", views.protocol_list, name="protocols"),
]
