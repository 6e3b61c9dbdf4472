#!/usr/bin/env bash
# See that a browser is there for the browser tests. Never fails: without one, those tests skip and say so.
set -euo pipefail
for program in chromium chromium-browser google-chrome; do
  command -v "$program" >/dev/null 2>&1 && exit 0
done
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
  echo "No chromium here, so the browser tests are skipped; to run them, install it (Debian: sudo apt-get install chromium)." >&2
  exit 0
fi
echo "Installing Debian's chromium for the browser tests." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-liberation; } >"$log" 2>&1 </dev/null; then
  tail -n 3 "$log" >&2
  echo "chromium could not be installed, so the browser tests are skipped; install it by hand to run them." >&2
fi
