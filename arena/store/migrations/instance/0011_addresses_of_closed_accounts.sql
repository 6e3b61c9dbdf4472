-- Where somebody acted from, with a session, with a token of theirs or setting the arena up, goes with their account,
-- and so do their sessions: also of accounts that an earlier arena closed (arena/store/audit_entries.py).
-- 'a closed account' is what 0010 calls those of which only the e-mail was noted.

UPDATE audit_entries SET sent_from = NULL
WHERE who IN (
    WITH RECURSIVE makers (maker) AS (
        SELECT account_id FROM accounts WHERE closed_at IS NOT NULL
        UNION SELECT 'a closed account'
        UNION SELECT token_id FROM tokens JOIN makers ON tokens.made_by = makers.maker
    )
    SELECT maker FROM makers
) OR (did = 'set up' AND (
    subject = 'a closed account' OR subject IN (SELECT account_id FROM accounts WHERE closed_at IS NOT NULL)
));
DELETE FROM sessions WHERE account_id IN (SELECT account_id FROM accounts WHERE closed_at IS NOT NULL);
DELETE FROM password_links WHERE account_id IN (SELECT account_id FROM accounts WHERE closed_at IS NOT NULL);
UPDATE accounts SET purged = NULL WHERE closed_at IS NOT NULL; -- the file is written anew, without what it freed
