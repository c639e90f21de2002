#!/usr/bin/env bash
# Installs what the benchmark compares with, in .venv-peers: PyTorch (large), ONNX Runtime, oneDNN, LiteRT for XNNPACK; and
# builds the library that calls oneDNN. Run again, it does nothing that is done.
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=bench/requirements-peers.txt
venv=.venv-peers

if ! cmp -s $requirements $venv/requirements.txt; then
  echo "bench-peers: making $venv with $(grep -v '^#' $requirements | tr '\n' ' ')"
  rm -rf $venv
  python3 -m venv $venv
  $venv/bin/pip install --quiet --disable-pip-version-check -r $requirements
  cp $requirements $venv/requirements.txt
fi

sources=bench/native/peers built=$venv/lib/libkiln_onednn.so
if [ ! -e $built ] || [ -n "$(find $sources -newer $built)" ]; then
  echo "bench-peers: building $built"
  g++ -std=c++17 -O2 -Wall -Wextra -fopenmp -fPIC -shared -fvisibility=hidden -isystem $venv/include $sources/*.cpp \
    -o $built.partial -L$venv/lib -ldnnl '-Wl,-rpath,$ORIGIN'
  mv $built.partial $built
fi
