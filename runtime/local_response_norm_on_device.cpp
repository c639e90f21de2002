#include "local_response_norm_on_device.h"

#include "channel_statistics.h"
#include "on_device.h"
#include "status.h"

namespace kiln {
namespace {

struct Work {
  DeviceCall call;
  Stage stage, copy;
  ResponseArguments a;
  ChannelLayout in, out;
  Form form;
  void *input_object, *output_object;

  bool in_place() const { return in.data == out.data && input_object == output_object; }
};

kiln_status prepare(Work *w, const KernelList &kernels, const Tensor &input, const Tensor &output) {
  if (kiln_status s = check_on_device(&w->call, "input", &input)) return s;
  if (kiln_status s = check_on_device(&w->call, "output", &output)) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  if (!layouts_in_common(input, output, Samples::apart, &w->in, &w->out, &w->form))
    return fail(
        KILN_STATUS_UNSUPPORTED,
        "input: expected input and output both contiguous or both channels-last on device %s, got shape %s with "
        "other strides",
        w->call.api->name, ShapeText(input).text);
  if (kiln_status s = w->stage.choose(kernels, &w->call, w->form)) return s;
  return w->copy.choose(channel_apply_kernels, &w->call, w->form);
}

// A copy of the input, by coefficients that change nothing: a window needs what another one's result replaces.
kiln_status copy_input(Work *w, DeviceScratch *memory, ChannelLayout *copy) {
  const ChannelLayout &l = w->in;
  if (kiln_status s = memory->allocate(&w->call, l.count() * static_cast<int64_t>(sizeof(float)))) return s;
  const auto values = values_in<float>(memory->memory());
  *copy = dense_planes(values.data, l.n, l.c, l.s);
  if (w->form == Form::pixels) *copy = {values.data, l.n, l.c, l.s, l.c * l.s, 1, l.c};
  DeviceMemory neutral{};
  if (kiln_status s = w->call.context->device_scratch.neutral_values(&w->call, &neutral)) return s;
  return apply_on_device(w->call, w->copy, w->form, l, w->input_object, *copy, values.object,
                         {values_in<float>(neutral), 0, 0, 1});
}

}  // namespace

kiln_status local_response_norm_on_device(const kiln_context &context, const KernelList &kernels,
                                          const ResponseArguments &arguments, const Tensor &input,
                                          const Tensor &output) {
  Work w{{}, {}, {}, arguments, {}, {}, Form::planes, input.object, output.object};
  if (kiln_status s = w.call.begin(context, input.device)) return s;
  if (kiln_status s = prepare(&w, kernels, input, output)) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  DeviceScratch memory;
  ChannelLayout from = w.in;
  void *object = w.input_object;
  if (w.in_place()) {
    if (kiln_status s = copy_input(&w, &memory, &from)) return s;
    object = memory.memory().object;
  }
  const ResponseArguments &a = w.a;
  const Blocks blocks = cut(from, w.out, {kMostInLaunch, 1, INT32_MAX / 4, true});
  for (int64_t i = 0; i < blocks.count(); ++i) {
    Buffer<3> x = buffer_of(from, blocks.at(i)), y = buffer_of(w.out, blocks.at(i));
    if (kiln_status s = w.stage(x.on(object, false).get(), a.before, a.after, a.size, a.alpha, a.beta, a.k,
                                y.on(w.output_object, true).get()))
      return s;
  }
  return KILN_STATUS_OK;
}

}  // namespace kiln
