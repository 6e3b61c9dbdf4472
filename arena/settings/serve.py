"""The table `[models.serve]`: a vLLM server that `arena models up` starts for a model and keeps running.

What is wrong with one table is refused here; what is wrong with several together, in `model_servers`.
"""

import re
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(min_length=1)]
Gpu = Annotated[int, Field(ge=0)]

SET_BY_THE_ARENA: Final = {
    "--model": "serve.model says it",
    "--revision": "serve.revision says it",
    "--served-model-name": "served_name says it",
    "--host": "endpoint says it",
    "--port": "endpoint says it",
    "--uds": "endpoint says where the server listens",
    "--root-path": "endpoint ends in /v1",
    "--enable-lora": "serve.lora says it",
    "--lora-modules": "serve.lora says it",
    "--api-key": "everybody on this machine could read the key; set api_key_env to the variable that holds it",
    "--hf-token": "everybody on this machine could read the token; set the variable HF_TOKEN",
    "--config": "its options stand in args",
}
"""Options of `vllm serve` that no `args` may hold, and why."""


class ServeSettings(BaseModel):
    """The vLLM server behind a model, where `arena models up` runs it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Text
    """A model of the Hugging Face hub, `ORGANISATION/NAME`, or a folder, which begins with `/`, `./`, `../` or `~/`."""
    revision: Text | None = None
    """The commit of a hub model, so that its weights stay the same. Without one it is refused, unless `unpinned`."""
    gpus: Annotated[int, Field(ge=0)] | tuple[Gpu, ...] = 1
    """How many GPUs each replica gets, of those that are free; or the numbers of these GPUs, as `nvidia-smi` counts
    them, shared out over the replicas. 0 hides every GPU."""
    args: tuple[Text, ...] = ()
    """Further options of `vllm serve`, such as `["--max-model-len", "32768"]`."""
    replicas: Annotated[int, Field(ge=1, le=64)] = 1
    """How many servers of the model run, each on GPUs and a port of its own."""
    unpinned: bool = False
    """Whether the hub may change what is served: a model without `revision`, or an adapter by its hub id."""
    lora: dict[Text, Text] = {}
    """Adapters that the same server serves, each under a name of its own: a folder, or a hub id."""

    @model_validator(mode="after")
    def _refuse(self) -> Self:
        for problem in (self._unpinned(), self._gpus(), *map(reserved, self.args)):
            if problem:
                raise ValueError(problem)
        return self

    def _unpinned(self) -> str | None:
        if is_folder(self.model) and self.revision is not None:
            return f"{self.model} is a folder and has no revision; leave it out."
        if not (self.unpinned or is_folder(self.model) or self.revision):
            return (
                f"{self.model} is a model of the hub without revision, so its weights may change under its name. "
                "Set revision to a commit, or unpinned = true."
            )
        adapter = next((path for path in self.lora.values() if not is_folder(path)), None)
        if adapter is not None and not self.unpinned:
            return (
                f"the adapter {adapter} is one of the hub, and vLLM fetches its newest state. Fetch it once with "
                f"`hf download {adapter} --revision COMMIT --local-dir FOLDER` and name the folder, beginning with "
                "/ or ./, or set unpinned = true."
            )
        return None

    def _gpus(self) -> str | None:
        if isinstance(self.gpus, int):
            return None
        if not self.gpus or len(set(self.gpus)) < len(self.gpus) or len(self.gpus) % self.replicas:
            return (
                f"gpus is {list(self.gpus)} for {self.replicas} replica(s). Name each GPU once, and as many for each "
                "replica; 0 is a server without GPU."
            )
        return None

    @property
    def gpus_each(self) -> int:
        """GPUs of one replica."""
        return self.gpus if isinstance(self.gpus, int) else len(self.gpus) // self.replicas

    @property
    def stated_gpus(self) -> tuple[int, ...]:
        """The numbers of GPUs that the file names."""
        return () if isinstance(self.gpus, int) else self.gpus


def is_folder(path: str) -> bool:
    """Whether a model is a path of this machine. By its form alone, so that a typing error is no hub id."""
    return path.startswith(("/", "./", "../", "~/"))


def reserved(argument: str) -> str | None:
    """Why an argument is refused, spelt in any way that vLLM takes: `--api_key=x`, `--api-k x`."""
    option = argument.split("=", maxsplit=1)[0].replace("_", "-")
    if not re.match(r"--[a-z]", option):
        return None
    exact = SET_BY_THE_ARENA.get(option)
    started = next((name for name in SET_BY_THE_ARENA if name.startswith(option) and len(option) > 6), None)
    if exact is None and started is None:
        return None
    name = option if exact else started
    return f"args has {option}: {exact or SET_BY_THE_ARENA[str(started)]}. Take {name} out of args."
