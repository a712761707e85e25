"""Signed-in people over connections that stay open, as many as wanted in one thread."""

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

# What a page asks for by itself as soon as it is there, or as soon as somebody has scrolled to it.
_BY_ITSELF = re.compile(r"\b(load|revealed|intersect)\b")
_ASKING = re.compile(r"<[a-z]+ [^>]*\bhx-get=\"([^\"]+)\"[^>]*>")
_TRIGGER = re.compile(r"\bhx-trigger=\"([^\"]+)\"")
_NAME = re.compile(r"\bid=\"([^\"]+)\"")


class Refused(Exception):
    """An answer that is not the one that was meant."""


@dataclass
class Person:
    """One person with one browser tab: one connection, one question at a time."""

    port: int
    cookie: str
    reader: asyncio.StreamReader | None = field(default=None, repr=False)
    writer: asyncio.StreamWriter | None = field(default=None, repr=False)

    async def get(self, path: str, *, region: str = "") -> tuple[str, float]:
        """The text of a page, or of a ``region`` of it by its id, and the seconds until all of it was here."""
        headers = f"HX-Request: true\r\nHX-Target: {region}\r\n" if region else ""
        started = time.perf_counter()
        try:
            await self._ask(path, headers)
            text = await self._answer(path)
        except (ConnectionError, asyncio.IncompleteReadError):
            # The server closes connections that rest for some seconds; a browser asks once more, too.
            await self.leave()
            await self._ask(path, headers)
            text = await self._answer(path)
        return text, time.perf_counter() - started

    async def signals(self, path: str) -> AsyncIterator[str]:
        """The data of each signal of a stream, for as long as it goes on."""
        await self._ask(path, "Accept: text/event-stream\r\n")
        assert self.reader
        status, _ = await self._head()
        if status != 200:
            raise Refused(f"{path} answers {status}")
        name = ""
        while line := await self.reader.readline():
            text = line.decode().rstrip()
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: ") and name == "changed":
                yield text.removeprefix("data: ")

    async def leave(self) -> None:
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def _ask(self, path: str, headers: str) -> None:
        if not self.writer:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\n{headers}\r\n"
        self.writer.write(request.encode())
        await self.writer.drain()

    async def _answer(self, path: str) -> str:
        status, headers = await self._head()
        body = await self._body(headers)
        if status != 200:
            raise Refused(f"{path} answers {status}: {body[:300]!r}")
        return body.decode()

    async def _head(self) -> tuple[int, dict[str, str]]:
        assert self.reader
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}

    async def _body(self, headers: dict[str, str]) -> bytes:
        assert self.reader
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        parts = []
        while size := int(await self.reader.readline(), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return b"".join(parts)


def asked_by_itself(page: str) -> list[tuple[str, str]]:
    """Addresses of regions that a page asks for once it is there, and the ids of what they replace."""
    found = []
    for match in _ASKING.finditer(page):
        trigger, name = _TRIGGER.search(match[0]), _NAME.search(match[0])
        if trigger and _BY_ITSELF.search(trigger[1]):
            found.append((html.unescape(match[1]), name[1] if name else ""))
    return found
