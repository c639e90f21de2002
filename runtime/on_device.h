// What normalizations on devices share: their stages are the CPU's, one launch each for as much as 32-bit indices
// reach.
#pragma once

#include "channel_layout.h"
#include "device/device.h"
#include "device/scratch_cache.h"
#include "stages.h"

namespace kiln {

constexpr int64_t kMostInLaunch = int64_t{1} << 30;  // elements

// An array on a device: its first value's address, or place in an object.
template <class T>
struct DeviceValues {
  void *object;
  T *data;
};
template <class T>
DeviceValues<T> values_in(const DeviceMemory &memory) {
  return {memory.object, reinterpret_cast<T *>(memory.offset)};
}

// Whether a parameter, where there is one, is in memory that kernels on the device take.
kiln_status check_on_device(DeviceCall *call, const char *name, const Tensor *parameter);

// A parameter as kernels take it: its values, a single step apart. Where it is absent, one that changes nothing stands
// for all, 0 apart.
struct DeviceParameter {
  void *object;
  const float *data;
  int64_t stride;
};
enum class Neutral { weight, bias };  // in their order in ScratchCache::neutral_values
kiln_status neutral_parameter(DeviceCall *call, Neutral which, DeviceParameter *parameter);
// `tensor` NULL: the neutral one.
kiln_status find_parameter(DeviceCall *call, const char *name, const Tensor *tensor, Neutral which,
                           DeviceParameter *parameter);

// Input and output as kernels take them: as they lie, or as one dense tensor in working memory.
class DevicePair {
 public:
  // Checks the memory of both.
  kiln_status check(DeviceCall *call, const Tensor &input, const Tensor &output);
  // Whether they may be taken as they lie at all: OpenCL cannot begin a buffer behind its lowest element.
  bool may_stay() const;
  // Has them pass through dense memory, contiguous in the order of their dimensions; until bring() it has no address.
  kiln_status stage();
  kiln_status bring();
  kiln_status finish() const;

  bool staged() const { return copy_ != nullptr; }
  const Tensor &input() const { return staged() ? dense_ : input_; }
  const Tensor &output() const { return staged() ? dense_ : output_; }

 private:
  DeviceCall *call_ = nullptr;
  Tensor input_, output_, dense_;
  const Kernel *copy_ = nullptr;
  DeviceScratch memory_;
};

// One block of a tensor as a kernel gets it, (s, c, n).
Buffer<3> buffer_of(const ChannelLayout &layout, const Block &block);

// Whether vectors of 4 may begin at an address.
bool whole_vectors(const DeviceCall &call, const float *data);
// Tells a kernel by the first index, -1, that they may not; element 0 stays where it is. CUDA only.
template <int dimensions>
void begin_before(Buffer<dimensions> *buffer) {
  buffer->dim[0].min = -1;
  buffer->memory.offset -= static_cast<int64_t>(sizeof(float));
}

// The partial results of a reduction's segments, [2][segment][n][c] in `partial`, by a kernel that takes a block,
// scalars and where to put what it finds.
template <class... Scalars>
kiln_status measure_on_device(const DeviceCall &call, const Stage &kernel, Form form, const ChannelLayout &in,
                              void *in_object, const DeviceValues<double> &partial, Scalars... scalars) {
  const int64_t planes = in.n * in.c, segments = segments_in(in.s);
  const Blocks blocks = cut(in, in, {kMostInLaunch, kSegment, kLongestPlane, false});
  for (int64_t i = 0; i < blocks.count(); ++i) {
    const Block b = blocks.at(i);
    Buffer<3> x = buffer_of(in, b);
    const bool whole = whole_vectors(call, reinterpret_cast<const float *>(x.raw.host));
    x.on(in_object, false);
    if (form == Form::contiguous && !whole) begin_before(&x);
    Buffer<4> to(partial.data + b.s / kSegment * planes + b.n * in.c + b.c,
                 {b.c_extent, segments_in(b.s_extent), b.n_extent, 2}, {1, planes, in.c, segments * planes});
    if (kiln_status s = kernel(x.get(), scalars..., to.on(partial.object, true).get())) return s;
  }
  return KILN_STATUS_OK;
}

// The coefficients of channel_apply, (c, n, k) by their strides.
struct DeviceCoefficients {
  DeviceValues<float> values;
  int64_t c_stride, n_stride, k_stride;
};
// channel_apply, from one layout to another of the same form.
kiln_status apply_on_device(const DeviceCall &call, const Stage &apply, Form form, const ChannelLayout &in,
                            void *in_object, const ChannelLayout &out, void *out_object,
                            const DeviceCoefficients &coefficients);

}  // namespace kiln
