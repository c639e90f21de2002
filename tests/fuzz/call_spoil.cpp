// What makes a call wrong, each by something that kiln.h says is refused.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fuzz/call_case.h"

namespace kiln::fuzz {
namespace {

using descriptor::Allowed;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Types that no operator takes.
const std::vector<DLDataType> &other_types() {
  static const std::vector<DLDataType> all = {{kDLFloat, 64, 1}, {kDLInt, 32, 1},  {kDLInt, 16, 1},
                                              {kDLFloat, 32, 4}, {kDLFloat, 0, 0}, {kDLBfloat, 8, 1},
                                              {255, 255, 65535}, {kDLUInt, 32, 1}};
  return all;
}

// Devices without memory that the CPU reads, or that are none. OpenCL and CUDA are left out: an address there means
// something else, and no check can tell.
const std::vector<int> &other_devices() {
  static const std::vector<int> all = {0, 5, 7, 8, 9, 10, 12, 14, 15, 100, -1, INT32_MAX, INT32_MIN};
  return all;
}

}  // namespace

Passed &CallCase::any_tensor(Choices &choices) {
  auto at = tensors_.begin();
  for (int64_t i = choices.integer(0, static_cast<int64_t>(tensors_.size()) - 1); i > 0; --i) ++at;
  spoiled_ = at->first;
  return at->second;
}

void CallCase::spoil(Choices &choices) {
  for (int attempt = 0; attempt < 8 && spoiled_.empty(); ++attempt) {
    const int64_t kind = choices.integer(0, 2);
    if (!(kind == 0 ? spoil_tensor(choices) : kind == 1 ? spoil_memory(choices) : spoil_argument(choices)))
      spoiled_.clear();
  }
}

// Whether a tensor may have a type beside the others as they are.
bool CallCase::may_have(const std::string &tensor, const Element &type) const {
  return &type == type_ || (!is_of_input(tensor) && &type == &elements().front());
}

// The tensor's description.
bool CallCase::spoil_tensor(Choices &choices) {
  Passed &t = any_tensor(choices);
  const bool required = is_of_input(spoiled_);
  const bool empty = t.layout.count() == 0;
  switch (choices.integer(0, 7)) {
    case 0:
      spoiled_ += " is NULL";
      return t.null = required;
    case 1: {
      std::vector<DLDataType> types = other_types();
      for (const Element &type : elements())
        if (!may_have(spoiled_, type)) types.push_back(type.dlpack), types.push_back(type.dlpack);
      t.told.dtype = choices.one_of(types);
      spoiled_ += " has another type, code " + std::to_string(t.told.dtype.code) + " of " +
                  std::to_string(t.told.dtype.bits) + " bits";
      return true;
    }
    case 2:
      spoiled_ += " has another device";
      t.told.device.device_type = static_cast<DLDeviceType>(choices.one_of(other_devices()));
      return true;
    case 3:
      t.told.ndim = static_cast<int32_t>(choices.one_of(std::vector<int>{-1, INT32_MIN, INT32_MAX, KILN_MAX_NDIM + 1}));
      spoiled_ += " has the rank " + std::to_string(t.told.ndim);
      return true;
    case 4:
      spoiled_ += " has no data";
      t.told.data = nullptr, t.told.byte_offset = 0;
      return !empty;
    case 5:
      spoiled_ += " has no shape";
      t.told.shape = nullptr;
      return t.told.ndim > 0;
    case 6:
      spoiled_ += " lies at no multiple of " + std::to_string(t.type->bytes) + " bytes";
      t.told.byte_offset += static_cast<uint64_t>(choices.integer(1, t.type->bytes - 1));
      return !empty;
    default: {
      if (t.layout.shape.empty()) return false;
      int64_t &extent = t.layout.shape[choices.integer(0, static_cast<int64_t>(t.layout.shape.size()) - 1)];
      const int64_t was = extent;
      extent = choices.one_of(std::vector<int64_t>{-1, INT64_MIN, INT64_MAX, int64_t{1} << 40, extent + 1});
      spoiled_ += " has an extent of " + std::to_string(extent) + " for " + std::to_string(was);
      return true;
    }
  }
}

// Where the output lies.
bool CallCase::spoil_memory(Choices &choices) {
  if (far_apart_ || test::dense(shape_).count() < 2) return false;
  const Passed &input = tensors_.at(this->input());
  Passed output = tensors_.at(this->output());
  output.told.byte_offset = 0;
  if (choices.chance(3)) {
    size_t d = 0;
    while (shape_[d] < 2) ++d;
    output.layout.strides[d] = 0;
    spoiled_ = "output has a stride of 0";
  } else {
    const int64_t first = choices.integer(0, test::dense(shape_).count() - 1);
    output.layout = test::dense(shape_);
    output.data = input.data + (input.layout.low() + first) * type_->bytes;
    const std::vector<char *> written = output.places();
    std::vector<char *> read = input.places();
    if (read == written) return false;
    std::sort(read.begin(), read.end());
    const auto is_read = [&](char *place) { return std::binary_search(read.begin(), read.end(), place); };
    if (std::none_of(written.begin(), written.end(), is_read)) return false;
    spoiled_ = "output is dense and begins " + std::to_string(first) + " elements into the input's memory";
  }
  output.told.data = output.data;
  Passed &told = tensors_.at(this->output());
  told = output;
  told.told.shape = told.layout.shape.data(), told.told.strides = told.layout.strides.data();
  return true;
}

bool CallCase::spoil_argument(Choices &choices) {
  const std::vector<descriptor::Argument> &rows = operation_.row().arguments;
  if (rows.empty()) return false;
  const size_t at = static_cast<size_t>(choices.integer(0, static_cast<int64_t>(rows.size()) - 1));
  const int64_t rank = static_cast<int64_t>(shape_.size());
  test::ArgumentValue &value = operation_[rows[at].name];
  switch (rows[at].allowed) {
    case Allowed::any:
      return false;
    case Allowed::number:
      value = kNan;
      break;
    case Allowed::at_least_zero:
      value = choices.one_of(std::vector<double>{-1, -1e-300, -INFINITY, kNan});
      break;
    case Allowed::at_least_one:
      value = choices.one_of(std::vector<int64_t>{0, -1, INT64_MIN});
      break;
    case Allowed::divisor_of_channels:
      value = choices.one_of(std::vector<int64_t>{0, -1, INT64_MIN, INT64_MAX, shape_[1] + 1});
      break;
    case Allowed::trailing_extents:
      value = choices.one_of(std::vector<test::Extents>{{}, {shape_.back() + 1}, {-1}, test::Extents(rank + 1, 1)});
      break;
    case Allowed::distinct_dimensions:
      value = choices.one_of(std::vector<test::Extents>{{rank}, {-rank - 1}, {0, 0}, {0, -rank}, {INT64_MIN}});
      break;
  }
  values_ = test::values_of(operation_);
  spoiled_ = rows[at].name + " is wrong";
  return true;
}

}  // namespace kiln::fuzz
