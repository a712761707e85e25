"""Webhook endpoints: who hears of events. Their secrets are told once, at creation."""

import json
from typing import Any
from urllib.parse import urlsplit

from simulator import spec
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.events import queue, secrets
from simulator.kinds import declare, nulls
from simulator.metadata import merged
from simulator.protocol.errors import StripeError
from simulator.store import Doc

MOST = 16

declare(
    "webhook_endpoint",
    prefix="we",
    url="/v1/webhook_endpoints",
    title="webhook endpoint",
    template={"enabled_events": [], "metadata": {}, "status": "enabled"}
    | nulls("api_version application created description url"),
)


@endpoint("POST", "/v1/webhook_endpoints")
def create(call: Call) -> Doc:
    _check_url(call.params["url"])
    version = call.params.get("api_version")
    if version not in (None, spec.version()):
        raise StripeError(
            f"Invalid API version: {version}. Events are rendered in {spec.version()} only.", param="api_version"
        )
    if call.store.count(call.account, "webhook_endpoint") >= MOST:
        raise StripeError(f"You have reached the maximum of {MOST} test webhook endpoints.")
    doc = call.new(
        "webhook_endpoint",
        api_version=version,
        description=call.params.get("description"),
        enabled_events=_events(call.params["enabled_events"]),
        metadata=merged({}, call.params.get("metadata")),
        url=call.params["url"],
    )
    call.add("webhook_endpoint", doc)
    connect = bool(call.params.get("connect"))
    call.store.db.execute(
        "insert into listener values (?, ?, ?, ?)",
        (doc["id"], call.account, connect, json.dumps(doc["enabled_events"])),
    )
    return doc | {"secret": secrets.add(call.store, call.chance, doc["id"])}


@endpoint("GET", "/v1/webhook_endpoints/{webhook_endpoint}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("webhook_endpoint", name)


@endpoint("POST", "/v1/webhook_endpoints/{webhook_endpoint}")
def update(call: Call, name: str) -> Doc:
    doc = call.get("webhook_endpoint", name)
    call.update(doc, "description")
    if "url" in call.params:
        _check_url(call.params["url"])
        doc["url"] = call.params["url"]
    if "enabled_events" in call.params:
        doc["enabled_events"] = _events(call.params["enabled_events"])
    if "disabled" in call.params:
        doc["status"] = "disabled" if call.params["disabled"] else "enabled"
        if call.params["disabled"]:
            queue.abandon(call.store, name)
    _listen(call, doc)
    return call.save("webhook_endpoint", doc)


@endpoint("GET", "/v1/webhook_endpoints")
def list_(call: Call) -> Doc:
    return call.page("webhook_endpoint")


@endpoint("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}")
def delete(call: Call, name: str) -> Doc:
    doc = call.get("webhook_endpoint", name)
    queue.abandon(call.store, name)
    call.store.db.execute("delete from listener where endpoint = ?", (name,))
    return call.delete("webhook_endpoint", doc)


def _listen(call: Call, doc: Doc) -> None:
    """A disabled endpoint keeps its place, and hears of nothing."""
    heard: list[Any] = doc["enabled_events"] if doc["status"] == "enabled" else []
    call.store.db.execute("update listener set events = ? where endpoint = ?", (json.dumps(heard), doc["id"]))


def _events(names: list[str]) -> list[str]:
    if not names:
        raise StripeError("You must name at least one event.", param="enabled_events")
    return names


def _check_url(url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise StripeError(
            "Invalid URL: An explicit scheme (such as https) must be provided.", param="url", code="url_invalid"
        )
