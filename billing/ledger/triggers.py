"""SQL with which the database keeps the books by itself: entries balance, stay, and make the balances of accounts."""

from billing.audit.triggers import append_freely, append_only

# One statement inserts all postings of an entry. What is wrong with it is said at once, not at the commit, and once for
# all entries of the statement: a deferred trigger would be called for each posting.
_BALANCED = """
CREATE FUNCTION ledger_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT posting.entry_id, place.currency, sum(posting.amount) AS rest INTO wrong
      FROM posting JOIN ledger_account AS place ON place.id = posting.ledger_account_id
     WHERE posting.entry_id IN (SELECT entry_id FROM added)
     GROUP BY 1, 2 HAVING sum(posting.amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: % too much in %', wrong.entry_id, wrong.rest, wrong.currency
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT entry.id INTO wrong
      FROM added JOIN journal_entry AS entry ON entry.id = added.entry_id
      JOIN ledger_account AS place ON place.id = added.ledger_account_id
     WHERE place.account_id <> entry.account_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % posts to an account of another connection', wrong.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- In one order, so that two workers cannot wait for each other.
    PERFORM 1 FROM ledger_account WHERE id IN (SELECT ledger_account_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    UPDATE ledger_account SET balance = balance + sums.amount
      FROM (SELECT ledger_account_id, sum(amount) AS amount FROM added GROUP BY 1) AS sums
     WHERE id = sums.ledger_account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER posting_balances AFTER INSERT ON posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_balance();
ALTER TABLE posting ENABLE ALWAYS TRIGGER posting_balances;
"""
_KEPT = """
CREATE FUNCTION ledger_account_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- 1 is a statement of somebody's own; the trigger above is one level deeper.
    IF TG_OP = 'INSERT' AND NEW.balance = 0 THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1
       AND (NEW.id, NEW.account_id, NEW.currency, NEW.code) = (OLD.id, OLD.account_id, OLD.currency, OLD.code) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'ledger_account is kept by its postings: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_account_keep_rows BEFORE INSERT OR UPDATE OR DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_kept();
CREATE TRIGGER ledger_account_keep_table BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION billing_append_only();
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_keep_rows;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_keep_table;
"""
# Facts and the lines that they should have come to, in all their entries together: what is missing is posted.
_SETTLE = """
CREATE FUNCTION ledger_settle(
    accounts uuid[], sources text[], kinds text[], moments timestamptz[], made_at timestamptz,
    line_facts int[], line_codes text[], line_currencies text[], line_amounts bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    posted bigint;
BEGIN
    INSERT INTO ledger_account (account_id, currency, code, balance)
    SELECT DISTINCT accounts[fact], currency, code, 0
      FROM unnest(line_facts, line_codes, line_currencies) AS line(fact, code, currency)
     WHERE NOT EXISTS (
               SELECT FROM ledger_account AS place
                WHERE (place.account_id, place.currency, place.code) = (accounts[fact], line.currency, line.code))
     ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    WITH fact AS (
        SELECT * FROM unnest(accounts, sources, kinds, moments) WITH ORDINALITY
            AS fact(account_id, source, kind, moment, number)
    ), before AS (
        SELECT fact.number, entry.id, entry.revision FROM fact
          JOIN journal_entry AS entry USING (account_id, source, kind)
    ), line AS (
        SELECT fact AS number, place.id AS place, amount
          FROM unnest(line_facts, line_codes, line_currencies, line_amounts) AS line(fact, code, currency, amount)
          JOIN ledger_account AS place
            ON (place.account_id, place.currency, place.code) = (accounts[fact], line.currency, line.code)
        UNION ALL
        SELECT before.number, posting.ledger_account_id, -posting.amount
          FROM before JOIN posting ON posting.entry_id = before.id
    ), due AS (
        SELECT number, place, sum(amount)::bigint AS amount FROM line GROUP BY 1, 2 HAVING sum(amount) <> 0
    ), made AS (
        INSERT INTO journal_entry (account_id, source, kind, revision, occurred_at, created_at)
        SELECT account_id, source, kind,
               1 + (SELECT count(*) FROM before WHERE before.number = fact.number), moment, made_at
          FROM fact WHERE number IN (SELECT number FROM due) ORDER BY number
        RETURNING id, account_id, source, kind
    )
    INSERT INTO posting (entry_id, ledger_account_id, amount)
    SELECT made.id, due.place, due.amount
      FROM made JOIN fact USING (account_id, source, kind) JOIN due USING (number) ORDER BY due.number, due.place;
    GET DIAGNOSTICS posted = ROW_COUNT;
    RETURN posted;
END $$;
"""
BOOKS_KEPT = append_only("journal_entry") + append_only("posting") + _BALANCED + _KEPT + _SETTLE
BOOKS_FREE = (
    append_freely("journal_entry")
    + append_freely("posting")
    + append_freely("ledger_account")
    + """
DROP FUNCTION ledger_settle;
DROP TRIGGER posting_balances ON posting;
DROP FUNCTION ledger_balance;
DROP FUNCTION ledger_account_kept;
"""
)
