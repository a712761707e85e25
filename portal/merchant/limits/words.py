"""What the pages of limits say of each action."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.limits.models import Action

Text = str | Promise


@dataclass(frozen=True, slots=True)
class ActionWords:
    """``%(currency)s`` and ``%(zero)s`` are filled in. ``without`` says what holds where no limit does, empty where
    one always does."""

    live: Text
    test: Text
    heading: Text
    caption: Text
    zero: Text
    counted: Text
    no_right: Text
    single: Text
    daily: Text
    without: Text = ""


WORDS: Mapping[Action, ActionWords] = {
    Action.REFUND: ActionWords(
        live=_("Up to where each role refunds without a second person, in live mode. Test mode has its own."),
        test=_("Up to where each role refunds without a second person, in test mode. Live mode has its own."),
        heading=_("Refunds in %(currency)s"),
        caption=_("What each role may refund alone"),
        zero=_("%(zero)s means that a second person is needed for every refund."),
        counted=_(
            "Of one payment: what all people together refund of it within 24 hours. In 24 hours: what one person"
            " refunds of all payments."
        ),
        no_right=_("A limit gives nobody a permission: a role that may not refund asks for nothing."),
        single=_("What is refunded of one payment within 24 hours, by all people together. 0: always two people."),
        daily=_("What one person refunds of all payments within 24 hours. 0: always two people."),
    ),
    Action.CAPTURE: ActionWords(
        live=_("Up to where each role captures without a second person, in live mode. Test mode has its own."),
        test=_("Up to where each role captures without a second person, in test mode. Live mode has its own."),
        heading=_("Captures in %(currency)s"),
        caption=_("What each role may capture alone"),
        zero=_("%(zero)s means that a second person is needed for every capture."),
        counted=_("Of one payment: what is captured of it. In 24 hours: what one person captures of all payments."),
        no_right=_("A limit gives nobody a permission: a role that may not capture asks for nothing."),
        single=_("What is captured of one payment. 0: always two people. Empty: no limit."),
        daily=_("What one person captures of all payments within 24 hours. 0: always two people. Empty: no limit."),
        without=_("Where you set no limit there is none: to take what a customer agreed to needs nobody else."),
    ),
    Action.CANCEL: ActionWords(
        live=_(
            "Up to where each role cancels authorisations without a second person, in live mode. Test mode has its own."
        ),
        test=_(
            "Up to where each role cancels authorisations without a second person, in test mode. Live mode has its own."
        ),
        heading=_("Cancellations in %(currency)s"),
        caption=_("What each role may cancel alone"),
        zero=_("%(zero)s means that a second person is needed for every cancellation."),
        counted=_("Of one payment: what is authorised of it. In 24 hours: what one person cancels of all payments."),
        no_right=_("A limit gives nobody a permission: a role that may not cancel asks for nothing."),
        single=_("What is authorised of one payment. 0: always two people. Empty: no limit."),
        daily=_("What one person cancels of all payments within 24 hours. 0: always two people. Empty: no limit."),
        without=_("Where you set no limit there is none: to let go what was never taken needs nobody else."),
    ),
}
