#include "support/interim/descriptors.h"

#include <cstdio>
#include <cstdlib>

namespace kiln::descriptor {
namespace {

using Tensors = DLTensor *const *;

const Tensor kInput{"input", Role::input, ShapeRule::any, false, 0, 0};
const Tensor kOutput{"output", Role::output, ShapeRule::input, false, 0, 0};
Tensor input_of_rank(int least) { return {"input", Role::input, ShapeRule::any, false, 0, least}; }
const Tensor kMean{"running_mean", Role::statistics, ShapeRule::channels, true, 0, 0};
const Tensor kVar{"running_var", Role::statistics, ShapeRule::channels, true, 0, 0};
const Tensor kWeight{"weight", Role::parameter, ShapeRule::channels, true, 1, 0};
const Tensor kBias{"bias", Role::parameter, ShapeRule::channels, true, -0.0f, 0};
const Tensor kRowWeight{"weight", Role::parameter, ShapeRule::normalized_shape, true, 1, 0};
const Tensor kRowBias{"bias", Role::parameter, ShapeRule::normalized_shape, true, -0.0f, 0};

Argument real(const char *name, double value) { return {name, ArgumentType::real, true, value, 0, {}}; }
Argument integer(const char *name, ArgumentType type, bool has, long long value) {
  return {name, type, has, 0, value, {}};
}

std::vector<Operator> make() {
  std::vector<Operator> all;
#define KILN_POINTWISE(op, list, formula)                                                      \
  all.push_back({#op,                                                                          \
                 "elementwise",                                                                \
                 {kInput, kOutput},                                                            \
                 {},                                                                           \
                 std::string(list) == "exact" ? std::vector<const char *>{"exact"}             \
                                              : std::vector<const char *>{"exact", "fast"},    \
                 [](const kiln_context *c, Tensors t, const Value *) { return kiln_##op(c, t[0], t[1]); }});
#include <kiln/operators.def>
  all.push_back({"batch_norm", "channel_norm", {input_of_rank(2), kMean, kVar, kWeight, kBias, kOutput},
                 {integer("training", ArgumentType::boolean, true, 0), real("momentum", 0.1), real("eps", 1e-5)},
                 {"exact"}, [](const kiln_context *c, Tensors t, const Value *v) {
                   return kiln_batch_norm(c, t[0], t[1], t[2], t[3], t[4], static_cast<int>(v[0].integer), v[1].real,
                                          v[2].real, t[5]);
                 }});
  all.push_back({"group_norm", "channel_norm", {input_of_rank(2), kWeight, kBias, kOutput},
                 {integer("num_groups", ArgumentType::integer, false, 0), real("eps", 1e-5)},
                 {"exact"}, [](const kiln_context *c, Tensors t, const Value *v) {
                   return kiln_group_norm(c, t[0], v[0].integer, t[1], t[2], v[1].real, t[3]);
                 }});
  all.push_back({"instance_norm", "channel_norm", {input_of_rank(2), kMean, kVar, kWeight, kBias, kOutput},
                 {integer("use_input_stats", ArgumentType::boolean, true, 1), real("momentum", 0.1), real("eps", 1e-5)},
                 {"exact"}, [](const kiln_context *c, Tensors t, const Value *v) {
                   return kiln_instance_norm(c, t[0], t[1], t[2], t[3], t[4], static_cast<int>(v[0].integer), v[1].real,
                                             v[2].real, t[5]);
                 }});
  all.push_back({"layer_norm", "row_norm", {input_of_rank(1), kRowWeight, kRowBias, kOutput},
                 {{"normalized_shape", ArgumentType::extents, false, 0, 0, {}}, real("eps", 1e-5)},
                 {"exact"}, [](const kiln_context *c, Tensors t, const Value *v) {
                   return kiln_layer_norm(c, t[0], v[0].integers.data, v[0].integers.count, t[1], t[2], v[1].real, t[3]);
                 }});
  all.push_back({"local_response_norm", "window", {input_of_rank(3), kOutput},
                 {integer("size", ArgumentType::integer, false, 0), real("alpha", 1e-4), real("beta", 0.75), real("k", 1)},
                 {"exact"}, [](const kiln_context *c, Tensors t, const Value *v) {
                   return kiln_local_response_norm(c, t[0], v[0].integer, v[1].real, v[2].real, v[3].real, t[1]);
                 }});
  all.push_back({"normalize", "normalize", {kInput, kOutput},
                 {real("p", 2), {"dim", ArgumentType::dims, true, 0, 0, {1}}, real("eps", 1e-12)},
                 {"exact"}, [](const kiln_context *c, Tensors t, const Value *v) {
                   return kiln_normalize(c, t[0], v[0].real, v[1].integers.data, v[1].integers.count, v[2].real, t[1]);
                 }});
  return all;
}

}  // namespace

const std::vector<Operator> &operators() {
  static const std::vector<Operator> all = make();
  return all;
}

const Operator &operator_named(const std::string &name) {
  for (const Operator &op : operators())
    if (name == op.name) return op;
  std::fprintf(stderr, "operators.toml has no operator %s\n", name.c_str());
  std::abort();
}

}  // namespace kiln::descriptor
