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
  DevicePair pair;

  bool in_place() const { return in.data == out.data && pair.input().object == pair.output().object; }
  bool lay_out() { return layouts_in_common(pair.input(), pair.output(), Samples::apart, &in, &out, &form); }
};

kiln_status prepare(Work *w, const KernelList &kernels, const Tensor &input, const Tensor &output) {
  if (kiln_status s = w->pair.check(&w->call, input, output)) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  if (!w->pair.may_stay() || !w->lay_out()) {
    if (kiln_status s = w->pair.stage()) return s;
    w->lay_out();
  }
  if (kiln_status s = w->stage.choose(kernels, &w->call, w->form)) return s;
  return w->copy.choose(channel_apply_kernels, &w->call, w->form);
}

// A copy of the input, by coefficients that change nothing: a window needs what another one's result replaces.
kiln_status copy_input(Work *w, DeviceScratch *memory, ChannelLayout *copy) {
  const ChannelLayout &l = w->in;
  if (kiln_status s = memory->allocate(&w->call, l.count() * static_cast<int64_t>(sizeof(float)))) return s;
  const auto values = values_in<float>(memory->memory());
  *copy = dense_planes(values.data, l.n, l.c, l.s);
  if (w->form == Form::channels_last) *copy = {values.data, l.n, l.c, l.s, l.c * l.s, 1, l.c};
  DeviceMemory neutral{};
  if (kiln_status s = w->call.context->device_scratch.neutral_values(&w->call, &neutral)) return s;
  return apply_on_device(w->call, w->copy, w->form, l, w->pair.input().object, *copy, values.object,
                         {values_in<float>(neutral), 0, 0, 1});
}

}  // namespace

kiln_status local_response_norm_on_device(const kiln_context &context, const KernelList &kernels,
                                          const ResponseArguments &arguments, const Tensor &input,
                                          const Tensor &output) {
  Work w{{}, {}, {}, arguments, {}, {}, Form::contiguous, {}};
  if (kiln_status s = w.call.begin(context, input.device)) return s;
  if (kiln_status s = prepare(&w, kernels, input, output)) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  if (kiln_status s = w.pair.bring()) return s;
  if (w.pair.staged()) w.lay_out();  // where it is now
  DeviceScratch memory;
  ChannelLayout from = w.in;
  void *object = w.pair.input().object;
  if (w.in_place()) {
    if (kiln_status s = copy_input(&w, &memory, &from)) return s;
    object = memory.memory().object;
  }
  const ResponseArguments &a = w.a;
  const Blocks blocks = cut(from, w.out, {kMostInLaunch, 1, INT32_MAX / 4, true});
  for (int64_t i = 0; i < blocks.count(); ++i) {
    Buffer<3> x = buffer_of(from, blocks.at(i)), y = buffer_of(w.out, blocks.at(i));
    if (kiln_status s = w.stage(x.on(object, false).get(), a.before, a.after, a.size, a.alpha, a.beta, a.k,
                                y.on(w.pair.output().object, true).get()))
      return s;
  }
  return w.pair.finish();
}

}  // namespace kiln
