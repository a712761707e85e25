"""What the waker leaves alone."""

from celery.fixups.django import DjangoWorkerFixup
from django.db import connection

from portal.celery import app


def test_a_worker_keeps_its_connection_from_nudge_to_nudge(db):
    connection.ensure_connection()
    kept = connection.connection
    fixup = DjangoWorkerFixup(app)
    for _ in range(50):
        fixup.close_database()
    assert connection.connection is kept
    assert not kept.closed
