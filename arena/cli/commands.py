"""Every command of `arena`, by the groups that its help shows."""

import typer

from arena.cli.lazy_commands import Later, group


def rank(context: typer.Context) -> None:
    """Rank models by votes: from files (CSV, JSON, JSONL, Parquet, each also packed), or from the workspace."""
    from arena.cli import rank as ranking  # noqa: PLC0415 - the other commands need none of it

    ranking.run(context.args)


COMMANDS = group(
    "arena",
    "Blind battles, honest leaderboards, data sets trainers load.",
    Later("demo", "serving.demo", "Run the arena with real small models on this machine: no GPU, no account."),
    Later("serve", "serving.serve", "Run the arena with the models of a configuration file."),
    Later("check", "checking.check", "Find what is wrong with a configuration."),
    Later("doctor", "doctor.doctor", "Find what is wrong with an installation, and say what to do."),
    Later(
        "rank",
        "commands.rank",
        "Rank models by votes.",
        allow_extra_args=True,
        ignore_unknown_options=True,
        help_option_names=[],
    ),
    Later("sql", "sql.sql", "Ask the votes with SQL of your own, read-only."),
    Later("audit", "auditing.audit", "Find votes that cannot be trusted, and hold them as the policy says."),
    Later("generate", "generating.generate", "Let models answer the prompts of a set."),
    Later("export", "exporting.export", "Write the votes as a data set that a trainer loads as it is."),
    Later(
        "backup",
        "backups.backup",
        "Write a consistent copy of a workspace into a new folder, also while the arena runs.",
    ),
    Later("restore", "backups.restore", "Put a backup in place of a workspace that does not exist."),
    Later("verify", "backups.verify", "Recompute the ledger against every vote, and say what does not match."),
    Later("erase", "erase.erase", "Erase a rater: prompts, answers to them, votes, reasons and edits."),
    group(
        "import",
        "Votes that were cast elsewhere, prompt sets, and answers made beforehand.",
        Later("battles", "importing.battles", "Take votes in that were cast elsewhere."),
        Later("prompts", "prompt_sets.prompts", "Store prompts under the name of a set."),
        Later("responses", "prompt_sets.responses", "Store answers to the prompts of a set."),
    ),
    group(
        "ledger",
        "The ledger as a signed file, without text, raters and outcomes.",
        Later("export", "ledger.export", "Write the ledger to a file that does not exist yet."),
        Later("verify", "ledger.verify", "Find any change to an exported ledger, offline."),
    ),
    group(
        "campaigns",
        "What is asked of raters, beside the campaign of the configuration.",
        Later("create", "campaigns.create", "Make a campaign of a file, and print what it will take."),
        Later("list", "campaigns.list_campaigns", "Print every campaign with its state and its votes."),
        Later("show", "campaigns.show", "Print a campaign as JSON, with how far it is."),
        Later("pause", "campaigns.pause", "Give out nothing new for now."),
        Later("resume", "campaigns.resume", "Let a campaign run: a draft, or one that is paused."),
        Later("close", "campaigns.close", "Give out nothing any more, for good."),
        Later("settle", "campaign_settling.settle", "Share an amount out over the settled credits of a campaign."),
        Later("payments", "campaign_settling.payments", "Print what the settlements of a campaign paid."),
    ),
    group(
        "models",
        "The models of a configuration, the embedded server, and vLLM servers on GPUs.",
        Later("list", "models.list_models", "Print each model with where it runs."),
        Later("fetch", "models.fetch", "Fetch the embedded model's weights into the user's cache, once."),
        Later("up", "models.up", "Serve models by themselves until Ctrl-C: the embedded one, or those of a file."),
        Later("status", "models.show_status", "Print what the vLLM servers of a file do."),
        Later("add", "contestants.add", "Add the models of a file to the arena that runs."),
        Later("pause", "contestants.pause", "Draw a model for no new battle."),
        Later("resume", "contestants.resume", "Draw a model that is paused or announced."),
        Later("retire", "contestants.retire", "Draw a model no more, for good."),
    ),
    group(
        "qualifications",
        "Tests by which raters qualify for a field.",
        Later("create", "qualifications.create", "Make the test of a field."),
        Later("list", "qualifications.list_qualifications", "Print every field that has a test."),
    ),
    group(
        "release",
        "Check, compare and prove releases, offline.",
        Later("verify", "release.verify", "Find any change to a release, or check the proof of one vote."),
        Later("diff", "release.diff", "Tell what was added, removed and changed between two releases, by id."),
        Later("prove", "release.prove", "Print the proof that a vote is in a release."),
        Later("settle", "settling.settle", "Share an amount out over the contributors of a release, exactly."),
        Later("key", "settling.show_key", "Print the public key that signs the releases of a workspace."),
    ),
    group(
        "accounts",
        "People who sign in.",
        Later("invite", "accounts.invite", "Print a link that makes whoever follows it a member of the workspace."),
        Later("list", "accounts.list_accounts", "Print everybody in the workspace."),
        Later("role", "accounts.change_role", "Let somebody be something else in the workspace, more or less."),
        Later("disable", "accounts.disable", "Let nobody sign in with an account any more."),
        Later("reset", "accounts.reset", "Print a link by which somebody sets a new password, once."),
    ),
    group(
        "workspaces",
        "Walls: each lab works in a workspace of its own.",
        Later("create", "workspaces.create", "Make a workspace and print the file of its admin token."),
        Later("list", "workspaces.list_workspaces", "Print every workspace with the bytes it takes."),
        Later("export", "workspaces.export", "Write all of a workspace into a new folder."),
        Later("import", "workspaces.take_in", "Take in a workspace that was exported elsewhere."),
        Later("remove", "workspaces.remove", "Delete a workspace and everything in it."),
    ),
    group(
        "database",
        "A workspace in PostgreSQL, which several processes share.",
        Later(
            "copy",
            "database.copy",
            "Copy a workspace with its accounts and secrets from a data folder into PostgreSQL, or back.",
        ),
    ),
    group(
        "tokens",
        "Tokens of labs, trainers and admins.",
        Later("create", "tokens.create", "Issue a token. It is shown once, here."),
        Later("list", "tokens.list_tokens", "Print every token's id, role, workspace and dates."),
        Later("revoke", "tokens.revoke", "Make a token worthless from now on."),
    ),
)
