#include "support/faults.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>

namespace kiln::test {
namespace {

constexpr kiln_status kInvalid = KILN_STATUS_INVALID_ARGUMENT, kUnsupported = KILN_STATUS_UNSUPPORTED;
constexpr int64_t kHuge = int64_t{1} << 62;
constexpr char kShape[] = "SHAPE";  // stands for the shape of the tensor

// Extents and strides that outlive the calls; no call writes them.
int64_t huge[] = {kHuge, kHuge, kHuge, kHuge};
int64_t one_huge[] = {kHuge, 1, 1, 1};
int64_t stride_out_of_reach[] = {std::numeric_limits<int64_t>::max(), 1, 1, 1};
int64_t least_stride[] = {std::numeric_limits<int64_t>::min(), 1, 1, 1};
int64_t strides_that_add_up[] = {int64_t{1} << 60, int64_t{1} << 60, int64_t{1} << 60, int64_t{1} << 60};
int64_t negative_extent[] = {-4, 4, 3, 3};
int64_t ones[KILN_MAX_NDIM + 1];

template <class T>
void move_by(DLTensor &t, T bytes) {
  t.data = static_cast<char *>(t.data) + bytes;
}

// A caller's memory holds any number there; the enumeration does not.
void set_device_type(DLTensor &t, int type) { std::memcpy(&t.device.device_type, &type, sizeof type); }

}  // namespace

const std::vector<Fault> &tensor_faults() {
  static const std::vector<Fault> faults = {
      {"data NULL", kInvalid, {"expected", kShape, "NULL"}, [](DLTensor &t) { t.data = nullptr; }},
      {"data NULL with byte_offset",
       kInvalid,
       {"expected", kShape, "NULL"},
       [](DLTensor &t) { t.byte_offset = reinterpret_cast<uint64_t>(t.data), t.data = nullptr; }},
      {"byte_offset that wraps",
       kInvalid,
       {"byte_offset", "18446744073709551612"},
       [](DLTensor &t) { t.byte_offset = uint64_t{0} - sizeof(float); }},
      {"integer", kUnsupported, {"float32", "int32"}, [](DLTensor &t) { t.dtype.code = kDLInt; }},
      {"unsigned integer", kUnsupported, {"float32", "uint32"}, [](DLTensor &t) { t.dtype.code = kDLUInt; }},
      {"float16", kUnsupported, {"float32", "float16"}, [](DLTensor &t) { t.dtype.bits = 16; }},
      {"float64", kUnsupported, {"float32", "float64"}, [](DLTensor &t) { t.dtype.bits = 64; }},
      {"bfloat16",
       kUnsupported,
       {"float32", "bfloat16"},
       [](DLTensor &t) {
         t.dtype = {kDLBfloat, 16, 1};
       }},
      {"lanes", kUnsupported, {"float32", "float32x4"}, [](DLTensor &t) { t.dtype.lanes = 4; }},
      {"no lanes", kUnsupported, {"float32", "float32x0"}, [](DLTensor &t) { t.dtype.lanes = 0; }},
      {"a type code that DLPack does not have",
       kUnsupported,
       {"float32", "200"},
       [](DLTensor &t) { t.dtype.code = 200; }},
      {"a device type that DLPack does not have",
       kUnsupported,
       {"kDLCPU", "77"},
       [](DLTensor &t) { set_device_type(t, 77); }},
      {"Vulkan", kUnsupported, {"kDLCPU", "7"}, [](DLTensor &t) { t.device.device_type = kDLVulkan; }},
      {"no device", kUnsupported, {"kDLCPU", "0"}, [](DLTensor &t) { set_device_type(t, 0); }},
      {"rank 65",
       kInvalid,
       {"expected", "64", "65"},
       [](DLTensor &t) {
         std::fill(std::begin(ones), std::end(ones), 1);
         t.ndim = KILN_MAX_NDIM + 1, t.shape = ones, t.strides = nullptr;
       }},
      {"negative rank", kInvalid, {"expected", "-1"}, [](DLTensor &t) { t.ndim = -1; }},
      {"least rank", kInvalid, {"expected"}, [](DLTensor &t) { t.ndim = std::numeric_limits<int>::min(); }},
      {"shape NULL", kInvalid, {"expected", "shape", "NULL"}, [](DLTensor &t) { t.shape = nullptr; }},
      {"negative extent", kInvalid, {"expected", "-4"}, [](DLTensor &t) { t.shape = negative_extent; }},
      {"more elements than int64",
       kInvalid,
       {"expected", "4611686018427387904"},
       [](DLTensor &t) { t.shape = huge, t.strides = nullptr; }},
      {"more bytes than int64",
       kInvalid,
       {"expected", "4611686018427387904"},
       [](DLTensor &t) { t.shape = one_huge, t.strides = nullptr; }},
      {"stride past the address space",
       kInvalid,
       {"expected", "9223372036854775807"},
       [](DLTensor &t) { t.strides = stride_out_of_reach; }},
      {"least stride", kInvalid, {"expected", "-9223372036854775808"}, [](DLTensor &t) { t.strides = least_stride; }},
      {"strides whose sum overflows",
       kInvalid,
       {"expected", "stride"},
       [](DLTensor &t) { t.strides = strides_that_add_up; }},
      {"data off by a byte", kInvalid, {"aligned", "4"}, [](DLTensor &t) { move_by(t, 1); }},
      {"byte_offset off by two bytes", kInvalid, {"aligned", "4"}, [](DLTensor &t) { t.byte_offset = 2; }},
  };
  return faults;
}

std::vector<std::string> texts_of(const Fault &fault, const std::string &argument, const std::string &shape) {
  std::vector<std::string> texts = fault.texts;
  std::replace(texts.begin(), texts.end(), std::string(kShape), shape);
  texts.insert(texts.begin(), argument + ":");
  return texts;
}

}  // namespace kiln::test
