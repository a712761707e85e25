"""Before the first customer: the account, what is on the shelf, lists, how money is paid out."""

from simulator import accounts
from simulator.call import Call
from simulator.store import Doc
from simulator.worlds.names import place
from simulator.worlds.world import World


def open_shop(world: World) -> None:
    world.act("/account", lambda call: _introduce(world, call))
    interval = world.profile.payouts
    schedule = {"interval": interval} | ({"weekly_payout_days": ["tuesday"]} if interval == "weekly" else {})
    world.do("POST", "/v1/balance_settings", payments={"payouts": {"schedule": schedule}})
    _fill_shelf(world)
    _keep_lists(world)


def _introduce(world: World, call: Call) -> Doc:
    """What the merchant told Stripe of itself."""
    profile, doc = world.profile, accounts.account(call)
    support = place(world.chance, profile.country) | {"line2": None, "state": None}
    doc["business_profile"] |= {"name": profile.title, "url": profile.url, "mcc": profile.mcc}
    doc["business_profile"] |= {"support_email": f"hello@{profile.url.removeprefix('https://')}"}
    doc["business_profile"]["support_address"] = support
    doc["settings"]["dashboard"] = {"display_name": profile.title, "timezone": profile.zone}
    doc |= {"country": profile.country, "default_currency": profile.currency, "business_type": "company"}
    return accounts.keep(call, doc | {"email": doc["business_profile"]["support_email"]})


def _fill_shelf(world: World) -> None:
    profile = world.profile
    for item in profile.catalogue:
        product = world.do("POST", "/v1/products", name=item.name, url=profile.url)["id"]
        for currency in profile.currencies:
            price = world.do(
                "POST", "/v1/prices", product=product, currency=currency, unit_amount=profile.price(item, currency)
            )["id"]
            world.shelf["price", item.name, currency] = price
            if "link" in profile.channels:
                link = world.do("POST", "/v1/payment_links", line_items=[{"price": price, "quantity": 1}])
                world.shelf["link", item.name, currency] = link["id"]


def _keep_lists(world: World) -> None:
    """Whom the merchant would not sell to again."""
    name = "Addresses of resellers"
    found = world.do("POST", "/v1/radar/value_lists", name=name, alias="reseller_emails", item_type="email")["id"]
    for number in range(3):
        value = f"bulk{number + 1}.{world.chance.below('lists.mail', 10_000)}@mail.example"
        world.do("POST", "/v1/radar/value_list_items", value_list=found, value=value)
