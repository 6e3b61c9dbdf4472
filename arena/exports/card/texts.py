"""Sentences of the card that several formats share."""

from arena.exports.folder import row_order

ANSWERS = (
    "`prompt` is the whole conversation up to and including the user's message; `chosen` and `rejected` are one "
    "assistant message each."
)
PAIRS = (
    "Ties, both-bad outcomes, empty answers and two answers of the same text make no pair. Where several raters voted "
    "on one battle, the outcome with the most votes counts, and a battle without such an outcome is left out."
)
MARGIN = (
    "`margin` is what the reward of the chosen answer should exceed that of the rejected one by: 1 where a rater "
    "found it clearly better, 1/3 where slightly, the mean where several said so, 0 where nobody did."
)
LABELS = (
    "Each battle gives two rows. The chosen answer is desirable and the rejected one is not. "
    "After both bad, neither is. A tie, an empty answer, a winner between two answers of the same text, or votes "
    "without a leading outcome give no rows."
)
APART = (
    "KTO estimates its KL term from each prompt with the answer of another row of its batch, in the order of the file. "
    f"So the two rows of a battle stand {row_order.BLOCK} or more rows apart (in a smaller release: as many as it has "
    "battles), and desirable rows alternate with undesirable ones. Keep that order, with batches on a device no larger "
    "than the distance. `items.parquet` says where each row is."
)
SYSTEM_PROMPTS = (
    "System prompts of the models are not in the data. They belong to the models, which may differ in them, and not to "
    "the conversation: an answer may follow an instruction that the prompt does not show."
)


def single_turns(trainer: str) -> str:
    """Why follow-ups are not in the data."""
    return f"Follow-ups of a conversation are left out: {trainer} takes a single message for a prompt here."
