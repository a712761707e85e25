"""The merchants that there are."""

from simulator.worlds.draws import parsed
from simulator.worlds.profile import Habits, Item, Profile, Rate

_EVENINGS = (2, 1, 1, 1, 1, 2, 5, 9, 13, 16, 18, 18, 20, 17, 16, 16, 17, 19, 23, 27, 29, 24, 13, 6)
_OFFICE = (1, 1, 1, 1, 1, 3, 8, 16, 24, 28, 27, 24, 18, 22, 24, 23, 20, 15, 10, 8, 7, 5, 3, 2)
_ALWAYS = (8, 7, 7, 6, 6, 7, 9, 12, 15, 17, 18, 18, 17, 17, 18, 18, 18, 18, 18, 19, 18, 16, 13, 10)
_FLAT = (100,) * 12


def _items(text: str) -> tuple[Item, ...]:
    lines = (line.rpartition(" ") for line in text.strip().splitlines())
    return tuple(Item(name.strip(), int(price)) for name, _, price in lines)


_OUTDOOR = Profile(
    name="outdoor",
    title="Alpenglow Outdoor",
    url="https://alpenglow.example",
    mcc="5941",
    country="FR",
    zone="Europe/Paris",
    currency="eur",
    daily=220,
    catalogue=_items(
        """
        Merino base layer 8900
        Trail running shoes 13900
        Hiking boots, mid 17950
        Down jacket 24900
        Rain shell 19900
        Tent, two persons 38900
        Sleeping bag, -5 degrees 21900
        Sleeping mat 9900
        Backpack, 45 litres 16900
        Day pack 7450
        Trekking poles 8490
        Head torch 4990
        Gas stove 5995
        Titanium mug 2950
        Water filter 4490
        Wool socks, two pairs 2490
        Map, 1:25 000 1390
        Energy bars, box of 12 2280
        """
    ),
    hours=_EVENINGS,
    weekdays=(100, 92, 95, 98, 104, 118, 129),
    months=(82, 78, 88, 100, 112, 121, 118, 104, 96, 88, 112, 141),
    countries=parsed("FR 52, DE 14, BE 6, CH 5, IT 5, ES 5, GB 4, NL 3, JP 4, KW 2"),
    currencies=parsed("eur 90, jpy 7, kwd 3"),
    rates={"jpy": Rate(172, 100, 10), "kwd": Rate(358, 100, 50)},
    channels=parsed("intent 88, checkout 6, link 1, invoice 1, debit 4"),
    lines=(48, 27, 14, 7, 4),
    reference="AO-{:05}",
    habits=Habits(authenticated=3400),
    attacks={"testing": 1, "takeover": 2, "friendly": 3},
)
_COFFEE = Profile(
    name="coffee",
    title="Nordlicht Coffee Roasters",
    url="https://nordlicht.example",
    mcc="5499",
    country="DE",
    zone="Europe/Berlin",
    currency="eur",
    daily=90,
    catalogue=_items(
        """
        Espresso Hafen, 250 g 1090
        Espresso Hafen, 1 kg 3690
        Filter Yirgacheffe, 250 g 1290
        Filter Huila, 250 g 1350
        Decaf, 250 g 1190
        Sample box, 4 x 80 g 1690
        Paper filters 490
        Hand grinder 8900
        Pour-over kettle 6450
        Green beans for roasters, 5 kg 7400
        """
    ),
    hours=_OFFICE,
    weekdays=(130, 110, 105, 100, 96, 82, 90),
    months=(108, 102, 100, 96, 92, 86, 80, 84, 98, 106, 118, 130),
    countries=parsed("DE 74, AT 9, CH 5, NL 4, FR 3, DK 3, GB 2"),
    currencies=parsed("eur 100"),
    rates={},
    channels=parsed("intent 72, checkout 12, invoice 7, debit 9"),
    lines=(40, 34, 16, 7, 3),
    reference="NL{:05}",
    payouts="weekly",
    habits=Habits(returning=6200, guest=1500, declined=520, refunded=180, disputed=18, warned=10),
    attacks={"friendly": 1},
)
_ARABICA = Profile(
    name="arabica",
    title="Globex Coffee",
    url="https://globex-coffee.example",
    mcc="5499",
    country="KE",
    zone="Africa/Nairobi",
    currency="kes",
    daily=45,
    catalogue=_items(
        """
        Nyeri AA, 1 kg 285000
        Kirinyaga peaberry, 1 kg 320000
        House blend, 5 kg 980000
        Cold brew, case of 12 264000
        Café subscription, month 1450000
        Barista class 650000
        Pour-over kit 410000
        Green beans, 30 kg sack 2790000
        Gift box 198000
        """
    ),
    hours=_OFFICE,
    weekdays=(120, 108, 104, 104, 110, 90, 64),
    months=(96, 94, 96, 98, 100, 98, 96, 98, 100, 104, 108, 122),
    countries=parsed("KE 80, TZ 6, UG 5, US 5, GB 4"),
    currencies=parsed("kes 86, usd 14"),
    rates={"usd": Rate(78, 10_000, 50)},
    channels=parsed("intent 84, checkout 8, invoice 8"),
    lines=(58, 26, 11, 5),
    reference="GX-{:05}",
    payouts="weekly",
    habits=Habits(returning=5600, guest=1200, declined=900, refunded=260, disputed=40, warned=20),
    attacks={"friendly": 1},
)
_KENYA = Profile(
    name="kitenge",
    title="Kitenge House Nairobi",
    url="https://kitenge.example",
    mcc="5651",
    country="KE",
    zone="Africa/Nairobi",
    currency="kes",
    daily=130,
    catalogue=_items(
        """
        Kitenge fabric, 6 yards 240000
        Kitenge dress 450000
        Shirt, short sleeves 280000
        Head wrap 85000
        Kiondo basket, small 190000
        Kiondo basket, large 385000
        Beaded sandals 220000
        Soapstone bowl 165000
        Maasai blanket 310000
        Coffee AA, 500 g 125000
        """
    ),
    hours=_ALWAYS,
    weekdays=(96, 94, 95, 100, 118, 126, 84),
    months=(84, 86, 92, 94, 96, 98, 104, 112, 96, 98, 112, 146),
    countries=parsed("KE 62, US 18, GB 7, DE 4, UG 4, TZ 3, AE 2"),
    currencies=parsed("kes 66, usd 34"),
    rates={"usd": Rate(78, 10_000, 50)},
    channels=parsed("intent 90, checkout 7, link 3"),
    lines=(56, 27, 12, 5),
    reference="KH/{:06}",
    habits=Habits(authenticated=1900, declined=1350, guest=4000, returning=3100, disputed=110, warned=70),
    attacks={"testing": 2, "takeover": 1, "friendly": 2},
)
_ICELAND = Profile(
    name="tours",
    title="Norðurljós Tours",
    url="https://nordurljos.example",
    mcc="4722",
    country="IS",
    zone="Atlantic/Reykjavik",
    currency="isk",
    daily=70,
    catalogue=_items(
        """
        Golden Circle, day tour 1290000
        Northern lights by bus 1190000
        Northern lights by super jeep 2890000
        Glacier hike 1690000
        Ice cave, small group 2490000
        Whale watching 1390000
        South coast, day tour 1590000
        Snorkelling in Silfra 2190000
        Ring road, five days 28900000
        Airport transfer 490000
        """
    ),
    hours=_ALWAYS,
    weekdays=(104, 100, 98, 98, 96, 100, 104),
    months=(92, 98, 96, 82, 90, 124, 138, 132, 112, 96, 84, 90),
    countries=parsed("US 31, GB 18, DE 13, FR 8, IS 7, ES 5, IT 5, NL 4, JP 4, CN 3, CA 2"),
    currencies=parsed("isk 78, usd 12, eur 10"),
    rates={"usd": Rate(73, 10_000, 100), "eur": Rate(69, 10_000, 100)},
    channels=parsed("intent 78, checkout 18, link 4"),
    lines=(70, 22, 6, 2),
    reference="NT-{:05}",
    payouts="manual",
    habits=Habits(*(1200, 6200), authenticated=2900, declined=950, manual=3500, refunded=900, disputed=120, warned=45),
    attacks={"testing": 1, "friendly": 2},
)
_BOOKS = Profile(
    name="bookshop",
    title="Marginalia Books",
    url="https://marginalia.example",
    mcc="5942",
    country="US",
    zone="America/New_York",
    currency="usd",
    daily=160,
    catalogue=_items(
        """
        Paperback novel 1799
        Hardcover novel 2895
        Poetry, first edition 6400
        Cook book 3499
        Children's picture book 1895
        Atlas 7995
        Crossword collection 1299
        Tote bag 1800
        Gift card 2500
        Reading lamp 3950
        Signed copy 4500
        """
    ),
    hours=_EVENINGS,
    weekdays=(94, 92, 94, 96, 102, 114, 108),
    months=(88, 84, 88, 90, 94, 94, 96, 98, 98, 102, 122, 168),
    countries=parsed("US 83, CA 6, GB 5, AU 3, DE 2, JP 1"),
    currencies=parsed("usd 100"),
    rates={},
    channels=parsed("intent 84, checkout 12, link 2, invoice 2"),
    lines=(42, 28, 16, 9, 5),
    reference="MB{:07}",
    habits=Habits(authenticated=300, declined=820, refunded=310, disputed=85, warned=50),
    attacks={"testing": 2, "takeover": 1, "friendly": 3},
)
PROFILES = {profile.name: profile for profile in (_OUTDOOR, _COFFEE, _ARABICA, _KENYA, _ICELAND, _BOOKS)}
