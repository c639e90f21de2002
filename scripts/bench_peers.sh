#!/usr/bin/env bash
# Installs what the benchmark compares with, in .venv-peers: PyTorch (large), ONNX Runtime. Run again, it does nothing that
# is done.
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=bench/requirements-peers.txt

if cmp -s $requirements .venv-peers/requirements.txt; then exit 0; fi
echo "bench-peers: making .venv-peers with $(grep -v '^#' $requirements | tr '\n' ' ')"
rm -rf .venv-peers
python3 -m venv .venv-peers
.venv-peers/bin/pip install --quiet --disable-pip-version-check -r $requirements
cp $requirements .venv-peers/requirements.txt
