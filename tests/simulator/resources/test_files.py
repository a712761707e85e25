"""Files are kept for a purpose, and read back as they were."""

import pytest

from simulator.engine import Request
from tests.simulator.resources.uploads import PDF, PNG, uploaded
from tests.simulator.worlds import KEY, World


def contents(world: World, file: str) -> tuple[int, bytes, str]:
    headers = {"authorization": f"Bearer {KEY}"}
    answer = world.engine.perform(Request("GET", f"/v1/files/{file}/contents", "", headers))
    return answer.status, answer.body, answer.type


def test_a_file_is_read_back_as_it_was(world: World) -> None:
    file = uploaded(world, PDF + bytes(range(256)))
    assert (file["type"], file["size"], file["filename"]) == ("pdf", len(PDF) + 256, "receipt.pdf")
    assert contents(world, file["id"]) == (200, PDF + bytes(range(256)), "application/pdf")
    assert world.get(f"/v1/files/{file['id']}").body == file.body
    assert world.get("/v1/files", purpose="dispute_evidence")["data"] == [file.body]
    assert world.get("/v1/files", purpose="pci_document")["data"] == []
    assert world.types() == ["file.created"]


def test_the_content_tells_the_type(world: World) -> None:
    assert uploaded(world, PNG, "scan.pdf")["type"] == "png"


@pytest.mark.parametrize(
    ("content", "purpose", "status"),
    [
        (b"", "dispute_evidence", 400),
        (b"plain words", "dispute_evidence", 400),
        (PNG, "pci_document", 400),
        (PDF + bytes(5 * 1024 * 1024), "dispute_evidence", 413),
        (PNG + bytes(512 * 1024), "business_logo", 413),
    ],
)
def test_a_purpose_takes_what_fits_it(world: World, content: bytes, purpose: str, status: int) -> None:
    answer = uploaded(world, content, purpose=purpose)
    assert (answer.status, answer.error["param"]) == (status, "file")
    assert world.get("/v1/files")["data"] == []


def test_a_file_must_be_sent_as_one(world: World) -> None:
    assert world.post("/v1/files", purpose="dispute_evidence", file="receipt.pdf").error["param"] == "file"


def test_the_same_upload_is_kept_once(world: World) -> None:
    first, second = (uploaded(world, once="evidence-1") for _ in range(2))
    assert first.body == second.body
    assert uploaded(world, PNG, once="evidence-1").error["type"] == "idempotency_error"
    assert len(world.get("/v1/files")["data"]) == 1


def test_old_files_are_gone(world: World) -> None:
    file = uploaded(world)["id"]
    world.advance(300 * 24 * 3600)
    assert contents(world, file)[0] == 404
