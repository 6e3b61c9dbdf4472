"""The battle page, here and in each campaign: one part, drawn once here and run by static/battle.js.

The part reads the stream and posts the vote through the HTTP API, as any other program would; Gradio's queue
never sees a battle (design decision 5), and the page holds no rule of its own.
"""

import html
from collections.abc import Sequence
from pathlib import Path

from arena.domain.report import ReportKind
from arena.domain.vote import Tag, Winner

TEMPLATE = Path(__file__).parent / "pages" / "battle.html"

EXAMPLES = (
    ("Explain", "Explain compound interest to a twelve-year-old using pocket money."),
    (
        "Rewrite",
        "Make this complaint to a landlord firm but polite: “The heating has been broken for nine days, nobody "
        "answers my messages, and I want it fixed or my rent back.”",
    ),
    ("Code", "Write a Python function that merges overlapping date ranges, with three tests."),
    (
        "Translate",
        "Turn this Spanish rental clause into plain English and say what it obliges me to do: “El arrendatario "
        "deberá devolver la vivienda en el mismo estado en que la recibió, salvo el desgaste por el uso normal.”",
    ),
    ("Advice", "My two best friends no longer speak. I have one spare concert ticket. What now?"),
    (
        "Reason",
        "Four trains use one platform and each stands there for four minutes. They arrive at 9:00, 9:03, 9:05 and "
        "9:12. What is the shortest safe timetable?",
    ),
)
"""Kind, and the prompt it fills in."""

OUTCOMES = {
    Winner.MODEL_A: ("a", "A is better", "You would rather receive A, even if both have faults."),
    Winner.MODEL_B: ("b", "B is better", "You would rather receive B, even if both have faults."),
    Winner.TIE: ("t", "Tie", "Both are usable and you would not mind which."),
    Winner.BOTH_BAD: ("", "Both bad", "You would send neither. It is not a tie."),
}
"""Glyph, words and meaning of each outcome."""

TAGS = {
    Tag.CORRECT: "Correct",
    Tag.FOLLOWS_REQUEST: "Follows the request",
    Tag.COMPLETE: "Complete",
    Tag.CLEAR: "Clear",
    Tag.RIGHT_LENGTH: "Right length",
    Tag.SAFE: "Safe",
}

SKIPS = (
    "Not my field",
    "I cannot read one of the answers",
    "The prompt makes no sense",
    "It upsets me",
    "Something else",
)
"""Why an item is skipped."""

REPORTS = {
    ReportKind.PERSONAL: "Personal details of a real person",
    ReportKind.DANGEROUS: "Dangerous or illegal",
    ReportKind.NAMES_MODEL: "An answer says which model it is",
    ReportKind.GUIDELINES: "The guidelines do not fit this item",
    ReportKind.OTHER: "Something else",
}

KEYS = (
    ("A ←", "A is better"),
    ("B →", "B is better"),
    ("T", "Tie. <kbd>↓</kbd> too, while a vote button has focus; elsewhere it scrolls"),
    ("X", "Both bad"),
    ("1 2", "Slightly, clearly"),
    ("R", "Go to the reason line"),
    ("E", "Edit the better answer"),
    ("Enter", "Start from the prompt; record the vote, then next battle"),
    ("Shift+Enter", "Break the line in the prompt"),
    ("Ctrl+Enter", "Record from the edit box; start from the prompt"),
    ("Esc", "Clear the choice; while both answers are written, stop them"),
    ("[ ]", "Jump to answer A, to answer B; hear A, hear B"),
    ("Space", "Play or pause both films, or the sound"),
    (", .", "One frame back, one frame on"),
    ("G", "Guidelines, and back"),
    ("N", "Next prompt"),
    ("F", "Ask a follow-up"),
    ("S", "Same prompt, new pair, after a vote; skip an item before it"),
)
"""Keys, and what they do."""

VOTE_BUTTONS = (
    (Winner.MODEL_A, "w o1", "A ArrowLeft", "← A"),
    (Winner.TIE, "o3", "T ArrowDown", "↓ T"),
    (Winner.BOTH_BAD, "o4", "X", "X"),
    (Winner.MODEL_B, "w rv o2", "B ArrowRight", "B →"),
)
"""Outcome, classes, aria-keyshortcuts and the keycaps shown, from left to right."""


def markup() -> str:
    """The whole page, in its first state."""
    page = TEMPLATE.read_text(encoding="utf-8")
    pieces = {
        "examples": "".join(_example(kind, prompt) for kind, prompt in EXAMPLES),
        "outcomes": _outcomes(),
        "answers": _answer("a") + _answer("b"),
        "tags": "".join(f'<label><input type="checkbox" value="{tag}">{words}</label>' for tag, words in TAGS.items()),
        "votes": _votes(),
        "skips": _choices("why", [(words, words) for words in SKIPS]),
        "reports": _choices("kind", list(REPORTS.items())),
        "keys": "".join(f'<tr><td class="nowrap">{_caps(keys)}</td><td>{does}</td></tr>' for keys, does in KEYS),
    }
    for name, piece in pieces.items():
        page = page.replace("{" + name + "}", piece)
    return page


def of_campaign() -> str:
    """The same inside the `main` of a plain page."""
    return markup().replace('<div id="main" class="pa-wrap battle unstyled"', '<div class="battle"', 1)


def _example(kind: str, prompt: str) -> str:
    return (
        f'<li><button type="button" data-example="{html.escape(prompt)}"><span>{kind}</span>'
        f"<span>{html.escape(prompt)}</span></button></li>"
    )


def _outcomes() -> str:
    rows = "".join(
        f'<tr><td class="glyph"><span class="g {glyph}" aria-hidden="true"></span></td>'
        f'<th scope="row" class="nowrap">{words}</th><td class="mute">{meaning}</td></tr>'
        for glyph, words, meaning in OUTCOMES.values()
    )
    return f'<table class="outcomes"><tbody>{rows}</tbody></table>'


def _answer(side: str) -> str:
    letter = side.upper()
    return (
        f'<article class="ans s{side}" aria-labelledby="h{side}" id="ans-{side}" data-answer="{side}"><header>'
        f'<span class="g {side}" aria-hidden="true"></span>'
        f'<h2 class="L" id="h{side}"><span class="vh">Answer </span><span>{letter}</span></h2>'
        '<span class="names"><span class="name" data-name></span></span><span class="st" data-status></span>'
        '<span class="pick">Your choice</span>'
        '<button class="tbtn as-written" type="button" aria-pressed="false" data-written hidden>'
        'As written</button></header><p class="cut sm" data-cut hidden></p>'
        '<div class="media" data-media></div><div class="pa-prose" tabindex="-1" data-text></div>'
        f'<div class="editing" data-editing hidden><label class="lab" for="edit-{side}">You are editing a copy. The '
        f'answer itself is kept as it was.</label><textarea id="edit-{side}" class="txt" dir="auto" rows="11" '
        'maxlength="100000"></textarea></div></article>'
    )


def _choices(name: str, choices: Sequence[tuple[str, str]]) -> str:
    """Radio buttons of a dialog; the last one is chosen before anybody chooses."""
    last = choices[-1][0]
    return "".join(
        f'<label class="ck"><input type="radio" name="{name}" value="{value}"{" checked" if value == last else ""}> '
        f"{words}</label>"
        for value, words in choices
    )


def _votes() -> str:
    buttons = [
        f'<button class="vote {classes}" type="button" data-vote="{winner}" aria-pressed="false" '
        f'aria-keyshortcuts="{shortcuts}" title="{OUTCOMES[winner][2]}" disabled>'
        f'<span class="g {OUTCOMES[winner][0]}" aria-hidden="true"></span>'
        f'<span>{OUTCOMES[winner][1]}</span><span class="keys" aria-hidden="true">{_caps(caps)}</span></button>'
        for winner, classes, shortcuts, caps in VOTE_BUTTONS
    ]
    return f'<div class="half">{"".join(buttons[:2])}</div><div class="half">{"".join(buttons[2:])}</div>'


def _caps(keys: str) -> str:
    """`A ←` as keycaps; `Ctrl+Enter` as two that are pressed together."""
    return " ".join("+".join(f"<kbd>{cap}</kbd>" for cap in chord.split("+")) for chord in keys.split(" "))
