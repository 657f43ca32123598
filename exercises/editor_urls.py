"""The pages of those who edit the catalog, beside the admin."""

from django.urls import path

from exercises import history_views, pose_views

urlpatterns = [
    path("changes/", history_views.changes, name="catalog_changes"),
    path("history/<slug:kind>/<int:row_id>/", history_views.history, name="row_history"),
    path("history/<slug:kind>/<int:row_id>/<int:number>/", history_views.version, name="row_version"),
    path("poses/like/", pose_views.pose_like, name="pose_like"),
    path("exercises/<slug:slug>/pose/", pose_views.pose, name="pose"),
    path("exercises/<slug:slug>/pose/draw/", pose_views.pose_drawn, name="pose_drawn"),
]
