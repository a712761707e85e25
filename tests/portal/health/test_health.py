"""What monitors read."""

import pytest
from django.db import OperationalError, connection

from tests.billing.deliveries import charge, deliver, event, make_connection

pytestmark = pytest.mark.django_db


def test_liveness_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok"


def test_readiness_names_each_dependency(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()["dependencies"]) == {"postgresql", "redis"}


def test_without_redis_the_site_is_ready(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["dependencies"]["redis"] == {"ok": False, "needed": False, "detail": "no answer"}


def test_without_postgresql_it_is_not(client):
    def away(execute, sql, params, many, context):
        raise OperationalError("the server is not there")

    with connection.execute_wrapper(away):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["dependencies"]["postgresql"]["ok"] is False


def test_metrics_show_depth_and_age_of_the_queues(client):
    deliver(make_connection(), event("charge.succeeded", charge()))
    text = client.get("/metrics").content.decode()
    assert 'counterfoil_queue_rows{queue="inbox",state="pending"} 1.0' in text
    assert 'counterfoil_queue_oldest_seconds{queue="inbox"}' in text
    assert 'counterfoil_queue_rows{queue="inbox",state="dead"} 0.0' in text


def test_metrics_are_for_this_machine(client):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403


def test_metrics_are_for_who_holds_the_token(client, settings):
    settings.METRICS_TOKEN = "metrics-token-of-a-test"
    assert client.get("/metrics").status_code == 403
    wrong = {"Authorization": "Bearer metrics-token-of-a-tesT"}
    assert client.get("/metrics", headers=wrong).status_code == 403
    right = {"Authorization": "Bearer metrics-token-of-a-test"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_a_database_that_may_forget_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "synchronous_commit is off" in answer.json()["dependencies"]["postgresql"]["detail"]
