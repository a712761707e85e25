"""Celery, the waker. Nothing depends on it: what it loses the sweeper does."""

import os

from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("counterfoil")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["billing"])
# Celery would end the database connection with every nudge, which costs ten times what an idle one does; tasks close
# what is old or broken themselves. The number is of tasks.
app.conf["CELERY_DB_REUSE_MAX"] = 100_000
# Each with its own routing key: under one key every nudge would reach all of them.
app.conf.task_queues = [Queue(name, routing_key=name) for name in ("events", "processor", "money", "documents")]
