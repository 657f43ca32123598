"""The pages of exercises."""

from django.urls import path

from exercises import views

urlpatterns = [
    path("exercises/", views.exercise_list, name="exercises"),
    path("exercises/<slug:slug>/", views.exercise_detail, name="exercise"),
    path("exercises/<slug:slug>/figure.svg", views.exercise_figure, name="exercise_figure"),
    path("exercises/<slug:slug>/motion.svg", views.exercise_motion, name="exercise_motion"),
    path("protocols/", views.protocol_list, name="protocols"),
]
