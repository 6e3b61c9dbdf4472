#!/usr/bin/env bash
# See that a program is there for some tests. Never fails: without it, those tests skip and say so.
#   scripts/program.sh "the browser tests" "chromium-headless-shell fonts-liberation" chromium-headless-shell -- chromium
# what it is for, the Debian packages to install, the names under which it may be there already; after --, programs that
# do as well and take longer
set -euo pipefail
purpose=$1 packages=$2
shift 2
name=${packages%% *}
slower="" without="$purpose are skipped"
for program; do
  if [ "$program" = -- ]; then
    slower=yes
  elif command -v "$program" >/dev/null 2>&1; then
    [ -z "$slower" ] && exit 0
    without="$purpose take $program, which is slower"
    break
  fi
done
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
  echo "No $name here, so $without; to change that, install it (Debian: sudo apt-get install $name)." >&2
  exit 0
fi
echo "Installing Debian's $name for $purpose." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # packages are words
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends $packages; } >"$log" 2>&1 </dev/null; then
  tail -n 3 "$log" >&2
  echo "$name could not be installed, so $without; to change that, install it by hand." >&2
fi
