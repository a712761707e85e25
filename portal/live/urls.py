from django.urls import path

from portal.live import views

app_name = "live"
urlpatterns = [
    path("m/<slug:merchant>/<slug:mode>/_/live/", views.merchant_stream, name="merchant"),
    path("ops/_/live/", views.staff_stream, name="ops"),
]
