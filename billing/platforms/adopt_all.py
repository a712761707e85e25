"""All accounts that are connected to a platform, whether anything has been heard of them or not."""

from dataclasses import dataclass

from billing.audit.actor import Actor
from billing.platforms.observe import observe
from billing.providers.adopt import AdoptionRefused, adopt_account
from billing.providers.base import Page, Window
from billing.providers.events import AccountObserved
from billing.providers.leave import account_returned
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.providers.registry import access_of, adapter

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """How many accounts the processor listed, how many of them were made here, and how many had left and are back."""

    listed: int
    adopted: int
    returned: int


def adopt_all(*, platform: ProviderAccount, by: Actor) -> Listed:
    """Make those that are missing, each in a transaction of its own: stopped anywhere, it can begin again.

    Raises AdoptionRefused, ProviderUnavailable, ProviderDeclined. Must not run inside a transaction.
    """
    if not platform.is_platform:
        raise AdoptionRefused("the connection is no platform's")
    access, speaker = access_of(platform), adapter(platform.provider)
    listed = adopted = returned = 0
    after, more = "", True
    while more:
        page = speaker.list_accounts(access, Window(after=after, limit=_PAGE))
        seen = [each for each in map(speaker.read, page.sources) if isinstance(each, AccountObserved)]
        made, back = _take(platform, seen, page, by=by)
        listed, adopted, returned = listed + len(seen), adopted + made, returned + back
        after, more = (seen[-1].external_id, page.has_more) if seen else ("", False)
    return Listed(listed, adopted, returned)


def _take(platform: ProviderAccount, seen: list[AccountObserved], page: Page, *, by: Actor) -> tuple[int, int]:
    ids = [each.external_id for each in seen]
    here = {each.external_account: each for each in platform.accounts.filter(external_account__in=ids)}
    made = back = 0
    for each in seen:
        account = here.get(each.external_id)
        if account is None:
            account = adopt_account(platform=platform, external_account=each.external_id, by=by)
            made += 1
        elif account.status == ConnectionStatus.DISCONNECTED:
            back += account_returned(account=account, at=page.observed_at, by=by)
        observe(account, each, at=page.observed_at)
    return made, back
