"""The pages of those who edit the catalog, beside the admin."""

from django.urls import path

from exercises import history_views

urlpatterns = [
    path("changes/", history_views.changes, name="catalog_changes"),
    path("history/<slug:kind>/<int:row_id>/", history_views.history, name="row_history"),
    path("history/<slug:kind>/<int:row_id>/<int:number>/", history_views.version, name="row_version"),
]
