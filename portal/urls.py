"""Every address of the site, a line a face."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.health.urls")),
    path("", include("portal.live.urls")),
    path("", include("portal.accounts.urls")),
    path("", include("portal.notifications.urls")),
    path("webhooks/", include("portal.inbound.urls")),
    path("m/<slug:merchant>/<slug:mode>/", include("portal.merchant.urls")),
    path("ops/", include("portal.staff.urls")),
]
handler400 = "portal.web.errors.bad_request"
handler403 = "portal.web.errors.forbidden"
handler404 = "portal.web.errors.not_found"
handler500 = "portal.web.errors.server_error"
