#!/usr/bin/env bash
# usage: check_sizes.sh CC STRIP HEADER_DIR ARCHIVE EXPORTS WORK_DIR
# Stripped apps for the CPU stay within the bounds of docs/using/library.md, and have nothing of a device.
set -euo pipefail
cc=$1 strip=$2 headers=$3 archive=$4 exports=$5 work=$6
rm -rf "$work"
mkdir -p "$work"
failed=0

# An app that needs the functions given.
app() { # NAME BOUND FUNCTION...
  local name=$1 bound=$2 size
  shift 2
  { echo '#include <kiln/kiln.h>'; echo 'typedef void (*function)(void);'; echo 'volatile function used[] = {'
    printf '  (function)%s,\n' "$@"; echo '};'; echo 'int main(void) { return used[0] == 0; }'; } >"$work/$name.c"
  "$cc" -O2 -I"$headers" "$work/$name.c" "$archive" -lpthread -ldl -lm -o "$work/$name"
  "$strip" "$work/$name"
  size=$(stat -c %s "$work/$name")
  echo "$name: $size bytes of $bound"
  [ "$size" -le "$bound" ] || { echo "sizes: $name is too large"; failed=1; }
  if grep -qE 'clGetPlatformIDs|cuModuleLoadData|\.visible \.entry|__kernel' "$work/$name"; then
    echo "sizes: $name has code for devices"
    failed=1
  fi
}

app sigmoid 300000 kiln_sigmoid
app layer_norm 900000 kiln_layer_norm
trains='_backward|_with_statistics' # what apps that do not train have none of
app all 4000000 $(grep -vE "^kiln_link_|$trains" "$exports")
app all_types 6000000 $(grep -vE "$trains" "$exports")
app tanh_backward 300000 kiln_tanh_backward
app gradients_of_activations 1750000 $(grep -E '(tanh|sigmoid|silu|mish|softplus)_backward' "$exports")
app layer_norm_trained 1600000 kiln_layer_norm_with_statistics kiln_layer_norm_backward
app gradients 3500000 $(grep -E "$trains" "$exports" | grep -v ^kiln_link_)
app gradients_of_all_types 6000000 $(grep -E "$trains" "$exports")
rm -rf "$work"
exit $failed
