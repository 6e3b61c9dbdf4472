"""`[models.serve]` and `served_by`: which servers a file asks for, where they listen, and what is refused."""

from pathlib import Path

import pytest

from arena import settings
from arena.errors import SettingsError

PINNED = 'model = "openai/gpt-oss-120b"\nrevision = "b5c939de8f754692c1647ca79fbf85e8c1e70f8a"\n'


def load(folder: Path, text: str) -> settings.Settings:
    file = folder / "arena.toml"
    file.write_text(text, encoding="utf-8")
    return settings.load(file)


def served(serve: str, *, name: str = "first", above: str = "") -> str:
    """A model with a server."""
    return f'[[models]]\nname = "{name}"\nserved_name = "{name}"\n{above}\n[models.serve]\n{serve}\n'


def endpoints(loaded: settings.Settings) -> dict[str, list[str]]:
    return {model.name: [str(url) for url in model.servers] for model in loaded.models}


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(folder, text)
    return str(caught.value)


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    serve = load(tmp_path, served(PINNED)).models[0].serve
    assert serve is not None
    assert (serve.gpus, serve.args, serve.replicas, serve.unpinned, serve.lora) == (1, (), 1, False, {})


def test_servers_without_a_port_have_the_first_free_ones_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        served(PINNED + "replicas = 2")
        + '[[models]]\nname = "elsewhere"\nserved_name = "m"\nendpoint = "http://10.0.0.7:8002/v1"\n'
        + served(PINNED, name="second")
    )
    assert endpoints(load(tmp_path, text)) == {
        "first": ["http://127.0.0.1:8001/v1", "http://127.0.0.1:8003/v1"],
        "elsewhere": ["http://10.0.0.7:8002/v1"],
        "second": ["http://127.0.0.1:8004/v1"],
    }


def test_replicas_listen_on_the_ports_after_the_first(tmp_path: Path) -> None:
    text = served(PINNED + "replicas = 3", above='endpoint = "http://127.0.0.1:9000/v1"')
    assert endpoints(load(tmp_path, text))["first"] == [f"http://127.0.0.1:{port}/v1" for port in (9000, 9001, 9002)]


def test_replicas_listen_where_the_file_says(tmp_path: Path) -> None:
    above = 'endpoints = ["http://127.0.0.1:9000/v1", "http://127.0.0.1:9005/v1"]'
    loaded = load(tmp_path, served(PINNED + "replicas = 2", above=above))
    assert endpoints(loaded)["first"] == ["http://127.0.0.1:9000/v1", "http://127.0.0.1:9005/v1"]


def test_an_adapter_has_the_servers_and_the_key_of_its_model(tmp_path: Path) -> None:
    text = (
        served(PINNED + 'replicas = 2\nlora = { legal = "/adapters/legal" }', above='api_key_env = "VLLM_KEY"')
        + '[[models]]\nname = "first-legal"\nserved_name = "legal"\nserved_by = "first"\n'
        + '[[models]]\nname = "first-terse"\nserved_name = "first"\nserved_by = "first"\nsystem_prompt = "Be terse."\n'
    )
    loaded = load(tmp_path, text)
    assert endpoints(loaded)["first-legal"] == endpoints(loaded)["first"]
    assert endpoints(loaded)["first-terse"] == endpoints(loaded)["first"]
    assert {model.api_key_env for model in loaded.models} == {"VLLM_KEY"}


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        ('model = "openai/gpt-oss-120b"', "is a model of the hub without revision"),
        ('model = "models/gpt-oss"', "is a model of the hub without revision"),
        ('model = "./gpt-oss"\nrevision = "abc"', "is a folder and has no revision"),
        (PINNED + 'lora = { legal = "lab/legal" }', "the adapter lab/legal is one of the hub"),
        (PINNED + 'lora = { first = "/adapters/legal" }', "both served as 'first'"),
        (PINNED + "gpus = []", "Name each GPU once"),
        (PINNED + "gpus = [0, 0]", "Name each GPU once"),
        (PINNED + "gpus = [0, 1, 2]\nreplicas = 2", "as many for each replica"),
        (PINNED + 'args = ["--port", "9"]', "args has --port: endpoint says it"),
        (PINNED + 'args = ["--api-key=sk-1"]', "set api_key_env to the variable that holds it"),
        (PINNED + 'args = ["--api_key", "sk-1"]', "everybody on this machine could read the key"),
        (PINNED + 'args = ["--served-mod", "x"]', "Take --served-model-name out of args"),
        (PINNED + "gpu = 1", "gpu is not a setting"),
        (PINNED + "replicas = 0", "replicas"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_by_name(tmp_path: Path, serve: str, said: str) -> None:
    sentence = refusal(tmp_path, served(serve))
    assert said in sentence
    assert str(tmp_path / "arena.toml") in sentence
    assert "sk-1" not in sentence


@pytest.mark.parametrize(
    "serve",
    [
        'model = "openai/gpt-oss-120b"\nunpinned = true\nlora = { legal = "lab/legal" }',
        'model = "/models/gpt-oss"\nlora = { legal = "./legal" }',
        PINNED + 'args = ["--max-model-len", "32768", "--hf-overrides", "{}"]\ngpus = [0, 1, 4, 5]\nreplicas = 2',
        PINNED + "gpus = 0",
    ],
)
def test_the_ways_out_that_a_refusal_names_are_accepted(tmp_path: Path, serve: str) -> None:
    assert load(tmp_path, served(serve)).models[0].serve is not None


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (served(PINNED + "gpus = [1]", name="second"), "first and second both have GPU 1"),
        (served(PINNED, name="second", above='endpoint = "http://127.0.0.1:7001/v1"'), "both have port 7001"),
        ('[[models]]\nname = "other"\nserved_name = "first"\nserved_by = "third"\n', "is served_by 'third'"),
        ('[[models]]\nname = "other"\nserved_name = "legal"\nserved_by = "first"\n', "and first serves first"),
        (
            '[[models]]\nname = "other"\nserved_name = "first"\nserved_by = "first"\nendpoint = "http://h:1/v1"\n',
            "neither endpoint nor serve of its own",
        ),
    ],
)
def test_two_models_that_do_not_go_together_are_refused(tmp_path: Path, second: str, said: str) -> None:
    first = served(PINNED + "gpus = [0, 1]", above='endpoint = "http://127.0.0.1:7001/v1"')
    assert said in refusal(tmp_path, first + second)


@pytest.mark.parametrize(
    ("above", "said"),
    [
        ('endpoint = "http://127.0.0.1:8001/"', "Write http://HOST:PORT/v1"),
        ('endpoint = "http://me:secret@127.0.0.1:8001/v1"', "Write http://HOST:PORT/v1"),
        ('endpoints = ["http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"]', "2 endpoints and 1 replica"),
    ],
)
def test_an_endpoint_where_no_server_can_be_run_is_refused(tmp_path: Path, above: str, said: str) -> None:
    sentence = refusal(tmp_path, served(PINNED, above=above))
    assert said in sentence
    assert "secret" not in sentence
