"""Events about accounts themselves."""

from collections.abc import Mapping, Sequence

from billing.platforms.ask import ask_description
from billing.platforms.observe import observe
from billing.providers.events import AccountObserved
from billing.providers.models import ProviderAccount
from billing.webhooks.handlers import Effect, Inbound, Result, handler
from billing.webhooks.models import Outcome


@handler(AccountObserved, audited=True)
def observe_accounts(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    """Show what an event says at once. Which of several is the newest only the processor knows: it is asked whenever
    one made a difference."""
    accounts = ProviderAccount.objects.in_bulk({item.account_id for item in batch})
    results, changed = {}, set()
    # In one order, so that two workers cannot wait for each other.
    for item in sorted(batch, key=lambda each: each.account_id):
        account = accounts[item.account_id]
        if not isinstance(item.event, AccountObserved) or not observe(account, item.event, at=item.occurred_at):
            results[item.row_id] = Result(Outcome.NO_CHANGE)
            continue
        results[item.row_id] = Result(Outcome.CHANGED, (Effect("changed", "connection", account.public_id),))
        if item.event.authorised:
            changed.add(account.pk)
    ask_description(changed)
    return results
