"""What can be done here. Every view names one of these, and roles are sets of them."""

from enum import StrEnum
from typing import Self


class P(StrEnum):
    """A permission. ``label`` completes the sentence "You may not …" on a refusal."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        verb = str.__new__(cls, value)
        verb._value_ = value
        verb.label = label
        return verb

    # For members of a merchant.
    HOME_VIEW = "home.view", "see the home page"
    PAYMENTS_VIEW = "payments.view", "see payments"
    PAYMENTS_RAW = "payments.raw", "see the processor's own record of a payment"
    NOTES_WRITE = "notes.write", "write notes and tags"
    VIEWS_SHARE = "views.share", "change views that the team shares"
    CUSTOMERS_VIEW = "customers.view", "see customers"
    CUSTOMER_REVEAL = "customer.reveal", "see a customer's details in full"
    EVENTS_VIEW = "events.view", "see events from processors"
    EVENTS_REPLAY = "events.replay", "replay events"
    CONNECTIONS_VIEW = "connections.view", "see connections to processors"
    CONNECTIONS_MANAGE = "connections.manage", "manage connections to processors"
    TEAM_VIEW = "team.view", "see the team"
    TEAM_MANAGE = "team.manage", "manage the team"
    AUDIT_VIEW = "audit.view", "read the audit log"

    # For the platform's own staff.
    OPS_HOME = "ops.home", "see the staff home page"
    OPS_MERCHANTS_VIEW = "ops.merchants.view", "see merchants"
    OPS_MERCHANTS_ENTER = "ops.merchants.enter", "look at a merchant's own pages"
    OPS_PAYMENTS_VIEW = "ops.payments.view", "see payments of all merchants"
    OPS_NOTES_WRITE = "ops.notes.write", "write notes for all merchants"
    OPS_CUSTOMER_REVEAL = "ops.customer.reveal", "see details of customers of all merchants in full"
    OPS_EVENTS_VIEW = "ops.events.view", "see events of all merchants"
    OPS_EVENTS_REPLAY = "ops.events.replay", "replay events of all merchants"
    OPS_SYSTEM_VIEW = "ops.system.view", "see the state of the system"
    OPS_CONNECTIONS_MANAGE = "ops.connections.manage", "test and read anew connections of all merchants"
    OPS_STAFF_MANAGE = "ops.staff.manage", "manage staff"
    OPS_AUDIT_VIEW = "ops.audit.view", "read the platform's audit log"
