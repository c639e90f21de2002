// Right calls at the edges of what is right. What is decided here is read behind everything else, so that a corpus goes
// on meaning what it meant.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fuzz/call_case.h"
#include "support/inputs.h"
#include "support/random.h"

namespace kiln::fuzz {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargeInput = 1e30f;

}  // namespace

void CallCase::sharpen(Choices &choices) {
  if (choices.chance(4)) {
    failing_ = choices.integer(1, 5);
    sharpened_ += "; allocation " + std::to_string(failing_) + " fails";
  }
  if (choices.chance(3)) on_small_stack_ = true, sharpened_ += "; small stack";
  if (test::dense(shape_).count() == 0) return sharpen_empty(choices);
  if (choices.chance(4)) sharpen_parameter(choices);
  if (choices.chance(6)) sharpen_inputs(choices);
  if (operation_.has("momentum") && choices.chance(3))
    operation_["momentum"] = choices.one_of(std::vector<double>{1.24, -0.3, 0, 1, 2});
}

// One value of a parameter. weight / deviation stays within what two float32 factors hold
// (docs/promises/numerics.md, Limits). A weight is infinite only where the mean is a float32 that is given: of others
// the value that is nearest to the mean counts as the mean.
void CallCase::sharpen_parameter(Choices &choices) {
  static const std::vector<float> finite = {0, -0.0f, 3.3e38f, -1.37e37f, 1e-30f, NAN};
  static const std::vector<float> any = {kInfinity, -kInfinity, 0, -0.0f, 3.3e38f, -1.37e37f, 1e-30f, NAN};
  static const std::vector<float> variances = {0, kInfinity, 1e-40f, 3e38f};
  const std::vector<std::string> names = operation_.parameters();
  if (names.empty()) return;
  const std::string name = choices.one_of(names);
  std::vector<float> &values = operation_.values(name);
  if (values.empty()) return;
  const auto is_large = [](float x) { return std::fabs(x) > kLargeInput; };
  if (name == "bias" && std::any_of(inputs_.begin(), inputs_.end(), is_large)) return;
  if (operation_.has("eps") && operation_["eps"].real < 1e-12) operation_["eps"] = 1e-12;
  const size_t at = static_cast<size_t>(choices.integer(0, static_cast<int64_t>(values.size()) - 1));
  const bool given = operation_.has_statistics() && !operation_.of_batch();
  const bool no_mean = operation_.is("rms_norm");
  const std::vector<float> &edges = name == "running_var"                    ? variances
                                    : name == "weight" && !given && !no_mean ? finite
                                                                             : any;
  const float edge = choices.one_of(edges);
  Passed &t = tensors_.at(name);
  if (std::isfinite(edge) && std::fabs(edge) > t.type->largest()) return;
  values[at] = edge;
  t.set(values);
  values = t.values();
  sharpened_ += "; " + name + "[" + std::to_string(at) + "] = " + std::to_string(values[at]);
}

// All of them near the largest number of their type.
void CallCase::sharpen_inputs(Choices &choices) {
  test::Random random(choices.bits(1));
  Passed &t = tensors_.at(input());
  for (char *place : t.places())
    type_->write(place, static_cast<float>((random.chance(4) ? -1 : 1) * (0.5 + random.unit() / 2) * type_->largest()));
  inputs_ = t.values();
  sharpened_ += "; inputs near the largest number";
}

// Nothing is read: an address may be anything, NULL too, and the extents beside a 0 may have any product.
void CallCase::sharpen_empty(Choices &choices) {
  for (const std::string &name : of_input()) {
    Passed &t = tensors_.at(name);
    if (choices.chance(2))
      t.told.data = nullptr, t.told.byte_offset = static_cast<uint64_t>(choices.integer(-500, 500));
  }
  // Parameters and arguments are about the other dimensions.
  const bool elementwise = operation_.row().elementwise();
  const size_t first = elementwise || operation_.is("normalize") ? 0 : 2;
  if (operation_.is("layer_norm") || operation_.is("rms_norm")) return;
  for (size_t d = first; d < shape_.size(); ++d) {
    if (shape_[d] == 0 || !choices.chance(2)) continue;
    for (const std::string &name : of_input()) tensors_.at(name).layout.shape[d] = int64_t{1} << 40;
    sharpened_ += "; extent 2^40 in dimension " + std::to_string(d);
  }
}

}  // namespace kiln::fuzz
