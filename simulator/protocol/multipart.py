"""multipart/form-data: parameters, and one file."""

import re
from dataclasses import dataclass

from simulator.protocol.errors import StripeError
from simulator.protocol.forms import Tree, grow

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name="([^"]*)"')
_FILENAME = re.compile(rb'filename="([^"]*)"')
_TYPE = re.compile(rb"content-type:\s*([^\r\n;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    type: str
    content: bytes


def decode(body: bytes, content_type: str) -> tuple[Tree, Upload | None]:
    """Parameters and the uploaded file. StripeError: no boundary, or a part that has no name."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise StripeError("Invalid request: the multipart body names no boundary.")
    pairs: list[tuple[str, object]] = []
    upload = None
    # Each part lies between CRLF--boundary; the first has no CRLF before it.
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name, filename = _NAME.search(head), _FILENAME.search(head)
        if name is None:
            raise StripeError("Invalid request: a part of the multipart body has no name.")
        if filename is None:
            pairs.append((name[1].decode(), content.decode()))
        else:
            kind = _TYPE.search(head)
            upload = Upload(filename[1].decode(), kind[1].decode() if kind else "application/octet-stream", content)
            pairs.append((name[1].decode(), filename[1].decode()))
    return grow(pairs), upload
