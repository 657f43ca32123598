"""The pages of the catalog's editors that need programs: review, and taking an exercise out of use."""

from django.urls import path

from programs import retiring_views, review_views

urlpatterns = [
    path("review/", review_views.queue, name="review_queue"),
    path("exercises/<slug:slug>/review/", review_views.review, name="review"),
    path("exercises/<slug:slug>/retire/", retiring_views.retire, name="exercise_retire"),
]
