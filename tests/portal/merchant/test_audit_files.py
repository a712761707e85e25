"""What leaves the audit log of a merchant as a file."""

import hashlib
import json
import re
from datetime import timedelta

import pytest
import time_machine

from billing import clock
from billing.audit.check import verify_due
from billing.audit.heads import read_heads
from billing.audit.models import AuditEvent
from billing.audit.verify import verify_all
from portal.web.audit import export
from tests.billing.audit.forging import triggers_off
from tests.portal.audit_log import act, body_of, lines_of, log, numbers
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db


def test_the_file_holds_the_rows_of_the_screen_in_its_order(client, shop):
    for number in range(30):
        act(shop, after={"count": number})
    shown = numbers(client.get(f"{log(shop)}?person=usr_lena&size=100&sort=when", follow=True))
    response = client.post(f"{log(shop, 'export/')}?person=usr_lena&sort=when&cursor=n.2.5.5.x")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="audit-acme-\d{8}T\d{6}Z\.csv"', response["Content-Disposition"])
    lines = lines_of(response)
    assert [int(line["number"]) for line in lines] == shown
    assert json.loads(lines[7]["after"]) == {"count": 7}


def test_the_file_has_the_time_of_both_clocks(client, shop):
    with time_machine.travel("2026-07-20T12:00:00.000123Z", tick=False):
        event = act(shop, after=None)
    line = next(each for each in lines_of(client.post(log(shop, "export/"))) if each["number"] == str(event.seq))
    assert line["at_utc"] == "2026-07-20T12:00:00.000123Z"
    assert line["at_local"] == "2026-07-20T14:00:00.000123+02:00"
    assert line["timezone"] == "Europe/Paris"
    assert (line["hash"], line["previous_hash"], line["after"]) == (event.hash, event.prev_hash, "")


def test_an_export_is_recorded_with_what_it_held(client, shop):
    act(shop)
    body = body_of(client.post(f"{log(shop, 'export/')}?person=usr_lena&action=notes"))
    told = AuditEvent.objects.get(action="audit.exported")
    assert told.merchant_id == shop.pk
    assert told.after == {
        "rows": 1,
        "sha256": hashlib.sha256(body).hexdigest(),
        # Whom somebody looked for is personal.
        "filters": {"action": ["notes"], "person": "…"},
    }
    assert "Audit log exported" in client.get(log(shop)).content.decode()


def test_exporting_asks_for_a_fresh_code(shop):
    client = signed_in(make_person(merchant=shop), factor_at=clock.now() - timedelta(minutes=6))
    assert client.post(log(shop, "export/")).status_code == 302
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


def test_too_many_rows_are_refused_and_not_cut(client, shop, monkeypatch):
    monkeypatch.setattr(export, "LONGEST", 2)
    act(shop), act(shop)
    assert len(lines_of(client.post(f"{log(shop, 'export/')}?person=usr_lena"))) == 2
    act(shop)
    response = client.post(f"{log(shop, 'export/')}?person=usr_lena")
    assert response.status_code == 422
    assert "rows are exported at once" in response.content.decode()
    assert AuditEvent.objects.filter(action="audit.exported").count() == 1


def test_an_export_is_a_post(client, shop):
    assert client.get(log(shop, "export/")).status_code == 405


@pytest.mark.as_owner
def test_signed_heads_testify_later(client, shop, tmp_path):
    act(shop), act(shop)
    verify_due()
    file = tmp_path / "heads.jsonl"
    response = client.get(log(shop, "heads/"))
    assert re.fullmatch(r'attachment; filename="audit-acme-heads-\w+\.jsonl"', response["Content-Disposition"])
    file.write_bytes(response.content)
    (head,) = read_heads(file)
    assert head.merchant_id == shop.pk
    assert verify_all([head]).breaks == ()
    with triggers_off():
        AuditEvent.objects.filter(merchant_id=shop.pk, seq=head.seq).delete()
    (found,) = verify_all([head]).breaks
    assert found.seq == head.seq


@pytest.mark.as_owner
def test_heads_of_a_broken_chain_are_not_signed(client, shop, tmp_path):
    event = act(shop)
    with triggers_off():
        AuditEvent.objects.filter(pk=event.pk).update(reason="Forged.")
    verify_due()
    file = tmp_path / "heads.jsonl"
    file.write_bytes(client.get(log(shop, "heads/")).content)
    assert read_heads(file) == []
