"""Products."""

from simulator import percent
from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError
from simulator.store import Doc

_COPIED = [
    "active",
    "default_price",
    "description",
    "name",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "type",
    "unit_label",
    "url",
]

declare(
    "product",
    prefix="prod",
    url="/v1/products",
    links=("active", "shippable", "type", "url"),
    search=dict.fromkeys(("description", "name", "url"), "string")
    | dict.fromkeys(("active", "metadata", "shippable"), "token"),
    template={"active": True, "images": [], "marketing_features": [], "metadata": {}, "type": "service"}
    | nulls("created default_price description name package_dimensions shippable statement_descriptor tax_code")
    | nulls("unit_label updated url"),
)


@endpoint("POST", "/v1/products")
def create(call: Call) -> Doc:
    name = call.params.get("id")
    if name and call.named(name):
        raise StripeError(f"Product already exists: {name}", code="resource_already_exists", param="id")
    doc = call.add("product", _filled(call, call.new("product", id=name)), "product.created")
    if "default_price_data" in call.params:
        price = ask(call, "POST", "/v1/prices", product=doc["id"], **call.params["default_price_data"])
        doc = call.save("product", doc | {"default_price": price["id"]}, "product.updated")
    return doc


@endpoint("GET", "/v1/products/{id}")
def retrieve(call: Call, name: str) -> Doc:
    return call.live("product", name)


@endpoint("POST", "/v1/products/{id}")
def update(call: Call, name: str) -> Doc:
    return call.save("product", _filled(call, call.live("product", name)), "product.updated")


@endpoint("GET", "/v1/products")
def list_(call: Call) -> Doc:
    if "ids" in call.params:
        found = (call.find("product", name) for name in call.params["ids"])
        data = [doc for doc in found if doc and not doc.get("deleted")]
        return {"object": "list", "data": data, "has_more": False, "url": "/v1/products"}
    return call.page("product", "active", "shippable", "type", "url")


@endpoint("GET", "/v1/products/search")
def search(call: Call) -> Doc:
    return call.search("product")


@endpoint("DELETE", "/v1/products/{id}")
def delete(call: Call, name: str) -> Doc:
    return call.delete("product", call.live("product", name), "product.deleted")


def _filled(call: Call, doc: Doc) -> Doc:
    """The product with what this request says of it."""
    call.update(doc, *_COPIED)
    if call.params.get("package_dimensions"):
        given = call.params["package_dimensions"]
        doc["package_dimensions"] = {side: percent.shown(length) for side, length in given.items()}
    for several in ("images", "marketing_features"):
        if several in call.params:
            doc[several] = call.params[several] or []
    doc["updated"] = call.now
    return doc
