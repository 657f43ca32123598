"""The pages of those who edit the catalog, beside the admin."""

from django.urls import path

from exercises import exchange_views, history_views, picture_views, pose_views

urlpatterns = [
    path("changes/", history_views.changes, name="catalog_changes"),
    path("history/<slug:kind>/<int:row_id>/", history_views.history, name="row_history"),
    path("history/<slug:kind>/<int:row_id>/<int:number>/", history_views.version, name="row_version"),
    path("poses/like/", pose_views.pose_like, name="pose_like"),
    path("exercises/<slug:slug>/pose/", pose_views.pose, name="pose"),
    path("exercises/<slug:slug>/pose/draw/", pose_views.pose_drawn, name="pose_drawn"),
    path("exercises/<slug:slug>/pictures/", picture_views.exercise_pictures, name="exercise_pictures"),
    path("exchange/", exchange_views.exchange, name="exchange"),
    path("exchange/export/", exchange_views.export, name="export"),
    path("exchange/<int:job_id>/", exchange_views.import_, name="import"),
    path("exchange/<int:job_id>/import/", exchange_views.import_confirm, name="import_confirm"),
    path("exchange/<int:job_id>/drop/", exchange_views.import_drop, name="import_drop"),
    path("updates/", exchange_views.updates, name="updates"),
    path("updates/<int:kept_id>/", exchange_views.update, name="update"),
]
