-- Makes a copy of a production database safe to try things on. Run it before any arena is started on the copy:
--
--     psql "$ARENA_DATABASE" --set ON_ERROR_STOP=1 --file deploy/staging.sql
--
-- Afterwards nothing that the copy holds, or that a process on it makes, is worth anything in production, and no webhook
-- of production is told anything. Start the processes with data folders that are empty. What raters wrote is in the copy
-- still: keep it as closed as production.
--
-- Two things stay as the configuration of the copy has them, or change with this:
-- * Models that were added while production ran are in the copy. Those whose hosts its `[endpoints] allow` lists are
--   asked again, at the addresses of production: list none of these there.
-- * Raters have other names than in releases and payments that production wrote: do not put both together.

BEGIN;

-- What signs cookies, releases and receipts, and what raters' names hang on. The first process makes them anew.
DELETE FROM arena_instance.secrets WHERE name NOT LIKE '%/secret';
UPDATE arena_instance.secrets SET value = encode(
    sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'
);

-- Who may do what here: the first start writes new admin tokens, and `arena accounts reset` lets somebody in.
DELETE FROM arena_instance.tokens;
DELETE FROM arena_instance.revocations;
DELETE FROM arena_instance.sessions;
DELETE FROM arena_instance.invitations;
DELETE FROM arena_instance.password_links;
DELETE FROM arena_instance.second_steps;
UPDATE arena_instance.accounts SET password = '';

-- Addresses of production that would be told what happens here.
DELETE FROM arena_instance.webhooks;
DELETE FROM arena_instance.deliveries;

COMMIT;
