"""SQL that keeps a command what it was asked to be, and lets none that ended begin again."""

COMMANDS_KEPT = """
CREATE FUNCTION money_command_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a command is carried out as it was asked for, and ends once'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER money_command_frozen
    BEFORE UPDATE OF key, kind, public_id, merchant_id, account_id, livemode, amount, currency, parameters,
                     requested_by_kind, requested_by_id ON money_command
    FOR EACH ROW WHEN ((OLD.key, OLD.kind, OLD.public_id, OLD.merchant_id, OLD.account_id, OLD.livemode, OLD.amount,
                        OLD.currency, OLD.parameters, OLD.requested_by_kind, OLD.requested_by_id)
                       IS DISTINCT FROM
                       (NEW.key, NEW.kind, NEW.public_id, NEW.merchant_id, NEW.account_id, NEW.livemode, NEW.amount,
                        NEW.currency, NEW.parameters, NEW.requested_by_kind, NEW.requested_by_id))
    EXECUTE FUNCTION money_command_kept();
CREATE TRIGGER money_command_ended
    BEFORE UPDATE OF command_state, first_sent_at ON money_command
    FOR EACH ROW WHEN ((OLD.command_state <> NEW.command_state
                        AND (OLD.command_state NOT IN ('requested', 'approved', 'sending', 'unknown')
                             OR (OLD.command_state = 'requested'
                                 AND NEW.command_state NOT IN ('approved', 'rejected', 'cancelled', 'expired'))
                             OR (OLD.command_state = 'approved'
                                 AND NEW.command_state NOT IN ('sending', 'failed', 'cancelled'))
                             OR (OLD.command_state = 'sending'
                                 AND NEW.command_state NOT IN ('unknown', 'succeeded', 'failed'))
                             OR (OLD.command_state = 'unknown' AND NEW.command_state NOT IN ('succeeded', 'failed'))))
                       OR (OLD.first_sent_at IS NOT NULL
                           AND OLD.first_sent_at IS DISTINCT FROM NEW.first_sent_at))
    EXECUTE FUNCTION money_command_kept();
"""
COMMANDS_FREE = """
DROP TRIGGER money_command_frozen ON money_command;
DROP TRIGGER money_command_ended ON money_command;
DROP FUNCTION money_command_kept();
"""

_FROZEN_AGAIN = """
DROP TRIGGER money_command_frozen ON money_command;
CREATE TRIGGER money_command_frozen
    BEFORE UPDATE OF key, kind, public_id, merchant_id, account_id, livemode, amount, currency, parameters,
                     requested_by_kind, requested_by_id{more} ON money_command
    FOR EACH ROW WHEN ((OLD.key, OLD.kind, OLD.public_id, OLD.merchant_id, OLD.account_id, OLD.livemode, OLD.amount,
                        OLD.currency, OLD.parameters, OLD.requested_by_kind, OLD.requested_by_id{old})
                       IS DISTINCT FROM
                       (NEW.key, NEW.kind, NEW.public_id, NEW.merchant_id, NEW.account_id, NEW.livemode, NEW.amount,
                        NEW.currency, NEW.parameters, NEW.requested_by_kind, NEW.requested_by_id{new}))
    EXECUTE FUNCTION money_command_kept();
"""
BATCHES_FROZEN = _FROZEN_AGAIN.format(more=", batch_id", old=", OLD.batch_id", new=", NEW.batch_id")
BATCHES_FREE = _FROZEN_AGAIN.format(more="", old="", new="")
