"""What a lab asks people who know medicine: questions, three answers to each, and items whose outcome is known."""

import json
from pathlib import Path
from typing import Any

MODELS = ("heron-14b", "whimbrel-8b", "godwit-4b")
"""The best first. None of them is named in an answer."""
SETS = {
    "care-questions": (
        "May I take ibuprofen with my blood pressure tablets?",
        "My toddler has had a fever since yesterday. When do I call?",
        "Can I drink a glass of wine while I take antibiotics?",
        "I forgot my pill this morning. What now?",
        "How long is it safe to take a nasal spray?",
        "My ankle is swollen after a run. Is it broken?",
        "Is it normal to feel dizzy after a new heart medicine?",
        "How do I tell a cold from the flu?",
        "May I split a tablet that has a coating?",
        "My mother mixes up her morning and evening pills.",
        "Do I need a tetanus shot after stepping on a nail?",
        "Can I give my child half of my cough syrup?",
    ),
    "care-gold": (
        "My father's face droops on one side since breakfast.",
        "I have pressure on my chest that runs into my arm.",
        "My baby is three weeks old and has 38.5 degrees.",
    ),
    "care-test": (
        "A bee stung me and my lips are swelling.",
        "My child swallowed a button battery.",
        "I took my thyroid tablet twice today.",
        "I hit my head and keep falling asleep.",
        "My leg is warm and swollen after a long flight.",
        "I see flashes and a curtain in one eye.",
        "My urine is dark after a hard workout.",
    ),
}
GOLD = ("care-gold", "care-test")
EXPLANATION = "The better answer says when to get help at once; the other leaves the person waiting."


def answers(question: str) -> tuple[str, str, str]:
    """One of each model: the better, the longer."""
    about = question.rstrip("?.").lower()
    return (
        f"You ask: {about}.\n\n- **Today:** note when it began, and what else you take.\n- **Ask** your doctor or your "
        "pharmacist before you change anything.\n- **Get help at once** if breathing is hard, if you faint, or if it "
        "becomes worse within an hour.\n\nI cannot examine you, so take this as a first orientation.",
        "That is often harmless. Watch it for a day, drink enough, and see a doctor if it does not get better.",
        "Probably fine. Do not worry.",
    )


def rows(name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Prompts of a set, and the answers to them."""
    known = {
        "winner": "model_a",
        "model_a": MODELS[0],
        "model_b": MODELS[2],
        "explanation": EXPLANATION,
    }
    prompts = [
        {"prompt_id": f"{name}-{number}", "prompt": question, "language": "en", **(known if name in GOLD else {})}
        for number, question in enumerate(SETS[name])
    ]
    said = [
        {"prompt_id": f"{name}-{number}", "model": model, "text": text, "finish_reason": "stop"}
        for number, question in enumerate(SETS[name])
        for model, text in zip(MODELS, answers(question), strict=True)
    ]
    return prompts, said


def files(folder: Path, name: str) -> tuple[Path, Path]:
    """Both as the arena imports them."""
    written = []
    for kind, lines in zip(("prompts", "responses"), rows(name), strict=True):
        path = folder / f"{name}-{kind}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        written.append(path)
    return written[0], written[1]
