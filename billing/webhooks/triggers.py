"""SQL that keeps what a processor signed as it came; after 90 days its body may be emptied."""

INBOX_BODY_KEPT = """
CREATE FUNCTION webhook_event_body_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the body of a webhook event stays as it came' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER webhook_event_body BEFORE UPDATE OF body, external_id, account_id, received_at ON webhook_event
    FOR EACH ROW WHEN ((OLD.body IS DISTINCT FROM NEW.body
                        AND NOT (NEW.body = '' AND OLD.received_at < now() - interval '90 days'))
                       OR OLD.external_id <> NEW.external_id
                       OR OLD.account_id <> NEW.account_id OR OLD.received_at <> NEW.received_at)
    EXECUTE FUNCTION webhook_event_body_kept();
"""
INBOX_BODY_FREE = """
DROP TRIGGER webhook_event_body ON webhook_event;
DROP FUNCTION webhook_event_body_kept();
"""
