"""/me/notifications/: which kinds of notices reach one by which channel, for each merchant and as staff."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.access.roles import MerchantRole, StaffRole
from billing.merchants.members import memberships_of
from portal.access.guards import person_view
from portal.accounts.user import User
from portal.notifications.kinds import Kind, kinds_of
from portal.notifications.models import Channel, NoticeChoice
from portal.notifications.notify import channels_wanted
from portal.web.request import PersonRequest


@dataclass(frozen=True, slots=True)
class Cell:
    """``name`` is of the tick's field, and means nothing to whoever may not choose it."""

    name: str
    channel: Channel
    wanted: bool


@dataclass(frozen=True, slots=True)
class Row:
    kind: Kind
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``merchant_id`` is None for what one is told as staff."""

    merchant_id: int | None
    id: str
    title: str | Promise
    role: str | Promise
    rows: Sequence[Row]


@person_view(methods=("GET", "POST"))
def choices(request: PersonRequest) -> HttpResponse:
    matrices = matrices_of(request.user)
    if request.method == "POST":
        choose(user=request.user, matrices=matrices, ticked=request.POST.keys())
        messages.success(request, gettext("Saved."))
        return HttpResponseRedirect(reverse("notices:choices"), status=303)
    return render(request, "notices/choices.html", {"matrices": matrices, "channels": list(Channel)})


def matrices_of(user: User) -> list[Matrix]:
    """One for each merchant that this person belongs to, and one for staff; only with what their role is told."""
    found = [
        _matrix(user, each.merchant_id, each.merchant.slug, each.merchant.name, member=MerchantRole(each.role))
        for each in memberships_of(user)
    ]
    if user.staff_role:
        found.append(_matrix(user, None, "", _("Operations"), staff=StaffRole(user.staff_role)))
    return [matrix for matrix in found if matrix.rows]


def choose(*, user: User, matrices: Collection[Matrix], ticked: Collection[str]) -> None:
    """Keeps what differs from the defaults. Nothing is kept for what is mandatory, whatever was ticked."""
    rows = [(matrix, row) for matrix in matrices for row in matrix.rows if not row.kind.mandatory]
    kept = [
        NoticeChoice(user=user, merchant_id=matrix.merchant_id, kind=row.kind.name, channel=cell.channel, wanted=wanted)
        for matrix, row in rows
        for cell in row.cells
        if (wanted := cell.name in ticked) != row.kind.by(cell.channel, as_staff=matrix.merchant_id is None)
    ]
    with transaction.atomic():
        # Two tabs that save at once follow each other.
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
        for matrix in matrices:
            NoticeChoice.objects.filter(user=user, merchant=matrix.merchant_id).delete()
        NoticeChoice.objects.bulk_create(kept)


def _matrix(
    user: User,
    merchant_id: int | None,
    slug: str,
    title: str | Promise,
    *,
    member: MerchantRole | None = None,
    staff: StaffRole | None = None,
) -> Matrix:
    role = member or staff
    rows = [_row(user, merchant_id, slug, kind) for kind in kinds_of(member=member, staff=staff)]
    return Matrix(merchant_id, slug or "staff", title, role.label if role else "", rows)


def _row(user: User, merchant_id: int | None, slug: str, kind: Kind) -> Row:
    wanted = channels_wanted(user, merchant_id, kind.name)
    # No slug has a colon.
    return Row(kind, [Cell(f"{slug}:{kind.name}:{channel}", channel, channel in wanted) for channel in Channel])
