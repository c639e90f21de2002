#include "case.h"

#include <algorithm>
#include <cstdlib>

namespace kiln::bench {

void expect(kiln_status status) {
  if (status != KILN_STATUS_OK) throw Error(kiln_last_error());
}

constexpr int kGap = 16;  // floats after a padded row

void Array::Free::operator()(float *p) const { std::free(p); }

Array::Array(std::vector<int64_t> extents, const std::string &layout)
    : shape(std::move(extents)), strides(shape.size()) {
  count = 1;
  for (int64_t extent : shape) count *= extent;
  // From the innermost dimension outwards: the channels first where they are last in memory.
  int64_t stride = 1;
  const int rank = static_cast<int>(shape.size());
  const bool channels_last = layout == "channels_last";
  if (channels_last) strides[1] = 1, stride = shape[1];
  for (int d = rank - 1; d >= 0; --d) {
    if (channels_last && d == 1) continue;
    strides[d] = stride;
    stride *= shape[d];
    if (layout == "padded" && d == rank - 1) stride += kGap;
  }
  storage = stride;
  void *p = nullptr;
  if (posix_memalign(&p, 4096, (storage + 1) * sizeof(float)) != 0) throw Error("out of memory for the case's tensors");
  memory.reset(static_cast<float *>(p));
  view = {p, {kDLCPU, 0}, rank, {kDLFloat, 32, 1}, shape.data(), strides.data(), 0};
}

void Array::move_to(devices::Device &device) {
  const size_t bytes = storage * sizeof(float);
  there = std::make_unique<devices::Memory>(device, bytes);
  device.write(there->data(), 0, data(), bytes);
  view.data = there->data();
  view.device = device.id();
}

void Array::clear() {
  std::fill_n(data(), storage, 0.0f);
  if (there) there->device().write(there->data(), 0, data(), storage * sizeof(float));
}

void Array::fetch() {
  if (there) there->device().read(there->data(), 0, data(), storage * sizeof(float));
}

namespace {

// Numbers in [-1, 1) in an order that no predictor learns, the same on every machine.
class Numbers {
 public:
  explicit Numbers(uint32_t seed) : state(seed) {}
  float next() {
    state = state * 1664525u + 1013904223u;
    return static_cast<float>(static_cast<int32_t>(state & 0xffffff00u)) * 0x1p-31f;
  }

 private:
  uint32_t state;
};

void fill(Array &array, uint32_t seed, float scale, float offset) {
  Numbers numbers(seed);
  for (int64_t i = 0; i < array.storage; ++i) array.data()[i] = offset + scale * numbers.next();
}

std::vector<int64_t> parse_shape(const Json &description) {
  const auto shape = description.at("shape").get<std::vector<int64_t>>();
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 1) throw Error("shape: expected extents of at least 1, got " + description.at("shape").dump());
    if (__builtin_mul_overflow(count, extent, &count) || count > int64_t{1} << 34)
      throw Error("shape: expected at most 2^34 elements, got " + description.at("shape").dump());
  }
  return shape;
}

}  // namespace

bool is_activation(const std::string &op) {
  for (const char *name : {
#define KILN_POINTWISE(name, accuracies, formula) #name,
#include <kiln/operators.def>
       })
    if (op == name) return true;
  return false;
}

Case::Case(const Json &description)
    : op(description.at("op").get<std::string>()), arguments(description.value("arguments", Json::object())) {
  const std::vector<int64_t> shape = parse_shape(description);
  const std::string layout = description.value("layout", "contiguous");
  if (layout != "contiguous" && layout != "channels_last" && layout != "padded")
    throw Error("layout: expected contiguous, channels_last or padded, got " + layout);
  if (layout == "channels_last" && shape.size() < 3) throw Error("layout: channels_last takes at least 3 dimensions");
  x = Array(shape, layout);
  y = Array(shape, layout);
  fill(x, 1, is_activation(op) ? 8.0f : 2.0f, 0);  // over the range in which activations are not constant
  y.clear();                                       // its pages are there when the first round begins

  std::vector<int64_t> affine;
  if (op == "layer_norm")
    affine = arguments.at("normalized_shape").get<std::vector<int64_t>>();
  else if (op == "batch_norm" || op == "group_norm" || op == "instance_norm")
    affine = {shape.at(1)};
  else
    return;
  const auto add = [&](const char *name, uint32_t seed, float scale, float offset) {
    fill(parameters[name] = Array(affine, "contiguous"), seed, scale, offset);
  };
  add("weight", 2, 1.0f, 0);
  add("bias", 3, 1.0f, 0);
  if (op == "batch_norm") add("running_mean", 4, 1.0f, 0), add("running_var", 5, 0.5f, 1.0f);
}

void Case::move_to(devices::Device &device) {
  x.move_to(device), y.move_to(device);
  for (auto &[name, array] : parameters) array.move_to(device);
}

Array *Case::find(const std::string &name) {
  if (name == "x") return &x;
  if (name == "y") return &y;
  const auto found = parameters.find(name);
  return found == parameters.end() ? nullptr : &found->second;
}

}  // namespace kiln::bench
