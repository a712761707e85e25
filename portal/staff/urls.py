"""Pages of the platform's own staff."""

from django.urls import include, path

from portal.staff.approvals import views as approvals
from portal.staff.audit import views as audit
from portal.staff.commands import views as commands
from portal.staff.connections import views as connections
from portal.staff.events import views as events
from portal.staff.home import views as home
from portal.staff.merchants import views as merchants
from portal.staff.merchants import visits
from portal.staff.refunds import views as refunds
from portal.staff.search import views as search
from portal.staff.system import views as system
from portal.staff.transactions import views as transactions
from portal.staff.waiting import views as waiting

app_name = "ops"
ONE_CONNECTION = [
    path("", connections.connection, name="connection"),
    path("_/<slug:panel>/", connections.connection_panel, name="connection_panel"),
    path("findings/", connections.findings, name="connection_findings"),
    path("test/", connections.connection_test, name="connection_test"),
    path("run/", connections.connection_run, name="connection_run"),
    path("cancel/", connections.connection_cancel, name="connection_cancel"),
    path("sync/", connections.connection_sync, name="connection_sync"),
]
ONE_APPROVAL = [
    path("", approvals.approval, name="approval"),
    path("_/request/", approvals.approval_panel, name="approval_panel"),
    path("approve/", approvals.approval_approve, name="approval_approve"),
    path("reject/", approvals.approval_reject, name="approval_reject"),
]
ONE_REFUND = [
    path("", refunds.refund, name="refund"),
    path("_/<slug:panel>/", refunds.refund_panel, name="refund_panel"),
    path("withdraw/", refunds.refund_withdraw, name="refund_withdraw"),
]
urlpatterns = [
    path("", home.home, name="home"),
    path("_/money/", home.home_money, name="home_money"),
    path("_/events/", home.home_events, name="home_events"),
    path("_/connections/", home.home_connections, name="home_connections"),
    path("_/approvals/", home.home_approvals, name="home_approvals"),
    path("_/asked/", home.home_asked, name="home_asked"),
    path("waiting/<slug:kind>/", waiting.waiting, name="waiting"),
    path("waiting/<slug:kind>/_/results/", waiting.waiting_panel, name="waiting_panel"),
    path("merchants/", merchants.merchants, name="merchants"),
    path("search/", search.search, name="search"),
    path("search/recent/", search.recent, name="search_recent"),
    path("_/palette/", search.palette, name="palette"),
    path("merchants/<slug:merchant>/", merchants.merchant, name="merchant"),
    path("merchants/<slug:merchant>/visit/", visits.merchant_visit, name="merchant_visit"),
    path("merchants/<slug:merchant>/leave/", visits.merchant_leave, name="merchant_leave"),
    path("transactions/", transactions.transactions, name="transactions"),
    path("transactions/_/results/", transactions.transactions_panel, name="transactions_panel"),
    path("transactions/_/totals/", transactions.transactions_totals, name="transactions_totals"),
    path("transactions/<slug:payment>/", transactions.transaction, name="transaction"),
    path("transactions/<slug:payment>/_/<slug:panel>/", transactions.transaction_panel, name="transaction_panel"),
    path("transactions/<slug:payment>/notes/", transactions.transaction_note, name="transaction_note"),
    path("transactions/<slug:payment>/reveal/", transactions.transaction_reveal, name="transaction_reveal"),
    path("transactions/<slug:payment>/refund/", refunds.refund_new, name="refund_new"),
    path("transactions/<slug:payment>/refund/review/", refunds.refund_review, name="refund_review"),
    path("transactions/<slug:payment>/refunds/<slug:refund>/", include(ONE_REFUND)),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/_/results/", approvals.approvals_panel, name="approvals_panel"),
    path("approvals/<slug:approval>/", include(ONE_APPROVAL)),
    path("audit/", audit.audit, name="audit"),
    path("audit/_/chain/", audit.audit_panel, name="audit_panel"),
    path("audit/verify/", audit.audit_verify, name="audit_verify"),
    path("audit/export/", audit.audit_export, name="audit_export"),
    path("audit/heads/", audit.audit_heads, name="audit_heads"),
    path("audit/<slug:chain>/<slug:row>/", audit.audit_row, name="audit_row"),
    path("system/events/", events.events, name="events"),
    path("system/events/_/results/", events.events_panel, name="events_panel"),
    path("system/events/replay/", events.events_replay, name="events_replay"),
    path("system/events/<slug:event>/", events.event, name="event"),
    path("system/events/<slug:event>/replay/", events.event_replay, name="event_replay"),
    path("system/jobs/", system.jobs, name="jobs"),
    path("system/jobs/_/queues/", system.jobs_panel, name="jobs_panel"),
    path("system/health/", system.system_health, name="system_health"),
    path("system/health/_/checks/", system.system_health_panel, name="system_health_panel"),
    path("system/commands/", commands.commands, name="commands"),
    path("system/commands/_/results/", commands.commands_panel, name="commands_panel"),
    path("system/commands/<slug:command>/", commands.command, name="command"),
    path("system/commands/<slug:command>/_/standing/", commands.command_panel, name="command_panel"),
    path("system/commands/<slug:command>/try/", commands.command_try, name="command_try"),
    path("system/commands/<slug:command>/settle/", commands.command_settle, name="command_settle"),
    path("system/connections/", connections.connections, name="connections"),
    path("system/connections/_/results/", connections.connections_panel, name="connections_panel"),
    path("system/connections/<slug:connection>/", include(ONE_CONNECTION)),
]
