#!/usr/bin/env bash
# Start a real vLLM server on this CPU, run the tests marked `vllm` against it, stop it whatever happened.
# Options go to pytest. PORT is the server's (default 8001); see scripts/vllm_cpu.sh for the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PORT=${PORT:-8001}
place=${XDG_CACHE_HOME:-$HOME/.cache}/preference-arena/vllm-cpu

trap 'exit 130' INT
trap 'exit 143' TERM
trap 'bash scripts/vllm_cpu.sh "$place" stop' EXIT

status=0
bash scripts/vllm_cpu.sh "$place" || status=$?
if [ "$status" -eq 3 ]; then
  echo "make test-vllm is skipped: no CPU build of torch can be had here; name PyTorch's CPU index in TORCH_INDEX to run it."
  exit 0
elif [ "$status" -ne 0 ]; then
  exit "$status"
fi
export ARENA_VLLM_URL=http://127.0.0.1:$PORT/v1
export ARENA_VLLM_PYTHON=$place/venv/bin/python ARENA_VLLM_MODEL=$place/models/SmolLM2-135M-Instruct
.venv/bin/python -m pytest -m vllm "$@"
