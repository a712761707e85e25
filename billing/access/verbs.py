"""What can be done here. Every view names one of these, and roles are sets of them."""

from enum import StrEnum
from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class P(StrEnum):
    """A permission. ``label`` completes the sentence "You may not …" on a refusal."""

    label: Promise | str

    def __new__(cls, value: str, label: Promise | str = "") -> Self:
        verb = str.__new__(cls, value)
        verb._value_ = value
        verb.label = label
        return verb

    # For members of a merchant.
    HOME_VIEW = "home.view", _("see the home page")
    PAYMENTS_VIEW = "payments.view", _("see payments")
    PAYMENTS_RAW = "payments.raw", _("see the processor's own record of a payment")
    REFUND_ISSUE = "refund.issue", _("refund payments")
    HOLD_END = "hold.end", _("capture or cancel authorised payments")
    NOTES_WRITE = "notes.write", _("write notes and tags")
    VIEWS_SHARE = "views.share", _("change views that the team shares")
    BALANCE_VIEW = "balance.view", _("see the balance")
    CUSTOMERS_VIEW = "customers.view", _("see customers")
    CUSTOMER_REVEAL = "customer.reveal", _("see a customer's details in full")
    EVENTS_VIEW = "events.view", _("see events from processors")
    EVENTS_REPLAY = "events.replay", _("replay events")
    CONNECTIONS_VIEW = "connections.view", _("see connections to processors")
    CONNECTIONS_MANAGE = "connections.manage", _("manage connections to processors")
    TEAM_VIEW = "team.view", _("see the team")
    TEAM_MANAGE = "team.manage", _("manage the team")
    AUDIT_VIEW = "audit.view", _("read the audit log")
    APPROVALS_DECIDE = "approvals.decide", _("approve what somebody else asks for")
    LIMITS_CHANGE = "limits.change", _("change limits of roles")

    # For the platform's own staff.
    OPS_HOME = "ops.home", _("see the staff home page")
    OPS_MERCHANTS_VIEW = "ops.merchants.view", _("see merchants")
    OPS_MERCHANTS_ENTER = "ops.merchants.enter", _("look at a merchant's own pages")
    OPS_PAYMENTS_VIEW = "ops.payments.view", _("see payments of all merchants")
    OPS_NOTES_WRITE = "ops.notes.write", _("write notes for all merchants")
    OPS_CUSTOMER_REVEAL = "ops.customer.reveal", _("see details of customers of all merchants in full")
    OPS_REFUND_ASK = "ops.refund.ask", _("ask for refunds at merchants")
    OPS_EVENTS_VIEW = "ops.events.view", _("see events of all merchants")
    OPS_EVENTS_REPLAY = "ops.events.replay", _("replay events of all merchants")
    OPS_SYSTEM_VIEW = "ops.system.view", _("see the state of the system")
    OPS_COMMANDS_VIEW = "ops.commands.view", _("see money requests that are unclear")
    OPS_COMMANDS_SETTLE = "ops.commands.settle", _("settle money requests by hand")
    OPS_CONNECTIONS_MANAGE = "ops.connections.manage", _("test and read anew connections of all merchants")
    OPS_STAFF_MANAGE = "ops.staff.manage", _("manage staff")
    OPS_APPROVALS_DECIDE = "ops.approvals.decide", _("approve what people of merchants and other staff ask for")
    OPS_AUDIT_VIEW = "ops.audit.view", _("read the platform's audit log")
