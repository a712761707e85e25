"""An invented shop: what it sells, to whom, and how the cards of those people behave."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A thing on sale, priced in minor units of the shop's own currency."""

    name: str
    price: int


@dataclass(frozen=True)
class Buyer:
    """A person who buys now and then. `currency` is what they pay in; `regular` weighs how often they come."""

    name: str
    email: str
    country: str
    currency: str
    regular: int = 1


@dataclass(frozen=True)
class Shop:
    """References are prefix and number."""

    slug: str
    currency: str
    descriptor: str
    prefix: str
    items: tuple[Item, ...]
    buyers: tuple[Buyer, ...]


@dataclass(frozen=True)
class Decline:
    """Why a card is refused, in the processor's words. `risky` ones come with a high score."""

    code: str
    decline_code: str
    message: str
    weight: int
    risky: bool = False


DECLINES = (
    Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.", 34),
    Decline("card_declined", "generic_decline", "Your card was declined.", 18),
    Decline("card_declined", "do_not_honor", "Your card was declined.", 14),
    Decline("expired_card", "expired_card", "Your card has expired.", 9),
    Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", 9),
    Decline("card_declined", "transaction_not_allowed", "Your card does not support this type of purchase.", 5),
    Decline("processing_error", "processing_error", "An error occurred while processing your card.", 4),
    Decline("card_declined", "lost_card", "Your card was declined.", 3, risky=True),
    Decline("card_declined", "stolen_card", "Your card was declined.", 2, risky=True),
    Decline("card_declined", "fraudulent", "Your card was declined.", 2, risky=True),
)
BRANDS = (("visa", 55, "4242"), ("mastercard", 38, "4444"), ("amex", 7, "0005"))

# Minor units that a thousand cents of a euro are worth, and the smallest step of a price there: Stripe takes the
# yen without decimals, and the dinar's last of three decimals only as 0.
RATES = {"EUR": (1000, 1), "JPY": (1620, 10), "KWD": (3340, 10)}


def converted(cents: int, currency: str) -> int:
    """A price in euro cents as a price tag in another currency's minor units."""
    rate, step = RATES[currency]
    return max(cents * rate // 1000 // step, 1) * step


ACME = Shop(
    slug="acme",
    currency="EUR",
    descriptor="ACME OUTDOOR",
    prefix="AO",
    items=(
        Item("Trekking poles, carbon", 8_990),
        Item("Down quilt, 800 fill", 24_500),
        Item("Two-person tent", 38_900),
        Item("Rain shell", 18_900),
        Item("Merino base layer", 6_450),
        Item("Trail shoes", 12_990),
        Item("Gas canister, four", 2_780),
        Item("Headlamp", 4_500),
        Item("Sleeping mat", 9_900),
        Item("Dry bags, set of three", 3_290),
        Item("Cook pot, 1.3 l", 5_400),
        Item("Water filter", 3_990),
        Item("Guided hut tour, deposit", 21_000),
        Item("Snowshoes, hire", 5_600),
        Item("Map set, Vanoise", 1_850),
    ),
    buyers=(
        Buyer("Margaux Delorme", "margaux.delorme@example.com", "FR", "EUR", 6),
        Buyer("Refuge des Aiguilles", "intendance@refuge-aiguilles.example", "FR", "EUR", 8),
        Buyer("Bastien Roussel", "bastien.roussel@example.com", "FR", "EUR", 3),
        Buyer("Océane Lambert", "oceane.l@example.org", "FR", "EUR", 2),
        Buyer("Thibault Girard", "t.girard@example.net", "FR", "EUR"),
        Buyer("Nadia Benali", "nadia.benali@example.com", "FR", "EUR", 2),
        Buyer("Lukas Brenner", "lukas.brenner@example.com", "DE", "EUR", 3),
        Buyer("Friederike Sommer", "f.sommer@example.org", "DE", "EUR"),
        Buyer("Bergschule Allgäu", "material@bergschule.example", "DE", "EUR", 5),
        Buyer("Matteo Bianchi", "matteo.bianchi@example.com", "IT", "EUR", 2),
        Buyer("Ginevra Conti", "ginevra.conti@example.net", "IT", "EUR"),
        Buyer("Saskia van Dijk", "saskia.vandijk@example.com", "NL", "EUR", 2),
        Buyer("Joost Vermeer", "joost@example.org", "NL", "EUR"),
        Buyer("Íñigo Arrieta", "inigo.arrieta@example.com", "ES", "EUR", 2),
        Buyer("Lucía Ferrández", "lucia.ferrandez@example.com", "ES", "EUR"),
        Buyer("Aleksander Wójcik", "a.wojcik@example.com", "PL", "EUR"),
        Buyer("Siobhán O'Rourke", "siobhan@example.net", "IE", "EUR", 2),
        Buyer("Elin Bergström", "elin.bergstrom@example.com", "SE", "EUR"),
        Buyer("Pauline Mercier", "pauline.mercier@example.com", "BE", "EUR", 2),
        Buyer("Club alpin de Namur", "tresorerie@clubalpin.example", "BE", "EUR", 3),
        Buyer("佐藤 美咲", "misaki.sato@example.com", "JP", "JPY", 3),
        Buyer("Kenji Watanabe", "k.watanabe@example.com", "JP", "JPY", 2),
        Buyer("Hana Fujimoto", "hana.fujimoto@example.org", "JP", "JPY"),
        Buyer("Fahad Al-Sabah", "fahad@example.com", "KW", "KWD", 3),
        Buyer("Noura Al-Enezi", "noura.alenezi@example.com", "KW", "KWD", 2),
    ),
)
