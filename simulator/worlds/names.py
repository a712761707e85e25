"""What people are called and where they live, by country."""

import unicodedata
from typing import NamedTuple

from simulator.chance import Chance
from simulator.store import Doc


class Place(NamedTuple):
    city: str
    postal_code: str
    line1: str


# Given names; family names; towns with their postal code and a street.
_COUNTRIES = {
    "FR": (
        "Camille Louis Chloé Hugo Inès Jules Léa Mathis Manon Nathan Sarah Théo Zoé Antoine",
        "Martin Bernard Dubois Thomas Robert Petit Durand Leroy Moreau Simon Laurent Lefebvre Garcia Roux",
        (
            "Paris/75011/rue Oberkampf, Lyon/69003/cours Lafayette, Grenoble/38000/rue Thiers, "
            "Nantes/44000/quai de la Fosse, Toulouse/31000/rue de Metz"
        ),
    ),
    "DE": (
        "Anna Ben Clara David Emma Felix Greta Jonas Lena Lukas Marie Noah Paul Sophie",
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein",
        (
            "Berlin/10999/Oranienstraße, Hamburg/20357/Schulterblatt, München/80331/Sendlinger Straße, "
            "Köln/50674/Zülpicher Straße, Leipzig/04107/Karl-Liebknecht-Straße"
        ),
    ),
    "GB": (
        "Oliver Amelia Jack Isla Harry Poppy George Emily Noah Ava Freya Leo Priya Callum",
        "Smith Jones Taylor Brown Wilson Evans Thomas Roberts Walker Wright Patel Hughes Green Wood",
        "London/E8 4RP/Mare Street, Bristol/BS1 5TR/Park Street, Leeds/LS1 6HW/Briggate, Edinburgh/EH1 1YS/Royal Mile",
    ),
    "US": (
        "James Mary Michael Linda David Susan Ashley Daniel Jessica Tyler Maria Kevin Nicole Jordan",
        "Johnson Williams Miller Davis Rodriguez Martinez Anderson Taylor Nguyen Lee Thompson White Harris Clark",
        (
            "Brooklyn/11211/Bedford Avenue, Chicago/60614/North Clark Street, Austin/78704/South Congress Avenue, "
            "Portland/97214/Hawthorne Boulevard, Boston/02116/Newbury Street, Seattle/98102/East Pine Street"
        ),
    ),
    "JP": (
        "Haruto Yui Sota Hina Yuto Mei Riku Sakura Kenta Aoi",
        "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato",
        "Tokyo/150-0001/Jingumae, Osaka/542-0086/Nishishinsaibashi, Kyoto/604-8005/Ebisucho",
    ),
    "KW": (
        "Ahmad Fatima Yousef Noura Khaled Mariam Abdullah Dalal",
        "Al-Sabah Al-Mutairi Al-Rashidi Al-Ajmi Al-Enezi Al-Kandari",
        "Kuwait City/15000/Salem Al Mubarak Street, Hawalli/32000/Tunis Street",
    ),
    "KE": (
        "Wanjiru Otieno Achieng Kamau Njeri Mutua Akinyi Kiprop Chebet Mwangi Amina Barasa",
        "Kariuki Odhiambo Wambui Kimani Omondi Njoroge Mutiso Cheruiyot Wafula Hassan",
        "Nairobi/00100/Moi Avenue, Mombasa/80100/Digo Road, Kisumu/40100/Oginga Odinga Street",
    ),
    "IS": (
        "Jón Guðrún Sigurður Anna Gunnar Kristín Ólafur Helga",
        "Jónsson Sigurðardóttir Guðmundsson Ólafsdóttir Einarsson Gunnarsdóttir",
        "Reykjavík/101/Laugavegur, Akureyri/600/Hafnarstræti",
    ),
    "IT": (
        "Giulia Lorenzo Sofia Matteo Aurora Luca Martina Andrea",
        "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci",
        "Milano/20121/via Brera, Roma/00186/via del Corso, Torino/10123/via Po",
    ),
    "ES": (
        "Lucía Hugo Martina Pablo Sofía Daniel Paula Adrián",
        "García Fernández González López Martínez Sánchez Pérez Gómez",
        "Madrid/28004/calle de Fuencarral, Barcelona/08001/carrer del Carme, Bilbao/48005/Somera",
    ),
    "NL": (
        "Daan Emma Sem Julia Lucas Tess Finn Sanne",
        "de Vries,Jansen,van den Berg,Bakker,Visser,Smit,Meijer,Mulder",
        "Amsterdam/1015 CJ/Prinsengracht, Utrecht/3511 LN/Oudegracht, Rotterdam/3012 AS/Witte de Withstraat",
    ),
}
# Where other countries' people are named and addressed alike.
_ALIKE = {
    country: like
    for like, countries in {
        "DE": "AT CH",
        "FR": "BE LU",
        "GB": "AU",
        "JP": "CN",
        "KE": "TZ UG",
        "KW": "AE",
        "NL": "DK",
        "US": "CA",
    }.items()
    for country in countries.split()
}
_MAIL = ("gmail.example", "outlook.example", "mail.example", "icloud.example", "proton.example")


def person(chance: Chance, country: str) -> str:
    given, family, _ = _of(country)
    return f"{chance.pick('people.given', given)} {chance.pick('people.family', family)}"


def place(chance: Chance, country: str) -> Doc:
    """An address in the form of Stripe."""
    town = chance.pick("people.town", _of(country)[2])
    number = 1 + chance.below("people.number", 140)
    return {"city": town.city, "country": country, "line1": f"{number} {town.line1}", "postal_code": town.postal_code}


def mail(chance: Chance, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ð", "d").replace("ß", "ss"))
    local = plain.replace(" ", ".").encode("ascii", "ignore").decode()
    return f"{local}{chance.below('people.mail', 900) + 10}@{chance.pick('people.mail', _MAIL)}"


def _of(country: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Place, ...]]:
    return _READ.get(_ALIKE.get(country, country)) or _READ["US"]


def _read(given: str, family: str, towns: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Place, ...]]:
    families = family.split(",") if "," in family else family.split()
    places = (Place(*town.split("/")) for town in towns.split(", "))
    return tuple(given.split()), tuple(families), tuple(places)


_READ = {country: _read(*texts) for country, texts in _COUNTRIES.items()}
