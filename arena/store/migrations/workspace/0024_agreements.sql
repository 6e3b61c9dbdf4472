-- What raters agreed to before their first item of a campaign.

CREATE TABLE agreements (
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    campaign VARCHAR NOT NULL,
    text_sha256 VARCHAR NOT NULL,     -- of the text that was agreed to
    agreed_at TIMESTAMP NOT NULL
);
