"""Tells a refused conversation from a failing server: too long for the model, or its content is not allowed.

Both come as an error of the server's, in the words of whoever wrote it. The sentences and codes below are those of
vLLM, SGLang, llama.cpp, TGI, OpenAI, Azure, OpenRouter, Anthropic and Gemini. What is not known here counts as the
server's own failure. Pure.
"""

import re
from typing import Final

from arena.inference import wire

STATUSES: Final = frozenset({400, 403, 413, 422})
"""Statuses with which a conversation is refused. Any other status is the server's own failure."""
CODES: Final = re.compile(
    r"context_length_exceeded|exceed_context_size_error|string_above_max_length|request_too_large"
    r"|content_filter|content_policy_violation|invalid_prompt|moderation|responsibleaipolicyviolation"
    r"|input_data_may_contain|data_inspection_failed"
)
TOO_LONG: Final = re.compile(
    r"maximum context length|context (?:size|length|window)|maximum (?:model|sequence|input) length|max_model_len"
    r"|prompt is too long|input is too long|longer than the (?:maximum|model)|prompt \(length \d+\)"
    r"|input token count .* exceeds|`inputs` tokens|too many (?:input )?tokens|reduce the length of"
)
REFUSED: Final = re.compile(
    r"content (?:management )?polic|content filter|usage polic|safety (?:system|polic|filter)"
    r"|flagged (?:as|by|for|input)|requires moderation|response was filtered|inappropriate content"
)
FULL: Final = re.compile(r"context size has been exceeded")
"""How llama.cpp ends an answer that no longer fits; with status 500, as if it were its own failure."""
BUDGET: Final = re.compile(r"maximum context length is (\d+)|\(\d+ > (\d+) - \d+\)")


def of_prompt(failure: wire.Failure, max_tokens: int) -> bool:
    """Whether an error object refuses this conversation.

    vLLM words it the same when `max_tokens` alone fills the context; then no conversation fits, and the model is set
    up wrongly.
    """
    message = failure.message.lower()
    if FULL.search(message):
        return True
    if failure.status not in STATUSES:
        return False
    if CODES.search(failure.code) or REFUSED.search(message):
        return True
    if not TOO_LONG.search(message):
        return False
    context = BUDGET.search(message)
    return context is None or max_tokens < int(context[1] or context[2])
