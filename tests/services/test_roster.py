"""Which models are drawn: rests that grow, probes that end them, contexts that hold the conversation."""

import pytest

from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Api, Model, Sampling
from arena.errors import InvalidValue, SettingsError
from arena.services.roster import LONGEST_REST, Roster, configured
from arena.settings import Settings

NAMES = [ModelName(name) for name in ("one", "two", "three", "four")]


def roster(max_tokens: int = 100, system_prompt: str | None = None) -> Roster:
    return Roster.of(
        [
            Model(
                name=name,
                endpoint="http://127.0.0.1:9/v1",
                served_name="x",
                system_prompt=system_prompt,
                sampling=Sampling(max_tokens=max_tokens),
            )
            for name in NAMES
        ]
    )


def saying(*texts: str) -> list[Message]:
    return [Message.of_text(role="user", text=text) for text in texts]


def test_what_a_configuration_says_of_a_model_is_all_taken_over() -> None:
    entry = {
        "name": "one",
        "served_name": "x",
        "endpoint": "http://127.0.0.1:1/v1",
        "sampling": {"stop": ["END"], "min_tokens": 2, "max_tokens": 0, "max_tokens_name": "max_completion_tokens"},
        "chat_template_kwargs": {"enable_thinking": False},
        "extra_body": {"skip_special_tokens": False},
    }
    base = {"name": "two", "served_name": "x", "endpoint": "http://127.0.0.1:1/v1", "api": "completions"}
    one, two = configured(Settings.model_validate({"models": [entry, base]}))
    assert one.sampling == Sampling(stop=("END",), min_tokens=2, max_tokens=0, max_tokens_name="max_completion_tokens")
    assert (one.api, one.plain_template) == (Api.CHAT, None)
    assert (one.chat_template_kwargs, one.extra_body) == (entry["chat_template_kwargs"], entry["extra_body"])
    assert (two.api, two.plain_template) == (Api.COMPLETIONS, "dialogue")


def test_a_model_may_have_several_servers_each_named_once() -> None:
    first, second = "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"
    entries = [
        {"name": "one", "served_name": "x", "endpoint": first, "endpoints": [second, first]},
        {"name": "two", "served_name": "x", "endpoints": [second]},
        {"name": "three", "served_name": "x"},
    ]
    settings = Settings.model_validate({"models": entries[:2]})
    assert [model.endpoints for model in configured(settings)] == [(first, second), (second,)]
    with pytest.raises(SettingsError, match="Model three has no endpoint"):
        configured(Settings.model_validate({"models": entries}))


def test_a_model_that_fails_again_rests_twice_as_long_up_to_ten_minutes() -> None:
    models, now, rests = roster(), 0.0, []
    for _ in range(9):
        assert models.failed(NAMES[0], now)
        assert NAMES[0] not in models.drawable(saying("Hi"))
        rests.append(models.rests_until(NAMES[0]) - now)
        now = models.rests_until(NAMES[0])
        models.probed(NAMES[0], now, answers=True)
        assert NAMES[0] in models.drawable(saying("Hi"))
    assert rests == [10, 20, 40, 80, 160, 320, LONGEST_REST, LONGEST_REST, LONGEST_REST]
    models.completed(NAMES[0])
    models.failed(NAMES[0], now)
    assert models.rests_until(NAMES[0]) - now == 10


def test_a_probe_that_fails_lengthens_the_rest() -> None:
    models = roster()
    models.failed(NAMES[0], 0.0)
    models.probed(NAMES[0], 10.0, answers=False)
    assert models.rests_until(NAMES[0]) == 30.0
    assert NAMES[0] not in models.drawable(saying("Hi"))


def test_failures_at_the_same_moment_are_one_failure() -> None:
    models = roster()
    assert [models.failed(NAMES[0], moment) for moment in (0.0, 0.1, 0.2)] == [True, False, False]
    assert models.rests_until(NAMES[0]) == 10.0


def test_when_fewer_than_two_others_remain_resting_models_are_drawn_all_the_same() -> None:
    models = roster()
    for name in NAMES[:3]:
        models.failed(name, 0.0)
    assert models.drawable(saying("Hi")) == NAMES


def test_models_whose_context_cannot_hold_the_conversation_are_not_drawn() -> None:
    models = roster()
    models.learn(NAMES[0], 512)
    models.learn(NAMES[1], 8192)
    models.learn(NAMES[2], None)  # its server does not say
    assert models.drawable(saying("Hi")) == NAMES
    assert models.drawable(saying("word " * 300)) == NAMES[1:]
    assert models.drawable(saying(*["word " * 100] * 3)) == NAMES[1:]
    assert roster(system_prompt="word " * 300).drawable(saying("Hi")) == NAMES


def test_a_model_that_is_taken_on_again_at_another_server_has_not_the_context_of_the_former() -> None:
    models = roster()
    models.learn(NAMES[0], 512)
    models.take_on(models.models[NAMES[0]])
    models.learn(NAMES[0], None)
    assert sorted(models.drawable(saying("long " * 1000))) == sorted(NAMES)


def test_room_for_the_answer_counts_too() -> None:
    models = roster(max_tokens=500)
    models.learn(NAMES[0], 512)
    assert models.drawable(saying("Tell me of rivers, and how they bend.")) == NAMES[1:]
    greedy = roster(
        max_tokens=512
    )  # no conversation would fit: its server will say so, and it is not the prompt's matter
    greedy.learn(NAMES[0], 512)
    assert greedy.drawable(saying("Hi")) == NAMES


def test_a_small_model_is_drawn_when_nothing_larger_is_left_and_it_may_hold_the_conversation() -> None:
    models = roster()
    for name in NAMES[:3]:
        models.learn(name, 512)
    assert models.drawable(saying("word " * 300)) == NAMES  # 300 tokens in truth, 500 by the careful estimate


def test_what_no_two_models_can_hold_is_refused_with_what_to_do() -> None:
    models = roster()
    for name in NAMES[:3]:
        models.learn(name, 512)
    with pytest.raises(InvalidValue, match="Shorten it, or ask differently"):
        models.drawable(saying("word " * 6_000))


def test_a_resting_model_that_holds_the_conversation_is_drawn_before_one_that_cannot() -> None:
    models = roster()
    for name in NAMES[:2]:
        models.learn(name, 512)
        models.failed(NAMES[2], 0.0)
    assert models.drawable(saying("word " * 300)) == NAMES[2:]


def test_a_model_without_a_limit_of_its_own_holds_what_fits_its_context() -> None:
    models = roster(max_tokens=0)
    for name in NAMES[:3]:
        models.learn(name, 100)
    assert set(models.drawable(saying("a" * 150))) == set(NAMES)
    models.learn(NAMES[3], 100)
    with pytest.raises(InvalidValue):
        models.drawable(saying("a" * 3000))
