"""SQL with which the database keeps the books by itself: entries balance, stay, and make the balances of accounts."""

from billing.audit.triggers import append_freely, append_only

# These functions plan once a session: by themselves they would plan anew for each array, which takes longer than
# posting. So every statement has to look few rows up along an index, and not to read and hash whole tables, which would
# look as good while they are empty.
_PLANNED_ONCE = """SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"""
# One statement inserts all postings of an entry. What is wrong with it is said at once, not at the commit, and once for
# all entries of the statement: a deferred trigger would be called for each posting. That entries and accounts exist and
# are one connection's is checked here, too, and neither can ever go: foreign keys would ask for each of them by itself,
# at the commit. It is run as the owner, so that nobody else needs to be able to change a balance.
_BALANCED = f"""
CREATE FUNCTION ledger_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {_PLANNED_ONCE} AS $$
DECLARE
    wrong record;
BEGIN
    SELECT added.entry_id, place.currency, sum(added.amount) AS rest INTO wrong
      FROM added LEFT JOIN journal_entry AS entry ON entry.id = added.entry_id
      LEFT JOIN ledger_account AS place ON place.id = added.ledger_account_id
     GROUP BY 1, 2
    HAVING sum(added.amount) <> 0 OR bool_or(
               (place.account_id, added.occurred_at) IS DISTINCT FROM (entry.account_id, entry.occurred_at))
     LIMIT 1;
    IF wrong.rest = 0 THEN
        RAISE EXCEPTION 'entry % posts to an account of another connection, or at another time', wrong.entry_id
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: % too much in %', wrong.entry_id, wrong.rest, wrong.currency
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (SELECT sum((SELECT count(*) FROM posting WHERE posting.entry_id = entry.entry_id))
          FROM (SELECT DISTINCT entry_id FROM added) AS entry) > (SELECT count(*) FROM added) THEN
        RAISE EXCEPTION 'an entry was posted before' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- An index is searched for the elements of an array in their order, so that two workers cannot wait for each other.
    UPDATE ledger_account AS place
       SET balance = balance + (SELECT sum(amount) FROM added WHERE added.ledger_account_id = place.id)
     WHERE id = ANY ((SELECT array_agg(DISTINCT ledger_account_id) FROM added)::bigint[]);
    RETURN NULL;
END $$;
CREATE TRIGGER posting_balances AFTER INSERT ON posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_balance();
ALTER TABLE posting ENABLE ALWAYS TRIGGER posting_balances;
"""  # noqa: S608  made of the text above
_KEPT = """
CREATE FUNCTION ledger_account_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger_account is kept by its postings: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_account_keep_new BEFORE INSERT ON ledger_account
    FOR EACH ROW WHEN (NEW.balance <> 0) EXECUTE FUNCTION ledger_account_kept();
-- The trigger above is one level deep, a statement of somebody's own is none.
CREATE TRIGGER ledger_account_keep_old BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN (pg_trigger_depth() = 0
          OR (NEW.id, NEW.account_id, NEW.currency, NEW.code)
             IS DISTINCT FROM (OLD.id, OLD.account_id, OLD.currency, OLD.code))
    EXECUTE FUNCTION ledger_account_kept();
CREATE TRIGGER ledger_account_keep_rows BEFORE DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_kept();
CREATE TRIGGER ledger_account_keep_table BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION billing_append_only();
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_keep_new;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_keep_old;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_keep_rows;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_keep_table;
"""
# Facts, and lines that they should have come to in all their entries together. What is due is the difference; verifying
# the books asks the same question as posting does.
_DUE = """
CREATE FUNCTION ledger_due(
    accounts uuid[], sources text[], kinds text[],
    line_facts int[], line_codes text[], line_currencies text[], line_amounts bigint[]
) RETURNS TABLE (fact bigint, place bigint, unopened text, amount bigint) LANGUAGE sql STABLE AS $$
    SELECT fact, place, unopened, sum(amount)::bigint FROM (
        SELECT line.fact, place.id AS place, line.amount,
               CASE WHEN place.id IS NULL THEN line.code || ' in ' || line.currency END AS unopened
          FROM unnest(line_facts, line_codes, line_currencies, line_amounts) AS line(fact, code, currency, amount)
          LEFT JOIN ledger_account AS place
            ON (place.account_id, place.currency, place.code) = (accounts[line.fact], line.currency, line.code)
        UNION ALL
        SELECT told.number, posting.ledger_account_id, -posting.amount, NULL
          FROM unnest(accounts, sources, kinds) WITH ORDINALITY AS told(account_id, source, kind, number)
          JOIN journal_entry AS entry USING (account_id, source, kind)
          JOIN posting ON posting.entry_id = entry.id
    ) AS line
    GROUP BY fact, place, unopened HAVING sum(amount) <> 0
$$;
"""
# Facts that have lines come first; of one fact no two lines are for the same account.
_SETTLE = f"""
CREATE FUNCTION ledger_settle(
    accounts uuid[], sources text[], kinds text[], moments timestamptz[], made_at timestamptz,
    line_facts int[], line_codes text[], line_currencies text[], line_amounts bigint[]
) RETURNS bigint LANGUAGE plpgsql {_PLANNED_ONCE} AS $$
DECLARE
    places bigint[];
    ids bigint[];
    posted bigint;
BEGIN
    FOR attempt IN 1..2 LOOP
        SELECT array_agg(place.id ORDER BY line.number) INTO places
          FROM unnest(line_facts, line_codes, line_currencies) WITH ORDINALITY AS line(fact, code, currency, number)
          LEFT JOIN ledger_account AS place
            ON (place.account_id, place.currency, place.code) = (accounts[line.fact], line.currency, line.code);
        EXIT WHEN array_position(places, NULL) IS NULL;
        INSERT INTO ledger_account (account_id, currency, code, balance)
        SELECT DISTINCT accounts[fact], currency, code, 0
          FROM unnest(line_facts, line_codes, line_currencies) AS line(fact, code, currency) ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING;
    END LOOP;
    IF EXISTS (
        SELECT FROM unnest(accounts, sources, kinds) AS told(account_id, source, kind), LATERAL (
            SELECT FROM journal_entry AS entry
             WHERE (entry.account_id, entry.source, entry.kind) = (told.account_id, told.source, told.kind)
             LIMIT 1) AS found) THEN
        RETURN ledger_settle_again(
            accounts, sources, kinds, moments, made_at, line_facts, line_codes, line_currencies, line_amounts);
    END IF;
    ids := ARRAY(
        SELECT nextval('journal_entry_id_seq') FROM generate_series(1, line_facts[array_upper(line_facts, 1)]));
    INSERT INTO journal_entry (id, account_id, source, kind, revision, occurred_at, created_at)
    SELECT ids[number], account_id, source, kind, 1, moment, made_at
      FROM unnest(accounts, sources, kinds, moments) WITH ORDINALITY
        AS told(account_id, source, kind, moment, number)
     WHERE number <= cardinality(ids);
    INSERT INTO posting (entry_id, ledger_account_id, amount, occurred_at)
    SELECT ids[fact], place, amount, moments[fact]
      FROM unnest(line_facts, places, line_amounts) AS line(fact, place, amount);
    GET DIAGNOSTICS posted = ROW_COUNT;
    RETURN posted;
END $$;
"""  # noqa: S608
# As above, where something was posted of a fact before: only what is missing is posted now.
_SETTLE_AGAIN = """
CREATE FUNCTION ledger_settle_again(
    accounts uuid[], sources text[], kinds text[], moments timestamptz[], made_at timestamptz,
    line_facts int[], line_codes text[], line_currencies text[], line_amounts bigint[]
) RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    posted bigint;
BEGIN
    WITH due AS MATERIALIZED (
        SELECT * FROM ledger_due(
            accounts, sources, kinds, line_facts, line_codes, line_currencies, line_amounts)
    ), made AS (
        INSERT INTO journal_entry (account_id, source, kind, revision, occurred_at, created_at)
        SELECT told.account_id, told.source, told.kind,
               1 + (SELECT count(*) FROM journal_entry AS entry
                     WHERE (entry.account_id, entry.source, entry.kind) = (told.account_id, told.source, told.kind)),
               told.moment, made_at
          FROM unnest(accounts, sources, kinds, moments) WITH ORDINALITY
            AS told(account_id, source, kind, moment, number)
         WHERE number IN (SELECT fact FROM due) ORDER BY number
        RETURNING id, account_id, source, kind, occurred_at
    )
    INSERT INTO posting (entry_id, ledger_account_id, amount, occurred_at)
    SELECT made.id, due.place, due.amount, made.occurred_at
      FROM made
      JOIN unnest(accounts, sources, kinds) WITH ORDINALITY AS told(account_id, source, kind, number)
     USING (account_id, source, kind)
      JOIN due ON due.fact = told.number
     ORDER BY due.fact, due.place;
    GET DIAGNOSTICS posted = ROW_COUNT;
    RETURN posted;
END $$;
"""
BOOKS_KEPT = append_only("journal_entry") + append_only("posting") + _BALANCED + _KEPT + _DUE + _SETTLE_AGAIN + _SETTLE
BOOKS_FREE = (
    append_freely("journal_entry")
    + append_freely("posting")
    + append_freely("ledger_account")
    + """
DROP FUNCTION ledger_settle;
DROP FUNCTION ledger_settle_again;
DROP FUNCTION ledger_due;
DROP TRIGGER posting_balances ON posting;
DROP FUNCTION ledger_balance;
DROP TRIGGER ledger_account_keep_new ON ledger_account;
DROP TRIGGER ledger_account_keep_old ON ledger_account;
DROP FUNCTION ledger_account_kept;
"""
)
