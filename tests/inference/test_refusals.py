"""A refused conversation is told from a failing server, in the words of the servers in use."""

import json

import pytest

from arena import errors
from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.inference import failures

MODEL = Model(name=ModelName("slug-under-test"), endpoint="http://127.0.0.1:9/v1", served_name="served")

TOO_LONG = [
    (400, {"object": "error", "message": "This model's maximum context length is 2048 tokens. However, you requested "
     "9031 tokens (9031 in the messages, 0 in the completion). Please reduce the length of the messages or "
     "completion.", "type": "BadRequestError", "param": None, "code": 400}),
    (400, {"error": {"message": "'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum "
     "context length is 2048 tokens and your request has 1500 input tokens (1024 > 2048 - 1500).",
     "type": "BadRequestError", "param": None, "code": 400}}),
    (400, {"error": {"message": "The decoder prompt (length 9031) is longer than the maximum model length of 2048. "
     "Make sure that `max_model_len` is no smaller than the number of text tokens.", "type": "BadRequestError",
     "param": None, "code": 400}}),
    (400, {"error": {"code": 400, "message": "the request exceeds the available context size, try increasing it",
     "type": "exceed_context_size_error", "n_prompt_tokens": 9031, "n_ctx": 2048}}),
    (400, {"error": {"code": 400, "message": "the request exceeds the available context size. try increasing the "
     "context size or enable context shift", "type": "invalid_request_error"}}),
    (500, {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}}),
    (400, {"error": {"message": "This model's maximum context length is 8192 tokens. However, your messages resulted "
     "in 9031 tokens. Please reduce the length of the messages.", "type": "invalid_request_error",
     "param": "messages", "code": "context_length_exceeded"}}),
    (400, {"error": {"message": "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
     "300008 tokens. Please reduce the length of the messages.", "type": "invalid_request_error",
     "param": "messages", "code": "context_length_exceeded"}}),
    (400, {"object": "error", "message": "The input (9031 tokens) is longer than the model's context length (2048 "
     "tokens).", "type": "BadRequestError", "param": None, "code": 400}),
    (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9031 `inputs` "
     "tokens and 100 `max_new_tokens`", "error_type": "validation"}),
    (400, {"error": {"message": "prompt is too long: 208310 tokens > 200000 maximum",
     "type": "invalid_request_error"}}),
    (400, {"error": {"code": 400, "message": "The input token count (1200000) exceeds the maximum number of tokens "
     "allowed (1048576).", "status": "INVALID_ARGUMENT"}}),
]  # fmt: skip
"""Bodies as vLLM (three ages), llama.cpp (three), OpenAI (two), SGLang, TGI, Anthropic and Gemini send them."""

NOT_ALLOWED = [
    (400, {"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content "
     "management policy. Please modify your prompt and retry.", "type": None, "param": "prompt",
     "code": "content_filter", "status": 400, "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
    (400, {"error": {"message": "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
     "type": "invalid_request_error", "param": None, "code": "invalid_prompt"}}),
    (403, {"error": {"code": 403, "message": "some/model requires moderation on OpenRouter. Your input was flagged "
     "for \"violence\". No credits were charged.", "metadata": {"reasons": ["violence"]}}}),
    (400, {"error": {"message": "Output data may contain inappropriate content.", "type": "data_inspection_failed",
     "code": "data_inspection_failed"}}),
]  # fmt: skip
"""As Azure, OpenAI, OpenRouter and Alibaba send them."""

OTHER = [
    (400, {"error": {"message": "temperature must be non-negative, got -1.", "type": "BadRequestError", "code": 400}}),
    (400, {"error": {"message": "Unknown parameter: 'top_k'.", "type": "invalid_request_error",
     "code": "unknown_parameter"}}),
    (401, {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}),
    (403, {"error": {"message": "You are not allowed to sample from this model", "type": "invalid_request_error"}}),
    (404, {"error": {"message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404}}),
    (429, {"error": {"message": "Rate limit reached for tokens per minute. Please reduce the length of the messages.",
     "type": "tokens", "code": "rate_limit_exceeded"}}),
    (500, {"error": {"message": "EngineCore died; maximum context length is 2048.", "code": 500}}),
    (503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}),
]  # fmt: skip
"""The control: what a server says of itself, of its set-up or of its load."""


def told(status: int, body: object, model: Model = MODEL) -> errors.ModelError:
    return failures.of_status(model, status, json.dumps(body).encode(), None)


@pytest.mark.parametrize(("status", "body"), [*TOO_LONG, *NOT_ALLOWED])
def test_a_refused_conversation_is_the_prompts_matter(status: int, body: object) -> None:
    error = told(status, body)
    assert isinstance(error, errors.PromptRefused)
    assert str(error).startswith("slug-under-test at http://127.0.0.1:9/v1: the server refused the conversation with")


@pytest.mark.parametrize(("status", "body"), OTHER)
def test_every_other_error_is_the_servers_own(status: int, body: object) -> None:
    assert isinstance(told(status, body), errors.Rejected)


def test_a_budget_that_alone_fills_the_context_is_no_matter_of_the_prompt() -> None:
    greedy = Model(name=MODEL.name, endpoint=MODEL.endpoint, served_name="served", sampling=Sampling(max_tokens=2048))
    status, body = TOO_LONG[1]
    assert isinstance(told(status, body), errors.PromptRefused)
    assert isinstance(told(status, body, greedy), errors.Rejected)
