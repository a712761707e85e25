"""Stripe's search language."""

import pytest

from simulator.protocol.errors import StripeError
from simulator.protocol.search import answer, compile_query
from simulator.store import Doc

FIELDS = {"amount": "numeric", "status": "token", "metadata": "token", "name": "string", "card.last4": "token"}
DOC: Doc = {
    "amount": 500,
    "status": "active",
    "metadata": {"order": "A-1"},
    "name": "Bo 'B' Yu",
    "card": {"last4": "42"},
}


@pytest.mark.parametrize(
    "query",
    [
        'status:"active"',
        "status:'active' AND amount>499",
        "amount>=500 amount<=500",
        "amount:500",
        'status:"gone" OR amount<501',
        'metadata["order"]:"A-1"',
        "-status:'gone'",
        'metadata["none"]:null',
        '-metadata["order"]:null',
        'name~"yu"',
        r"name:'Bo \'B\' Yu'",
        "card.last4:42",
    ],
)
def test_a_query_finds(query: str) -> None:
    assert compile_query(query, FIELDS)(DOC)


@pytest.mark.parametrize("query", ['status:"activ"', "amount>500", "-status:'active'", "status:'active' AND amount<1"])
def test_a_query_does_not_find(query: str) -> None:
    assert not compile_query(query, FIELDS)(DOC)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "status",
        "colour:'red'",
        "amount~5",
        "amount:'x'",
        "status>'a'",
        "status:'a' AND amount>1 OR amount<2",
        "a:'b",
    ],
)
def test_what_is_no_query_is_refused(query: str) -> None:
    with pytest.raises(StripeError) as refused:
        compile_query(query, FIELDS)
    assert refused.value.param == "query"


def test_pages_follow_each_other() -> None:
    docs = [{"amount": number} for number in range(25)]
    seen, page = [], None
    while True:
        params = {"query": "amount>4", "limit": 8} | ({"page": page} if page else {})
        found = answer(docs, FIELDS, params, "/v1/x/search")
        seen += [doc["amount"] for doc in found["data"]]
        page = found["next_page"]
        assert found["has_more"] is (page is not None)
        if page is None:
            break
    assert seen == list(range(5, 25))
