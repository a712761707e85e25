"""SQL that makes a table append-only for every role, its owner and replicas included."""

_FUNCTION = """
CREATE OR REPLACE FUNCTION billing_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only(table: str) -> str:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE; ALWAYS, because session_replication_role skips others."""
    return f"""
CREATE TRIGGER {table}_keep_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION billing_append_only();
CREATE TRIGGER {table}_keep_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION billing_append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep_rows;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep_table;
"""


def append_freely(table: str) -> str:
    """Undoes append_only()."""
    return f"""
DROP TRIGGER {table}_keep_rows ON {table};
DROP TRIGGER {table}_keep_table ON {table};
"""


AUDIT_APPEND_ONLY = _FUNCTION + append_only("audit_event")
AUDIT_APPEND_FREELY = append_freely("audit_event") + "DROP FUNCTION billing_append_only();\n"
