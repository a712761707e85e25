"""Asking for a refund, step by step: the form, the review of what it says, and the request itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from billing.idempotency.guard import KeyReused
from billing.payments.models import Payment
from billing.refunds.issue import RefundBarred, RemainderChanged, check_refund, issue_refund
from billing.refunds.queries import Barrier, Refundable
from billing.retry import StillLocked
from portal.merchant.refunds.forms import REFUSALS, RefundForm
from portal.web.approvals.second_person import second_person
from portal.web.payments.page import PaymentPage
from portal.web.payments.refunding import barrier_text
from portal.web.request import MerchantRequest
from reports.templatetags.money import current_locale, money

PAGE = "merchant/refunds/new.html"
DIALOG = "dialog"


@dataclass(frozen=True)
class RefundDesk:
    """Where one payment is refunded. ``page`` is the payment's own, of which this shows a part."""

    request: MerchantRequest
    page: PaymentPage

    @property
    def payment(self) -> Payment:
        return self.page.payment

    @cached_property
    def now(self) -> Refundable:
        return self.page.refundable

    @property
    def url(self) -> str:
        return f"{self.page.face.refund_url}{self.page.way_suffix}"

    @property
    def review_url(self) -> str:
        return f"{self.page.face.refund_url}review/{self.page.way_suffix}"

    def form(self, data: QueryDict | None) -> RefundForm:
        return RefundForm(data, currency=self.payment.currency, now=self.now)

    # --- Steps ---
    def show(self, data: QueryDict | None = None) -> HttpResponse:
        """The form, with what somebody typed into it before."""
        if self.now.barrier is not None:
            return self._barred(self.now.barrier, status=200)
        form = self.form(data)
        form.errors.clear()
        return self._typing(form)

    def review(self) -> HttpResponse:
        return self._with(self._reviewed)

    def issue(self, url_of: Callable[[str], str]) -> HttpResponse:
        """Asks for it, and goes on to the refund's page."""

        def ask(form: RefundForm) -> HttpResponse:
            try:
                command = issue_refund(
                    payment=self.payment,
                    terms=form.terms,
                    seen_left=form.saw,
                    form_key=form.key,
                    by=self.request.actor,
                    locale=current_locale(),
                )
            except StillLocked:
                text = gettext("This payment is being changed right now. Nothing was sent: try again in a moment.")
                return self._reviewed(form, status=409, problem=text)
            url = url_of(command.public_id)
            if self.request.htmx:
                return HttpResponse(status=204, headers={"HX-Redirect": url})
            return HttpResponse(status=303, headers={"Location": url})

        return self._with(ask)

    def _with(self, act: Callable[[RefundForm], HttpResponse]) -> HttpResponse:
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self._typing(form, status=422)
        try:
            return act(form)
        except REFUSALS as refused:
            form.refuse(refused)
            return self._typing(form, status=422)
        except RefundBarred as barred:
            return self._barred(barred.barrier, status=409)
        except RemainderChanged as changed:
            return self._changed(form, changed.now)
        except KeyReused:
            text = gettext("This form was sent before with other words, and that refund was asked for. Look again.")
            return self._typing(form, status=409, problem=text)

    def _reviewed(self, form: RefundForm, *, status: int = 200, problem: str = "") -> HttpResponse:
        terms = form.terms
        outlook = check_refund(
            payment=self.payment, terms=terms, seen_left=form.saw, by=self.request.actor, locale=current_locale()
        )
        now, minor = outlook.now, terms.money.minor
        sums = {"minus": -minor, "left_after": now.left - minor, "taken": _taken(now)}
        second = second_person(outlook.need, self.payment, by=self.request.actor) if outlook.need else None
        shown = {"form": form, "terms": terms, "now": now, "second": second, "problem": problem, **sums}
        return self._answer(shown, status=status)

    # --- Answers ---
    def _changed(self, form: RefundForm, now: Refundable) -> HttpResponse:
        seen, currency = form.saw, self.payment.currency
        rows = [
            (gettext("Can be refunded"), _amount(seen if seen >= 0 else None, currency), _amount(now.left, currency))
        ]
        if now.barrier is not None:
            return self._barred(now.barrier, status=409, changed=rows)
        return self._typing(form, status=409, now=now, changed=rows)

    def _barred(self, barrier: Barrier, *, status: int, **more: Any) -> HttpResponse:
        return self._answer({"barred": barrier_text(barrier, self.payment), **more}, status=status)

    def _typing(
        self, form: RefundForm, *, status: int = 200, now: Refundable | None = None, **more: Any
    ) -> HttpResponse:
        now = now or self.now
        if form.is_bound:
            form.renew(now)
        return self._answer({"form": form, "now": now, "taken": _taken(now), **more}, status=status)

    def _answer(self, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        in_dialog = self.request.htmx and self.request.htmx.target == DIALOG
        template = f"{PAGE}#dialog" if in_dialog else PAGE
        return render(
            self.request,
            template,
            {**self.page.context, "desk": self, "in_dialog": in_dialog, **context},
            status=status,
        )


def _taken(now: Refundable) -> list[tuple[str, int]]:
    """What was captured and cannot be given back any more, by what took it."""
    parts = [
        (gettext("Refunded before"), now.refunded),
        (gettext("Refunds under way"), now.under_way),
        (gettext("Lost to disputes"), now.lost),
    ]
    return [(name, -amount) for name, amount in parts if amount]


def _amount(minor: int | None, currency: str) -> SafeString:
    return money(minor, currency)
