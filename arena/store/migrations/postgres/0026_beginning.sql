-- What the migrations up to this number make of a workspace, for PostgreSQL, which none of those databases began with:
-- the same tables, columns, checks and views. A later migration is one file for both; its types are spelled as both do.

CREATE TABLE models (
    ordinal BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    served_name VARCHAR NOT NULL,
    system_prompt VARCHAR,
    sampling VARCHAR NOT NULL,
    api_key_env VARCHAR,
    api VARCHAR DEFAULT 'chat',
    plain_template VARCHAR,
    chat_template_kwargs VARCHAR,
    extra_body VARCHAR,
    replicas VARCHAR,
    strict_name BOOLEAN DEFAULT false,
    added_at TIMESTAMP
);

CREATE TABLE battles (
    ordinal BIGINT NOT NULL,
    battle_id VARCHAR NOT NULL,
    conversation_id VARCHAR NOT NULL,
    turn INTEGER NOT NULL,
    continues VARCHAR,
    continued_side VARCHAR,
    campaign VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL,
    model_a VARCHAR NOT NULL,
    model_b VARCHAR NOT NULL,
    draw_probability DOUBLE PRECISION,
    created_at TIMESTAMP NOT NULL,
    opens_first VARCHAR,
    parts VARCHAR,
    answers VARCHAR DEFAULT 'live',
    history VARCHAR NOT NULL,
    language VARCHAR,
    category VARCHAR,
    campaign_version INTEGER
);

CREATE TABLE responses (
    battle_id VARCHAR NOT NULL,
    side VARCHAR NOT NULL CHECK (side IN ('a', 'b')),
    text VARCHAR NOT NULL,
    finish_reason VARCHAR,
    prompt_tokens BIGINT,
    completion_tokens BIGINT,
    first_token_seconds DOUBLE PRECISION,
    total_seconds DOUBLE PRECISION,
    completed_at TIMESTAMP NOT NULL,
    leak BOOLEAN,
    reasoning_tokens BIGINT,
    reasoning_seconds DOUBLE PRECISION,
    media VARCHAR
);

CREATE TABLE voids (
    battle_id VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    failed_side VARCHAR CHECK (failed_side IN ('a', 'b')),
    detail VARCHAR NOT NULL,
    voided_at TIMESTAMP NOT NULL,
    next_battle VARCHAR
);

CREATE TABLE votes (
    sequence BIGINT NOT NULL,
    vote_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    winner VARCHAR NOT NULL CHECK (winner IN ('model_a', 'model_b', 'tie', 'both_bad')),
    strength VARCHAR CHECK (strength IN ('slightly', 'clearly')),
    reason VARCHAR,
    edit VARCHAR,
    reading_seconds DOUBLE PRECISION,
    cast_at TIMESTAMP NOT NULL,
    idempotency_key VARCHAR NOT NULL,
    request_sha256 VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,
    commitment_version INTEGER DEFAULT 1,
    rater_kind VARCHAR DEFAULT 'person',
    criteria VARCHAR,
    shown_left VARCHAR,
    assignment_id VARCHAR,
    tags VARCHAR NOT NULL,
    kept VARCHAR,
    purpose VARCHAR
);

CREATE TABLE ledger (
    sequence BIGINT NOT NULL,
    subject VARCHAR NOT NULL,
    commitment VARCHAR NOT NULL,
    previous VARCHAR NOT NULL,
    hash VARCHAR NOT NULL
);

CREATE TABLE releases (
    release_id VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    manifest VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE origins (
    battle_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    language VARCHAR,
    category VARCHAR,
    timed BOOLEAN NOT NULL,
    digest VARCHAR NOT NULL
);

CREATE TABLE removals (
    sequence BIGINT NOT NULL,
    removal_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('erased', 'withdrawn')),
    rater VARCHAR NOT NULL,
    removed_at TIMESTAMP NOT NULL,
    purged BOOLEAN NOT NULL
);

CREATE TABLE removed_votes (
    removal_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    vote_id VARCHAR NOT NULL
);

CREATE TABLE settlements (
    sequence BIGINT NOT NULL,
    subject VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    release VARCHAR NOT NULL,
    root VARCHAR,
    total BIGINT NOT NULL,
    unit VARCHAR NOT NULL,
    contributor VARCHAR NOT NULL,
    weight BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    salt VARCHAR NOT NULL,
    settled_at TIMESTAMP NOT NULL
);

CREATE TABLE scopes (
    sequence BIGINT NOT NULL,
    choice_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    scope VARCHAR NOT NULL CHECK (scope IN ('public', 'private')),
    chosen_at TIMESTAMP NOT NULL
);

CREATE TABLE clusters (
    battle_id VARCHAR NOT NULL,
    founder VARCHAR NOT NULL
);

CREATE TABLE assignments (
    assignment_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL,
    deadline TIMESTAMP,
    shown_first VARCHAR NOT NULL CHECK (shown_first IN ('a', 'b')),
    repeat BOOLEAN NOT NULL,
    purpose VARCHAR,
    nonce VARCHAR
);

CREATE TABLE model_changes (
    sequence BIGINT NOT NULL,
    change_id VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    added BOOLEAN NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('announced', 'active', 'paused', 'retired')),
    reason VARCHAR NOT NULL,
    changed_by VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    alias VARCHAR
);

CREATE TABLE prompts (
    set_name VARCHAR NOT NULL,
    ordinal BIGINT NOT NULL,
    prompt_id VARCHAR NOT NULL,
    messages VARCHAR NOT NULL,
    language VARCHAR,
    category VARCHAR,
    tags VARCHAR NOT NULL,
    gold_winner VARCHAR CHECK (gold_winner IN ('model_a', 'model_b', 'tie', 'both_bad')),
    gold_model_a VARCHAR,
    gold_model_b VARCHAR,
    gold_explanation VARCHAR,
    digest VARCHAR NOT NULL,
    added_at TIMESTAMP NOT NULL,
    language_detected BOOLEAN DEFAULT false
);

CREATE TABLE stored_answers (
    set_name VARCHAR NOT NULL,
    prompt_id VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    sample INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    finish_reason VARCHAR,
    prompt_tokens BIGINT,
    completion_tokens BIGINT,
    seconds DOUBLE PRECISION,
    generated_at TIMESTAMP,
    fingerprint VARCHAR,
    digest VARCHAR NOT NULL,
    added_at TIMESTAMP NOT NULL,
    media VARCHAR
);

CREATE TABLE items (
    campaign VARCHAR NOT NULL,
    set_name VARCHAR NOT NULL,
    prompt_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    gold BOOLEAN DEFAULT false
);

CREATE TABLE assignment_ends (
    assignment_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    cause VARCHAR NOT NULL CHECK (cause IN ('skipped', 'reported', 'expired')),
    reason VARCHAR,
    ended_at TIMESTAMP NOT NULL
);

CREATE TABLE reports (
    report_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    reported_at TIMESTAMP NOT NULL
);

CREATE TABLE report_answers (
    report_id VARCHAR NOT NULL,
    keep BOOLEAN NOT NULL,
    reason VARCHAR NOT NULL,
    answered_by VARCHAR NOT NULL,
    answered_at TIMESTAMP NOT NULL
);

CREATE TABLE campaigns (
    sequence BIGINT NOT NULL,
    change_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'closed')),
    keys VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    changed_by VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,
    changed_at TIMESTAMP NOT NULL
);

CREATE TABLE qualifications (
    field VARCHAR NOT NULL,
    gold_set VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    practice INTEGER NOT NULL,
    items INTEGER NOT NULL,
    needed INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    wait_days INTEGER NOT NULL,
    valid_days INTEGER NOT NULL,
    guidelines VARCHAR NOT NULL,
    created_by VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE qualification_results (
    sequence BIGINT NOT NULL,
    result_id VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    last_turn VARCHAR NOT NULL,
    correct INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    needed INTEGER NOT NULL,
    passed BOOLEAN NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,
    salt VARCHAR NOT NULL
);

CREATE TABLE standing_decisions (
    sequence BIGINT NOT NULL,
    decision_id VARCHAR NOT NULL,
    follows VARCHAR,
    rater_id VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    standing VARCHAR CHECK (standing IN ('new', 'qualified', 'probation', 'suspended')),
    reason VARCHAR NOT NULL,
    ends_at TIMESTAMP,
    undoes VARCHAR,
    answers VARCHAR,
    decided_by VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    finding_id VARCHAR
);

CREATE TABLE holds (
    sequence BIGINT NOT NULL,
    hold_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    held_for VARCHAR NOT NULL CHECK (held_for IN ('finding', 'probation', 'suspended')),
    since TIMESTAMP,
    until TIMESTAMP,
    model VARCHAR
);

CREATE TABLE appeals (
    appeal_id VARCHAR NOT NULL,
    decision_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    asked_at TIMESTAMP NOT NULL
);

CREATE TABLE credit_terms (
    sequence BIGINT NOT NULL,
    terms_id VARCHAR NOT NULL,
    campaign VARCHAR NOT NULL,
    reward BIGINT NOT NULL,
    reward_edit BIGINT NOT NULL,
    audit_window INTEGER NOT NULL,
    salt VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL
);

CREATE TABLE credit_decisions (
    sequence BIGINT NOT NULL,
    decision_id VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    campaign VARCHAR NOT NULL,
    amount BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    decided_by VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,
    decided_at TIMESTAMP NOT NULL
);

CREATE TABLE kept_credits (
    line BIGINT NOT NULL,
    subject VARCHAR NOT NULL,
    sequence BIGINT NOT NULL,
    vote_id VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    campaign VARCHAR NOT NULL,
    edited BOOLEAN NOT NULL,
    given_at TIMESTAMP NOT NULL,
    cast_at TIMESTAMP NOT NULL
);

CREATE TABLE campaign_payments (
    sequence BIGINT NOT NULL,
    subject VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    campaign VARCHAR NOT NULL,
    total BIGINT NOT NULL,
    unit VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    contributor VARCHAR NOT NULL,
    credits BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    salt VARCHAR NOT NULL,
    paid_at TIMESTAMP NOT NULL
);

CREATE TABLE agreements (
    rater_id VARCHAR NOT NULL,
    campaign VARCHAR NOT NULL,
    text_sha256 VARCHAR NOT NULL,
    agreed_at TIMESTAMP NOT NULL
);

CREATE TABLE policies (
    sequence BIGINT NOT NULL,
    use_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    rules VARCHAR NOT NULL,
    used_at TIMESTAMP NOT NULL
);

CREATE TABLE findings (
    sequence BIGINT NOT NULL,
    finding_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    model VARCHAR,
    strength DOUBLE PRECISION NOT NULL,
    since TIMESTAMP,
    votes BIGINT NOT NULL,
    pending BOOLEAN NOT NULL,
    sentence VARCHAR NOT NULL,
    policy VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,
    found_at TIMESTAMP NOT NULL
);

CREATE TABLE finding_raters (
    finding_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    votes BIGINT NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL
);

CREATE TABLE finding_ends (
    sequence BIGINT NOT NULL,
    end_id VARCHAR NOT NULL,
    finding_id VARCHAR NOT NULL,
    policy VARCHAR NOT NULL,
    ended_at TIMESTAMP NOT NULL
);

CREATE VIEW counted_votes AS
SELECT
    votes.vote_id,
    votes.battle_id,
    battles.conversation_id,
    battles.campaign,
    votes.rater_id,
    battles.model_a,
    battles.model_b,
    votes.winner,
    votes.strength,
    votes.cast_at
FROM votes
JOIN battles ON battles.battle_id = votes.battle_id
WHERE votes.purpose IS NULL
AND votes.battle_id NOT IN (SELECT voids.battle_id FROM voids)
AND votes.rater_id NOT IN (SELECT removals.rater FROM removals WHERE removals.kind = 'withdrawn')
AND battles.rater_id NOT IN (SELECT removals.rater FROM removals WHERE removals.kind = 'withdrawn');

-- Holds in force: those of decisions that were not undone, until a later decision makes the rater qualified again.
CREATE VIEW holds_in_force AS
SELECT
    holds.sequence,
    holds.rater_id,
    holds.field,
    holds.held_for,
    holds.since,
    holds.until,
    holds.model
FROM holds
WHERE holds.rater_id <> ''
AND holds.hold_id NOT IN (
    SELECT decided.decision_id FROM standing_decisions AS decided
    JOIN standing_decisions AS undoing ON undoing.undoes = coalesce(decided.follows, decided.decision_id)
)
AND NOT EXISTS (
    SELECT * FROM standing_decisions AS lifting
    WHERE lifting.standing = 'qualified'
    AND lifting.rater_id = holds.rater_id
    AND lifting.field = holds.field
    AND lifting.sequence > holds.sequence
    AND coalesce(lifting.follows, lifting.decision_id) NOT IN (
        SELECT undone.undoes FROM standing_decisions AS undone WHERE undone.undoes IS NOT NULL
    )
);
