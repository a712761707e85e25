"""Pages of one merchant in one mode."""

from django.urls import include, path

from portal.merchant.activity.listing import ActivityListing
from portal.merchant.approvals import views as approvals
from portal.merchant.audit import views as audit
from portal.merchant.balance import views as balance
from portal.merchant.batches import views as batches
from portal.merchant.bulk import views as bulk
from portal.merchant.connections import changes
from portal.merchant.connections import views as connections
from portal.merchant.customers import views as customers
from portal.merchant.disputes.listing import DisputeListing
from portal.merchant.events import views as events
from portal.merchant.holds import views as holds
from portal.merchant.home import views as home
from portal.merchant.limits import views as limits
from portal.merchant.list_views import list_paths
from portal.merchant.refunds import views as refunds
from portal.merchant.refunds.listing import RefundListing
from portal.merchant.saved_views import views as saved_views
from portal.merchant.search import views as search
from portal.merchant.transactions import views as transactions
from portal.merchant.transactions.listing import TransactionListing

app_name = "merchant"
ONE_CONNECTION = [
    path("", connections.connection, name="connection"),
    path("_/<slug:panel>/", connections.connection_panel, name="connection_panel"),
    path("findings/", connections.findings, name="connection_findings"),
    path("test/", connections.connection_test, name="connection_test"),
    path("run/", connections.connection_run, name="connection_run"),
    path("cancel/", connections.connection_cancel, name="connection_cancel"),
    path("sync/", connections.connection_sync, name="connection_sync"),
    path("key/", changes.connection_key, name="connection_key"),
    path("secret/", changes.connection_secret, name="connection_secret"),
    path("secret/remove/", changes.connection_secret_remove, name="connection_secret_remove"),
    path("disconnect/", changes.connection_disconnect, name="connection_disconnect"),
]
ONE_APPROVAL = [
    path("", approvals.approval, name="approval"),
    path("_/request/", approvals.approval_panel, name="approval_panel"),
    path("approve/", approvals.approval_approve, name="approval_approve"),
    path("reject/", approvals.approval_reject, name="approval_reject"),
]
VIEWS_OF_A_LIST = [
    path("", saved_views.views, name="views"),
    path("new/", saved_views.view_new, name="view_new"),
    path("default/", saved_views.view_default, name="view_default"),
    path("<slug:view>/", saved_views.view, name="view"),
    path("<slug:view>/edit/", saved_views.view_edit, name="view_edit"),
    path("<slug:view>/overwrite/", saved_views.view_overwrite, name="view_overwrite"),
]
urlpatterns = [
    path("", home.home, name="home"),
    # Before the cards, whose addresses would take it for one of theirs.
    path("_/palette/", search.palette, name="palette"),
    path("_/<slug:card>/", home.home_panel, name="home_panel"),
    # Before the pages of single objects, whose ids would take it for one of theirs.
    path("<slug:kind>/views/", include(VIEWS_OF_A_LIST)),
    path("transactions/bulk/", bulk.bulk, name="transactions_bulk"),
    path("transactions/bulk/refund/", batches.batch_new, name="batch_new"),
    *list_paths(TransactionListing),
    path("transactions/<slug:payment>/", transactions.transaction, name="transaction"),
    path("transactions/<slug:payment>/_/<slug:panel>/", transactions.transaction_panel, name="transaction_panel"),
    path("transactions/<slug:payment>/notes/", transactions.transaction_note, name="transaction_note"),
    path("transactions/<slug:payment>/tags/", transactions.transaction_tags, name="transaction_tags"),
    path("transactions/<slug:payment>/reveal/", transactions.transaction_reveal, name="transaction_reveal"),
    path("transactions/<slug:payment>/capture/", holds.capture_new, name="capture_new"),
    path("transactions/<slug:payment>/capture/review/", holds.capture_review, name="capture_review"),
    path("transactions/<slug:payment>/cancel/", holds.cancel_new, name="cancel_new"),
    path("transactions/<slug:payment>/cancel/review/", holds.cancel_review, name="cancel_review"),
    path("transactions/<slug:payment>/withdraw/<slug:hold>/", holds.hold_withdraw, name="hold_withdraw"),
    path("transactions/<slug:payment>/refund/", refunds.refund_new, name="refund_new"),
    path("transactions/<slug:payment>/refund/review/", refunds.refund_review, name="refund_review"),
    *list_paths(RefundListing),
    path("refunds/batches/<slug:batch>/", batches.batch, name="batch"),
    path("refunds/batches/<slug:batch>/_/<slug:panel>/", batches.batch_panel, name="batch_panel"),
    path("refunds/batches/<slug:batch>/withdraw/", batches.batch_withdraw, name="batch_withdraw"),
    path("refunds/<slug:refund>/", refunds.refund, name="refund"),
    path("refunds/<slug:refund>/_/<slug:panel>/", refunds.refund_panel, name="refund_panel"),
    path("refunds/<slug:refund>/withdraw/", refunds.refund_withdraw, name="refund_withdraw"),
    path("refunds/<slug:refund>/receipt/", refunds.refund_receipt, name="refund_receipt"),
    path("customers/", customers.customers, name="customers"),
    path("customers/_/results/", customers.customers_panel, name="customers_panel"),
    path("customers/<slug:customer>/", customers.customer, name="customer"),
    path("customers/<slug:customer>/_/<slug:panel>/", customers.customer_panel, name="customer_panel"),
    path("customers/<slug:customer>/notes/", customers.customer_note, name="customer_note"),
    path("customers/<slug:customer>/reveal/", customers.customer_reveal, name="customer_reveal"),
    *list_paths(DisputeListing),
    *list_paths(ActivityListing),
    path("balance/", balance.balance, name="balance"),
    path("balance/_/cards/", balance.balance_panel, name="balance_panel"),
    path("balance/statement/", balance.balance_statement, name="balance_statement"),
    path("balance/statement/_/results/", balance.balance_statement_panel, name="balance_statement_panel"),
    path("balance/explain/", balance.balance_explain, name="balance_explain"),
    path("balance/explain/<slug:payment>/", balance.balance_payment, name="balance_payment"),
    path("balance/movements/<slug:movement>/", balance.balance_movement, name="balance_movement"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/_/results/", approvals.approvals_panel, name="approvals_panel"),
    path("approvals/<slug:approval>/", include(ONE_APPROVAL)),
    path("search/", search.search, name="search"),
    path("search/recent/", search.recent, name="search_recent"),
    path("events/", events.events, name="events"),
    path("events/_/results/", events.events_panel, name="events_panel"),
    path("events/replay/", events.events_replay, name="events_replay"),
    path("events/<slug:event>/", events.event, name="event"),
    path("events/<slug:event>/replay/", events.event_replay, name="event_replay"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit/_/chain/", audit.audit_panel, name="audit_panel"),
    path("settings/audit/verify/", audit.audit_verify, name="audit_verify"),
    path("settings/audit/export/", audit.audit_export, name="audit_export"),
    path("settings/audit/heads/", audit.audit_heads, name="audit_heads"),
    path("settings/audit/<slug:row>/", audit.audit_row, name="audit_row"),
    path("settings/limits/", limits.limits, name="limits"),
    path("settings/limits/<slug:role>/change/", limits.limit_change, name="limit_change"),
    path("settings/limits/<slug:change>/withdraw/", limits.limit_withdraw, name="limit_withdraw"),
    path("settings/connections/", connections.connections, name="connections"),
    path("settings/connections/_/cards/", connections.connections_panel, name="connections_panel"),
    path("settings/connections/new/", changes.connection_new, name="connection_new"),
    path("settings/connections/<slug:connection>/", include(ONE_CONNECTION)),
]
