-- Whoever has an account is named by its id everywhere but in `accounts`: an account that is closed leaves no e-mail
-- behind. Of accounts that were closed before, nobody knows any more which e-mail was whose.

UPDATE audit_entries SET who = (SELECT account_id FROM accounts WHERE email = who AND email <> '')
WHERE who IN (SELECT email FROM accounts WHERE email <> '');
UPDATE audit_entries SET subject = (SELECT account_id FROM accounts WHERE email = subject AND email <> '')
WHERE subject IN (SELECT email FROM accounts WHERE email <> '');
UPDATE tokens SET made_by = (SELECT account_id FROM accounts WHERE email = made_by AND email <> '')
WHERE made_by IN (SELECT email FROM accounts WHERE email <> '');
UPDATE invitations SET made_by = (SELECT account_id FROM accounts WHERE email = made_by AND email <> '')
WHERE made_by IN (SELECT email FROM accounts WHERE email <> '');
UPDATE webhooks SET made_by = (SELECT account_id FROM accounts WHERE email = made_by AND email <> '')
WHERE made_by IN (SELECT email FROM accounts WHERE email <> '');

UPDATE audit_entries SET who = 'a closed account' WHERE position('@' IN who) > 0;
UPDATE audit_entries SET subject = 'a closed account' WHERE position('@' IN subject) > 0 AND did IN (
    'added a second step', 'changed the password', 'disabled', 'made a password link', 'set a new password by a link',
    'set up', 'took out', 'took the second step away'
);
UPDATE tokens SET made_by = 'a closed account' WHERE position('@' IN made_by) > 0;
UPDATE invitations SET made_by = 'a closed account' WHERE position('@' IN made_by) > 0;
UPDATE webhooks SET made_by = 'a closed account' WHERE position('@' IN made_by) > 0;

ALTER TABLE audit_entries ALTER COLUMN sent_from DROP NOT NULL; -- null: whoever sent it closed their account
ALTER TABLE sessions ADD COLUMN proved_at TIMESTAMP; -- when its owner last proved who they are; null: as it began
ALTER TABLE accounts ADD COLUMN purged BOOLEAN; -- whether the file was written anew since it was closed
