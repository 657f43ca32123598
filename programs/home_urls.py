"""The patient's own pages, under /p/: one address with a token, all others with a visit alone."""

from django.urls import path

from programs import home_views

urlpatterns = [
    path("", home_views.home, name="home"),
    path("tick/", home_views.tick, name="home_tick"),
    path("score/", home_views.score, name="home_score"),
    path("sync/", home_views.sync, name="home_sync"),
    path("standing/", home_views.standing, name="home_standing"),
    path("leave/", home_views.leave, name="home_leave"),
    path("handout.pdf", home_views.handout_pdf, name="home_handout"),
    path("figures/<str:key>.svg", home_views.figure, name="home_figure"),
    path("motion/<int:number>.svg", home_views.motion, name="home_motion"),
    path("app.webmanifest", home_views.manifest, name="home_manifest"),
    path("sw.js", home_views.worker, name="home_worker"),
    path("<str:token>/", home_views.open_link, name="home_open"),
]
