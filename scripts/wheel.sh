#!/usr/bin/env bash
# usage: wheel.sh [x86_64|aarch64]...
# Makes wheels in build/wheel of the libraries that are built in build/release and build/aarch64, for these architectures or
# all that are built: the package of python/, with libkiln.so. They ask for no newer glibc than their tag says, which auditwheel
# confirms. The exit status is 77 where the tools for it cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/.venv/bin:$PATH
glibc=2.28
out=build/wheel
tools=$out/tools

tree_of() { [ "$1" = "$(uname -m)" ] && echo build/release || echo "build/$1"; }

set_up_tools() {
  cmp -s python/requirements-wheel.txt $tools/requirements.txt && return
  echo "wheel: installs these Python packages into $tools: $(grep -v '^#' python/requirements-wheel.txt | paste -sd' ')"
  rm -rf $tools
  python3 -m venv $tools
  $tools/bin/pip install --quiet --disable-pip-version-check -r python/requirements-wheel.txt || {
    echo "wheel: error: they cannot be installed; the lines above say why" >&2
    exit 77
  }
  cp python/requirements-wheel.txt $tools/requirements.txt
}

# The wheel of one architecture, under the tag of the platform that it is built on, in $out/$1/raw.
build() {
  local arch=$1 prefix=$PWD/$out/$1/kiln cross=()
  rm -rf "$prefix" "$out/$arch/raw"
  cmake --install "$(tree_of "$arch")" --prefix "$prefix" >/dev/null
  [ "$arch" = "$(uname -m)" ] || cross=(-C "cmake.define.CMAKE_TOOLCHAIN_FILE=$PWD/cmake/$arch-linux-gnu.cmake")
  _PYTHON_HOST_PLATFORM=linux-$arch $tools/bin/pip wheel . --quiet --disable-pip-version-check --no-build-isolation --no-deps \
    --wheel-dir "$out/$arch/raw" -C cmake.source-dir=python -C "build-dir=$out/$arch/build" \
    -C "cmake.define.Kiln_DIR=$prefix/lib/cmake/Kiln" -C cmake.define.KILN_GLIBC=$glibc \
    -C "cmake.define.KILN_PYTHON=$PWD/$tools/bin/python" "${cross[@]}"
}

# The libraries that a wheel asks for beside those of every manylinux, its own libkiln.so, and PyTorch's, which import torch has
# loaded before kiln.torch asks for it.
other_libraries() {
  rm -rf "$out/unpacked" && python3 -m zipfile -e "$1" "$out/unpacked"
  find "$out/unpacked" -name '*.so*' -exec readelf -d {} + | grep -oP 'NEEDED.*\[\K[^]]+' | sort -u |
    grep -vxE 'lib(c|m|dl|pthread|rt|stdc\+\+|gcc_s)\.so\.[0-9]+|ld-linux.*|libkiln\.so\..*|libtorch_cpu\.so' || true
}

# Says by the name of the wheel what auditwheel finds of versions in it, and stops where that is less.
tag() {
  local arch=$1 wheel found others platform=manylinux_${glibc/./_}_$1
  wheel=$(echo "$out/$arch/raw"/*.whl)
  $tools/bin/auditwheel show "$wheel" >"$out/$arch/audit.txt"
  found=$(tr '\n' ' ' <"$out/$arch/audit.txt" | grep -oP "platform tag(:| to) \"manylinux_2_\K\d+(?=_$arch\")" | sort -n | tail -1 || true)
  others=$(other_libraries "$wheel")
  if [ -z "$found" ] || [ "$found" -gt "${glibc#2.}" ] || [ -n "$others" ]; then
    echo "wheel: error: expected $platform, got what asks for ${others:-no other library}, and:" >&2
    cat "$out/$arch/audit.txt" >&2
    exit 1
  fi
  wheel=$($tools/bin/wheel tags --platform-tag "$platform" "$wheel")
  rm -f "$out"/kiln_kernels-*_"$arch".whl
  mv "$out/$arch/raw/$wheel" "$out"
  echo "$out/$wheel"
}

[ $# -gt 0 ] || set -- $(for arch in x86_64 aarch64; do [ ! -f "$(tree_of $arch)/lib/libkiln.a" ] || echo $arch; done)
[ $# -gt 0 ] || { echo "wheel: error: expected a library in build/release; make build makes it" >&2; exit 1; }
mkdir -p $out
set_up_tools
for arch; do
  [ -f "$(tree_of "$arch")/lib/libkiln.a" ] || {
    echo "wheel: error: expected a library in $(tree_of "$arch"); make $([ "$arch" = "$(uname -m)" ] && echo build || echo cross-arm) makes it" >&2
    exit 1
  }
  build "$arch"
  tag "$arch"
done
