"""Notices do not pile up for ever."""

from datetime import timedelta

import pytest

from billing import clock
from portal.notifications.forget import KEPT, forget_notices
from portal.notifications.models import Notice, NoticeMail
from tests.portal.people import make_merchant, make_person


@pytest.mark.django_db
def test_old_notices_go_with_their_mails():
    person, merchant = make_person(), make_merchant()
    for number, days in enumerate((-1, 1)):
        notice = Notice.objects.create(
            recipient=person,
            merchant=merchant,
            livemode=False,
            kind="refund.failed",
            object_id=f"ref_{number}",
            created_at=clock.now() - KEPT - timedelta(days=days),
        )
        NoticeMail.objects.create(notice=notice)
    assert forget_notices() == 1
    assert Notice.objects.get().object_id == "ref_0"
    assert NoticeMail.objects.count() == 1
