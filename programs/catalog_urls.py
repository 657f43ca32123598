"""The pages of the catalog's editors that need programs: review, preview, use, and taking an exercise out of use."""

from django.urls import path

from programs import catalog_preview_views, retiring_views, review_views, usage_views

urlpatterns = [
    path("review/", review_views.queue, name="review_queue"),
    path("exercises/<slug:slug>/review/", review_views.review, name="review"),
    path("exercises/<slug:slug>/retire/", retiring_views.retire, name="exercise_retire"),
    path("use/", usage_views.use, name="catalog_use"),
    path("use/<slug:slug>/", usage_views.use_of, name="catalog_use_of"),
    path("preview/<slug:kind>/", catalog_preview_views.preview, name="catalog_preview"),
    path("preview/<slug:kind>/<int:row_id>/", catalog_preview_views.preview, name="catalog_preview_of"),
]
