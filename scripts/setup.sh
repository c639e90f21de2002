#!/usr/bin/env bash
# Installs what the build needs and this machine lacks: Debian packages where the user may install them, and pinned
# wheels in .venv. Run again, it does nothing that is done.
set -euo pipefail
cd "$(dirname "$0")/.."

packages="g++ make pkg-config python3-venv libgtest-dev libcli11-dev nlohmann-json3-dev libdlpack-dev libmpfr-dev
          libbenchmark-dev qemu-user pocl-opencl-icd ocl-icd-libopencl1"

missing=""
if command -v dpkg-query >/dev/null; then
  for p in $packages; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
  done
else
  echo "setup: this is no Debian or Ubuntu; it must have what these packages hold: $(echo $packages)"
fi

if [ -n "$missing" ]; then
  as_root=""
  if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then
      as_root="sudo -n"
    else
      echo "setup: error: please install what is missing, then run this again: sudo apt-get install$missing" >&2
      exit 1
    fi
  fi
  echo "setup: installing$missing"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  for step in update "install -y --no-install-recommends$missing"; do
    if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get $step >"$log" 2>&1; then
      tail -n 5 "$log" >&2
      echo "setup: error: 'apt-get $step' failed; the lines above say why" >&2
      exit 1
    fi
  done
fi

if ! cmp -s requirements.txt .venv/requirements.txt; then
  echo "setup: making .venv with $(grep -v '^#' requirements.txt | tr '\n' ' ')"
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
  # A path without Python's version in it, for CMakePresets.json.
  ln -s "$(cd .venv && echo lib/python3*/site-packages/halide)" .venv/halide
  cp requirements.txt .venv/requirements.txt
fi
