"""What is said where others hold what somebody wanted to change, for longer than anybody waits at a page."""

from django.utils.translation import gettext_lazy as _

PAYMENT_BUSY = _("This payment is being changed right now. Nothing was done: try again in a moment.")
PAYMENTS_BUSY = _("One of these payments is being changed right now. Nothing was done: try again in a moment.")
LIMIT_BUSY = _("This limit is being changed right now. Nothing was done: try again in a moment.")
