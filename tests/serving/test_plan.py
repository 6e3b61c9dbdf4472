"""What a file asks for becomes command lines, GPUs and variables."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from arena import settings
from arena.errors import SettingsError
from arena.serving import gpus, plan
from arena.serving.gpus import Want
from tests.serving import making

ENVIRONMENT = {
    "PATH": "/bin",
    "LAB_ENTRANCE": "secret-of-the-lab",
    "OTHER_KEY": "secret-of-another",
    "HF_TOKEN": "hf_x",
}


@pytest.fixture
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "present", lambda visible: list(range(8)))


def planned(
    folder: Path, models: Mapping[str, str], running: Mapping[str, plan.ServerPlan] | None = None
) -> dict[str, plan.ServerPlan]:
    loaded = settings.load(making.configuration(folder, models))
    return {one.name: one for one in plan.planned(loaded, ENVIRONMENT, "/opt/vllm", running or {})}


def test_a_command_has_what_the_file_says_and_no_secret(tmp_path: Path, eight: None) -> None:
    serve = (
        'model = "lab/model"\nrevision = "abc"\ngpus = 2\nargs = ["--max-model-len", "4096"]\n'
        'lora = { legal = "/adapters/legal", "plain" = "./plain" }'
    )
    one = planned(tmp_path, {"first": serve})["first-1"]
    assert one.command == (
        *("/opt/vllm", "serve", "lab/model", "--revision", "abc", "--served-model-name", "first"),
        *("--host", "127.0.0.1", "--port", str(one.port), "--tensor-parallel-size", "2"),
        *("--enable-lora", "--max-loras", "2", "--lora-modules"),
        *("legal=/adapters/legal", f"plain={Path.cwd() / 'plain'}", "--max-model-len", "4096"),
    )


def test_a_server_has_its_own_key_and_no_other_model_s(tmp_path: Path) -> None:
    file = making.configuration(tmp_path, {"first": 'model = "/m"\ngpus = 0'})
    file.write_text(
        file.read_text() + '[[models]]\nname = "other"\nserved_name = "o"\nendpoint = "http://h/v1"\n'
        'api_key_env = "OTHER_KEY"\n'
    )
    (one,) = plan.planned(settings.load(file), ENVIRONMENT, "vllm", {})
    assert one.environment["VLLM_API_KEY"] == "secret-of-the-lab"
    assert "secret-of-another" not in one.environment.values()
    assert one.environment["HF_TOKEN"] == "hf_x"
    assert (one.environment["CUDA_VISIBLE_DEVICES"], one.environment["VLLM_NO_USAGE_STATS"]) == ("", "1")
    assert "secret-of-the-lab" not in " ".join(one.command)
    assert "secret-of-the-lab" not in repr(one)


def test_a_key_that_is_not_set_is_said_before_anything_starts(tmp_path: Path) -> None:
    loaded = settings.load(making.configuration(tmp_path, {"first": 'model = "/m"\ngpus = 0'}))
    with pytest.raises(SettingsError, match="LAB_ENTRANCE is to hold the key"):
        plan.planned(loaded, {"PATH": "/bin"}, "vllm", {})


def test_no_two_servers_share_a_gpu(tmp_path: Path, eight: None) -> None:
    models = {
        "pair": 'model = "/m"\ngpus = 2\nreplicas = 2',
        "stated": 'model = "/m"\ngpus = [0, 5]',
        "single": 'model = "/m"',
    }
    given = {name: one.gpus for name, one in planned(tmp_path, models).items()}
    assert given == {"pair-1": (1, 2), "pair-2": (3, 4), "stated-1": (0, 5), "single-1": (6,)}
    assert planned(tmp_path, models)["stated-1"].environment["CUDA_VISIBLE_DEVICES"] == "0,5"


def test_stated_gpus_are_shared_out_over_the_replicas(tmp_path: Path, eight: None) -> None:
    given = planned(tmp_path, {"first": 'model = "/m"\ngpus = [7, 6, 3, 2]\nreplicas = 2'})
    assert (given["first-1"].gpus, given["first-2"].gpus) == ((7, 6), (3, 2))


def test_a_running_server_keeps_its_gpus_when_another_comes_before_it(
    tmp_path: Path, eight: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = iter(range(9000, 9100))
    monkeypatch.setattr(making, "free_port", lambda: next(ports))
    before = planned(tmp_path, {"old": 'model = "/m"\ngpus = 2'})
    ports = iter([9050, 9000])
    after = planned(tmp_path, {"new": 'model = "/n"', "old": 'model = "/m"\ngpus = 2'}, before)
    assert (after["old-1"].gpus, after["new-1"].gpus) == ((0, 1), (2,))
    assert after["old-1"] == before["old-1"]


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ({"big": 'model = "/m"\ngpus = 6', "more": 'model = "/m"\ngpus = 3'}, "more-1 goes without"),
        ({"far": 'model = "/m"\ngpus = [8]'}, "far-1 is to run on GPU 8"),
        ({"odd": 'model = "/m"\ngpus = 2\nargs = ["--tensor-parallel-size", "4"]'}, "use 4 GPUs"),
        ({"odd": 'model = "/m"\ngpus = 4\nargs = ["-tp=4", "--data_parallel_size=2"]'}, "use 8 GPUs"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, eight: None, models: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        planned(tmp_path, models)


@pytest.mark.parametrize(
    "serve",
    [
        'gpus = 8\nargs = ["--tensor-parallel-size", "4", "--pipeline-parallel-size=2"]',
        'gpus = 8\nargs = ["-tp", "8", "-pp", "2", "--distributed-executor-backend", "ray"]',
        'gpus = 2\nargs = ["--data-parallel-size", "2"]',
    ],
)
def test_sizes_that_fit_are_taken_as_they_are(tmp_path: Path, eight: None, serve: str) -> None:
    command = planned(tmp_path, {"first": f'model = "/m"\n{serve}'})["first-1"].command
    assert sum(word.startswith(("--tensor", "-tp")) for word in command) == ("-tp" in serve or "--tensor" in serve)


def test_a_file_without_servers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"No model of the file has a \[models.serve\] table"):
        planned(tmp_path, {})


def test_without_vllm_on_the_path_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SettingsError, match="There is no program vllm on PATH"):
        plan.program({"PATH": str(tmp_path)})
    assert plan.program({"PATH": str(making.program(tmp_path / "bin").parent)}) == str(tmp_path / "bin" / "vllm")


# -- the GPUs of a machine ------------------------------------------------------------------------------------------


def nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("visible", "found"),
    [(None, [0, 1, 2]), ("2,0", [0, 2]), ("GPU-bbbb", [1]), ("", []), ("NoDevFiles", [])],
)
def test_nvidia_smi_says_which_gpus_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visible: str | None, found: list[int]
) -> None:
    nvidia_smi(tmp_path, monkeypatch, "echo '0, GPU-aaaa-1'; echo '1, GPU-bbbb-2'; echo '2, GPU-cccc-3'")
    assert gpus.present(visible) == found


def test_a_driver_that_fails_is_not_taken_for_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(tmp_path, monkeypatch, "echo 'NVIDIA-SMI has failed' >&2; exit 9")
    with pytest.raises(SettingsError, match="NVIDIA-SMI has failed"):
        gpus.present(None)


def test_without_nvidia_smi_stated_gpus_are_taken_as_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpus.present(None) is None
    wants = [Want(server="a-1", count=2, stated=(4, 5)), Want(server="b-1", count=0)]
    assert gpus.assign(wants, None) == {"a-1": (4, 5), "b-1": ()}
    with pytest.raises(SettingsError, match="nvidia-smi is not there to say which GPUs are free for c-1"):
        gpus.assign([*wants, Want(server="c-1", count=1)], None)
