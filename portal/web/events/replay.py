"""Replaying events: what the answer is called, and the form for a range."""

from datetime import UTC, datetime, tzinfo
from typing import Any

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
    """Times are those of ``zone``. ``merchant`` and ``mode`` are for staff, whose events are everybody's."""

    since = forms.DateTimeField(label=_("Received from"))
    until = forms.DateTimeField(label=_("Received before"))
    type = forms.RegexField(
        regex=r"\A[\w.]{1,120}\Z",
        required=False,
        label=_("Type"),
        help_text=_("The whole type, such as charge.refunded. Leave it empty for all types."),
    )
    only_dead = forms.BooleanField(required=False, label=_("Only dead letters"))
    merchant = forms.SlugField(required=False, label=_("Merchant"), help_text=_("Leave it empty for all merchants."))
    mode = forms.ChoiceField(
        required=False, label=_("Mode"), choices=[("", _("Both")), ("live", _("Live")), ("test", _("Test"))]
    )

    def __init__(self, data: QueryDict | None, *, zone: tzinfo, for_staff: bool) -> None:
        super().__init__(data, initial={"only_dead": True})
        self.zone = zone
        for name in ("since", "until"):
            self.fields[name].widget.input_type = "datetime-local"
        if not for_staff:
            del self.fields["merchant"], self.fields["mode"]

    def clean_since(self) -> datetime:
        return self._moment("since")

    def clean_until(self) -> datetime:
        return self._moment("until")

    def clean_merchant(self) -> Merchant | None:
        slug = self.cleaned_data["merchant"]
        merchant = Merchant.objects.filter(slug=slug).first() if slug else None
        if slug and merchant is None:
            raise forms.ValidationError(_("There is no merchant with this short name."))
        return merchant

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if "since" in cleaned and "until" in cleaned and cleaned["since"] >= cleaned["until"]:
            self.add_error("until", _("The end must come after the beginning."))
        return cleaned

    def _moment(self, name: str) -> datetime:
        # Django reads what was typed as UTC; people typed their own clock.
        typed: datetime = self.cleaned_data[name]
        if not 2000 <= typed.year <= 2100:
            raise forms.ValidationError(_("Choose a day between 2000 and 2100."))
        return typed.replace(tzinfo=self.zone).astimezone(UTC)


def replay_range(
    form: RangeForm, *, by: Actor, dry_run: bool, merchant: Merchant | None = None, livemode: bool | None = None
) -> Replayed:
    """What a valid form asks for. ``merchant`` and ``livemode`` bind those who may replay their own events only."""
    asked = form.cleaned_data
    if merchant is None and asked.get("mode"):
        livemode = asked["mode"] == "live"
    return replay_many(
        merchant=merchant or asked.get("merchant"),
        livemode=livemode,
        type_=asked["type"],
        since=asked["since"],
        until=min(asked["until"], clock.now()),
        only_dead=asked["only_dead"],
        dry_run=dry_run,
        by=by,
    )


def requeued_answer(replayed: Replayed) -> str:
    count = replayed.requeued
    return ngettext("%(n)d event will be replayed.", "%(n)d events will be replayed.", count) % {"n": count}
