"""Pages of the platform's own staff."""

from django.urls import path

from portal.staff import home
from portal.staff.events import views as events
from portal.staff.merchants import views as merchants

app_name = "ops"
urlpatterns = [
    path("", home.home, name="home"),
    path("merchants/", merchants.merchants, name="merchants"),
    path("system/events/", events.events, name="events"),
    path("system/events/_/results/", events.events_panel, name="events_panel"),
    path("system/events/replay/", events.events_replay, name="events_replay"),
    path("system/events/<slug:event>/", events.event, name="event"),
    path("system/events/<slug:event>/replay/", events.event_replay, name="event_replay"),
]
