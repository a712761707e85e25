"""File links: addresses under which a file is read without a key."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from simulator.call import Call
from simulator.endpoints import Raw, endpoint
from simulator.events.due import timer
from simulator.kinds import declare, nulls
from simulator.metadata import merged
from simulator.protocol.errors import StripeError, missing
from simulator.protocol.lists import whole
from simulator.store import Doc

_HOST = "https://files.stripe.com/links/"
_LINKABLE = (
    *("business_icon", "business_logo", "customer_signature", "dispute_evidence", "finance_report_run"),
    *("identity_document_downloadable", "issuing_regulatory_reporting", "pci_document", "selfie"),
    *("sigma_scheduled_query", "tax_document_user_upload", "terminal_android_apk", "terminal_reader_splashscreen"),
)

declare(
    "file_link",
    prefix="link",
    url="/v1/file_links",
    title="file link",
    links=("expired", "file"),
    template={"expired": False, "metadata": {}} | nulls("created expires_at file url"),
)


@endpoint("POST", "/v1/file_links")
def create(call: Call) -> Doc:
    file = call.get("file", call.params["file"], param="file")
    return link(call, file, call.params.get("expires_at"), call.params.get("metadata"))


@endpoint("GET", "/v1/file_links/{link}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("file_link", name)


@endpoint("POST", "/v1/file_links/{link}")
def update(call: Call, name: str) -> Doc:
    doc = call.update(call.get("file_link", name))
    if "expires_at" in call.params:
        _end(call, doc, call.params["expires_at"])
    return _shown(call, call.save("file_link", doc))


@endpoint("GET", "/v1/file_links")
def list_(call: Call) -> Doc:
    return call.page("file_link", "expired", "file")


@endpoint("GET", "/links/{token}", params={}, public=True)
def follow(call: Call, token: str) -> Raw:
    account, _, name = _opened(token).partition("|")
    doc = call.on(account).find("file_link", name)
    found = call.store.content(account, doc["file"]) if doc and not doc["expired"] else None
    if found is None:
        raise StripeError("This link has expired, or never was.", status=404)
    return Raw(found[1], found[0])


@timer("file_link.expires")
def expires(call: Call, name: str) -> None:
    _shown(call, call.save("file_link", call.get("file_link", name) | {"expired": True}))


def link(call: Call, file: Doc, expires_at: int | None, metadata: dict[str, str] | None) -> Doc:
    """A new link to a file. StripeError: the purpose of the file allows none."""
    if file["purpose"] not in _LINKABLE:
        message = f"Files with purpose {file['purpose']} cannot be linked to."
        raise StripeError(message, param="file")
    doc = call.new("file_link", file=file["id"], metadata=merged({}, metadata))
    doc["url"] = _HOST + urlsafe_b64encode(f"{call.account}|{doc['id']}".encode()).decode()
    _end(call, doc, expires_at)
    return _shown(call, call.add("file_link", doc))


def _end(call: Call, doc: Doc, at: int | str | None) -> None:
    """The link ends at this time, "now", or never."""
    call.forget(doc["id"])
    if doc["expired"]:
        raise StripeError("This link has expired already.", param="expires_at")
    if at == "now":
        doc |= {"expired": True, "expires_at": call.now}
        return
    if isinstance(at, int):
        if at <= call.now:
            raise StripeError("Invalid timestamp: must be in the future.", param="expires_at")
        call.later(at - call.now, "file_link.expires", doc["id"])
    doc["expires_at"] = at


def _shown(call: Call, doc: Doc) -> Doc:
    """The file shows its links, too."""
    file = call.get("file", doc["file"])
    file["links"] = whole(call.all("file_link", file=file["id"]), f"/v1/file_links?file={file['id']}")
    call.save("file", file)
    return doc


def _opened(token: str) -> str:
    try:
        return urlsafe_b64decode(token.encode()).decode()
    except (NotBase64, UnicodeError) as error:
        raise missing("file link", token, "link") from error
