"""SQL with which the database keeps the books by itself: entries balance, stay, and make the balances of accounts."""

from billing.audit.triggers import append_freely, append_only

# These functions plan once a session: by themselves they would plan anew for each array, which takes longer than
# posting. So every statement has to look few rows up along an index, and not to read and hash whole tables, which would
# look as good while they are empty.
_PLANNED_ONCE = """SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off"""
# The one way into the books: facts, as columns of them and of their lines. Those that have lines come first; of one
# fact no two lines are for the same account.
_DOOR = """
CREATE VIEW ledger_facts AS
SELECT NULL::uuid[] AS accounts, NULL::text[] AS sources, NULL::text[] AS kinds, NULL::timestamptz[] AS moments,
       NULL::timestamptz AS made_at, NULL::int[] AS line_facts, NULL::text[] AS line_codes,
       NULL::text[] AS line_currencies, NULL::bigint[] AS line_amounts, NULL::bigint AS posted
 WHERE false;
CREATE TRIGGER ledger_facts_settle INSTEAD OF INSERT ON ledger_facts
    FOR EACH ROW EXECUTE FUNCTION ledger_settle();
"""
# What is written is right because of who writes it: a trigger of the door is one level deep, a statement of somebody's
# own is none. Looking at what was written afterwards costs about as much as writing it. Nor are there foreign keys:
# what the books name was looked up by them, and never goes.
_KEPT = """
CREATE FUNCTION ledger_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written by ledger_facts alone: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_entry_keep_out BEFORE INSERT ON journal_entry
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_kept();
CREATE TRIGGER posting_keep_out BEFORE INSERT ON posting
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_kept();
CREATE TRIGGER ledger_account_keep_new BEFORE INSERT ON ledger_account FOR EACH ROW
    WHEN (NEW.balance <> 0) EXECUTE FUNCTION ledger_kept();
CREATE TRIGGER ledger_account_keep_out BEFORE UPDATE ON ledger_account
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_kept();
CREATE TRIGGER ledger_account_keep_rows BEFORE DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_kept();
CREATE TRIGGER ledger_account_keep_table BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION billing_append_only();
ALTER TABLE journal_entry ENABLE ALWAYS TRIGGER journal_entry_keep_out;
ALTER TABLE posting ENABLE ALWAYS TRIGGER posting_keep_out;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_keep_new;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_keep_out;
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
# Of accounts of lines those that are not open yet. This may wait for somebody else who opens the same, so that whoever
# asks for it must not have locked any.
_OPEN = """
CREATE FUNCTION ledger_open(accounts uuid[], line_facts int[], line_codes text[], line_currencies text[])
RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
    INSERT INTO ledger_account (account_id, currency, code, balance)
    SELECT DISTINCT accounts[fact], currency, code, 0
      FROM unnest(line_facts, line_codes, line_currencies) AS line(fact, code, currency)
     WHERE NOT EXISTS (
        SELECT FROM ledger_account AS place
         WHERE (place.account_id, place.currency, place.code) = (accounts[line.fact], line.currency, line.code))
     ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
$$;
"""
# Locked as an index leads to the accounts of one fact, so that two workers cannot wait for each other.
_ADD_UP = f"""
CREATE FUNCTION ledger_add_up(places bigint[], amounts bigint[]) RETURNS void LANGUAGE plpgsql {_PLANNED_ONCE} AS $$
BEGIN
    PERFORM FROM ledger_account WHERE id = ANY (places) ORDER BY account_id, currency, code FOR NO KEY UPDATE;
    UPDATE ledger_account AS place
       SET balance = balance + (
           SELECT sum(amount) FROM unnest(places, amounts) AS line(id, amount) WHERE line.id = place.id)
     WHERE id = ANY (places);
END $$;
"""  # noqa: S608  made of the text above
_GIVEN = """
    accounts uuid[], sources text[], kinds text[], moments timestamptz[], made_at timestamptz,
    line_facts int[], line_codes text[], line_currencies text[], line_amounts bigint[]"""
_NEW = """
            NEW.accounts, NEW.sources, NEW.kinds, NEW.moments, NEW.made_at,
            NEW.line_facts, NEW.line_codes, NEW.line_currencies, NEW.line_amounts"""
# One fact in one currency to accounts that are open, as nearly all are that come alone, takes two statements. It runs
# as the owner, so that nobody else needs to be able to write the books.
_SETTLE = f"""
CREATE FUNCTION ledger_settle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {_PLANNED_ONCE} AS $$
DECLARE
    rest bigint := 0;
    made bigint;
BEGIN
    IF cardinality(NEW.accounts) <> 1 OR cardinality(NEW.line_amounts) = 0
       OR NEW.line_currencies[1] <> ANY (NEW.line_currencies) THEN
        NEW.posted := ledger_settle_many({_NEW});
        RETURN NEW;
    END IF;
    FOR number IN 1 .. cardinality(NEW.line_amounts) LOOP
        rest := rest + NEW.line_amounts[number];
    END LOOP;
    IF rest <> 0 THEN
        RAISE EXCEPTION '% does not balance: % too much in %', NEW.sources[1], rest, NEW.line_currencies[1]
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO journal_entry (account_id, source, kind, revision, occurred_at, created_at)
    SELECT NEW.accounts[1], NEW.sources[1], NEW.kinds[1], 1, NEW.moments[1], NEW.made_at
     WHERE cardinality(NEW.line_amounts) = (
        SELECT count(*) FROM ledger_account
         WHERE account_id = NEW.accounts[1] AND currency = NEW.line_currencies[1] AND code = ANY (NEW.line_codes))
    ON CONFLICT DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        NEW.posted := ledger_settle_many({_NEW});
        RETURN NEW;
    END IF;
    WITH place AS (
        UPDATE ledger_account
           SET balance = balance + NEW.line_amounts[array_position(NEW.line_codes, code::text)]
         WHERE account_id = NEW.accounts[1] AND currency = NEW.line_currencies[1] AND code = ANY (NEW.line_codes)
        RETURNING id, code
    )
    INSERT INTO posting (entry_id, ledger_account_id, amount, occurred_at)
    SELECT made, id, NEW.line_amounts[array_position(NEW.line_codes, code::text)], NEW.moments[1] FROM place;
    NEW.posted := cardinality(NEW.line_amounts);
    RETURN NEW;
END $$;
"""  # noqa: S608  made of the text above
# Any number of facts, in any currencies, to accounts that may not be open yet.
_SETTLE_MANY = f"""
CREATE FUNCTION ledger_settle_many({_GIVEN}
) RETURNS bigint LANGUAGE plpgsql {_PLANNED_ONCE} AS $$
DECLARE
    places bigint[];
    ids bigint[];
    wrong record;
BEGIN
    SELECT fact, currency, sum(amount) AS rest INTO wrong
      FROM unnest(line_facts, line_currencies, line_amounts) AS line(fact, currency, amount)
     GROUP BY 1, 2 HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% does not balance: % too much in %', sources[wrong.fact], wrong.rest, wrong.currency
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (
        SELECT FROM unnest(accounts, sources, kinds) AS told(account_id, source, kind), LATERAL (
            SELECT FROM journal_entry AS entry
             WHERE (entry.account_id, entry.source, entry.kind) = (told.account_id, told.source, told.kind)
             LIMIT 1) AS found) THEN
        RETURN ledger_settle_again(
            accounts, sources, kinds, moments, made_at, line_facts, line_codes, line_currencies, line_amounts);
    END IF;
    FOR attempt IN 1..2 LOOP
        SELECT array_agg(place.id ORDER BY line.number) INTO places
          FROM unnest(line_facts, line_codes, line_currencies) WITH ORDINALITY AS line(fact, code, currency, number)
          LEFT JOIN ledger_account AS place
            ON (place.account_id, place.currency, place.code) = (accounts[line.fact], line.currency, line.code);
        EXIT WHEN array_position(places, NULL) IS NULL;
        PERFORM ledger_open(accounts, line_facts, line_codes, line_currencies);
    END LOOP;
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
    PERFORM ledger_add_up(places, line_amounts);
    RETURN coalesce(cardinality(places), 0);
END $$;
"""  # noqa: S608  made of the text above
# As above, where something was posted of a fact before: only what is missing is posted now.
_SETTLE_AGAIN = f"""
CREATE FUNCTION ledger_settle_again({_GIVEN}
) RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    places bigint[];
    amounts bigint[];
BEGIN
    PERFORM ledger_open(accounts, line_facts, line_codes, line_currencies);
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
    ), posted AS (
        INSERT INTO posting (entry_id, ledger_account_id, amount, occurred_at)
        SELECT made.id, due.place, due.amount, made.occurred_at
          FROM made
          JOIN unnest(accounts, sources, kinds) WITH ORDINALITY AS told(account_id, source, kind, number)
         USING (account_id, source, kind)
          JOIN due ON due.fact = told.number
         ORDER BY due.fact, due.place
        RETURNING ledger_account_id, amount
    )
    SELECT coalesce(array_agg(posted.ledger_account_id), '{{}}'), array_agg(posted.amount)
      INTO places, amounts FROM posted;
    PERFORM ledger_add_up(places, amounts);
    RETURN cardinality(places);
END $$;
"""  # noqa: S608  made of the text above
_FUNCTIONS = _DUE + _OPEN + _ADD_UP + _SETTLE_AGAIN + _SETTLE_MANY + _SETTLE
BOOKS_KEPT = append_only("journal_entry") + append_only("posting") + _KEPT + _FUNCTIONS + _DOOR
BOOKS_FREE = (
    append_freely("journal_entry")
    + append_freely("posting")
    + append_freely("ledger_account")
    + """
DROP VIEW IF EXISTS ledger_facts;
DROP FUNCTION IF EXISTS ledger_settle, ledger_settle_many, ledger_settle_again, ledger_add_up, ledger_open, ledger_due;
DROP TRIGGER IF EXISTS journal_entry_keep_out ON journal_entry;
DROP TRIGGER IF EXISTS posting_keep_out ON posting;
DROP TRIGGER IF EXISTS ledger_account_keep_new ON ledger_account;
DROP TRIGGER IF EXISTS ledger_account_keep_out ON ledger_account;
DROP FUNCTION IF EXISTS ledger_kept;
"""
)
