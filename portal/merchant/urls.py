"""Pages of one merchant in one mode."""

from django.urls import path

from portal.merchant import home
from portal.merchant.events import views as events
from portal.merchant.transactions import views as transactions

app_name = "merchant"
urlpatterns = [
    path("", home.home, name="home"),
    path("transactions/", transactions.transactions, name="transactions"),
    path("transactions/_/results/", transactions.transactions_panel, name="transactions_panel"),
    path("transactions/<slug:payment>/", transactions.transaction, name="transaction"),
    path("transactions/<slug:payment>/_/<slug:panel>/", transactions.transaction_panel, name="transaction_panel"),
    path("events/", events.events, name="events"),
    path("events/_/results/", events.events_panel, name="events_panel"),
    path("events/replay/", events.events_replay, name="events_replay"),
    path("events/<slug:event>/", events.event, name="event"),
    path("events/<slug:event>/replay/", events.event_replay, name="event_replay"),
]
