"""Roles: named sets of verbs. A role holds a verb only once a screen uses it."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.access.verbs import P

_READ_PAYMENTS = frozenset({P.HOME_VIEW, P.PAYMENTS_VIEW, P.CUSTOMER_REVEAL})
_WORK_ON_EVENTS = frozenset({P.PAYMENTS_RAW, P.EVENTS_VIEW, P.EVENTS_REPLAY})
_MANAGE_CONNECTIONS = frozenset({P.CONNECTIONS_VIEW, P.CONNECTIONS_MANAGE})
_SHARE = frozenset({P.VIEWS_SHARE})
_SEE_BALANCE = frozenset({P.BALANCE_VIEW})
_HELP_BUYERS = _READ_PAYMENTS | {P.CUSTOMERS_VIEW, P.NOTES_WRITE} | _SHARE
_MOVE_MONEY = frozenset({P.REFUND_ISSUE, P.HOLD_END})
_WATCH_MONEY = frozenset({P.AUDIT_VIEW, P.APPROVALS_DECIDE, P.LIMITS_CHANGE})
_ALL_OF_MERCHANT = _HELP_BUYERS | _SEE_BALANCE | _WORK_ON_EVENTS | _MANAGE_CONNECTIONS | _MOVE_MONEY | _WATCH_MONEY
_READ_OPS = frozenset({P.OPS_HOME, P.OPS_MERCHANTS_VIEW, P.OPS_PAYMENTS_VIEW})
_LOOK_INTO_MERCHANTS = _READ_OPS | {P.OPS_MERCHANTS_ENTER}
# Whoever works on somebody's payment has to know whose it is, and tells the others what was found out.
_WORK_ON_PAYMENTS = frozenset({P.OPS_NOTES_WRITE, P.OPS_CUSTOMER_REVEAL})
_WATCH_SYSTEM = frozenset({P.OPS_EVENTS_VIEW, P.OPS_SYSTEM_VIEW, P.OPS_COMMANDS_VIEW})
# Staff refund nothing alone, and whoever agrees to refunds asks for none.
_ASK_FOR_REFUNDS = frozenset({P.OPS_REFUND_ASK})
# Those who answer for risk and for the books agree to what a merchant's people may not do alone.
_AGREE = frozenset({P.OPS_APPROVALS_DECIDE})
# Whoever runs the system moves no money, not even by saying that it moved.
_SETTLE_MONEY = frozenset({P.OPS_COMMANDS_VIEW, P.OPS_COMMANDS_SETTLE})
# What staff may do on a merchant's pages while they look at them: what is not named here is refused, and so is every
# form. A verb that reveals, exports or changes never belongs here.
VISITOR_VERBS = frozenset(
    {P.HOME_VIEW, P.PAYMENTS_VIEW, P.BALANCE_VIEW, P.CUSTOMERS_VIEW, P.EVENTS_VIEW, P.CONNECTIONS_VIEW}
)


class MerchantRole(models.TextChoices):
    """What a member of a merchant may do."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    FINANCE = "finance", _("Finance")
    SUPPORT = "support", _("Support")
    DISPUTES = "disputes", _("Disputes")
    DEVELOPER = "developer", _("Developer")
    VIEWER = "viewer", _("Viewer")

    @property
    def verbs(self) -> frozenset[P]:
        return _MERCHANT_VERBS[self]

    @property
    def sentence(self) -> str:
        """What the role is for, in one sentence for people who choose it."""
        return str(_MERCHANT_SENTENCES[self])


class StaffRole(models.TextChoices):
    """What a person of the platform's own staff may do, across merchants."""

    AGENT = "agent", _("Support agent")
    DISPUTES = "disputes", _("Dispute specialist")
    FRAUD = "fraud", _("Fraud analyst")
    RISKLEAD = "risklead", _("Risk lead")
    FINANCEOPS = "financeops", _("Finance ops")
    ADMIN = "admin", _("Platform admin")
    AUDITOR = "auditor", _("Auditor")

    @property
    def verbs(self) -> frozenset[P]:
        return _STAFF_VERBS[self]

    @property
    def sentence(self) -> str:
        """What the role is for, in one sentence for people who choose it."""
        return str(_STAFF_SENTENCES[self])


_MERCHANT_VERBS: dict[MerchantRole, frozenset[P]] = {
    MerchantRole.OWNER: _ALL_OF_MERCHANT,
    MerchantRole.ADMIN: _ALL_OF_MERCHANT,
    MerchantRole.FINANCE: _READ_PAYMENTS | _SEE_BALANCE | _SHARE,
    MerchantRole.SUPPORT: _HELP_BUYERS | {P.REFUND_ISSUE},
    MerchantRole.DISPUTES: _READ_PAYMENTS | _SHARE,
    # Developers work with events of live payments and need not know whose they are.
    MerchantRole.DEVELOPER: _READ_PAYMENTS - {P.CUSTOMER_REVEAL} | _WORK_ON_EVENTS | {P.CONNECTIONS_VIEW},
    MerchantRole.VIEWER: _READ_PAYMENTS | _SEE_BALANCE,
}

_MERCHANT_SENTENCES: dict[MerchantRole, Promise] = {
    MerchantRole.OWNER: _("Can do everything, including managing the team and connections."),
    MerchantRole.ADMIN: _("Can do everything except hand over ownership."),
    MerchantRole.FINANCE: _("Sees payments and the balance, and works with figures and documents."),
    MerchantRole.SUPPORT: _("Helps buyers: sees payments and customers, refunds up to a limit, writes notes and tags."),
    MerchantRole.DISPUTES: _("Sees payments and works on disputes."),
    MerchantRole.DEVELOPER: _("Sees payments, connections and incoming events, and can replay events."),
    MerchantRole.VIEWER: _("Can look at payments and the balance but change nothing."),
}

_STAFF_VERBS: dict[StaffRole, frozenset[P]] = {
    # Those who answer a merchant's questions see what it sees; reviewers and finance have pages of their own.
    StaffRole.AGENT: _LOOK_INTO_MERCHANTS | _WORK_ON_PAYMENTS | _ASK_FOR_REFUNDS,
    StaffRole.DISPUTES: _LOOK_INTO_MERCHANTS | _WORK_ON_PAYMENTS | _ASK_FOR_REFUNDS,
    StaffRole.FRAUD: _READ_OPS | _WORK_ON_PAYMENTS,
    StaffRole.RISKLEAD: _READ_OPS | _WORK_ON_PAYMENTS | _AGREE,
    # Figures need no names.
    StaffRole.FINANCEOPS: _READ_OPS | _SETTLE_MONEY | _AGREE | {P.OPS_NOTES_WRITE},
    StaffRole.ADMIN: _READ_OPS
    | {P.OPS_MERCHANTS_ENTER}
    | _WATCH_SYSTEM
    | {P.OPS_EVENTS_REPLAY, P.OPS_CONNECTIONS_MANAGE, P.OPS_AUDIT_VIEW},
    StaffRole.AUDITOR: _LOOK_INTO_MERCHANTS | _WATCH_SYSTEM | {P.OPS_AUDIT_VIEW},
}

_STAFF_SENTENCES: dict[StaffRole, Promise] = {
    StaffRole.AGENT: _("Looks after merchants and their buyers, and asks for refunds that somebody else approves."),
    StaffRole.DISPUTES: _("Works on disputes of all merchants, and asks for refunds that somebody else approves."),
    StaffRole.FRAUD: _("Reviews suspicious payments of all merchants."),
    StaffRole.RISKLEAD: _("Leads the fraud reviews, decides the rules, and approves refunds and limits."),
    StaffRole.FINANCEOPS: _("Reconciles payouts, closes the month, and approves refunds and limits."),
    StaffRole.ADMIN: _("Runs the system, connections and staff, but moves no money."),
    StaffRole.AUDITOR: _("Can look at everything but change nothing."),
}
