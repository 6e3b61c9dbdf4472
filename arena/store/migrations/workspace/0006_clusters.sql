-- Which cluster of prompts that ask the same a conversation is in, as decided for the first release that asked: the
-- first row of a battle holds. So a conversation stays in its part whatever is erased later.

CREATE TABLE clusters (
    battle_id VARCHAR NOT NULL,
    founder VARCHAR NOT NULL          -- the battle that founded the cluster; its text may be erased
);
