"""Replaying events: what the answer is called, and the form for a range."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.audit.actor import Actor
from billing.merchants.models import Merchant
from billing.queue.models import State
from billing.webhooks.models import WebhookEvent
from billing.webhooks.replay import Replayed, replay_many

ASKED = ("type", "since", "until", "only_dead", "merchant", "mode")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# So many types are counted by themselves.
_TYPES = 40
_OUTCOMES = {
    "changed": _("Replayed: it changed what is shown here."),
    "no_change": _("Replayed: no change, everything in it was known already."),
    "ignored": _("Replayed: events of this type are not used."),
}


def replay_answer(event: WebhookEvent) -> str:
    """One sentence about an event that was just replayed."""
    if event.state == State.DONE:
        return str(_OUTCOMES[event.outcome])
    if event.state == State.PARKED:
        return gettext("Replayed: it still waits for its object.")
    if event.state == State.DEAD:
        return gettext("Replayed: it failed again and is a dead letter.")
    return gettext("Replayed: it failed again. It will be tried once more by itself.")


class RangeForm(forms.Form):
    """Times are those of ``zone``. ``merchant`` and ``mode`` are for staff, whose events are everybody's.

    ``seen`` is how many events a dry run counted and ``counted_at`` when, in microseconds since 1970: what came later
    was not agreed to. ``form_key`` is that dry run's own: however often it is agreed to, its events are replayed once.
    """

    type = forms.RegexField(
        regex=r"\A[\w.]{1,120}\Z",
        required=False,
        label=_("Type"),
        help_text=_("Such as charge.refunded. With a dot at the end, as in “charge.dispute.”, all that begin so."),
    )
    since = forms.DateTimeField(required=False, label=_("Received from"))
    until = forms.DateTimeField(required=False, label=_("Received before"))
    only_dead = forms.BooleanField(required=False, label=_("Only dead letters"))
    merchant = forms.SlugField(required=False, label=_("Merchant"), help_text=_("Leave it empty for all merchants."))
    mode = forms.ChoiceField(
        required=False, label=_("Mode"), choices=[("", _("Both")), ("live", _("Live")), ("test", _("Test"))]
    )
    seen = forms.IntegerField(required=False, min_value=0)
    counted_at = forms.IntegerField(required=False, min_value=0, max_value=10**16)
    form_key = forms.UUIDField(required=False)

    def __init__(
        self, data: QueryDict | None, *, zone: tzinfo, for_staff: bool, proposed: Mapping[str, str] | None = None
    ) -> None:
        proposed = proposed or {}
        asked = {name: proposed.get(name, "") for name in ASKED}
        super().__init__(data, initial={**asked, "only_dead": "only_dead" in proposed or not proposed})
        self.zone = zone
        for name in ("since", "until"):
            self.fields[name].widget.input_type = "datetime-local"
        if not for_staff:
            del self.fields["merchant"], self.fields["mode"]

    @property
    def agrees(self) -> bool:
        """Whether a valid form holds what a dry run found, and agrees to it."""
        found = self.cleaned_data["seen"] is not None and self.cleaned_data["form_key"] is not None
        return found and self.data.get("do") == "replay"

    @property
    def asked(self) -> list[tuple[str, str]]:
        """What was typed, to be sent again or changed."""
        return [(name, self.data[name]) for name in ASKED if name in self.fields and self.data.get(name)]

    def clean_since(self) -> datetime | None:
        return self._moment("since")

    def clean_until(self) -> datetime | None:
        return self._moment("until")

    def clean_counted_at(self) -> datetime:
        now, counted = clock.now(), self.cleaned_data["counted_at"]
        return min(now, _EPOCH + timedelta(microseconds=counted)) if counted is not None else now

    def clean_merchant(self) -> Merchant | None:
        slug = self.cleaned_data["merchant"]
        merchant = Merchant.objects.filter(slug=slug).first() if slug else None
        if slug and merchant is None:
            raise forms.ValidationError(_("There is no merchant with this short name."))
        return merchant

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", _("The end must come after the beginning."))
        if not self.errors and not since and not cleaned.get("type"):
            self.add_error("since", _("Enter a type, or when the range begins."))
        return cleaned

    def _moment(self, name: str) -> datetime | None:
        # Django reads what was typed as UTC; people typed their own clock.
        typed: datetime | None = self.cleaned_data[name]
        if typed is None:
            return None
        if not 2000 <= typed.year <= 2100:
            raise forms.ValidationError(_("Choose a day between 2000 and 2100."))
        return typed.replace(tzinfo=self.zone).astimezone(UTC)


def replay_range(
    form: RangeForm, *, by: Actor, dry_run: bool, merchant: Merchant | None = None, livemode: bool | None = None
) -> Replayed:
    """What a valid form asks for. ``merchant`` and ``livemode`` bind those who may replay their own events only. Raises
    RangeChanged when there are not as many events as were seen, KeyReused when others were agreed to before."""
    asked = form.cleaned_data
    if merchant is None and asked.get("mode"):
        livemode = asked["mode"] == "live"
    return replay_many(
        merchant=merchant or asked.get("merchant"),
        livemode=livemode,
        type_=asked["type"],
        since=asked["since"] or _EPOCH,
        until=min(asked["until"] or asked["counted_at"], asked["counted_at"]),
        only_dead=asked["only_dead"],
        dry_run=dry_run,
        by=by,
        expected=None if dry_run else asked["seen"],
        form_key=str(asked["form_key"] or ""),
    )


def plan_context(form: RangeForm, found: Replayed, *, stale: bool) -> dict[str, Any]:
    """What a dry run found, and what agreeing to it sends. ``stale``: there were as many as agreed to no longer."""
    microseconds = (form.cleaned_data["counted_at"] - _EPOCH) // timedelta(microseconds=1)
    types = list(found.by_type.items())
    return {
        "matched": found.matched,
        "by_type": types[:_TYPES],
        "other_types": len(types[_TYPES:]),
        "other_events": sum(count for _type, count in types[_TYPES:]),
        "sent": [*form.asked, ("seen", found.matched), ("counted_at", microseconds), ("form_key", uuid4())],
        "change_query": urlencode(form.asked),
        "asked": form.cleaned_data,
        "stale": stale,
    }


def requeued_answer(replayed: Replayed) -> str:
    count = replayed.requeued
    return ngettext("%(n)d event will be replayed.", "%(n)d events will be replayed.", count) % {"n": count}
