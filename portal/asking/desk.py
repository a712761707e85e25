"""Asking for a command, step by step: the form, the review of what it says, and the request itself."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.models import CommandKind, MoneyCommand
from billing.commands.needs import Need
from billing.idempotency.guard import KeyReused
from billing.payments.models import Payment
from billing.retry import StillLocked
from portal.access.draft import kept_fields
from portal.access.guards import confirm_on_the_way, factor_is_fresh
from portal.asking.forms import AskForm
from portal.web.approvals.second_person import second_person
from portal.web.payments.page import PaymentPage
from portal.web.request import PersonRequest
from reports.templatetags.money import money

PAGE = "components/asking/page.html"
DIALOG = "dialog"
Text = str | Promise
_WAITS = _("It waits up to 72 hours for that person, and can be withdrawn. Once approved it is sent to %(processor)s.")
Row = tuple[str, SafeString, SafeString]


class Standing(Protocol):
    """How things stand with what can be asked for: ``barrier`` says why nothing can."""

    @property
    def barrier(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Review:
    """What the review shows of its own, and why a second person would have to approve, None where nobody has to."""

    shown: Mapping[str, Any]
    need: Need | None


TForm = TypeVar("TForm", bound=AskForm)
TNow = TypeVar("TNow", bound=Standing)


@dataclass(frozen=True)
class Desk(ABC, Generic[TForm, TNow]):
    """Where something is asked for of one payment. ``page`` is the payment's own, of which this shows a part.

    ``sums``, ``fields`` and ``summary`` are the templates of what differs,
    the first of which stands in both steps. Of what billing raises, ``refusals`` are about the form's own words;
    ``barred`` has the barrier because of which nothing can be asked for, and ``changed`` how things stand ``now`` where
    the person saw something else.
    """

    request: PersonRequest
    page: PaymentPage

    kind: ClassVar[CommandKind]
    sums: ClassVar[str]
    fields: ClassVar[str]
    summary: ClassVar[str]
    title: ClassVar[Text]
    review_title: ClassVar[Text]
    leave: ClassVar[Text] = _("Cancel")
    next_step: ClassVar[Text]
    look_again: ClassVar[Text]
    second_needed: ClassVar[Text]
    at_once: ClassVar[Text]
    final: ClassVar[Text]
    sent_before: ClassVar[Text] = _("This form was sent before with other words, and that was asked for. Look again.")
    refusals: ClassVar[tuple[type[Exception], ...]]
    barred: ClassVar[Any]
    changed: ClassVar[Any]

    @property
    def payment(self) -> Payment:
        return self.page.payment

    # --- What differs ---
    @property
    @abstractmethod
    def base_url(self) -> str:
        """Where the form is, without the way back."""

    @cached_property
    @abstractmethod
    def now(self) -> TNow: ...

    @abstractmethod
    def form(self, data: QueryDict | None) -> TForm: ...

    @property
    @abstractmethod
    def heading(self) -> str:
        """Of the form."""

    @abstractmethod
    def button(self, form: TForm, *, alone: bool) -> str:
        """What a valid form asks for, in the words of a button; ``alone`` where it takes no second person."""

    @abstractmethod
    def reviewed_heading(self, form: TForm) -> str: ...

    @abstractmethod
    def standing(self, now: TNow) -> Mapping[str, Any]:
        """What both steps show of it."""

    @abstractmethod
    def left(self, now: TNow) -> int:
        """How much can be asked for, in minor units."""

    @abstractmethod
    def reviewed(self, form: TForm) -> Review:
        """Raises as ask() does."""

    @abstractmethod
    def ask(self, form: TForm) -> MoneyCommand:
        """Raises ``refusals``, ``barred``, ``changed``, KeyReused, StillLocked."""

    @abstractmethod
    def barrier_text(self, barrier: Any) -> str: ...

    @property
    @abstractmethod
    def left_called(self) -> str:
        """What can be asked for, in a table."""

    # --- Addresses ---
    @property
    def url(self) -> str:
        return f"{self.base_url}{self.page.way_suffix}"

    @property
    def review_url(self) -> str:
        return f"{self.base_url}review/{self.page.way_suffix}"

    # --- Steps ---
    def show(self, data: QueryDict | None = None) -> HttpResponse:
        """The form, with what somebody typed into it before."""
        if self.now.barrier is not None:
            return self._barred(self.now.barrier, status=200)
        form = self.form(data or kept_fields(self.request))
        form.errors.clear()
        return self._typing(form)

    def review(self) -> HttpResponse:
        """What a filled in form asks for, or that form again for whoever wants to change something."""
        if self.request.method == "GET":
            # Somebody signed in again on the way.
            return redirect(self.url)
        return self.show(self.request.POST) if "again" in self.request.POST else self._with(self._reviewed)

    def issue(self, url_of: Callable[[str], str]) -> HttpResponse:
        """Asks for it, and goes on to the page that tells what comes of it. What takes a second person is asked for by
        somebody who proved lately who they are."""

        def ask(form: TForm) -> HttpResponse:
            if not factor_is_fresh(self.request, True) and self._takes_two(form):
                return confirm_on_the_way(self.request, self.url)
            try:
                url = url_of(self.ask(form).public_id)
            except StillLocked:
                text = gettext("This payment is being changed right now. Nothing was sent: try again in a moment.")
                return self._reviewed(form, status=409, problem=text)
            if self.request.htmx:
                return HttpResponse(status=204, headers={"HX-Redirect": url})
            return HttpResponse(status=303, headers={"Location": url})

        return self._with(ask)

    def _takes_two(self, form: TForm) -> bool:
        try:
            return self.reviewed(form).need is not None
        except (self.barred, self.changed):
            # What changed may be what this very form asked for a moment ago, which is for ask() to tell.
            return False

    def _with(self, act: Callable[[TForm], HttpResponse]) -> HttpResponse:
        form = self.form(self.request.POST)
        if not form.is_valid():
            # Nobody mends a form of which nothing could come.
            barrier = self.now.barrier
            return self._typing(form, status=422) if barrier is None else self._barred(barrier, status=409)
        try:
            return act(form)
        except self.refusals as refused:
            form.refuse(refused)
            return self._typing(form, status=422)
        except self.barred as barred:
            return self._barred(barred.barrier, status=409)
        except self.changed as changed:
            return self._changed(form, changed.now)
        except KeyReused:
            return self._typing(form, status=409, problem=self.sent_before)

    def _reviewed(self, form: TForm, *, status: int = 200, problem: str = "") -> HttpResponse:
        review = self.reviewed(form)
        need = review.need
        told = {
            "is_review": True,
            "heading": self.reviewed_heading(form),
            "button": self.button(form, alone=need is None),
            "second": second_person(need, self.payment, kind=self.kind, by=self.request.actor) if need else None,
            "after": str(_WAITS if need else self.at_once) % {"processor": self.page.processor},
        }
        return self._answer({"form": form, "problem": problem, **told, **review.shown}, status=status)

    # --- Answers ---
    def _changed(self, form: TForm, now: TNow) -> HttpResponse:
        seen = _amount(form.saw if form.saw >= 0 else None, self.payment.currency)
        rows: list[Row] = [(self.left_called, seen, _amount(self.left(now), self.payment.currency))]
        if now.barrier is not None:
            return self._barred(now.barrier, status=409, changed=rows)
        return self._typing(form, status=409, now=now, changed=rows)

    def _barred(self, barrier: Any, *, status: int, **more: Any) -> HttpResponse:
        return self._answer({"heading": self.heading, "barred": self.barrier_text(barrier), **more}, status=status)

    def _typing(self, form: TForm, *, status: int = 200, now: TNow | None = None, **more: Any) -> HttpResponse:
        now = now or self.now
        if form.is_bound:
            form.renew(self.left(now))
        return self._answer({"heading": self.heading, "form": form, **self.standing(now), **more}, status=status)

    def _answer(self, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        in_dialog = self.request.htmx and self.request.htmx.target == DIALOG
        return render(
            self.request,
            f"{PAGE}#dialog" if in_dialog else PAGE,
            {**self.page.context, "desk": self, "in_dialog": in_dialog, **context},
            status=status,
        )


def _amount(minor: int | None, currency: str) -> SafeString:
    return money(minor, currency)
