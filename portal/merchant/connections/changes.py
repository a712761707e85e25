"""Changes of a merchant's connections: connect, replace key and secrets, disconnect. All ask for a fresh code."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, ngettext

from billing.access.verbs import P
from billing.commands.queries import open_requests
from billing.merchants.models import Merchant
from billing.providers.base import ProviderUnavailable
from billing.providers.connect import connect_account
from billing.providers.disconnect import PlatformInUse
from billing.providers.given import ConnectionRefused
from billing.providers.locked import AlreadyDisconnected
from billing.providers.models import ProviderAccount
from billing.providers.rotate import rotate_key
from billing.providers.secrets import add_secret, remove_secret
from billing.providers.stripe.types import EVENT_TYPES
from billing.sync.begin import begin_sync
from billing.sync.leave import leave_account
from portal.access.draft import kept_fields
from portal.access.guards import merchant_view
from portal.access.posted import posted
from portal.merchant.connections.views import address, context_of, load, page_of
from portal.web.providers import acts
from portal.web.providers.card import label_of
from portal.web.providers.forms import ConnectForm, DisconnectForm, KeyForm, SecretForm
from portal.web.request import MerchantRequest

FORM = ("GET", "POST")


@merchant_view(P.CONNECTIONS_MANAGE, methods=FORM, step_up=True)
def connection_new(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    form = ConnectForm(posted(request), livemode=livemode, kept=kept_fields(request))
    made = _connected(request, form, merchant, livemode) if form.is_valid() else None
    if made is not None:
        messages.success(request, gettext("Connected. Everything is being read from the processor now."))
        return HttpResponseRedirect(page_of(made), status=303)
    context = {"form": form, "list_url": address(merchant, livemode, "connections"), "event_types": EVENT_TYPES}
    return render(request, "merchant/connections/new.html", context, status=422 if form.errors else 200)


@merchant_view(P.CONNECTIONS_MANAGE, methods=FORM, step_up=True)
def connection_key(request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str) -> HttpResponse:
    account = _with_key(load(merchant, livemode, connection))
    if not account.is_connected:
        return _gone(request, account)
    form = KeyForm(posted(request))
    try:
        if form.is_valid():
            rotate_key(account=account, api_key=form.cleaned_data["api_key"], by=request.actor)
            return _done(request, account, gettext("The new key is in use. The old one can be deleted at Stripe."))
    except ConnectionRefused as refused:
        form.refuse(refused)
    except (ProviderUnavailable, AlreadyDisconnected) as problem:
        form.add_error(None, acts.why_not(problem))
    return _change(request, account, form, "key")


@merchant_view(P.CONNECTIONS_MANAGE, methods=FORM, step_up=True)
def connection_secret(request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str) -> HttpResponse:
    account = _with_key(load(merchant, livemode, connection))
    if not account.is_connected:
        return _gone(request, account)
    form = SecretForm(posted(request), account=account, kept=kept_fields(request))
    try:
        if form.is_valid():
            given = form.cleaned_data
            secret, replaces = given["webhook_secret"], given["replaces"]
            added = add_secret(account=account, secret=secret, replaces=replaces, by=request.actor)
            said = [gettext("The new secret is valid.")]
            if replaces and account.secrets.exclude(pk=added.pk).exists():
                said.append(gettext("Older ones expire in 24 hours."))
            return _done(request, account, " ".join(said))
    except ConnectionRefused as refused:
        form.refuse(refused)
    except AlreadyDisconnected as problem:
        form.add_error(None, acts.why_not(problem))
    return _change(request, account, form, "secret")


@merchant_view(P.CONNECTIONS_MANAGE, methods=("POST",), step_up=True)
def connection_secret_remove(
    request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str
) -> HttpResponse:
    account = load(merchant, livemode, connection)

    def remove() -> str:
        remove_secret(account=account, secret_id=_uuid(request.POST.get("secret", "")), by=request.actor)
        return gettext("The webhook secret is removed. What is signed with it is refused within moments.")

    return acts.answer_act(request, remove, page_url=page_of(account), context=lambda: context_of(request, account))


@merchant_view(P.CONNECTIONS_MANAGE, methods=FORM, step_up=True)
def connection_disconnect(
    request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str
) -> HttpResponse:
    account = load(merchant, livemode, connection)
    if not account.is_connected:
        return _gone(request, account)
    form = DisconnectForm(posted(request), account=account, kept=kept_fields(request))
    try:
        if form.is_valid():
            leave_account(account=account, by=request.actor)
            return _done(request, account, gettext("Disconnected. What was read from the account stays here."))
    except PlatformInUse as in_use:
        words = ngettext(
            "%(n)d account is reached through this platform. Disconnect it first.",
            "%(n)d accounts are reached through this platform. Disconnect them first.",
            in_use.accounts,
        )
        form.add_error(None, words % {"n": in_use.accounts})
    except AlreadyDisconnected as problem:
        form.add_error(None, acts.why_not(problem))
    return _disconnecting(request, account, form)


def _connected(
    request: MerchantRequest, form: ConnectForm, merchant: Merchant, livemode: bool
) -> ProviderAccount | None:
    """The new connection with its first sync begun; None where the form says why there is none."""
    try:
        made = connect_account(merchant=merchant, livemode=livemode, by=request.actor, **form.given)
    except ConnectionRefused as refused:
        form.refuse(refused)
        return None
    except ProviderUnavailable as away:
        form.add_error(None, acts.why_not(away))
        return None
    begin_sync(account=made, by=request.actor)
    return made


def _change(request: MerchantRequest, account: ProviderAccount, form: KeyForm | SecretForm, what: str) -> HttpResponse:
    context = {
        "form": form,
        "account": account,
        "connection_label": label_of(account),
        "page_url": page_of(account),
        "what": what,
    }
    return render(request, "merchant/connections/change.html", context, status=422 if form.errors else 200)


def _disconnecting(request: MerchantRequest, account: ProviderAccount, form: DisconnectForm) -> HttpResponse:
    context = {
        "form": form,
        "account": account,
        "connection_label": label_of(account),
        "page_url": page_of(account),
        "open_requests": open_requests(account),
    }
    return render(request, "merchant/connections/disconnect.html", context, status=422 if form.errors else 200)


def _with_key(account: ProviderAccount) -> ProviderAccount:
    """An account of a platform has neither key nor secret of its own to change."""
    if account.platform_id:
        raise Http404
    return account


def _gone(request: MerchantRequest, account: ProviderAccount) -> HttpResponse:
    """The page of a connection that has nothing left to change; 409."""
    return acts.answer_refused(request, context_of(request, account), AlreadyDisconnected(account.public_id))


def _done(request: MerchantRequest, account: ProviderAccount, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(page_of(account), status=303)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
