"""``python -m benchmarks.listener PORT``: answers every POST with the same JSON, counts them, and does nothing else.

Stands for a webhook endpoint, and for a Stripe that costs nothing.
"""

import asyncio
import json
import sys

ANSWER = json.dumps({"id": "pi_bare", "object": "payment_intent", "status": "succeeded"}).encode()


class Listener(asyncio.Protocol):
    heard = 0

    def __init__(self) -> None:
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            head = self.rest[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self.rest) < end + 4 + length:
                return
            self.rest = self.rest[end + 4 + length :]
            if head.startswith(b"get"):
                self.answer(str(Listener.heard).encode())
            else:
                Listener.heard += 1
                self.answer(ANSWER)

    def answer(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)


async def listen(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Listener, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(listen(int(sys.argv[1])))
