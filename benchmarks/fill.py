"""Fills a database with the payments of one merchant and signs people in; prints what a client needs as JSON.

Run by ``benchmarks.filled`` in a process of its own, one a database.
"""

import argparse
import json
import sys
import time

ROWS = """
INSERT INTO payment (
    public_id, merchant_id, account_id, livemode, external_id, external_charge_id, amount, currency, amount_captured,
    amount_refunded, status, provider_status, intent, description, reference, statement_descriptor, customer_name,
    customer_email, customer_external_id, risk_score, risk_level, failure_code, decline_code, failure_message, metadata,
    created_at, updated_at, method_type, brand, last4, exp_month, exp_year, card_country, fingerprint, wallet, is_final,
    provider_updated_at, state_rank, order_event, refunds_total, open_chargebacks, amount_lost, open_reviews)
SELECT 'pay_' || substr(md5(n || 'p'), 1, 17), %(merchant)s, %(account)s, false, 'pi_' || md5(n::text),
       'ch_' || md5(n::text), amount, currency, CASE WHEN paid THEN amount ELSE 0 END,
       CASE status WHEN 'refunded' THEN amount WHEN 'partially_refunded' THEN amount / 4 ELSE 0 END,
       status, CASE WHEN paid THEN 'succeeded' ELSE 'requires_payment_method' END, '{}',
       'Trekking poles, carbon ×' || n %% 5 + 1, 'AO-' || 40000 + n, 'ACME OUTDOOR',
       'Customer ' || n %% 50000, 'customer' || n %% 50000 || '@example.com', 'cus_' || md5((n %% 50000)::text),
       n %% 65, 'normal', CASE WHEN paid THEN '' ELSE 'card_declined' END,
       CASE WHEN paid THEN '' ELSE 'insufficient_funds' END,
       CASE WHEN paid THEN '' ELSE 'Your card has insufficient funds.' END,
       jsonb_build_object('order_id', 'AO-' || 40000 + n), at, at, 'card',
       (ARRAY['visa', 'mastercard', 'amex'])[1 + n %% 3], lpad((n %% 10000)::text, 4, '0'), 1 + n %% 12, 2028, 'FR',
       substr(md5((n %% 50000)::text), 1, 16), '', paid, at, 0, 'evt_' || md5(n::text),
       CASE status WHEN 'refunded' THEN amount WHEN 'partially_refunded' THEN amount / 4 ELSE 0 END, 0, 0, 0
  FROM (SELECT n, now() - n * make_interval(secs => %(spacing)s) AS at, 500 + (n::bigint * 7919) %% 90000 AS amount,
               (ARRAY['EUR', 'EUR', 'EUR', 'EUR', 'JPY'])[1 + n %% 5] AS currency, status,
               status IN ('succeeded', 'refunded', 'partially_refunded') AS paid
          FROM (SELECT n, CASE WHEN n %% 100 < 84 THEN 'succeeded' WHEN n %% 100 < 95 THEN 'failed'
                               WHEN n %% 100 < 98 THEN 'refunded' ELSE 'partially_refunded' END AS status
                  FROM generate_series(1, %(rows)s) AS n) AS states) AS payments
"""
# What stands beside payments; one statement a table.
WHOLE = (
    """
    INSERT INTO customer (
        public_id, merchant_id, account_id, livemode, external_id, created_at, updated_at, name, email, phone,
        description, currency, default_method_id, deleted, metadata, is_final, state_rank, order_event)
    SELECT 'cst_' || substr(md5(n || 'c'), 1, 17), %(merchant)s, %(account)s, false, 'cus_' || md5(n::text), now(),
           now(), 'Customer ' || n, 'customer' || n || '@example.com', '', '', 'EUR', '', false, '{}', false, 0, ''
      FROM generate_series(0, 49999) AS n
    """,
    """
    INSERT INTO payment_attempt (
        payment_id, account_id, external_id, intent_id, status, amount, currency, amount_captured, amount_refunded,
        captured, expired, description, statement_descriptor, failure_code, decline_code, failure_message, outcome_type,
        risk_level, balance_transaction_id, customer_name, customer_email, customer_external_id, metadata, created_at,
        method_type, brand, last4, card_country, fingerprint, wallet, is_final, state_rank, order_event)
    SELECT id, account_id, external_charge_id, external_id, CASE WHEN amount_captured > 0 THEN 'succeeded' ELSE 'failed'
           END, amount, currency, amount_captured, amount_refunded, amount_captured > 0, false, description, '', '', '',
           '', 'authorized', 'normal', 'txn_' || md5(external_id), customer_name, customer_email, customer_external_id,
           '{}', created_at, method_type, brand, last4, card_country, fingerprint, wallet, true, 0, order_event
      FROM payment
    """,
    """
    INSERT INTO refund (
        public_id, merchant_id, account_id, livemode, external_id, created_at, updated_at, payment_id, charge_id,
        amount, currency, provider_status, reason, failure_reason, pending_reason, arn, description,
        balance_transaction_id, failure_balance_transaction_id, metadata, is_final, state_rank, order_event)
    SELECT 'ref_' || substr(md5(id || 'r'), 1, 17), merchant_id, account_id, false, 're_' || md5(id::text), created_at,
           created_at, id, external_charge_id, amount_refunded, currency, 'succeeded', 'requested_by_customer', '', '',
           '', '', '', '', '{}', true, 0, ''
      FROM payment WHERE amount_refunded > 0
    """,
    """
    INSERT INTO payout (
        public_id, merchant_id, account_id, livemode, external_id, created_at, updated_at, amount, currency,
        provider_status, automatic, method, destination_id, balance_transaction_id, failure_balance_transaction_id,
        failure_code, failure_message, reconciliation_status, trace_id, statement_descriptor, description, metadata,
        is_final, state_rank, order_event)
    SELECT 'pyt_' || substr(md5(n || 'o'), 1, 17), %(merchant)s, %(account)s, false, 'po_' || md5(n::text),
           now() - n * interval '1 day', now(), 100000 + n, 'EUR', 'paid', true, 'standard', '', '', '', '', '', '', '',
           '', '', '{}', true, 0, ''
      FROM generate_series(1, 365) AS n
    """,
)
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
 WHERE tablename = 'payment'
   AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = 'payment'::regclass)
"""
YEAR = 365 * 86_400


def fill(rows: int, *, whole: bool = False) -> None:
    """That many payments over one year, with the figures that they add up to. Indexes are built when they are in."""
    from django.db import connection

    from billing.figures.rebuild import rebuild
    from billing.merchants.models import Merchant
    from portal.database import as_owner

    merchant = Merchant.objects.get()
    facts = {
        "rows": rows,
        "merchant": merchant.pk,
        "account": merchant.connections.get().pk,
        "spacing": YEAR / rows,
    }
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '256MB'")
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(ROWS, facts)
        for _, definition in indexes:
            cursor.execute(definition)
        for statement in WHOLE if whole else ():
            cursor.execute(statement, facts)
        rebuild(merchant)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT" if superuser(cursor) else "SELECT 1")


def superuser(cursor: object) -> bool:
    cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")  # type: ignore[attr-defined]
    return bool(cursor.fetchone()[0])  # type: ignore[attr-defined]


def sign_in(email: str) -> str:
    """The cookie of a session as the sign-in pages leave it, second factor included."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django_otp import DEVICE_ID_SESSION_KEY

    from billing.audit.actor import SYSTEM
    from portal.accounts.create_person import provision_authenticator
    from portal.accounts.session_store import FACTOR, SIGNED_IN, SessionStore
    from portal.accounts.user import User

    user = User.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[DEVICE_ID_SESSION_KEY] = provision_authenticator(user=user, by=SYSTEM).persistent_id
    session[FACTOR] = session[SIGNED_IN] = time.time()
    session.save(must_create=True)
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def deep_cursor(rows: int) -> str:
    """A cursor to the page in the middle of the list."""
    from billing.payments.models import Payment
    from portal.web.money_lists.table import ORDERS
    from portal.web.pagination import Cursor, write_cursor

    middle = Payment.objects.order_by("-created_at", "-id")[rows // 2]
    return write_cursor(Cursor(True, rows // 50 + 1, (middle.created_at, middle.pk)), ORDERS["created"])


def main(rows: int, *, whole: bool, people: int) -> None:
    from benchmarks.installation import command, connect_merchant, set_up

    set_up()
    connect_merchant()
    emails = ["bench@example.com", *(f"bench{number}@example.com" for number in range(2, people + 1))]
    for email in emails:
        command("create_user", email, merchant="bench", role="owner", password="paper-boat-4711-x")
    started = time.perf_counter()
    fill(rows, whole=whole)
    seconds = time.perf_counter() - started
    cookies = [sign_in(email) for email in emails]
    facts = {"cookies": cookies, "cursor": deep_cursor(rows), "seconds": round(seconds, 1)}
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    parser.add_argument("--whole", action="store_true", help="customers, attempts, refunds and payouts, too")
    parser.add_argument("--people", type=int, default=1, help="how many are signed in")
    main(**vars(parser.parse_args()))
