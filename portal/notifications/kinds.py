"""What people are told, who may be told it, and whether they may do without."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from portal.notifications.models import Channel

APPROVAL_NEEDED = "approval.needed"
APPROVAL_DECIDED = "approval.decided"
COMMAND_FAILED = "command.failed"
COMMAND_DONE_AFTER_ALL = "command.done_after_all"
REFUND_FAILED = "refund.failed"
REFUND_BY_STAFF = "refund.by_staff"

DECIDING_MEMBERS = frozenset(role for role in MerchantRole if P.APPROVALS_DECIDE in role.verbs)
DECIDING_STAFF = frozenset(role for role in StaffRole if P.OPS_APPROVALS_DECIDE in role.verbs)
ASKING_STAFF = frozenset(role for role in StaffRole if P.OPS_REFUND_ASK in role.verbs)
WATCHING_MONEY = frozenset({MerchantRole.OWNER, MerchantRole.ADMIN, MerchantRole.FINANCE})


@dataclass(frozen=True, slots=True)
class Kind:
    """``members`` and ``staff`` are the roles of those who may get it. ``defaults`` are the channels of a member who
    has chosen nothing, ``staff_defaults`` those of staff; nobody can choose otherwise where it is ``mandatory``."""

    name: str
    label: Promise
    members: Collection[MerchantRole]
    staff: Collection[StaffRole] = frozenset()
    mandatory: bool = False
    defaults: frozenset[Channel] = frozenset(Channel)
    # Who is told of all merchants chooses to be written to.
    staff_defaults: frozenset[Channel] = frozenset({Channel.IN_APP})

    def by(self, channel: Channel, *, as_staff: bool) -> bool:
        """Whether somebody who has chosen nothing is told by this channel."""
        return self.mandatory or channel in (self.staff_defaults if as_staff else self.defaults)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(APPROVAL_NEEDED, _("Something waits for my approval"), DECIDING_MEMBERS, DECIDING_STAFF),
        Kind(
            APPROVAL_DECIDED,
            _("What I asked for is approved, rejected or withdrawn, or expires"),
            frozenset(MerchantRole),
            ASKING_STAFF,
            staff_defaults=frozenset(Channel),
        ),
        Kind(
            COMMAND_FAILED,
            _("The processor refuses what I asked for"),
            frozenset(MerchantRole),
            ASKING_STAFF,
            staff_defaults=frozenset(Channel),
        ),
        Kind(
            COMMAND_DONE_AFTER_ALL,
            _("What I asked for was carried out after all, though it counted as failed"),
            frozenset(MerchantRole),
            ASKING_STAFF,
            staff_defaults=frozenset(Channel),
        ),
        Kind(
            REFUND_BY_STAFF,
            _("The platform’s staff ask for a refund and approve it, without us"),
            WATCHING_MONEY,
            mandatory=True,
        ),
        Kind(REFUND_FAILED, _("A refund fails or is cancelled after it was sent"), WATCHING_MONEY, mandatory=True),
    )
}


def kinds_of(*, member: MerchantRole | None = None, staff: StaffRole | None = None) -> list[Kind]:
    """What somebody with that role may be told."""
    return [kind for kind in KINDS.values() if member in kind.members or staff in kind.staff]
