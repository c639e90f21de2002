#!/usr/bin/env bash
# usage: frameworks.sh setup         makes .venv-frameworks, with what python/requirements-FRAMEWORK.txt name, and kiln.jax
#        frameworks.sh test          runs the tests of the package with every framework, and counts them; the JUnit files
#                                    are build/frameworks/FRAMEWORK.xml
#        frameworks.sh models ARG... runs examples/models
# The package is that of build/release. A framework that cannot be installed is named, and its tests are skipped. Run again,
# it does nothing that is done.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv-frameworks
package=$PWD/build/release/python/package

setup() {
  local name file constraints=()
  [ -x $venv/bin/python ] || python3 -m venv $venv
  for name in numpy onnxruntime torch jax models; do
    [ ! -f python/requirements-$name.txt ] || constraints+=(-c python/requirements-$name.txt)
  done
  for name in numpy onnxruntime torch jax models; do
    file=python/requirements-$name.txt
    [ -f $file ] && ! cmp -s $file $venv/requirements-$name.txt || continue
    echo "frameworks: installing $(grep -v '^#' $file | paste -sd' ') in $venv"
    if $venv/bin/pip install --quiet --disable-pip-version-check -r $file "${constraints[@]}"; then
      cp $file $venv/requirements-$name.txt
    elif [ $name = numpy ]; then
      echo "frameworks: error: NumPy, which the package needs, could not be installed" >&2
      return 1
    else
      echo "frameworks: skipped: $name could not be installed; the lines above say why" >&2
    fi
  done
}

# kiln.jax takes a header from jaxlib; the build is asked again only where it has not found one.
add_jax() {
  [ -e "$package/kiln/jax/_handlers.so" ] || ! $venv/bin/python -c 'import jaxlib' 2>/dev/null && return
  .venv/bin/cmake --preset release -DKILN_JAX_PYTHON="$PWD/$venv/bin/python" >/dev/null
  .venv/bin/cmake --build build/release --target kiln_python
}

run() {
  if [ ! -d "$package/kiln" ]; then
    echo "frameworks: error: expected the package in build/release/python/package; make build makes it" >&2
    exit 1
  fi
  PYTHONPATH=$package PYTHONDONTWRITEBYTECODE=1 exec $venv/bin/python "$@"
}

case ${1:-} in
  setup)
    setup
    add_jax
    ;;
  test)
    rm -rf build/frameworks
    # What the tests of NumPy compare with, and run in the place of a device.
    export KILN_TOOL=$PWD/build/release/bin/kiln KILN_CUDA_SIMULATOR=$PWD/build/release/tests/cuda_simulator/libcuda.so.1
    run python/tests/frameworks.py --junit build/frameworks
    ;;
  models) shift && run examples/models/main.py "$@" ;;
  *)
    sed -n '2,/^set/{s/^# //p}' "$0" >&2
    exit 2
    ;;
esac
