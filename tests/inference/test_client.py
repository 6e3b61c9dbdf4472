"""The client against a real HTTP server that misbehaves on command."""

import asyncio
import dataclasses
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest

from arena import errors, settings
from arena.domain.battle import Message, Response
from arena.domain.ids import ModelName
from arena.domain.model import Api, Model, Sampling
from arena.inference import client
from tests.inference import misbehaving

DEADLINES = settings.Deadlines(connect=0.5, first_token=0.6, silence=0.3, total=1.2)
UNHURRIED = settings.Deadlines(connect=5, first_token=30, silence=30, total=60)
PROMPT = (Message.of_text(role="user", text="Tell me a story."),)
CANARY = "canary-5f1c-secret"
Reading = Callable[..., Awaitable[tuple[list[str], Response]]]


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=("named",)) as running:
        yield running


def asking(server: misbehaving.Server | str, served_name: str, **changes: object) -> Model:
    endpoint = server if isinstance(server, str) else server.endpoint
    settings: dict[str, object] = {
        "name": ModelName("slug-under-test"),
        "endpoint": endpoint,
        "served_name": served_name,
    }
    return Model(**(settings | changes))  # type: ignore[arg-type]


async def complete(
    model: Model, messages: tuple[Message, ...] = PROMPT, deadlines: settings.Deadlines = DEADLINES
) -> tuple[list[str], Response]:
    async with client.ModelClient(deadlines) as models, models.stream(model, messages) as answer:
        pieces = [piece async for piece in answer]
        return pieces, answer.response


async def complete_at_ticks(
    model: Model, messages: tuple[Message, ...] = PROMPT, deadlines: settings.Deadlines = DEADLINES
) -> tuple[list[str], Response]:
    """As a battle reads: what has come is taken by the clock."""
    async with client.ModelClient(deadlines) as models, models.stream(model, messages) as answer:
        pieces = [await answer.begin()]
        while not answer.complete:
            await asyncio.sleep(0.02)
            pieces.append(answer.come())
        assert answer.come() == ""
        return pieces, answer.response


async def refused(
    model: Model, deadlines: settings.Deadlines = DEADLINES, read: Reading = complete
) -> errors.ModelError:
    with pytest.raises(errors.ModelError) as caught:
        await read(model, deadlines=deadlines)
    return caught.value


def told(error: BaseException) -> str:
    """A traceback with the local variables of every frame but those of this file, causes included."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts: list[str] = []
    part: traceback.TracebackException | None = whole
    while part is not None:
        frames = [frame for frame in part.stack if frame.filename != __file__]
        parts += [*part.format_exception_only(), *(f"{frame.line} {frame.locals}" for frame in frames)]
        part = part.__cause__ or (None if part.__suppress_context__ else part.__context__)
    return "".join(parts)


async def test_a_complete_answer_carries_text_usage_and_finish_reason(server: misbehaving.Server) -> None:
    pieces, response = await complete(asking(server, "say:It was a dark night.-10ms"))
    assert len(pieces) > 1, "as it comes; what comes while nobody looks comes together"
    assert "".join(pieces) == response.text == "It was a dark night."
    assert response.finish_reason == "stop"
    assert (response.prompt_tokens, response.completion_tokens) == (7, 5)
    assert 0 < response.first_token_seconds < response.total_seconds < DEADLINES.total


async def test_the_request_holds_history_system_prompt_and_only_the_sampling_that_was_set(
    server: misbehaving.Server,
) -> None:
    model = asking(
        server,
        "echo",
        system_prompt="Be brief.",
        sampling=Sampling(max_tokens=7, temperature=0.0, repetition_penalty=1.1, seed=3),
    )
    await complete(
        model, (Message.of_text(role="user", text="a"), Message.of_text(role="assistant", text="b"), *PROMPT)
    )
    assert server.requests[-1].body == {
        "model": "echo",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"},
            {"role": "user", "content": "Tell me a story."},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 7,
        "temperature": 0.0,
        "repetition_penalty": 1.1,
        "repeat_penalty": 1.1,
        "seed": 3,
    }
    assert server.requests[-1].headers["connection"] == "close"


async def test_whatever_a_model_sets_is_in_the_request_under_its_own_name(server: misbehaving.Server) -> None:
    model = asking(
        server,
        "echo",
        sampling=Sampling(
            max_tokens=9,
            max_tokens_name="max_completion_tokens",
            presence_penalty=0.5,
            frequency_penalty=-0.5,
            stop=("END", "\n\n"),
            min_tokens=2,
            reasoning_effort="low",
        ),
        chat_template_kwargs={"enable_thinking": False},
        extra_body={"skip_special_tokens": False, "documents": [{"text": "x"}]},
    )
    await complete(model)
    assert server.requests[-1].body == {
        "model": "echo",
        "messages": [{"role": "user", "content": "Tell me a story."}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 9,
        "presence_penalty": 0.5,
        "frequency_penalty": -0.5,
        "stop": ["END", "\n\n"],
        "min_tokens": 2,
        "reasoning_effort": "low",
        "chat_template_kwargs": {"enable_thinking": False},
        "skip_special_tokens": False,
        "documents": [{"text": "x"}],
    }


async def test_no_limit_is_sent_or_kept_where_a_model_has_none(server: misbehaving.Server) -> None:
    long = "word " * 1100
    _, response = await complete(
        asking(server, "echo", sampling=Sampling(max_tokens=0)),
        (Message.of_text(role="user", text=long),),
        UNHURRIED,
    )
    assert response.text == long
    assert not {"max_tokens", "max_completion_tokens"} & server.requests[-1].body.keys()
    with pytest.raises(errors.Incomplete, match="more than the 1,024 tokens"):
        await complete(asking(server, "echo"), (Message.of_text(role="user", text=long),), UNHURRIED)


async def test_a_base_model_is_asked_with_one_text(server: misbehaving.Server) -> None:
    base = asking(
        server,
        "say:Boats drift.",
        api=Api.COMPLETIONS,
        plain_template="dialogue",
        system_prompt="A talk.",
        sampling=Sampling(stop=("END",)),
    )
    _, response = await complete(
        base, (Message.of_text(role="user", text="a"), Message.of_text(role="assistant", text="b"), *PROMPT)
    )
    body = server.requests[-1].body
    assert body["prompt"] == "A talk.\n\nUser: a\nAssistant: b\nUser: Tell me a story.\nAssistant:"
    assert body["stop"] == ["END", "\nUser:"]
    assert "messages" not in body
    assert (response.text, response.finish_reason, response.completion_tokens) == ("Boats drift.", "stop", 2)


async def test_a_continuation_is_the_texts_alone(server: misbehaving.Server) -> None:
    base = asking(server, "say:Boats drift.", api=Api.COMPLETIONS, plain_template="continuation")
    await complete(base, (Message.of_text(role="user", text="a"), Message.of_text(role="assistant", text="b"), *PROMPT))
    body = server.requests[-1].body
    assert (body["prompt"], "stop" in body) == ("a\n\nb\n\nTell me a story.", False)


@pytest.mark.parametrize(
    ("served_name", "kind", "words"),
    [
        ("reset", errors.Unreachable, "hung up without an answer"),
        ("hang-up", errors.Unreachable, "hung up without an answer"),
        ("unauthorized", errors.Rejected, "status 401: Incorrect API key: nothing. Set api_key_env"),
        ("not-found", errors.Rejected, "status 404: The model `not-found` does not exist. Correct endpoint"),
        ("unknown-name", errors.Rejected, "status 404: The model `unknown-name` does not exist"),
        ("overflow", errors.PromptRefused, "status 400: This model's maximum context length is 2048 tokens"),
        ("overflow-llama", errors.PromptRefused, "status 400: request (9031 tokens) exceeds the available context"),
        ("refused-content", errors.PromptRefused, "status 400: The response was filtered"),
        ("filtered-empty", errors.PromptRefused, "content filter let no answer through"),
        ("status-429", errors.Rejected, "status 429. Wait"),
        ("busy", errors.Rejected, "status 429: The queue is full. Wait"),
        ("status-500", errors.Rejected, "status 500. Look at the server's log"),
        ("status-503", errors.Rejected, "status 503. Look at the server's log"),
        ("error-in-stream", errors.Rejected, "status 500: EngineCore died"),
        ("redirect", errors.NotAModelServer, "redirect"),
        ("html", errors.NotAModelServer, "text/html"),
        ("plain-json", errors.NotAModelServer, "application/json"),
        ("gzip", errors.NotAModelServer, "compressed"),
        ("not-http", errors.NotAModelServer, "does not speak HTTP"),
        ("garbage", errors.NotAModelServer, "no server-sent event"),
        ("bad-json", errors.NotAModelServer, "not JSON in UTF-8"),
        ("half-utf8", errors.NotAModelServer, "not JSON in UTF-8"),
        ("other-json", errors.NotAModelServer, "no chat completion chunk"),
        ("huge-event", errors.NotAModelServer, "an event of more than 1,048,576 bytes"),
        ("hang-before-headers", errors.TimedOut, "no text within 0.6 s"),
        ("hang-before-text", errors.TimedOut, "no text within 0.6 s"),
        ("whitespace-forever", errors.TimedOut, "no text within 0.6 s"),
        ("hang-after-text", errors.TimedOut, "silent for 0.3 s"),
        ("ping-forever", errors.TimedOut, "silent for 0.3 s"),
        ("no-end", errors.TimedOut, "not finished within 1.2 s"),
        ("die-after-0", errors.Incomplete, "connection broke"),
        ("die-after-3", errors.Incomplete, "connection broke"),
        ("cut-after-finish", errors.Incomplete, "connection broke"),
        ("no-end-at-all", errors.Incomplete, "without a finish reason"),
        ("tool-calls", errors.Incomplete, "finish reason 'tool_calls'"),
        ("over-budget", errors.Incomplete, "wrote more than the 1,024 tokens it was allowed"),
        ("over-budget-at-once", errors.Incomplete, "wrote more than the 1,024 tokens it was allowed"),
        ("over-budget-by-usage", errors.Incomplete, "wrote more than the 1,024 tokens it was allowed"),
        ("thinks-and-stops", errors.TimedOut, "silent for 0.3 s amid its thoughts"),
        ("thinks-forever", errors.TimedOut, "not finished within 1.2 s"),
        ("no-finish", errors.Incomplete, "no finish reason"),
        ("aborted", errors.Incomplete, "finish reason 'abort'"),
        ("empty", errors.Incomplete, "without visible text"),
        ("whitespace", errors.Incomplete, "without visible text"),
        (
            "reasoning-only",
            errors.Incomplete,
            "without visible text; thinking took 2 of the 1,024 tokens it was allowed. Raise max_tokens",
        ),
    ],
)
async def test_each_way_a_server_fails_has_its_error(
    server: misbehaving.Server, served_name: str, kind: type[errors.ModelError], words: str
) -> None:
    began = time.monotonic()
    error, by_the_clock = await asyncio.gather(
        refused(asking(server, served_name)), refused(asking(server, served_name), read=complete_at_ticks)
    )
    assert type(error) is type(by_the_clock) is kind
    assert words in str(error)
    assert str(by_the_clock) == str(error)
    assert str(error).startswith(f"slug-under-test at {server.endpoint}: ")
    assert str(error).endswith((".", "limit."))
    assert time.monotonic() - began < DEADLINES.total + 1


@pytest.mark.parametrize("served_name", misbehaving.WHOLE)
async def test_a_complete_answer_may_come_in_unusual_ways(server: misbehaving.Server, served_name: str) -> None:
    pieces, response = await complete(asking(server, served_name))
    taken, same = await complete_at_ticks(asking(server, served_name))
    assert "".join(pieces) == "".join(taken) == response.text == same.text == "Whole answer."
    assert same.finish_reason == response.finish_reason
    assert response.finish_reason == {"filtered": "content_filter", "length": "length"}.get(served_name, "stop")


async def test_another_name_than_asked_for_is_a_warning_unless_names_are_strict(
    server: misbehaving.Server, caplog: pytest.LogCaptureFixture
) -> None:
    _, response = await complete(asking(server, "wrong-model", name=ModelName("warned-of")))
    assert response.text == "Whole answer."
    assert "warned-of" in caplog.text
    assert "another-model" in caplog.text
    error = await refused(asking(server, "wrong-model", strict_name=True))
    assert isinstance(error, errors.NotAModelServer)
    assert "answered as 'another-model' though 'wrong-model' was asked" in str(error)


async def test_thoughts_are_life_and_no_text_and_are_counted_apart(server: misbehaving.Server) -> None:
    """It thinks for longer than it may take for its first text, and never as long as it may be silent."""
    pieces, response = await complete(asking(server, "thinks-80ms"))
    assert DEADLINES.first_token < 12 * 0.08
    assert "".join(pieces) == response.text == "Whole answer."
    assert response.reasoning_tokens == 12
    assert response.reasoning_seconds is not None
    assert 0.5 < response.reasoning_seconds < response.first_token_seconds
    _, plain = await complete(asking(server, "say:Whole answer."))
    assert (plain.reasoning_tokens, plain.reasoning_seconds) == (None, None)


async def test_a_server_that_counts_thoughts_itself_is_believed_and_a_cut_off_answer_says_why(
    server: misbehaving.Server, caplog: pytest.LogCaptureFixture
) -> None:
    _, response = await complete(asking(server, "thinks-too-long", name=ModelName("slug-that-thinks-long")))
    assert (response.reasoning_tokens, response.completion_tokens, response.cut_off) == (1020, 1024, True)
    assert "slug-that-thinks-long" in caplog.text
    assert "because thinking took part of its tokens. Raise max_tokens" in caplog.text


async def test_who_waits_can_tell_that_a_model_thinks_and_whose_name_it_signs_with(server: misbehaving.Server) -> None:
    async with client.ModelClient(DEADLINES) as models, models.stream(asking(server, "thinks-40ms"), PROMPT) as answer:
        assert not answer.thinks
        first = asyncio.ensure_future(anext(answer))
        await _until(lambda: answer.thinks)
        assert (await first).startswith("Whole ")
        assert not answer.thinks
        assert answer.signed == "thinks-40ms"


@pytest.mark.parametrize(
    ("served_name", "requests"),
    [
        ("hang-up", 2),
        ("reset", 2),
        ("status-503", 2),
        ("empty", 2),
        ("fails-once", 2),
        ("overflow", 1),  # no second try refuses less
        ("unauthorized", 1),
        ("hang-before-text", 1),  # its deadline has passed
        ("die-after-3", 1),  # its text has been seen
    ],
)
async def test_a_server_that_fails_before_its_first_visible_text_is_asked_once_more(
    server: misbehaving.Server, served_name: str, requests: int
) -> None:
    server.requests.clear()
    if served_name in misbehaving.BEHAVED:
        await complete(asking(server, served_name))
    else:
        await refused(asking(server, served_name))
    assert [asked.served_name for asked in server.requests] == [served_name] * requests


async def test_blanks_before_a_failure_are_not_part_of_the_second_try(server: misbehaving.Server) -> None:
    server.requests.clear()
    pieces, response = await complete(asking(server, "fails-once"))
    assert len(server.requests) == 2
    assert "".join(pieces) == response.text == "Whole answer."


async def test_a_server_cut_off_for_its_length_is_told_so_at_once(server: misbehaving.Server) -> None:
    server.disconnects.clear()
    await refused(asking(server, "no-end", sampling=Sampling(max_tokens=5)))
    await _until(lambda: server.disconnects == ["no-end"])


async def test_the_least_busy_of_several_servers_is_asked(server: misbehaving.Server) -> None:
    with misbehaving.serve() as second:
        model = asking(server, "no-end", replicas=(second.endpoint,))
        async with client.ModelClient(DEADLINES) as models:
            reading = [asyncio.create_task(_exhaust(models, model)) for _ in range(6)]
            await _until(lambda: server.writing + second.writing == 6)
            assert (server.writing, second.writing) == (3, 3)
            await asyncio.gather(*reading, return_exceptions=True)


async def test_a_dead_server_is_covered_by_the_others_of_its_model(server: misbehaving.Server) -> None:
    model = asking(misbehaving.closed_endpoint(), "lines", replicas=(server.endpoint,))
    server.requests.clear()
    async with client.ModelClient(DEADLINES) as models:
        for _ in range(3):
            assert await _exhaust(models, model) == misbehaving.LINES
        began = time.monotonic()
        assert await _exhaust(models, model) == misbehaving.LINES
        assert time.monotonic() - began < 0.2  # it is not even tried
        await models.probe(dataclasses.replace(model, served_name="named"))
    with pytest.raises(errors.Unreachable):  # the control: alone it fails
        await complete(asking(model.endpoint, "lines"))


def test_every_behaviour_of_the_server_is_tried_above() -> None:
    tried = {
        misbehaving.behaviour(cell[0])[0]
        for mark in test_each_way_a_server_fails_has_its_error.pytestmark  # type: ignore[attr-defined]
        for cell in mark.args[1]
    }
    behaved = {misbehaving.BEHAVIOURS[name] for name in misbehaving.BEHAVED}
    assert set(misbehaving.BEHAVIOURS.values()) - tried == behaved


async def test_a_closed_port_is_unreachable() -> None:
    assert "no connection. Start the server" in str(await refused(asking(misbehaving.closed_endpoint(), "echo")))


async def test_an_address_that_accepts_nothing_is_unreachable_within_the_deadline() -> None:
    began = time.monotonic()
    with misbehaving.silent_endpoint() as endpoint:
        error = await refused(asking(endpoint, "echo"))
    assert isinstance(error, errors.Unreachable)
    assert "no connection within the deadline" in str(error)
    assert (
        DEADLINES.connect <= time.monotonic() - began < DEADLINES.connect + 5
    )  # the system itself gives up after minutes


@pytest.mark.parametrize(
    "endpoint", ["ftp://127.0.0.1/v1", "http://", "http://127.0.0.1:99999/v1", "http://a b/v1", "http://a..b/v1"]
)
async def test_an_endpoint_that_is_no_address_is_unreachable(endpoint: str) -> None:
    assert isinstance(await refused(asking(endpoint, "echo")), errors.Unreachable)


async def test_a_server_behind_the_wrong_path_is_rejected(server: misbehaving.Server) -> None:
    error = await refused(asking(server.endpoint.removesuffix("/v1") + "/v2", "echo"))
    assert isinstance(error, errors.Rejected)
    assert error.status == 404


async def test_closing_an_answer_reaches_the_server_at_once(server: misbehaving.Server) -> None:
    async with client.ModelClient(settings.Deadlines()) as models:
        async with models.stream(asking(server, "no-end"), PROMPT) as answer:
            assert await anext(answer) == "and "
            assert server.writing == 1
        await _until(lambda: server.disconnects[-1:] == ["no-end"] and server.writing == 0)


@pytest.mark.parametrize("served_name", ["no-end", "hang-before-headers", "hang-before-text", "hang-after-text"])
async def test_cancelling_the_reader_reaches_the_server_at_once(server: misbehaving.Server, served_name: str) -> None:
    async with client.ModelClient(settings.Deadlines()) as models:
        server.disconnects.clear()
        reading = asyncio.create_task(_exhaust(models, asking(server, served_name)))
        await _until(lambda: server.writing == 1)
        await asyncio.sleep(0.05)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await _until(lambda: server.disconnects == [served_name] and server.writing == 0)


async def test_what_has_come_is_taken_without_waiting(server: misbehaving.Server) -> None:
    model = asking(server, "say:" + "word " * 60 + "-5ms")
    async with client.ModelClient(DEADLINES) as models, models.stream(model, PROMPT) as answer:
        taken = await answer.begin()
        assert answer.come() == ""
        time.sleep(0.1)  # noqa: ASYNC251 - the loop stands still, and the system gathers
        assert answer.come().count("word") > 5
        assert not answer.complete
        assert "word" in taken


async def test_an_incomplete_answer_has_no_response(server: misbehaving.Server) -> None:
    async with client.ModelClient(DEADLINES) as models, models.stream(asking(server, "lines"), PROMPT) as answer:
        await anext(answer)
        with pytest.raises(RuntimeError):
            _ = answer.response


async def test_many_answers_at_once_are_all_whole(server: misbehaving.Server) -> None:
    async with client.ModelClient(settings.Deadlines(), connections=64) as models:
        answers = await asyncio.gather(*(_exhaust(models, asking(server, "lines-1ms")) for _ in range(100)))
    assert set(answers) == {misbehaving.LINES}


async def test_more_requests_than_connections_wait_and_then_are_not_asked(server: misbehaving.Server) -> None:
    async with client.ModelClient(DEADLINES, connections=1) as models:
        first = asyncio.create_task(_exhaust(models, asking(server, "no-end")))
        await _until(lambda: server.writing == 1)
        with pytest.raises(errors.NotAsked, match="every connection"):
            await _exhaust(models, asking(server, "lines"))
        with pytest.raises(errors.TimedOut):
            await first


async def test_a_probe_passes_when_the_server_lists_the_model(server: misbehaving.Server) -> None:
    async with client.ModelClient(DEADLINES) as models:
        listed = await models.probe(asking(server, "named"))
    assert listed.context == 2048


async def test_a_probe_names_what_is_served_instead(server: misbehaving.Server) -> None:
    async with client.ModelClient(DEADLINES) as models:
        with pytest.raises(errors.Rejected, match=r"serves aborted, .*, not unnamed\. Correct served_name") as caught:
            await models.probe(asking(server, "unnamed"))
    assert caught.value.status == 404


async def test_a_probe_of_something_else_says_so(server: misbehaving.Server) -> None:
    async with client.ModelClient(DEADLINES) as models:
        with pytest.raises(errors.Rejected, match="status 404"):
            await models.probe(asking(server.endpoint + "/deeper/v1", "named"))


async def test_a_probe_of_a_dead_server_is_unreachable() -> None:
    async with client.ModelClient(DEADLINES) as models:
        with pytest.raises(errors.Unreachable):
            await models.probe(asking(misbehaving.closed_endpoint(), "named"))


async def test_a_key_is_sent_and_shown_nowhere(
    server: misbehaving.Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MODEL_KEY", CANARY)
    caplog.set_level(logging.DEBUG)
    server.requests.clear()
    broken = set(misbehaving.BEHAVIOURS) - set(misbehaving.BEHAVED)
    patient = DEADLINES.model_copy(
        update={"connect": 3.0, "first_token": 3.0, "total": 4.0}
    )  # so many at once take their time
    asking_all = (refused(asking(server, name, api_key_env="MODEL_KEY"), patient) for name in broken)
    refusals = await asyncio.gather(*asking_all)
    assert {asked.served_name for asked in server.requests} == broken
    assert {asked.headers["authorization"] for asked in server.requests} == {f"Bearer {CANARY}"}
    for error in refusals:
        assert CANARY not in repr(error)
        assert CANARY not in told(error)
    assert CANARY not in caplog.text


async def test_a_key_echoed_by_the_server_is_cut_out(
    server: misbehaving.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_KEY", CANARY)
    error = await refused(asking(server, "unauthorized", api_key_env="MODEL_KEY"))
    assert "Incorrect API key: Bearer [key]" in str(error)


@pytest.mark.parametrize("value", [None, "", CANARY + "\n", CANARY + "é", CANARY + " x"])
async def test_an_unusable_key_is_named_by_its_variable_only(
    server: misbehaving.Server, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("MODEL_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MODEL_KEY", value)
    before = len(server.requests)
    error = await refused(asking(server, "echo", api_key_env="MODEL_KEY"))
    assert isinstance(error, errors.Unreachable)
    assert "MODEL_KEY" in str(error)
    assert "canary" not in told(error)
    assert len(server.requests) == before


async def test_user_name_and_password_of_an_endpoint_are_not_told() -> None:
    endpoint = misbehaving.closed_endpoint().replace("http://", f"http://user:{CANARY}@")
    assert CANARY not in str(await refused(asking(endpoint, "echo")))


async def test_user_name_and_password_of_an_endpoint_are_sent(server: misbehaving.Server) -> None:
    server.requests.clear()
    await complete(asking(server.endpoint.replace("http://", "http://us%40er:word@"), "lines"))
    assert [asked.headers["authorization"] for asked in server.requests] == ["Basic dXNAZXI6d29yZA=="]


async def test_proxies_of_the_environment_are_not_used(
    server: misbehaving.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, misbehaving.closed_endpoint())
    _, response = await complete(asking(server, "lines"))
    assert response.text == misbehaving.LINES
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(httpx.ConnectError):  # the control: the proxy would have been used
        await asyncio.to_thread(httpx.get, f"{server.endpoint}/models")


async def _exhaust(models: client.ModelClient, model: Model) -> str:
    async with models.stream(model, PROMPT) as answer:
        return "".join([piece async for piece in answer])


async def _until(holds: object, seconds: float = 2.0) -> None:
    assert callable(holds)
    for _ in range(int(seconds / 0.01)):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not happen in time")
