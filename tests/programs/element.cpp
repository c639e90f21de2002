// usage: element TYPE: every word of a type of 16 bits through hardsigmoid, on each instruction set that runs here, in
// several layouts and in place, held to the oracle's results rounded once. Of tests/scripts/add_element.sh, which links the
// type's kernels.
#include <kiln/kiln.h>

#include <cstdio>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "oracle/narrow.h"

namespace {

using kiln::oracle::NarrowType;
using Words = std::vector<uint16_t>;

const NarrowType *type = nullptr;
DLDataType dlpack{};
Words inputs, expected;  // all words, and what hardsigmoid makes of them
constexpr int64_t kSide = 256;

int refused(const char *what, const std::string &isa) {
  std::printf("%s on %s: %s\n", what, isa.c_str(), kiln_last_error());
  return 1;
}

// From one layout of a matrix to another, or in place; the memory holds the words as they come.
int wrong_results(kiln_context *context, const std::string &isa, const int64_t (&from)[2], const int64_t (&to)[2],
                  bool in_place) {
  int64_t shape[2] = {kSide, kSide}, from_strides[2] = {from[0], from[1]}, to_strides[2] = {to[0], to[1]};
  // One word off a vector's alignment.
  Words x(inputs.size() + 1), y(x.size(), 0x1234);
  std::memcpy(x.data() + 1, inputs.data(), inputs.size() * sizeof inputs[0]);
  DLTensor input{x.data() + 1, {kDLCPU, 0}, 2, dlpack, shape, from_strides, 0}, output = input;
  if (!in_place) output.data = y.data() + 1, output.strides = to_strides;
  if (kiln_hardsigmoid(context, &input, &output) != KILN_STATUS_OK) return refused("a call", isa);
  const Words &results = in_place ? x : y;
  const int64_t *const strides = in_place ? from : to;
  int wrong = 0;
  for (int64_t i = 0; i < kSide; ++i)
    for (int64_t j = 0; j < kSide; ++j) {
      const auto at = static_cast<size_t>(from[0] * i + from[1] * j);
      const uint16_t got = results[static_cast<size_t>(1 + strides[0] * i + strides[1] * j)];
      if (got == expected[at] || ++wrong > 3) continue;
      std::printf("%s: input 0x%04x (%g): expected 0x%04x, got 0x%04x\n", isa.c_str(), inputs[at],
                  type->value_of(inputs[at]), expected[at], got);
    }
  return wrong;
}

int wrong_on(const std::string &isa) {
  const int64_t rows[2] = {kSide, 1}, columns[2] = {1, kSide};
  kiln_context *context = nullptr;
  if (kiln_context_create(&context) != KILN_STATUS_OK) return refused("a context", isa);
  int wrong = kiln_context_set_isa(context, isa.c_str()) == KILN_STATUS_OK ? 0 : refused("the context", isa);
  if (!wrong)
    wrong = wrong_results(context, isa, rows, rows, false) + wrong_results(context, isa, rows, rows, true) +
            wrong_results(context, isa, columns, rows, false) + wrong_results(context, isa, rows, columns, false);
  kiln_context_destroy(context);
  return wrong;
}

}  // namespace

int main(int argc, char **argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  type = &kiln::oracle::narrow_type(name);
#define KILN_ELEMENT(type_name, code, bits, forms, device_forms) \
  if (name == #type_name) dlpack = {code, bits, 1};
#include "../../elements.def"
  const kiln::oracle::ElementwiseOracle oracle = {"hardsigmoid", kiln::oracle::hardsigmoid, kiln::oracle::hardsigmoid};
  for (int word = 0; word < 65536; ++word) {
    inputs.push_back(static_cast<uint16_t>(word));
    expected.push_back(kiln::oracle::rounded_once(oracle, *type, type->value_of(inputs.back())));
  }
  std::set<std::string> isas;
  kiln_kernel_info kernel;
  for (int64_t i = 0; kiln_kernel_at(i, &kernel) == KILN_STATUS_OK; ++i)
    if (name == kernel.dtype && kernel.runs_here) isas.insert(kernel.isa);
  int wrong = 0;
  for (const std::string &isa : isas) wrong += wrong_on(isa);
  std::printf("%s: %zu instruction sets, %d wrong results\n", name.c_str(), isas.size(), wrong);
  return wrong > 0 || isas.empty();
}
