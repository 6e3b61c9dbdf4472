#!/usr/bin/env bash
# See that one program of a Debian package is there for some tests: taken out of the package, which is not installed, so
# that no service of it starts. Never fails: without the program, those tests skip and say so.
#   scripts/unpacked.sh "the test of what Prometheus reads" prometheus usr/bin/promtool .venv/bin
# what it is for, the package, the program's place in it, the folder to put it into
set -euo pipefail
purpose=$1 package=$2 place=$3 folder=$4
name=${place##*/}
if [ -x "$folder/$name" ] || command -v "$name" >/dev/null 2>&1; then
  exit 0
fi
if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
  echo "No $name here, so $purpose is skipped; to change that, install it (Debian: the package $package has it)." >&2
  exit 0
fi
echo "Taking $name out of Debian's $package for $purpose." >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt fetches as a user of its own
fetched() { (cd "$work" && { apt-get download -q "$package" || { apt-get update -q && apt-get download -q "$package"; }; }); }
unpacked() { dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" "./$place"; }
if ! { fetched && unpacked && install "$work/$place" "$folder/$name"; } >"$work/log" 2>&1 </dev/null; then
  tail -n 3 "$work/log" >&2
  echo "$name could not be had, so $purpose is skipped; to change that, install it by hand." >&2
fi
