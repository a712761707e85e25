"""What an act in the audit trail is called, and to which group of acts it belongs.

The one mapping of every action that the code records; a test finds those that are missing.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# By group, as the filter offers them.
_GROUPS: dict[str, tuple[Text, dict[str, Text]]] = {
    "personal-data": (
        _("Personal data shown"),
        {"customer.revealed": _("Personal data shown")},
    ),
    "money": (
        _("Refunds and captures"),
        {
            "refund_batch.requested": _("Refund of several payments asked for"),
            "refund_batch.cancelled": _("Refund of several payments withdrawn"),
            "refund.requested": _("Refund asked for"),
            "refund.approved": _("Refund approved"),
            "refund.rejected": _("Refund rejected"),
            "refund.expired": _("Refund expired unapproved"),
            "refund.succeeded": _("Refund carried out"),
            "refund.failed": _("Refund not carried out"),
            "refund.cancelled": _("Refund withdrawn"),
            "refund.receipt_requested": _("Mail to the customer asked for"),
            "refund.receipt_sent": _("Mail to the customer sent"),
            "capture.requested": _("Capture asked for"),
            "capture.approved": _("Capture approved"),
            "capture.rejected": _("Capture rejected"),
            "capture.expired": _("Capture expired unapproved"),
            "capture.succeeded": _("Capture carried out"),
            "capture.failed": _("Capture not carried out"),
            "capture.cancelled": _("Capture withdrawn"),
            "cancel.requested": _("Cancellation asked for"),
            "cancel.approved": _("Cancellation approved"),
            "cancel.rejected": _("Cancellation rejected"),
            "cancel.expired": _("Cancellation expired unapproved"),
            "cancel.succeeded": _("Cancellation carried out"),
            "cancel.failed": _("Cancellation not carried out"),
            "cancel.cancelled": _("Cancellation withdrawn"),
            "refund.tried_again": _("Refund tried again by hand"),
            "refund.settled_by_hand": _("Refund settled by hand"),
            "refund.contradicted": _("Refund carried out after all"),
            "capture.tried_again": _("Capture tried again by hand"),
            "capture.settled_by_hand": _("Capture settled by hand"),
            "capture.contradicted": _("Capture carried out after all"),
            "cancel.tried_again": _("Cancellation tried again by hand"),
            "cancel.settled_by_hand": _("Cancellation settled by hand"),
            "cancel.contradicted": _("Cancellation carried out after all"),
        },
    ),
    "people": (
        _("Signing in and accounts"),
        {
            "person.signed_in": _("Signed in"),
            "person.signed_out": _("Signed out"),
            "person.confirmed_again": _("Confirmed by code again"),
            "person.locked": _("Sign-in locked after failures"),
            "person.unlocked": _("Sign-in unlocked"),
            "person.created": _("Account made"),
            "person.closed": _("Account closed"),
            "person.opened": _("Account opened again"),
            "person.password_set": _("Password set"),
            "person.password_changed": _("Password changed"),
            "person.password_removed": _("Password removed"),
            "person.authenticator_set_up": _("Authenticator set up"),
            "person.authenticator_replaced": _("Authenticator replaced"),
            "person.second_factor_removed": _("Second factor removed"),
            "person.recovery_codes_made": _("Recovery codes made"),
            "person.recovery_code_used": _("Recovery code used"),
            "person.device_forgotten": _("Known device forgotten"),
            "person.sessions_ended": _("Sessions ended"),
        },
    ),
    "roles": (
        _("Team and roles"),
        {
            "membership.granted": _("Member added"),
            "membership.role_changed": _("Role changed"),
            "membership.removed": _("Member removed"),
            "person.staff_role_changed": _("Staff role changed"),
        },
    ),
    "approvals": (
        _("Approvals and limits"),
        {
            "approval.approved": _("Request approved"),
            "approval.rejected": _("Request rejected"),
            "approval.withdrawn": _("Request for approval withdrawn"),
            "approval.expired": _("Request for approval expired"),
            "limit.requested": _("New limit asked for"),
            "limit.applied": _("New limit applied"),
            "limit.rejected": _("New limit rejected"),
            "limit.withdrawn": _("New limit withdrawn"),
            "limit.expired": _("New limit expired"),
            "person.declared": _("Accounts declared one person"),
        },
    ),
    "visits": (
        _("Visits by staff"),
        {
            "visit.began": _("Visit by staff began"),
            "visit.ended": _("Visit by staff ended"),
        },
    ),
    "connections": (
        _("Connections"),
        {
            "connection.created": _("Connection made"),
            "connection.changed": _("Connection changed"),
            "connection.tested": _("Connection tested"),
            "connection.key_rotated": _("Key replaced"),
            "connection.secret_added": _("Webhook secret added"),
            "connection.secret_removed": _("Webhook secret removed"),
            "connection.disconnected": _("Disconnected"),
            "connection.reconnected": _("Connected again"),
            "connection.adopted": _("Account of a platform connected"),
            "connection.joined": _("Account given to another merchant"),
            "connection.left": _("Account left its platform"),
            "connection.returned": _("Account came back to its platform"),
            "sync.started": _("Sync started"),
            "sync.cancelled": _("Sync cancelled"),
        },
    ),
    "events": (
        _("Events from processors"),
        {"event.replayed": _("Events replayed")},
    ),
    "notes": (
        _("Notes and tags"),
        {
            "note.added": _("Note written"),
            "notes.added": _("Notes written"),
            "tag.added": _("Tag added"),
            "tag.removed": _("Tag removed"),
        },
    ),
    "saved-views": (
        _("Saved views"),
        {
            "view.saved": _("View saved"),
            "view.changed": _("View renamed or shared"),
            "view.overwritten": _("View overwritten"),
            "view.deleted": _("View deleted"),
            "view.default_chosen": _("Default view chosen"),
        },
    ),
    "merchants": (
        _("Merchants"),
        {
            "merchant.created": _("Merchant opened"),
            "merchant.described": _("Merchant named as its account"),
            "merchant.closed": _("Merchant closed"),
        },
    ),
    "safekeeping": (
        _("Audit log and keys"),
        {
            "audit.exported": _("Audit log exported"),
            "audit.check_asked": _("Audit log verified by hand"),
            "audit.break_found": _("Break in the audit log found"),
            "secrets.resealed": _("Secrets sealed with a new key"),
        },
    ),
}
GROUPS: Mapping[str, Text] = {name: label for name, (label, _actions) in _GROUPS.items()}
ACTIONS: Mapping[str, Text] = {
    action: words for _label, actions in _GROUPS.values() for action, words in actions.items()
}


def action_text(action: str) -> Text:
    """What was done, in words; an action that nobody described is shown as it is recorded."""
    return ACTIONS.get(action, action)


def actions_of(group: str) -> list[str]:
    """The actions of a group. Raises KeyError for one that does not exist."""
    return list(_GROUPS[group][1])
