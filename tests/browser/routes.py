"""How to reach every page of the site, and its moods: a recipe each, keyed by URL name and, after a comma, the mood."""

from django.urls import reverse

from portal.access.policy import POLICY
from tests.browser.guide import Visit
from tests.browser.recipes import (
    Recipe,
    asked_page,
    connection_page,
    held_page,
    merchant_page,
    notices_page,
    own_page,
    public_page,
    request_page,
    waiting_page,
)
from tests.browser.staff_routes import COLUMNS, STAFF_ROUTES

# Answers without a page: streams and what machines ask.
NO_PAGE = {"live:merchant", "live:ops", "health:healthz", "health:readyz", "health:metrics"}
# Files.
NO_PAGE |= {"merchant:audit_heads", "ops:audit_heads"}
ROUTES: dict[str, Recipe] = {
    **STAFF_ROUTES,
    "account_login": public_page("account_login"),
    "account_logout": own_page("account_logout"),
    "account_signup": public_page("account_signup"),
    "account_inactive": public_page("account_inactive"),
    "account_email_verification_sent": public_page("account_email_verification_sent"),
    "account_confirm_email": lambda guide: Visit(guide.link("confirm")),
    "account_confirm_email, dead": lambda guide: Visit(reverse("account_confirm_email", args=["nothing"])),
    "account_reset_password": public_page("account_reset_password"),
    "account_reset_password_done": public_page("account_reset_password_done"),
    "account_reset_password_from_key": lambda guide: Visit(guide.link("reset")),
    "account_reset_password_from_key, dead": lambda guide: Visit("/accounts/password/reset/key/1-dead/"),
    "account_reset_password_from_key_done": public_page("account_reset_password_from_key_done"),
    "account_invitation": lambda guide: Visit(guide.link("invite")),
    "account_invitation, dead": lambda guide: Visit(reverse("account_invitation", args=["dead"]), status=410),
    "account_2fa_setup": waiting_page("account_2fa_setup", "newcomer"),
    "account_2fa_codes": lambda guide: Visit("/accounts/2fa/codes/", lands="/accounts/login/"),
    "account_2fa_challenge": waiting_page("account_2fa_challenge", "waiting"),
    "account_2fa_recovery": waiting_page("account_2fa_recovery", "waiting"),
    "account_2fa_lost": waiting_page("account_2fa_lost", "waiting"),
    "account_reauthenticate": own_page("account_reauthenticate"),
    # Only a demonstration shows its mails.
    "dev:mail": public_page("dev:mail", status=404),
    "start": lambda guide: Visit("/", guide.stranger),
    **{name: own_page(name) for name, row in POLICY.items() if name.startswith("me:") and "GET" in row.methods},
    "notices:choices": lambda guide: Visit(reverse("notices:choices"), guide.owner),
    "notices:choices, for staff": lambda guide: Visit(reverse("notices:choices"), guide.stock.staff["financeops"]),
    "notices:choices, nothing to choose": lambda guide: Visit(reverse("notices:choices"), guide.stranger),
    "notices:inbox": notices_page("inbox"),
    "notices:inbox, nothing yet": notices_page("inbox", mode="test"),
    "notices:inbox_list": notices_page("inbox_list"),
    "notices:inbox_bell": notices_page("inbox_bell"),
    "notices:ops_inbox": notices_page("inbox", "ops_"),
    "notices:ops_inbox_list": notices_page("inbox_list", "ops_"),
    "notices:ops_inbox_bell": notices_page("inbox_bell", "ops_"),
    "merchant:home": merchant_page("home"),
    "merchant:home, other figures": merchant_page("home", "viewer", query="?currency=JPY&days=90"),
    "merchant:home, nothing yet": merchant_page("home", mode="test"),
    "merchant:home, much to do": connection_page("home"),
    "merchant:home, a card fails": lambda guide: Visit(f"/m/{guide.failing}/live/", f"owner@{guide.failing}.example"),
    "merchant:home_panel": merchant_page("home_panel", card="card"),
    "merchant:transactions": merchant_page("transactions"),
    "merchant:transactions, filtered": merchant_page(
        "transactions", "support", query="?status=failed&status=blocked&date=last-30-days&last4=4242&sort=-amount"
    ),
    "merchant:transactions, all columns": merchant_page("transactions", query=f"?{COLUMNS}&totals=shown"),
    "merchant:transactions, nothing found": merchant_page("transactions", query="?q=nowhere&date=today"),
    "merchant:transactions, nothing yet": merchant_page("transactions", mode="test"),
    "merchant:transactions, invalid": merchant_page("transactions", query="?last4=12&amount=x"),
    "merchant:transactions, bad cursor": lambda guide: Visit(
        guide.stock.path("transactions/?cursor=x"), guide.owner, status=400
    ),
    "merchant:transactions_panel": merchant_page("transactions_panel"),
    "merchant:transactions_totals": merchant_page("transactions_totals"),
    "merchant:transaction": merchant_page("transaction", payment="payment"),
    "merchant:transaction, busy": merchant_page("transaction", payment="busy_payment"),
    "merchant:transaction, raw": merchant_page("transaction", query="?raw=1", payment="refunded"),
    "merchant:transaction, masked": merchant_page("transaction", "developer", payment="refunded"),
    "merchant:transaction_panel": merchant_page("transaction_panel", payment="refunded", panel="panel"),
    "merchant:transaction_note": merchant_page("transaction_note", payment="refunded"),
    "merchant:transaction_tags": merchant_page("transaction_tags", payment="refunded"),
    "merchant:transaction, tagged": merchant_page("transaction", payment="tagged_payment"),
    "merchant:transaction, tagged, as a viewer": merchant_page("transaction", "viewer", payment="tagged_payment"),
    "merchant:transactions, tagged": merchant_page("transactions", query="?columns=tags&tag=expedition"),
    "merchant:transaction, to be refunded": merchant_page("transaction", payment="paid"),
    "merchant:transaction, to be refunded by others": merchant_page("transaction", "finance", payment="paid"),
    "merchant:transaction, held": held_page("untouched"),
    "merchant:transaction, held, as a viewer": held_page("untouched", person="viewer"),
    **{
        f"merchant:transaction, held, {mood}": held_page(mood)
        for mood in ("waiting", "sending", "unknown", "failed", "withdrawn", "to be approved")
    },
    **{
        f"merchant:{kind}_{step}": merchant_page(f"{kind}_{step}", payment="held")
        for kind in ("capture", "cancel")
        for step in ("new", "review")
    },
    "merchant:capture_new, under way": held_page("sending", "capture/"),
    "merchant:cancel_new, refused": lambda guide: Visit(
        guide.stock.path(f"transactions/{guide.held}/cancel/"), guide.viewer, status=403
    ),
    "merchant:hold_withdraw": lambda guide: Visit(
        guide.stock.path(f"transactions/{guide.holds['waiting']}/withdraw/{guide.capture}/"), guide.owner
    ),
    "merchant:refund_new": merchant_page("refund_new", payment="paid"),
    "merchant:refund_new, barred": merchant_page("refund_new", payment="payment"),
    "merchant:refund_new, refused": lambda guide: Visit(
        guide.stock.path(f"transactions/{guide.paid}/refund/"), guide.viewer, status=403
    ),
    "merchant:refund_review": merchant_page("refund_review", payment="paid"),
    "merchant:refund": merchant_page("refund", refund="refund"),
    "merchant:refund, as a viewer": merchant_page("refund", "viewer", refund="refund"),
    **{
        f"merchant:refund, {mood}": request_page(mood)
        for mood in ("waiting", "sending", "unknown", "failed", "withdrawn", "to be approved")
    },
    "merchant:refund_panel": merchant_page("refund_panel", refund="refund", panel="summary"),
    "merchant:refund_withdraw": merchant_page("refund_withdraw", refund="refund"),
    "merchant:refund_receipt": merchant_page("refund_receipt", refund="refund"),
    "merchant:batch_new": merchant_page("batch_new", query="?all=1&status=succeeded&currency=JPY"),
    "merchant:batch_new, some left out": lambda guide: Visit(
        guide.stock.path(f"transactions/bulk/refund/?row={guide.paid}&row={guide.held}&row={guide.payment}"),
        guide.owner,
    ),
    "merchant:batch_new, none possible": lambda guide: Visit(
        guide.stock.path(f"transactions/bulk/refund/?row={guide.payment}"), guide.owner
    ),
    "merchant:batch_new, nothing ticked": merchant_page("batch_new"),
    "merchant:batch_new, too many": merchant_page("batch_new", query="?all=1"),
    "merchant:batch_new, refused": lambda guide: Visit(
        guide.stock.path("transactions/bulk/refund/"), guide.viewer, status=403
    ),
    "merchant:batch": merchant_page("batch", batch="batch"),
    "merchant:batch, ended": lambda guide: Visit(
        guide.stock.path(f"refunds/batches/{guide.batches['ended']}/"), guide.owner
    ),
    "merchant:batch, as a viewer": merchant_page("batch", "viewer", batch="batch"),
    "merchant:batch_panel": merchant_page("batch_panel", batch="batch", panel="summary"),
    "merchant:batch_withdraw": merchant_page("batch_withdraw", batch="batch"),
    "merchant:approval, of several": lambda guide: Visit(
        guide.stock.path(f"approvals/{guide.batches['approval']}/"), guide.owner
    ),
    "merchant:approvals": asked_page("approvals/"),
    "merchant:approvals, ended": asked_page("approvals/?state=ended"),
    "merchant:approvals, nothing yet": merchant_page("approvals", mode="test"),
    "merchant:approvals, nothing of a kind": merchant_page("approvals", query="?kind=cancel"),
    "merchant:approvals, refused": lambda guide: Visit(guide.stock.path("approvals/"), guide.viewer, status=403),
    "merchant:approvals_panel": merchant_page("approvals_panel"),
    "merchant:approval": asked_page("approvals/{waiting}/"),
    "merchant:approval, expired": asked_page("approvals/{expired}/"),
    "merchant:approval, own": asked_page("approvals/{own}/"),
    "merchant:approval, capture": asked_page("approvals/{capture}/"),
    "merchant:approval, new limit": asked_page("approvals/{new_limit}/"),
    "merchant:approval_panel": asked_page("approvals/{waiting}/_/request/"),
    "merchant:approval_approve": asked_page("approvals/{waiting}/approve/"),
    "merchant:approval_reject": asked_page("approvals/{waiting}/reject/"),
    "merchant:limits": asked_page("settings/limits/"),
    "merchant:limits, of another currency": asked_page("settings/limits/?currency=KWD"),
    "merchant:limits, of captures": asked_page("settings/limits/?action=capture"),
    "merchant:limit_change": asked_page("settings/limits/finance/change/"),
    "merchant:limit_change, of cancellations": asked_page("settings/limits/finance/change/?action=cancel"),
    "merchant:limit_withdraw": asked_page("settings/limits/{own_change}/withdraw/"),
    "merchant:transactions_bulk": merchant_page("transactions_bulk", query="?all=1&status=failed&do=note"),
    "merchant:transactions_bulk, some": lambda guide: Visit(
        guide.stock.path(f"transactions/bulk/?row={guide.refunded}&do=tag"), guide.owner
    ),
    "merchant:transactions_bulk, nothing ticked": merchant_page("transactions_bulk"),
    "merchant:transaction, with notes": merchant_page("transaction", payment="noted_payment"),
    "merchant:transaction, as a viewer": merchant_page("transaction", "viewer", payment="noted_payment"),
    "merchant:transaction, absent": lambda guide: Visit(
        guide.stock.path("transactions/pay_nothing/"), guide.owner, status=404
    ),
    **{
        f"merchant:{name}{mood}": merchant_page(name, query=query, mode=mode)
        for name in ("refunds", "disputes", "activity", "customers")
        for mood, query, mode in (
            *(("", "", "live"), (", nothing found", "?q=nowhere&date=today", "live"), (", nothing yet", "", "test")),
            (", invalid", "?since=2026-11-10&until=2026-11-01", "live"),
        )
    },
    "merchant:refunds, masked": merchant_page("refunds", "developer"),
    "merchant:refunds_panel": merchant_page("refunds_panel"),
    "merchant:refunds_totals": merchant_page("refunds_totals"),
    "merchant:disputes_panel": merchant_page("disputes_panel"),
    "merchant:disputes_totals": merchant_page("disputes_totals"),
    "merchant:activity_panel": merchant_page("activity_panel"),
    "merchant:activity_totals": merchant_page("activity_totals"),
    "merchant:balance": merchant_page("balance"),
    "merchant:balance, as a viewer": merchant_page("balance", "viewer"),
    "merchant:balance, nothing yet": merchant_page("balance", mode="test"),
    "merchant:balance, refused": lambda guide: Visit(
        guide.stock.path("balance/"), guide.stock.people["support"], status=403
    ),
    "merchant:balance_panel": merchant_page("balance_panel"),
    "merchant:balance_statement": merchant_page("balance_statement", query="?currency=EUR&account=processor_available"),
    "merchant:balance_statement, what came of it": merchant_page(
        "balance_statement", "finance", query="?currency=JPY&account=payments&sort=when"
    ),
    "merchant:balance_statement, nothing moved": merchant_page(
        "balance_statement", query="?currency=EUR&account=bank&date=today"
    ),
    "merchant:balance_statement, invalid": merchant_page(
        "balance_statement", query="?currency=EUR&account=bank&since=2026-11-10&until=2026-11-01"
    ),
    "merchant:balance_statement_panel": merchant_page("balance_statement_panel"),
    "merchant:balance_explain": merchant_page("balance_explain", query="?currency=EUR&account=processor_available"),
    "merchant:balance_explain, one part": merchant_page(
        "balance_explain", "finance", query="?currency=JPY&account=processor_available&of=processor_pending"
    ),
    "merchant:balance_explain, nothing moved": merchant_page(
        "balance_explain", query="?currency=EUR&account=bank&date=today"
    ),
    "merchant:balance_explain, invalid": merchant_page(
        "balance_explain", query="?currency=EUR&account=bank&since=2026-11-10&until=2026-11-01"
    ),
    "merchant:balance_movement": merchant_page("balance_movement", movement="movement"),
    "merchant:balance_movement, to be placed": merchant_page("balance_movement", movement="unplaced_movement"),
    "merchant:balance_payment": merchant_page("balance_payment", payment="refunded"),
    "merchant:balance_payment, no movement": merchant_page("balance_payment", payment="payment"),
    **{
        f"merchant:transactions, {mood}": lambda guide, status=status, view=view: Visit(
            guide.stock.path(f"transactions/?status={status}&view={getattr(guide, view)}"), guide.owner
        )
        for mood, status, view in (
            *(("in a view", "failed", "view"), ("a changed view", "blocked", "view")),
            ("a view of old", "failed", "old_view"),
        )
    },
    "merchant:views": merchant_page("views", kind="kind"),
    "merchant:views, none": merchant_page("views", mode="test", kind="kind"),
    "merchant:view": merchant_page("view", kind="kind", view="view"),
    "merchant:view_new": merchant_page("view_new", query="?status=failed&date=last-7-days", kind="kind"),
    "merchant:view_edit": merchant_page("view_edit", kind="kind", view="view"),
    "merchant:customers, all columns": merchant_page(
        "customers", query="?columns=id&columns=phone&columns=metadata&sort=created"
    ),
    "merchant:customers, filtered": merchant_page("customers", query="?status=current&date=this-month&paid=yes"),
    "merchant:customers, refused": lambda guide: Visit(guide.stock.path("customers/"), guide.viewer, status=403),
    "merchant:customers_panel": merchant_page("customers_panel"),
    "merchant:customer": merchant_page("customer", "support", customer="customer"),
    "merchant:customer, deleted": merchant_page("customer", customer="deleted_customer"),
    "merchant:customer, with notes": merchant_page("customer", customer="noted_customer"),
    "merchant:customer, that never paid": merchant_page("customer", customer="idle_customer"),
    "merchant:customer, as a guest": lambda guide: Visit(
        guide.stock.path(f"customers/{guide.customer}/"), cookie=guide.guest
    ),
    "merchant:customer_panel": merchant_page("customer_panel", customer="customer", panel="summary"),
    "merchant:customer_note": merchant_page("customer_note", customer="customer"),
    "merchant:search": merchant_page("search", query="?q=lena"),
    "merchant:search, card and amount": merchant_page("search", query="?q=amount:>1+4242+BOAT"),
    "merchant:search, an id": merchant_page("search", query="?q=pi_stock5&stay=1"),
    "merchant:search, one group": merchant_page("search", query="?q=status:failed+-last4:1881&in=payments"),
    "merchant:search, nothing found": merchant_page("search", "developer", query="?q=nowhere"),
    "merchant:search, nothing asked": merchant_page("search"),
    "merchant:search, unreadable": lambda guide: Visit(
        guide.stock.path("search/?q=colour:red+status:lost"), guide.owner, status=422
    ),
    "merchant:palette": merchant_page("palette"),
    "merchant:events": merchant_page("events", "developer"),
    "merchant:events, dead letters": merchant_page("events", "developer", query="?state=dead_letter"),
    "merchant:events, nothing found": merchant_page("events", "developer", query="?type=nothing.&origin=imported"),
    "merchant:events, invalid": merchant_page("events", "developer", query="?type=no+such+type"),
    "merchant:events, nothing yet": merchant_page("events", "developer", mode="test"),
    "merchant:events, refused": lambda guide: Visit(guide.stock.path("events/"), guide.viewer, status=403),
    "merchant:events_panel": merchant_page("events_panel", "developer"),
    "merchant:events_replay": merchant_page("events_replay", "developer"),
    "merchant:events_replay, proposed": merchant_page(
        "events_replay", "developer", query="?type=charge.&since=2026-11-01T08:00&only_dead=on"
    ),
    "merchant:event": merchant_page("event", "developer", event="good_event"),
    "merchant:audit": merchant_page("audit"),
    "merchant:audit, filtered": merchant_page("audit", query="?action=roles&date=today&person=system&object=user"),
    "merchant:audit, nothing found": merchant_page("audit", query="?q=nowhere"),
    "merchant:audit, invalid": merchant_page("audit", query="?since=2026-11-10&until=2026-11-01"),
    "merchant:audit, refused": lambda guide: Visit(guide.stock.path("settings/audit/"), guide.viewer, status=403),
    "merchant:audit, broken": lambda guide: Visit(
        f"/m/{guide.forged}/live/settings/audit/", f"owner@{guide.forged}.example"
    ),
    "merchant:audit_panel": merchant_page("audit_panel"),
    "merchant:audit_row": merchant_page("audit_row", row="row"),
    "merchant:connections": connection_page("connections"),
    "merchant:connections, nothing yet": connection_page("connections", mode="test"),
    "merchant:connections_panel": connection_page("connections_panel"),
    "merchant:connection": connection_page("connection", "sound"),
    "merchant:connection, under way": connection_page("connection", "busy"),
    "merchant:connection, broken": connection_page("connection", "broken"),
    "merchant:connection, with findings": connection_page("connection", "wrong"),
    "merchant:connection, left": connection_page("connection", "left"),
    "merchant:connection, for a developer": connection_page("connection", "sound", "developer"),
    "merchant:connection_panel": connection_page("connection_panel", "sound", panel="summary"),
    "merchant:connection_findings": connection_page("connection_findings", "wrong"),
    "merchant:connection_findings, none": connection_page("connection_findings", "sound"),
    "merchant:connection_sync": connection_page("connection_sync", "sound"),
    "merchant:connection_new": connection_page("connection_new"),
    "merchant:connection_key": connection_page("connection_key", "sound"),
    "merchant:connection_secret": connection_page("connection_secret", "sound"),
    "merchant:connection_disconnect": connection_page("connection_disconnect", "sound"),
    "merchant:event, imported": merchant_page("event", "developer", event="imported"),
    "merchant:event, waiting": merchant_page("event", "developer", event="parked"),
    "merchant:event, dead letter": merchant_page("event", "developer", event="dead"),
    "merchant:home, as a guest": lambda guide: Visit(guide.stock.path(""), cookie=guide.guest),
    "merchant:transactions, as a guest": lambda guide: Visit(guide.stock.path(), cookie=guide.guest),
    "merchant:transaction, as a guest": lambda guide: Visit(
        guide.stock.path(f"transactions/{guide.refunded}/"), cookie=guide.guest
    ),
    "merchant:connections, refused to a guest": lambda guide: Visit(
        guide.stock.path("settings/connections/new/"), cookie=guide.guest, status=403
    ),
    "not found": lambda guide: Visit("/nowhere/", status=404),
}
