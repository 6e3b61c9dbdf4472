"""The dataset card: README.md, for the Hugging Face hub, for `datasets`, and for people.

Everything that came from outside is written as JSON, in the YAML header (JSON is YAML) and in an indented block of the
text, so no name can break out of its place.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from arena.domain import wording
from arena.domain.selection import Several, Thinking
from arena.domain.vote import Counting
from arena.exports.card import consent, dataset_info
from arena.exports.folder.manifest import Manifest, ReleaseCounts, ReleaseOrigin
from arena.exports.format import EXPLANATIONS, Format, Reason
from arena.exports.personal import statement
from arena.exports.rows.carried import PARTS

SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
"""Upper bound of rows, and the hub's name for it."""
WRITTEN = {
    ReleaseOrigin.ARENA: "Human preferences between answers of language models, collected by Preference Arena.",
    ReleaseOrigin.IMPORTED: "Preferences between answers of language models, collected elsewhere and imported.",
    ReleaseOrigin.MIXED: "Preferences between answers of language models, some collected by Preference Arena, some "
    "elsewhere and imported.",
}
"""What the data are and who collected them."""
BATTLE = "Each battle is one prompt and the answers of two models."
BLIND = "saw both answers side by side, without names, and chose one, a tie, or both bad."
SHOWN = {
    ReleaseOrigin.ARENA: f"{BATTLE} Raters {BLIND}",
    ReleaseOrigin.IMPORTED: f"{BATTLE} How raters saw them, and whether they knew the models, is for its sources to "
    "say.",
    ReleaseOrigin.MIXED: f"{BATTLE} Raters of the arena {BLIND} How those of imported battles saw them, and whether "
    "they knew the models, is for its sources to say.",
}
"""How raters saw the battles, as far as it is known."""
OPINIONS = {
    ReleaseOrigin.ARENA: "Votes are opinions of the people who happened to come.",
    ReleaseOrigin.IMPORTED: "Votes are opinions of whoever judged for their sources, people or models; how they were "
    "chosen is for those to say.",
    ReleaseOrigin.MIXED: "Votes are opinions of the people who happened to come to the arena and, where imported, of "
    "whoever judged for their sources, people or models; how those were chosen is for the sources to say.",
}
"""Whose opinions the votes are."""
EACH_VOTE = (
    "Every vote was taken by itself: where several raters voted on one battle, each vote has rows of its own, with the "
    "margin of that vote. What is said below of several votes on one battle does not apply."
)


def text(manifest: Manifest, form: Format) -> str:
    """The whole card. The manifest's files are those written before the card."""
    return "\n".join(
        [
            "---",
            *_header(manifest, form),
            "---",
            "",
            f"# {_capital(form.title)}",
            "",
            f"{WRITTEN[manifest.origin]} Written as `{form.name}` by Preference Arena {manifest.code_version}.",
            SHOWN[manifest.origin],
            "",
            *consent.warning(manifest),
            *_contents(manifest, form),
            "",
            "## Use",
            "",
            f"Run this in the folder to {form.command_purpose}:",
            "",
            "```sh",
            form.command,
            "```",
            "",
            'In Python, `datasets.load_dataset("path/to/this/folder")` reads the Parquet files, and '
            '`datasets.load_dataset("json", data_files="data/train.jsonl")` the same rows as JSON lines.',
            "",
            "## Columns and rules",
            "",
            *[f"- {note}" for note in _notes(manifest, form)],
            "",
            *_not_carried(manifest),
            "## Limits",
            "",
            *[f"- {limit}" for limit in _limits(manifest)],
            "",
            *statement.tables(manifest.masked),
            "## Selection",
            "",
            *_block(json.dumps(manifest.selection, indent=2, sort_keys=True)),
            "",
            _position(manifest),
            "",
        ]
    )


def _notes(manifest: Manifest, form: Format) -> tuple[str, ...]:
    each = manifest.selection.get("several") == Several.EACH
    return (EACH_VOTE, *form.notes) if each else form.notes


def _header(manifest: Manifest, form: Format) -> list[str]:
    """The YAML the hub reads. A split without rows is not listed: the loader refuses those."""
    rows = sum(manifest.counts.rows.values())
    lines = [f"pretty_name: {_quoted(_capital(form.title))}"]
    if manifest.license is not None:
        lines.append(f"license: {_quoted(manifest.license)}")
    if manifest.languages:
        lines += _listed("language", manifest.languages)
    lines += _listed("tags", form.tags)
    lines += _listed("task_categories", form.task_categories)
    lines += _listed("size_categories", (next((name for bound, name in SIZES if rows < bound), "10M<n<100M"),))
    lines += ["configs:", '- config_name: "default"', "  data_files:"]
    for split, count in manifest.counts.rows.items():
        if count:
            lines += [f"  - split: {_quoted(split)}", f'    path: "data/{split}.parquet"']
    return lines + dataset_info.lines(form.schema, manifest.counts.rows, manifest.files)


def _contents(manifest: Manifest, form: Format) -> list[str]:
    counts = manifest.counts
    unit = form.unit.value
    return [
        "## What is in it",
        "",
        *_selected(manifest),
        *_policy(manifest),
        f"{wording.counted(counts.battles, 'battle')} with {wording.counted(counts.votes, 'vote')} selected. "
        f"Counted by {unit}:",
        "",
        f"| | {unit}s |",
        "|---|--:|",
        f"| selected | {counts.units:,} |",
        *[
            f"| left out, `{reason}`: {EXPLANATIONS[Reason(reason)]} | {count:,} |"
            for reason, count in counts.left_out.items()
        ],
        f"| in the data | {counts.taken:,} |",
        "",
        "| split | rows |",
        "|---|--:|",
        *[f"| {split} | {count:,} |" for split, count in counts.rows.items()],
        *_doubles(counts),
        "",
        f"The rows hold answers of {wording.counted(len(manifest.models), 'model')}, judged by "
        f"{wording.counted(manifest.raters, 'rater')}. `left_out.parquet` names what was left out, by id and without "
        "text; `items.parquet` names the battles and votes behind each row; `manifest.json` holds every figure, every "
        "contributor's share under a pseudonym, and the SHA-256 of every file.",
        "",
        "`arena release verify .`, a command of Preference Arena, finds any change, offline; with `--key` it also "
        "says whether the release is by the holder of that key. A rater who kept the receipt of a vote can prove that "
        "it is in here: `arena release prove . VOTE_ID`.",
        "",
        f"{wording.counted(manifest.removed, 'vote')} left before this release, erased or withdrawn by the rater. "
        "`removed.parquet` lists them by id: drop their rows from every earlier release you hold.",
        "",
        *consent.told(manifest),
        f"Split by the {manifest.split.by}: no conversation and no prompt is in both parts. Test share: "
        f"{manifest.split.test_share:g}, seed {manifest.split.seed}. Held-out share, in no part: "
        f"{manifest.split.held_out_share:g}.",
        *([] if manifest.masked is None else ["", statement.SPLIT]),
        *_test_part(manifest),
        *_held_out(manifest),
    ]


def _selected(manifest: Manifest) -> list[str]:
    """How many votes and battles the selection leaves out, where it leaves out any."""
    counts = manifest.counts
    left = counts.not_selected["votes"]
    if not left:
        return []
    held = Reason.HELD in left or manifest.selection.get("votes") == Counting.ALL
    where = "counted or held by the leaderboard" if held else "counted on the leaderboard"
    votes, battles = (wording.counted(counts.counted[f"{noun}s"], noun) for noun in ("vote", "battle"))
    return [
        f"{votes} on {battles} {where} when this was read. The selection at the end of this card took some of them:",
        "",
        "| | votes |",
        "|---|--:|",
        f"| {where} | {counts.counted['votes']:,} |",
        *[
            f"| not selected, `{reason}`: {EXPLANATIONS[Reason(reason)]} | {count:,} |"
            for reason, count in left.items()
        ],
        f"| votes selected | {counts.votes:,} |",
        "",
    ]


def _policy(manifest: Manifest) -> list[str]:
    """By which policy votes are held for what audits found."""
    if manifest.policy is None:
        return []
    taken = manifest.selection.get("votes") == Counting.ALL
    return [
        f"Audits look for careless, bought and automated votes, and policy `{manifest.policy}` says which are held for "
        f"what they find. Held votes are {'among those that may be selected here' if taken else 'left out here'}.",
        "",
    ]


def _doubles(counts: ReleaseCounts) -> list[str]:
    if not counts.double_rows:
        return []
    rows = "1 row is" if counts.double_rows == 1 else f"{counts.double_rows:,} rows are"
    return ["", f'{rows} the very same as an earlier one. `duplicates = "first"` in the selection leaves them out.']


def _test_part(manifest: Manifest) -> list[str]:
    if manifest.split.test_share:
        return []
    return [
        "",
        "No test part was asked for. `arena export --select test_share=0.1`, or the test share on the data page, holds "
        "out a tenth of first prompts in `data/test.parquet` and `data/test.jsonl`.",
    ]


def _held_out(manifest: Manifest) -> list[str]:
    share = manifest.split.held_out_share
    if not share:
        return []
    return [
        "",
        f"A share of {share:g} of all prompts is held out of this release and of every later one, which is "
        "refused unless it holds out as much.",
    ]


def _not_carried(manifest: Manifest) -> list[str]:
    """The parts of battles that the rows do not carry."""
    if not manifest.not_carried:
        return []
    return [
        "What the arena knows and these columns have no place for; the format `battles` carries most of it:",
        "",
        f"| not in the rows | {manifest.counts.unit.value}s |",
        "|---|--:|",
        *[f"| `{name}`: {PARTS[name]} | {count:,} |" for name, count in manifest.not_carried.items()],
        "",
    ]


def _limits(manifest: Manifest) -> list[str]:
    limits = [
        f"{OPINIONS[manifest.origin]} {_capital(_unchecked(manifest.selection))}.",
        *statement.sentences(
            manifest.masked, manifest.languages or (), stripped=manifest.selection.get("thinking") == Thinking.STRIP
        ),
        "The answers were written by models, whose licences may bind what is trained on them.",
    ]
    if manifest.license is None:
        limits.append("No licence was stated for this release. Ask whoever gave it to you before you use it.")
    if not manifest.languages:
        limits.append("The languages of the texts were not determined.")
    elif manifest.languages_found_in:
        limits.append(
            f"The languages were found by a program in {wording.counted(manifest.languages_found_in, 'battle')} of the "
            "release; rarer ones may be missing."
        )
    return limits


def _unchecked(selection: Mapping[str, Any]) -> str:
    """The filters that the selection did not use."""
    asked = {key for key, value in selection.items() if value != Several.EACH}
    unasked = [
        thing
        for thing, keys in (
            ("no agreement between raters", {"minimum_agreement", "several"}),
            ("no standing of a rater", {"minimum_rater_votes", "minimum_rater_agreement"}),
        )
        if keys.isdisjoint(asked)
    ]
    clauses = [f"{' and '.join(unasked)} was asked for"] if unasked else []
    if "near_duplicates" not in asked:
        clauses.append("nothing near-duplicate was capped")
    last = "nobody checked the answers for truth"
    return f"{', '.join(clauses)}, and {last}" if clauses else last


def _position(manifest: Manifest) -> str:
    if manifest.ledger_head is None:
        return "The vote ledger was empty when this was read."
    head = manifest.ledger_head
    return f"Read when the vote ledger held {wording.counted(head.sequence, 'line')}; hash of the last: `{head.hash}`."


def _listed(key: str, values: Sequence[str]) -> list[str]:
    return [f"{key}:", *[f"- {_quoted(value)}" for value in values]]


def _quoted(value: str) -> str:
    return json.dumps(value)


def _block(content: str) -> list[str]:
    return [f"    {line}" for line in content.splitlines()]


def _capital(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
