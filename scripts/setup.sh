#!/usr/bin/env bash
# Prepare a virtual environment of this checkout; silent and instant when nothing has changed.
#   scripts/setup.sh .venv embedded,dev                   the packages of these extras of pyproject.toml
#   scripts/setup.sh .venv-soak dev,soak torch==2.13.0    the requirements after the extras are installed first
#   scripts/setup.sh .venv-tool "" -r requirements.txt    no extras: the requirements alone, without this package
# PYTHON names the interpreter to build from (default: the first of python3.11, python3, ... that is 3.11 or newer).
# TORCH_INDEX adds the address of a package index, for machines whose pip would otherwise fetch a CUDA build of torch.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
environment=$1 extras=$2
shift 2
ready=$environment/.ready
log=$environment/setup.log

say() { printf '%s\n' "$*" >&2; }
trap 'say "Set-up was interrupted; the next run goes on from here."; exit 130' INT TERM

# Two lines: a checksum of what the environment was built from (pyproject.toml, or the requirements where there are no
# extras), and the extras it holds. The path counts too, because the programs in an environment know where it lies.
contents() {
  local argument
  pwd
  if [ -n "$extras" ]; then
    cat pyproject.toml
    return
  fi
  for argument; do
    printf '%s\n' "$argument"
    if [ -f "$argument" ]; then
      cat "$argument"
    fi
  done
}
state=$(contents "$@" | cksum)
held=""
if [ -f "$ready" ]; then
  { read -r built && read -r held; } <"$ready" || true
  missing=""
  for extra in ${extras//,/ }; do
    [[ ",$held," == *",$extra,"* ]] || missing=$extra
  done
  [ "$built" = "$state" ] && [ -z "$missing" ] && exit 0
fi

suits() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python3.12 python3.13; do
    if suits "$candidate"; then
      printf '%s' "$candidate"
      return
    fi
  done
  say "No Python 3.11 or newer with venv and pip was found; install it (Debian: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3.11 ..."
  return 1
}

# An environment that was copied or moved still calls its old place: build it anew.
at_home() { [[ "$("$environment/bin/pip" --version 2>/dev/null)" == *" from $PWD/$environment/"* ]]; }

if ! at_home; then
  python=$(find_python)
  say "Setting up $environment with $("$python" --version); the first time this takes a minute or two."
  "$python" -m venv --clear "$environment"
  held=""
else
  say "Bringing $environment up to date."
fi
for extra in ${held//,/ }; do
  [[ ",$extras," == *",$extra,"* ]] || extras=$extras,$extra
done

# Of pip's lines, show the downloads one waits for; the log keeps all.
narrate() {
  awk '/^ *Downloading .*[0-9] [MG]B\)/ { split($2, name, "-"); print "  " name[1], name[2], $3, $4; fflush() }
       /^Installing collected packages/ { print "  installing " NF - 3 " packages"; fflush() }' >&2
}

install() {
  if ! PIP_DISABLE_PIP_VERSION_CHECK=1 "$environment/bin/python" -m pip install --no-input --progress-bar off \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} "$@" 2>&1 | tee -a "$log" | narrate; then
    tail -n 12 "$log" >&2
    say "The packages could not be installed; the whole log is $log. Mend what it names (is the package index reachable?) and run make again: it goes on from here."
    return 1
  fi
}

rm -f "$ready"
: >"$log"
if [ $# -gt 0 ]; then
  install "$@"
fi
if [ -n "$extras" ]; then
  install --editable ".[$extras]"
fi
printf '%s\n%s\n' "$state" "$extras" >"$ready"
