"""Files on their way to the simulator."""

from simulator.engine import Request
from tests.simulator.worlds import KEY, Answer, World, parsed

PDF = b"%PDF-1.7\nreceipt\n"
PNG = b"\x89PNG\r\n\x1a\nreceipt"


def uploaded(
    world: World, content: bytes = PDF, filename: str = "receipt.pdf", once: str | None = None, **fields: str
) -> Answer:
    """A file for a dispute, unless ``purpose`` says something else."""
    parts = [
        f'name="{name}"\r\n\r\n{value}'.encode() for name, value in ({"purpose": "dispute_evidence"} | fields).items()
    ]
    parts.append(f'name="file"; filename="{filename}"\r\nContent-Type: text/plain\r\n\r\n'.encode() + content)
    lines = b"".join(b"--edge\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
    headers = {"authorization": f"Bearer {KEY}", "content-type": "multipart/form-data; boundary=edge"}
    headers |= {"idempotency-key": once} if once else {}
    return parsed(world.engine.perform(Request("POST", "/v1/files", "", headers, lines + b"--edge--\r\n")))
