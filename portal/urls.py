"""Every address of the site, a line a face."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.health.urls")),
    path("", include("portal.live.urls")),
    path("", include("portal.accounts.urls")),
    path("webhooks/", include("portal.inbound.urls")),
]
