"""Every model of this app, where Django looks for them."""

from disputes.chargebacks.models import Dispute
from disputes.reviews.models import Review
from disputes.warnings.models import EarlyWarning

__all__ = ["Dispute", "EarlyWarning", "Review"]
