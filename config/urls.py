"""The map of the site; each app maps its own pages."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("p/", include("programs.home_urls")),
    path("catalog/", include("programs.catalog_urls")),
    path("", include("programs.urls")),
    path("", include("programs.record_urls")),
    path("", include("patients.urls")),
    path("", include("exercises.urls")),
    path("clinic/exercises/", include("exercises.own_urls")),
    path("catalog/", include("exercises.editor_urls")),
    path("", include("clinics.urls")),
    path("admin/", admin.site.urls),
]

handler403 = "clinics.page.forbidden"
handler404 = "clinics.page.missing"
handler500 = "clinics.page.broken"
