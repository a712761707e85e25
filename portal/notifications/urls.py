from django.urls import include, path

from portal.notifications import choices, pages

app_name = "notices"
_merchant = [
    path("", pages.inbox, name="inbox"),
    path("_/list/", pages.inbox_list, name="inbox_list"),
    path("_/bell/", pages.inbox_bell, name="inbox_bell"),
    path("read/", pages.inbox_read, name="inbox_read"),
]
_ops = [
    path("", pages.ops_inbox, name="ops_inbox"),
    path("_/list/", pages.ops_inbox_list, name="ops_inbox_list"),
    path("_/bell/", pages.ops_inbox_bell, name="ops_inbox_bell"),
    path("read/", pages.ops_inbox_read, name="ops_inbox_read"),
]
urlpatterns = [
    path("me/notifications/", choices.choices, name="choices"),
    path("m/<slug:merchant>/<slug:mode>/notifications/", include(_merchant)),
    path("ops/notifications/", include(_ops)),
]
