"""Asking for refunds of several payments, step by step: the form with all of them, the review, the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from billing.commands.request import NoteTooLong
from billing.idempotency.guard import KeyReused
from billing.merchants.models import Merchant
from billing.refunds.issue import ReasonUnexplained
from billing.refunds.issue_batch import BatchChanged, BatchEmpty, BatchTooLarge, CurrenciesDiffer, issue_batch
from billing.retry import StillLocked
from portal.access.draft import kept_fields
from portal.access.guards import confirm_on_the_way, factor_is_fresh
from portal.access.people_seen import sees_people
from portal.merchant.batches.chosen import Chosen, changes, choose, seen_items
from portal.merchant.batches.forms import BatchForm
from portal.merchant.bulk.listing import TickedListing
from portal.merchant.bulk.selection import selection_of
from portal.merchant.lists import list_url, load_list
from portal.web.approvals.second_person import deciders
from portal.web.busy import PAYMENTS_BUSY
from portal.web.request import MerchantRequest
from reports.templatetags.money import current_locale, money, money_plain, number

PAGE = "merchant/batches/page.html"


@dataclass(frozen=True)
class BatchDesk:
    request: MerchantRequest
    merchant: Merchant
    livemode: bool
    listing: TickedListing

    def url(self, chosen: Chosen) -> str:
        """Where forms go: what was chosen stays in the address, as for whoever has to sign in again on the way, and so
        do the filters of the list, for the way back."""
        rows = urlencode([("row", share.payment.public_id) for share in chosen.shares])
        return f"{self.base_url}?{'&'.join(filter(None, (self.listing.address.query, rows)))}"

    @property
    def base_url(self) -> str:
        return f"{self.listing.bulk_url}refund/"

    # --- Steps ---
    def show(self) -> HttpResponse:
        """The form, for what was chosen in the list."""
        selection = selection_of(self.listing, self.request.GET)
        chosen = self._choose(selection.payments)
        switch = [(code, count, f"{self.base_url}?{self._switched(code)}") for code, count in chosen.currencies]
        form = BatchForm(kept_fields(self.request))
        form.errors.clear()
        return self._typing(chosen, form, switch=switch)

    def review(self) -> HttpResponse:
        chosen, form = self._sent()
        if not form.is_valid():
            return self._typing(chosen, form, status=422, changed=self._changes(chosen))
        return self._changed(chosen, form) or self._reviewed(chosen, form)

    def again(self) -> HttpResponse:
        """The form for whoever wants to change something, with what they typed."""
        chosen, form = self._sent()
        form.errors.clear()
        return self._typing(chosen, form, changed=self._changes(chosen))

    def issue(self) -> HttpResponse:
        """Asks for it, and goes on to the page that tells what comes of it. It takes a second person, and so somebody
        who proved lately who they are."""
        chosen, form = self._sent()
        if not form.is_valid():
            return self._typing(chosen, form, status=422, changed=self._changes(chosen))
        if not factor_is_fresh(self.request, True):
            return confirm_on_the_way(self.request, self.url(chosen))
        try:
            batch = issue_batch(
                merchant=self.merchant,
                livemode=self.livemode,
                seen=seen_items(self.request.POST),
                terms=form.terms,
                form_key=form.key,
                by=self.request.actor,
                locale=current_locale(),
            )
        except (ReasonUnexplained, NoteTooLong) as refused:
            form.refuse(refused)
            return self._typing(chosen, form, status=422)
        except (BatchChanged, BatchEmpty, BatchTooLarge, CurrenciesDiffer):
            # Between the look at it and the request; or it has changed back by now.
            text = gettext("Some of these payments changed in this moment. Nothing was asked for: look again.")
            return self._changed(chosen, form) or self._reviewed(chosen, form, status=409, problem=text)
        except KeyReused:
            problem = gettext("This form was sent before with other words, and that was asked for. Look again.")
            return self._typing(chosen, form, status=409, problem=problem)
        except StillLocked:
            return self._reviewed(chosen, form, status=409, problem=str(PAYMENTS_BUSY))
        return redirect(f"{list_url('refunds', self.merchant, self.livemode)}batches/{batch.public_id}/")

    # --- What was chosen ---
    def _sent(self) -> tuple[Chosen, BatchForm]:
        """What a form asks for, and what was chosen before and left out. Nothing comes along that the form did not
        show."""
        seen = list(seen_items(self.request.POST))
        before = selection_of(self.listing, self.request.GET).payments
        return self._choose(seen, barred_of=before), BatchForm(self.request.POST)

    def _choose(self, payments: list[str], *, barred_of: Sequence[str] = ()) -> Chosen:
        # A form goes on in its currency; the list's own filter has another name.
        currency = self.request.POST.get("of", "") or self.request.GET.get("of", "")
        return choose(
            self.merchant,
            self.livemode,
            payments,
            barred_of=barred_of,
            currency=currency,
            by_person=sees_people(self.request),
        )

    def _switched(self, currency: str) -> str:
        query = self.request.GET.copy()
        query["of"] = currency
        return query.urlencode()

    # --- Answers ---
    def _changed(self, chosen: Chosen, form: BatchForm) -> HttpResponse | None:
        """The form again where something is not as it was seen; None where all of it is."""
        rows = self._changes(chosen)
        if not rows and chosen.count and not chosen.is_too_large:
            return None
        return self._typing(chosen, form, status=409, changed=rows)

    def _changes(self, chosen: Chosen) -> list[tuple[str, SafeString, SafeString]]:
        return [
            (name, money(left, currency), money(now, currency))
            for name, left, now, currency in changes(seen_items(self.request.POST), chosen)
        ]

    def _reviewed(self, chosen: Chosen, form: BatchForm, *, status: int = 200, problem: str = "") -> HttpResponse:
        told = {
            "is_review": True,
            "terms": form.terms,
            "button": _button(chosen),
            "deciders": deciders(self.merchant.pk, asked_by=self.request.actor.id),
            "problem": problem,
        }
        return self._answer(chosen, {"form": form, **told}, status=status)

    def _typing(self, chosen: Chosen, form: BatchForm, *, status: int = 200, **more: Any) -> HttpResponse:
        if form.is_bound:
            form.renew_key()
        return self._answer(chosen, {"form": form, **more}, status=status)

    def _answer(self, chosen: Chosen, context: dict[str, Any], *, status: int) -> HttpResponse:
        told = {"desk": self, "chosen": chosen, "form_url": self.url(chosen), "heading": _heading(chosen), **context}
        return render(self.request, PAGE, told, status=status)


def _heading(chosen: Chosen) -> str:
    if not chosen.count or chosen.is_too_large:
        return gettext("Refund payments")
    return ngettext("Refund %(n)s payment", "Refund %(n)s payments", chosen.count) % {"n": number(chosen.count)}


def _button(chosen: Chosen) -> str:
    values = {"n": number(chosen.count), "amount": money_plain(chosen.total, chosen.currency)}
    text = ngettext("Ask to refund %(n)s payment, %(amount)s", "Ask to refund %(n)s payments, %(amount)s", chosen.count)
    return text % values


def open_desk(request: MerchantRequest, merchant: Merchant, livemode: bool) -> BatchDesk:
    return BatchDesk(request, merchant, livemode, load_list(TickedListing, request, merchant, livemode))
