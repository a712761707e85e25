"""Files: uploaded for a purpose, read back with the key or through a link."""

from simulator.call import Call
from simulator.endpoints import Raw, endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing
from simulator.protocol.lists import whole
from simulator.protocol.multipart import Upload
from simulator.resources.file_links import link
from simulator.store import Doc

HOST = "https://files.stripe.com"
_KEPT_FOR = 9 * 30 * 24 * 3600
_MEGABYTE = 1024 * 1024
_IMAGES, _PAPERS = ("jpg", "png"), ("jpg", "pdf", "png")
# What a purpose takes: kinds (none named: any), and bytes.
_LIMITS: dict[str, tuple[tuple[str, ...], int]] = {
    "account_requirement": (_PAPERS, 10 * _MEGABYTE),
    "additional_verification": (_PAPERS, 10 * _MEGABYTE),
    "business_icon": ((*_IMAGES, "gif"), _MEGABYTE // 2),
    "business_logo": ((*_IMAGES, "gif"), _MEGABYTE // 2),
    "customer_signature": (_PAPERS, 4 * _MEGABYTE),
    "dispute_evidence": (_PAPERS, 5 * _MEGABYTE),
    "identity_document": (_PAPERS, 10 * _MEGABYTE),
    "pci_document": (("pdf",), 16 * _MEGABYTE),
    "tax_document_user_upload": ((*_PAPERS, "csv", "docx", "xls", "xlsx"), 16 * _MEGABYTE),
}
_ANYTHING: tuple[tuple[str, ...], int] = ((), 16 * _MEGABYTE)
# Names say little, and a browser may guess: the content tells.
_BEGINNINGS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif"}
_BY_NAME = ("csv", "docx", "json", "txt", "xls", "xlsx", "xml", "zip")
_MEDIA = {"csv": "text/csv", "gif": "image/gif", "jpg": "image/jpeg", "pdf": "application/pdf", "png": "image/png"}

declare(
    "file",
    prefix="file",
    url="/v1/files",
    links=("purpose",),
    template=nulls("created expires_at filename links purpose size title type url"),
    livemode=False,
)


@endpoint("POST", "/v1/files")
def create(call: Call) -> Doc:
    upload, purpose = call.upload, call.params["purpose"]
    if upload is None:
        raise StripeError("You must upload a file as multipart/form-data.", param="file")
    kind = _checked(upload, purpose)
    doc = keep(call, upload.content, filename=upload.filename, kind=kind, purpose=purpose)
    call.emit("file.created", doc)
    wanted = call.params.get("file_link_data") or {}
    if wanted.get("create"):
        link(call, doc, wanted.get("expires_at"), wanted.get("metadata"))
    return call.get("file", doc["id"])


@endpoint("GET", "/v1/files/{file}")
def retrieve(call: Call, file: str) -> Doc:
    return call.get("file", file)


@endpoint("GET", "/v1/files")
def list_(call: Call) -> Doc:
    return call.page("file", "purpose")


@endpoint("GET", "/v1/files/{file}/contents", params={})
def contents(call: Call, file: str) -> Raw:
    return read(call, file)


def keep(call: Call, content: bytes, *, filename: str, kind: str, purpose: str) -> Doc:
    """Store a file, whoever made it. ``kind`` is its extension."""
    doc = call.new("file", filename=filename, purpose=purpose, size=len(content), type=kind or None)
    doc |= {"expires_at": call.now + _KEPT_FOR, "url": f"{HOST}/v1/files/{doc['id']}/contents"}
    doc["links"] = whole([], f"/v1/file_links?file={doc['id']}")
    call.store.put_content(call.account, doc["id"], _MEDIA.get(kind, "application/octet-stream"), content)
    return call.add("file", doc)


def read(call: Call, file: str) -> Raw:
    """The bytes of a file. StripeError: there is none, or it has expired."""
    doc, found = call.get("file", file), call.store.content(call.account, file)
    if found is None or doc["expires_at"] <= call.now:
        raise missing("file", file, "file")
    return Raw(found[1], found[0])


def _checked(upload: Upload, purpose: str) -> str:
    """The kind of the file. StripeError: the purpose does not take it."""
    kinds, most = _LIMITS.get(purpose, _ANYTHING)
    size = len(upload.content)
    if not size:
        raise StripeError("The file that you uploaded is empty.", param="file")
    if size > most:
        raise StripeError(f"File for key file exceeds size limit of {most} bytes.", status=413, param="file")
    kind = _kind(upload)
    if kinds and kind not in kinds:
        message = f"The file type uploaded was not accepted. {purpose} takes: {', '.join(kinds)}."
        raise StripeError(message, param="file")
    return kind


def _kind(upload: Upload) -> str:
    for beginning, kind in _BEGINNINGS.items():
        if upload.content.startswith(beginning):
            return kind
    extension = upload.filename.rpartition(".")[2].lower()
    return extension if extension in _BY_NAME else ""
