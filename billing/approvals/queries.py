"""Reading approvals."""

from billing.access.verbs import P
from billing.approvals.models import Approval, Decision
from billing.merchants.authority import verbs_of


def approval_of(kind: str, object_id: str) -> Approval | None:
    """The one that this object needs or needed; None where nobody had to be asked."""
    return Approval.objects.filter(kind=kind, object_id=object_id).first()


def still_stands(approval: Approval) -> bool:
    """Whether it was approved by somebody who could still do so now."""
    if approval.decision != Decision.APPROVED:
        return False
    decides = {P.APPROVALS_DECIDE, P.OPS_APPROVALS_DECIDE}
    return bool(decides & verbs_of(approval.decided_by_id, approval.merchant_id))
