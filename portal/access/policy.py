"""Every URL of the site, who may use it, and how.

A URL without a row here fails a test, and so does a row that its view's guard contradicts.
"""

from dataclasses import dataclass
from typing import Literal

from billing.access.verbs import P

Kind = Literal["merchant", "staff", "person", "public"]
READ = ("GET",)
WRITE = ("POST",)
FORM = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Row:
    """``step_up`` as in guards.StepUp."""

    kind: Kind
    verb: P | None
    methods: tuple[str, ...] = READ
    step_up: bool | str = False


POLICY: dict[str, Row] = {
    # Doors and machines
    "inbound:stripe": Row("public", None, WRITE),
    "health:healthz": Row("public", None, ("GET", "HEAD")),
    "health:readyz": Row("public", None, ("GET", "HEAD")),
    "health:metrics": Row("public", None),
    # Signing in
    "account_login": Row("public", None, FORM),
    "account_logout": Row("public", None, FORM),
    "account_signup": Row("public", None, FORM),
    "account_inactive": Row("public", None),
    "account_email_verification_sent": Row("public", None),
    "account_confirm_email": Row("public", None, FORM),
    "account_reset_password": Row("public", None, FORM),
    "account_reset_password_done": Row("public", None),
    "account_reset_password_from_key": Row("public", None, FORM),
    "account_reset_password_from_key_done": Row("public", None),
    "account_invitation": Row("public", None, FORM),
    "account_2fa_setup": Row("public", None, FORM),
    "account_2fa_codes": Row("public", None, FORM),
    "account_2fa_challenge": Row("public", None, FORM),
    "account_2fa_recovery": Row("public", None, FORM),
    "account_2fa_lost": Row("public", None),
    "account_reauthenticate": Row("person", None, FORM),
    "dev:mail": Row("public", None),
    # The person
    "start": Row("person", None),
    "me:profile": Row("person", None, FORM),
    "me:security": Row("person", None),
    "me:password": Row("person", None, FORM, True),
    "me:codes": Row("person", None, FORM, True),
    "me:authenticator": Row("person", None, FORM, True),
    "me:device_forget": Row("person", None, WRITE),
    "me:sessions": Row("person", None),
    "me:sessions_list": Row("person", None),
    "me:session_end": Row("person", None, WRITE),
    "me:sessions_end_others": Row("person", None, WRITE),
    "me:appearance": Row("person", None, FORM),
    "me:shortcuts": Row("person", None, FORM),
    # A merchant's people
    "merchant:home": Row("merchant", P.HOME_VIEW),
    "merchant:home_panel": Row("merchant", P.HOME_VIEW),
    "merchant:transactions": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:transactions_panel": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:transactions_totals": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:transaction": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:transaction_panel": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:transaction_reveal": Row("merchant", P.CUSTOMER_REVEAL, WRITE),
    "merchant:transactions_bulk": Row("merchant", P.NOTES_WRITE, FORM),
    "merchant:transaction_tags": Row("merchant", P.NOTES_WRITE, FORM),
    "merchant:transaction_note": Row("merchant", P.NOTES_WRITE, FORM),
    "merchant:refunds": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:refunds_panel": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:refunds_totals": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:customers": Row("merchant", P.CUSTOMERS_VIEW),
    "merchant:customers_panel": Row("merchant", P.CUSTOMERS_VIEW),
    "merchant:customer": Row("merchant", P.CUSTOMERS_VIEW),
    "merchant:customer_panel": Row("merchant", P.CUSTOMERS_VIEW),
    "merchant:customer_reveal": Row("merchant", P.CUSTOMERS_VIEW, WRITE),
    "merchant:customer_note": Row("merchant", P.NOTES_WRITE, FORM),
    "merchant:disputes": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:disputes_panel": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:disputes_totals": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:activity": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:activity_panel": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:activity_totals": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:views": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:view": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:view_new": Row("merchant", P.PAYMENTS_VIEW, FORM),
    "merchant:view_edit": Row("merchant", P.PAYMENTS_VIEW, FORM),
    "merchant:view_overwrite": Row("merchant", P.PAYMENTS_VIEW, WRITE),
    "merchant:view_default": Row("merchant", P.PAYMENTS_VIEW, WRITE),
    "merchant:search": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:search_recent": Row("merchant", P.PAYMENTS_VIEW, WRITE),
    "merchant:palette": Row("merchant", P.PAYMENTS_VIEW),
    "merchant:events": Row("merchant", P.EVENTS_VIEW),
    "merchant:events_panel": Row("merchant", P.EVENTS_VIEW),
    "merchant:events_replay": Row("merchant", P.EVENTS_REPLAY, FORM),
    "merchant:event": Row("merchant", P.EVENTS_VIEW),
    "merchant:event_replay": Row("merchant", P.EVENTS_REPLAY, WRITE),
    "merchant:connections": Row("merchant", P.CONNECTIONS_VIEW),
    "merchant:connections_panel": Row("merchant", P.CONNECTIONS_VIEW),
    "merchant:connection": Row("merchant", P.CONNECTIONS_VIEW),
    "merchant:connection_panel": Row("merchant", P.CONNECTIONS_VIEW),
    "merchant:connection_findings": Row("merchant", P.CONNECTIONS_VIEW),
    "merchant:connection_test": Row("merchant", P.CONNECTIONS_MANAGE, WRITE),
    "merchant:connection_run": Row("merchant", P.CONNECTIONS_MANAGE, WRITE),
    "merchant:connection_cancel": Row("merchant", P.CONNECTIONS_MANAGE, WRITE),
    "merchant:connection_sync": Row("merchant", P.CONNECTIONS_MANAGE, FORM),
    "merchant:connection_new": Row("merchant", P.CONNECTIONS_MANAGE, FORM, True),
    "merchant:connection_key": Row("merchant", P.CONNECTIONS_MANAGE, FORM, True),
    "merchant:connection_secret": Row("merchant", P.CONNECTIONS_MANAGE, FORM, True),
    "merchant:connection_secret_remove": Row("merchant", P.CONNECTIONS_MANAGE, WRITE, True),
    "merchant:connection_disconnect": Row("merchant", P.CONNECTIONS_MANAGE, FORM, True),
    "live:merchant": Row("merchant", P.HOME_VIEW),
    # Staff
    "ops:home": Row("staff", P.OPS_HOME),
    "ops:home_money": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:home_events": Row("staff", P.OPS_EVENTS_VIEW),
    "ops:home_connections": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:waiting": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:waiting_panel": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:transactions": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:transactions_panel": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:transactions_totals": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:transaction": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:transaction_panel": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:transaction_reveal": Row("staff", P.OPS_CUSTOMER_REVEAL, WRITE),
    "ops:transaction_note": Row("staff", P.OPS_NOTES_WRITE, FORM),
    "ops:merchants": Row("staff", P.OPS_MERCHANTS_VIEW),
    "ops:search": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:search_recent": Row("staff", P.OPS_PAYMENTS_VIEW, WRITE),
    "ops:palette": Row("staff", P.OPS_PAYMENTS_VIEW),
    "ops:merchant": Row("staff", P.OPS_MERCHANTS_VIEW),
    "ops:merchant_visit": Row("staff", P.OPS_MERCHANTS_ENTER, FORM),
    "ops:merchant_leave": Row("staff", P.OPS_MERCHANTS_ENTER, WRITE),
    "ops:events": Row("staff", P.OPS_EVENTS_VIEW),
    "ops:events_panel": Row("staff", P.OPS_EVENTS_VIEW),
    "ops:events_replay": Row("staff", P.OPS_EVENTS_REPLAY, FORM),
    "ops:event": Row("staff", P.OPS_EVENTS_VIEW),
    "ops:event_replay": Row("staff", P.OPS_EVENTS_REPLAY, WRITE),
    "ops:jobs": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:jobs_panel": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:system_health": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:system_health_panel": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:connections": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:connections_panel": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:connection": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:connection_panel": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:connection_findings": Row("staff", P.OPS_SYSTEM_VIEW),
    "ops:connection_test": Row("staff", P.OPS_CONNECTIONS_MANAGE, WRITE),
    "ops:connection_run": Row("staff", P.OPS_CONNECTIONS_MANAGE, WRITE),
    "ops:connection_cancel": Row("staff", P.OPS_CONNECTIONS_MANAGE, WRITE),
    "ops:connection_sync": Row("staff", P.OPS_CONNECTIONS_MANAGE, FORM),
    "live:ops": Row("staff", P.OPS_HOME),
}
