"""Deliveries that must not be taken: each mutant differs from a good one in a single way."""

import asyncio
import gzip
import hashlib
import hmac
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.trust.sender import sign
from tests.trust.stories import Story

MIB = 2**20
LARGEST = MIB
GOOD = "good"
_DIGITS = "٠١٢٣٤٥٦٧٨٩"


@dataclass(frozen=True)
class Door:
    """A connection's id and secret, and the secret of another account."""

    connection: str
    secret: str
    foreign: str
    livemode: bool


@dataclass
class Delivery:
    """`signatures` are the values of as many Stripe-Signature headers."""

    path: str
    body: bytes
    signatures: list[str]
    headers: dict[str, str]


class Forge:
    """Makes good deliveries and mutants of them, all from one source of chance."""

    def __init__(self, door: Door, chance: random.Random) -> None:
        self.door, self.chance = door, chance

    def payload(self) -> dict[str, Any]:
        story = Story(self.chance, shop=0, livemode=self.door.livemode, at=int(time.time()))
        story.begin()
        return story.letters[0].payload

    def text(self) -> bytes:
        return json.dumps(self.payload()).encode()

    def signed(self, body: bytes, *, secret: str | None = None, ahead: int = 0) -> Delivery:
        signature = sign(self.door.secret if secret is None else secret, body, int(time.time()) + ahead)
        headers = {"Content-Type": "application/json"}
        return Delivery(f"/webhooks/stripe/{self.door.connection}/", body, [signature], headers)

    def good(self) -> Delivery:
        return self.signed(self.text())

    def mutant(self) -> tuple[str, Delivery]:
        """The name of a mutation, and a delivery that went through it."""
        mutate = self.chance.choice(MUTATIONS)
        return mutate.__name__, mutate(self)


def bit_flipped(forge: Forge) -> Delivery:
    delivery = forge.good()
    body = bytearray(delivery.body)
    body[forge.chance.randrange(len(body))] ^= 1 << forge.chance.randrange(8)
    delivery.body = bytes(body)
    return delivery


def truncated(forge: Forge) -> Delivery:
    delivery = forge.good()
    delivery.body = delivery.body[: forge.chance.randrange(len(delivery.body))]
    return delivery


def longer(forge: Forge) -> Delivery:
    delivery = forge.good()
    delivery.body += forge.chance.choice((b" ", b"\n", b"\x00", b"{}", b"\xef\xbb\xbf"))
    return delivery


def header_damaged(forge: Forge) -> Delivery:
    delivery = forge.good()
    text, at = delivery.signatures[0], forge.chance.randrange(len(delivery.signatures[0]))
    damaged = text[:at] + forge.chance.choice(("", "z", " ", ",", "=", ";", "\t")) + text[at + 1 :]
    delivery.signatures = [damaged if damaged != text else text[:-1]]
    return delivery


def header_of_another_grammar(forge: Forge) -> Delivery:
    delivery = forge.good()
    moment, signature = delivery.signatures[0].split(",")
    at, hexadecimal = moment[2:], signature[3:]
    shapes = (
        *("", "t=", "v1=", ",", "=", "t,v1", moment, signature, f"{moment};{signature}", f"{moment}, {signature}"),
        *(f"{moment},{signature},", f",{moment},{signature}", f"T={at},{signature}", f"{moment},V1={hexadecimal}"),
        *(f"{moment},v0={hexadecimal}", f"{moment},v2={hexadecimal}", f"{moment},{signature.upper()}", "x" * 8_000),
        *(f"{moment},{moment},{signature}", f"{moment}.0,{signature}", f"t=+{at},{signature}", f"t =1,{signature}"),
        *(f"t=0x{int(at):x},{signature}", f"t=0{at},{signature}", f"t={at}e0,{signature}", f"t=-{at},{signature}"),
        *(f"t={'9' * 400},{signature}", f"t=nan,{signature}", f"{moment},v1={'0' * 64}", f"{moment},{signature}00"),
        *(f'"{moment},{signature}"', f"{moment},{signature[:-2]}", f"{moment},v1=", f"{moment},v1"),
        f"{signature},t={int(at) - 1}",
    )
    delivery.signatures = [forge.chance.choice(shapes)]
    return delivery


def digits_of_another_script(forge: Forge) -> Delivery:
    moment = str(int(time.time()))
    # Either digits of more bytes than one, or those few of Latin-1 that Python takes for digits, too.
    other = "".join(_DIGITS[int(digit)] for digit in moment).encode().decode("latin-1")
    moment = forge.chance.choice((other, moment[:-1] + "²", "¹" + moment[1:], moment + "³"))
    delivery = forge.good()
    # Signed over what the site would read, so that only the reading of digits stands in the way.
    signed = f"{moment}.".encode() + delivery.body
    delivery.signatures = [f"t={moment},v1={hmac.new(forge.door.secret.encode(), signed, hashlib.sha256).hexdigest()}"]
    return delivery


def two_headers(forge: Forge) -> Delivery:
    delivery = forge.good()
    forged = sign("whsec_of_nobody", delivery.body, int(time.time()))
    delivery.signatures = forge.chance.choice(
        ([delivery.signatures[0], forged], [forged, delivery.signatures[0]], [delivery.signatures[0]] * 2)
    )
    return delivery


def no_header(forge: Forge) -> Delivery:
    delivery = forge.good()
    delivery.signatures = []
    return delivery


def empty_secret(forge: Forge) -> Delivery:
    return forge.signed(forge.text(), secret=forge.chance.choice(("", " ", "None", "whsec_", "null")))


def secret_of_another_account(forge: Forge) -> Delivery:
    return forge.signed(forge.text(), secret=forge.door.foreign)


def of_another_time(forge: Forge) -> Delivery:
    ahead = forge.chance.choice((302, 303, 3600, 86_400, 11 * 86_400, 2**31))
    return forge.signed(forge.text(), ahead=forge.chance.choice((-1, 1)) * ahead if ahead < 2**31 else ahead)


def signature_of_another_body(forge: Forge) -> Delivery:
    delivery, other = forge.good(), forge.good()
    delivery.signatures = other.signatures
    return delivery


def compressed(forge: Forge) -> Delivery:
    if forge.chance.random() < 0.3:
        # In name only.
        delivery = forge.good()
        delivery.headers["Content-Encoding"] = "gzip"
        return delivery
    delivery = forge.signed(gzip.compress(forge.text() * forge.chance.choice((1, 1, 1, 200)), 1))
    if forge.chance.random() < 0.7:
        delivery.headers["Content-Encoding"] = forge.chance.choice(("gzip", "br", "deflate", "GZIP", "identity, gzip"))
    return delivery


def not_text(forge: Forge) -> Delivery:
    bad = forge.chance.choice((b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x80"))
    return forge.signed(forge.text().replace(b"succeeded", bad).replace(b"order_id", b"order_" + bad))


def wide_text(forge: Forge) -> Delivery:
    return forge.signed(forge.text().decode().encode(forge.chance.choice(("utf-16", "utf-32", "utf-16-le"))))


def deep(forge: Forge) -> Delivery:
    depth = forge.chance.choice((2_000, 20_000, 200_000))
    opening, closing = forge.chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    inner = opening * depth + b"1" + closing * depth
    return forge.signed(forge.text().replace(b'"pending_webhooks": 1', b'"pending_webhooks": ' + inner))


def no_number(forge: Forge) -> Delivery:
    bad = forge.chance.choice((b"NaN", b"Infinity", b"-Infinity", b"01", b"+1", b"0x1", b"1.", b".5", b"1e"))
    return forge.signed(forge.text().replace(b'"pending_webhooks": 1', b'"pending_webhooks": ' + bad))


def key_twice(forge: Forge) -> Delivery:
    key = forge.chance.choice((b'"livemode": false, ', b'"id": "evt_other", ', b'"amount": 1, "amount": 2, '))
    return forge.signed(b"{" + key + forge.text()[1:] if b"amount" not in key else _inside(forge.text(), key))


def _inside(text: bytes, key: bytes) -> bytes:
    return text.replace(b'"object": "payment_intent",', b'"object": "payment_intent", ' + key)


def other_json(forge: Forge) -> Delivery:
    bodies = (b"", b"[]", b"{}", b"null", b"1", b'"evt"', b"[" + forge.text() + b"]", b"true", b"{" * 50, b"not json")
    return forge.signed(forge.chance.choice(bodies))


def field_missing_or_odd(forge: Forge) -> Delivery:
    payload = forge.payload()
    field = forge.chance.choice(("id", "type", "livemode", "created", "data"))
    odd = (None, 0, "", [], {}, 1.5, "a b", "é" * 10, "x" * 5_000, -1, "evt_\x00", 10**30)
    value = forge.chance.choice(odd)
    if field == "created" and value == 0:
        value = -1
    payload[field] = value
    if forge.chance.random() < 0.3:
        del payload[field]
    return forge.signed(json.dumps(payload).encode())


def of_the_other_mode(forge: Forge) -> Delivery:
    payload = forge.payload()
    payload["livemode"] = not forge.door.livemode
    return forge.signed(json.dumps(payload).encode())


def to_another_address(forge: Forge) -> Delivery:
    delivery = forge.good()
    connection = forge.door.connection
    others = (connection[:-1], connection.swapcase(), "con_0", "%00", "..", connection + "%20", "con_" + "x" * 2_000)
    if forge.chance.random() < 0.3:
        # No two alike: whatever remembers addresses must forget them.
        others = ("con_" + forge.chance.randbytes(10_000).hex(),)
    delivery.path = f"/webhooks/stripe/{forge.chance.choice(others)}/"
    return delivery


def too_large(forge: Forge) -> Delivery:
    size = forge.chance.choice((LARGEST + 1, 10 * MIB)) if forge.chance.random() < 0.1 else LARGEST + 1
    text = forge.text()
    return forge.signed(text[:-1] + b" " * (size - len(text)) + b"}")


_LIGHT: tuple[Callable[[Forge], Delivery], ...] = (
    *(bit_flipped, bit_flipped, truncated, longer, header_damaged, header_damaged, header_of_another_grammar),
    *(header_of_another_grammar, digits_of_another_script, two_headers, no_header, empty_secret),
    *(secret_of_another_account, of_another_time, signature_of_another_body, not_text, wide_text),
    *(no_number, key_twice, other_json, field_missing_or_odd, of_the_other_mode, to_another_address),
)
# These cost more to make than to refuse.
_HEAVY: tuple[Callable[[Forge], Delivery], ...] = (compressed, deep, too_large)
MUTATIONS = _LIGHT * 5 + _HEAVY


def knock_many(door: Door, *, count: int, seed: int) -> dict[str, Any]:
    """Puts mutants to the site's application in this process, a few at a time, with good deliveries among them."""
    return asyncio.run(_knock(Forge(door, random.Random(seed)), count))


async def _knock(forge: Forge, count: int) -> dict[str, Any]:
    problems: list[str] = []
    kinds: Counter[str] = Counter()
    sent, controls, before = 0, 0, 0.0
    while sent < count:
        batch = [forge.mutant() for _ in range(min(forge.chance.randint(1, 40), count - sent))]
        sent += len(batch)
        # One of forty that are read and committed together must not suffer from the others.
        batch.insert(forge.chance.randint(0, len(batch)), (GOOD, forge.good()))
        controls += 1
        for (name, delivery), status in zip(batch, await asyncio.gather(*(call(one) for _, one in batch)), strict=True):
            kinds[name] += 1
            if status != 200 if name == GOOD else not 400 <= status < 500:
                problems.append(f"{name} got {status}: {delivery.signatures} {delivery.body[:200]!r}")
        before = before or (memory() if sent > min(count // 10, 5_000) else 0.0)
    return {"problems": problems, "controls": controls, "kinds": kinds, "grown": memory() - before}


async def call(delivery: Delivery) -> int:
    """The status of one POST to the ASGI application of the site."""
    from portal.asgi import application

    headers = {**delivery.headers, "Content-Length": str(len(delivery.body)), "Host": "127.0.0.1"}
    named = [*headers.items(), *(("Stripe-Signature", value) for value in delivery.signatures)]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": unquote_to_bytes(delivery.path).decode(),
        "raw_path": delivery.path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    pieces = [delivery.body[start : start + 65_536] for start in range(0, len(delivery.body), 65_536)] or [b""]
    answered: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    await application(scope, receive, send)
    return answered[0]


def memory() -> float:
    """What this process holds in memory now, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB
