"""Brackets become trees."""

from typing import Any

import pytest

from simulator.protocol import multipart
from simulator.protocol.errors import StripeError
from simulator.protocol.forms import decode


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        ("a=1&b=x+y%26z", {"a": "1", "b": "x y&z"}),
        ("a=", {"a": ""}),
        ("expand[]=x&expand[]=y", {"expand": {"0": "x", "1": "y"}}),
        ("a%5Bb%5D%5Bc%5D=1", {"a": {"b": {"c": "1"}}}),
        ("i[0][p]=x&i[1][p]=y", {"i": {"0": {"p": "x"}, "1": {"p": "y"}}}),
        ("i[][p]=x&i[][q]=1&i[][p]=y", {"i": {"0": {"p": "x", "q": "1"}, "1": {"p": "y"}}}),
    ],
)
def test_a_form_becomes_a_tree(text: str, tree: dict[str, Any]) -> None:
    assert decode(text) == tree


@pytest.mark.parametrize("text", ["a=1&a[b]=2", "a[b]=2&a=1", "a[b=1", "[a]=1"])
def test_a_form_that_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(StripeError):
        decode(text)


def test_a_file_keeps_its_bytes() -> None:
    content = bytes(range(256)) + b"\r\n--other\r\n"
    head = b'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    plain = b'Content-Disposition: form-data; name="purpose"\r\n\r\ndispute_evidence'
    body = b"--bound\r\n" + plain + b"\r\n--bound\r\n" + head + content + b"\r\n--bound--\r\n"
    tree, upload = multipart.decode(body, "multipart/form-data; boundary=bound")
    assert tree == {"purpose": "dispute_evidence", "file": "a.pdf"}
    assert upload == multipart.Upload("a.pdf", "application/pdf", content)
