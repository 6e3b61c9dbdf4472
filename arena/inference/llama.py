"""The child process of `embedded`: llama.cpp's own server, as the wheel `xllamacpp` packs it.

Runs as a script of its own, given one JSON object of options. Prints its address as one line of JSON on standard
output, serves until standard input ends, and so never outlives the process that started it, however that dies.
"""

import json
import os
import select
import sys
from typing import Any

HTTP_THREADS = 128
"""Each stream holds a thread to its end, also while it waits. The others answer whether the server is alive."""
LOOK_SECONDS = 1.0
"""Pause between two checks whether the parent process is still there."""


def serve(options: dict[str, Any]) -> None:
    """Load the model, serve on loopback, and return when the parent has gone."""
    parent = os.getppid()
    import xllamacpp  # noqa: PLC0415 - heavy, and absent where only remote models are used

    parameters = xllamacpp.CommonParams()
    parameters.model.path = options["weights"]
    parameters.model_alias = {options["served_name"]}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = options["port"]
    parameters.n_ctx = options["context"]
    parameters.n_parallel = options["slots"]
    parameters.kv_unified = True  # slots share the context, so that one long conversation may take what others leave
    parameters.cpuparams.n_threads = options["threads"]
    parameters.cpuparams_batch.n_threads = options["threads"]
    parameters.cache_ram_mib = 0  # the default grows without a plateau
    parameters.n_threads_http = HTTP_THREADS
    parameters.ui = False
    parameters.endpoint_slots = False  # it would show other people's prompts
    parameters.cors_origins = ""
    parameters.offline = True
    parameters.verbosity = 1  # errors only: the log would hold a line a request
    try:
        server = xllamacpp.Server(parameters)
    except RuntimeError as error:
        sys.exit(str(error))
    print(json.dumps({"address": server.listening_address}), flush=True)
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], LOOK_SECONDS)
        if readable and not sys.stdin.buffer.read(1):
            break


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
    os._exit(0)  # nothing is worth waiting for: an answer still being written has no reader
