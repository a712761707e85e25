"""What people type about connections. Secrets are never shown again, not even to whoever typed them a moment ago.

``kept`` is what was typed before a code was asked for, without secrets.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.providers.given import ConnectionRefused, check_key, check_place, check_secret
from billing.providers.models import ProviderAccount
from portal.web.kept_words import in_words

# No account of the processor is older.
_FIRST_DAY = date(2011, 1, 1)


def _secret(label: Any, **more: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=255, widget=widget, **more)


class _Refusable(forms.Form):
    def refuse(self, refused: ConnectionRefused) -> None:
        """Beside the field that it is about."""
        self.add_error(refused.field if refused.field in self.fields else None, in_words(str(refused)))


class ConnectForm(_Refusable):
    """``livemode`` is the mode of the page; the choice of a simulated processor exists where one is allowed."""

    api_key = _secret(_("API key"))
    webhook_secret = _secret(
        _("Webhook signing secret"),
        required=False,
        help_text=_("Starts with whsec_. Leave it empty until the endpoint exists at Stripe; you can add it later."),
    )
    account = forms.CharField(
        label=_("Connect account"),
        required=False,
        max_length=64,
        help_text=_("Only where the key is a platform's: the id of the account to read, acct_…"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    is_platform = forms.BooleanField(
        label=_("This account is a Connect platform"),
        required=False,
        help_text=_("Events of its connected accounts arrive at the same address."),
    )
    api_base = forms.ChoiceField(label=_("Simulated processor"), required=False)

    def __init__(self, data: QueryDict | None, *, livemode: bool, kept: QueryDict | None = None) -> None:
        super().__init__(data, initial=kept)
        self.livemode = livemode
        mode = "live" if livemode else "test"
        self.fields["api_key"].help_text = gettext(
            "Starts with rk_%(mode)s_ or sk_%(mode)s_. A restricted key that may read is enough."
        ) % {"mode": mode}
        if settings.PROCESSOR_BASES:
            choices = [
                ("", gettext("None: this is Stripe itself")),
                *((base, base) for base in settings.PROCESSOR_BASES),
            ]
            self.fields["api_base"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["api_base"]

    def clean(self) -> dict[str, Any]:
        # All that is wrong at once: whoever sends the form again has to type its secrets again.
        given = self.cleaned_data
        place = {"account": given.get("account", ""), "api_base": "", "is_platform": given["is_platform"]}
        checks: list[Callable[[], None]] = [partial(check_place, **place)]
        if "api_key" in given:
            checks.append(partial(check_key, given["api_key"], livemode=self.livemode))
        if given.get("webhook_secret"):
            checks.append(partial(check_secret, given["webhook_secret"]))
        for check in checks:
            try:
                check()
            except ConnectionRefused as refused:
                self.refuse(refused)
        return given

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of connect_account."""
        cleaned = self.cleaned_data
        return {**cleaned, "api_base": cleaned.get("api_base", "")}


class KeyForm(_Refusable):
    api_key = _secret(_("New API key"), help_text=_("It must open the same account. The old one works until then."))


class SecretForm(_Refusable):
    webhook_secret = _secret(
        _("New signing secret"), help_text=_("Starts with whsec_. Stripe shows it at the endpoint.")
    )
    replaces = forms.BooleanField(
        label=_("It replaces the secrets in use"),
        required=False,
        help_text=_("They are accepted for 24 hours more. Leave it unticked for a second endpoint."),
    )

    def __init__(self, data: QueryDict | None, *, account: ProviderAccount, kept: QueryDict | None = None) -> None:
        # A platform has an endpoint for itself and one for its accounts.
        replaces = not account.is_platform if kept is None else "replaces" in kept
        super().__init__(data, initial={"replaces": replaces})


class DisconnectForm(forms.Form):
    """Whoever disconnects types the account's id, or the merchant's short name."""

    confirmation = forms.CharField(
        max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, data: QueryDict | None, *, account: ProviderAccount, kept: QueryDict | None = None) -> None:
        super().__init__(data, initial=kept)
        self.words = account.external_account or account.merchant.slug
        self.accepted = {account.external_account, account.merchant.slug} - {""}
        self.fields["confirmation"].label = gettext("Type %(words)s to confirm") % {"words": self.words}

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"].strip()
        if typed not in self.accepted:
            raise forms.ValidationError(gettext("This is not %(words)s. Nothing was done.") % {"words": self.words})
        return typed


class SyncForm(forms.Form):
    """``since`` is a day in ``zone``, none for everything."""

    since = forms.DateField(
        label=_("Created since"),
        required=False,
        help_text=_("The first day to read. Leave it empty to read everything."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, data: QueryDict | None, *, zone: tzinfo) -> None:
        super().__init__(data)
        self.zone = zone

    def clean_since(self) -> date | None:
        day: date | None = self.cleaned_data["since"]
        if day and not _FIRST_DAY <= day <= clock.now().astimezone(self.zone).date():
            raise forms.ValidationError(_("Choose a day between 2011 and today."))
        return day

    @property
    def moment(self) -> datetime | None:
        """The beginning of the day in UTC, None for everything."""
        day: date | None = self.cleaned_data["since"]
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC) if day else None
