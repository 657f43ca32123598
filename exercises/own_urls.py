"""The pages of a clinic's own exercises. A slug of one is never “new”: it ends in random letters."""

from django.urls import path

from exercises import own_views

urlpatterns = [
    path("", own_views.own_list, name="own_exercises"),
    path("new/<int:clinic_id>/", own_views.own_new, name="own_exercise_new"),
    path("clone/<slug:slug>/", own_views.own_clone, name="own_exercise_clone"),
    path("<slug:slug>/", own_views.own_exercise, name="own_exercise"),
    path("<slug:slug>/status/", own_views.own_move, name="own_exercise_move"),
    path("<slug:slug>/propose/", own_views.own_propose, name="own_exercise_propose"),
]
