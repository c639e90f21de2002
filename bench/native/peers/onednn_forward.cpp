// The operators themselves.
#include "onednn_call.h"

namespace kiln::onednn {
namespace {

const auto kAffine = normalization_flags::use_scale | normalization_flags::use_shift;

void finish(Call &call, const memory::desc &desc, const dnnl::primitive &made) {
  call.primitive = made;
  call.add(DNNL_ARG_SRC, desc, call.given.tensor("input"));
  call.add(DNNL_ARG_DST, desc, call.given.tensor("output"));
}

// Elements in the order of memory: the layout does not matter.
void bind_eltwise(Call &call) {
  const Eltwise &eltwise = ELTWISE.at(call.given.op);
  const memory::desc flat = describe({count_of(call.shape)}, call.type);
  finish(call, flat,
         eltwise_forward(
             {call.engine, prop_kind::forward_inference, eltwise.kind, flat, flat, eltwise.alpha, eltwise.beta}));
}

void bind_batch_norm(Call &call) {
  const Given &given = call.given;
  const memory::desc tensor = describe(call.shape, call.type, given.channels_last);
  const memory::desc channels = describe({call.shape[1]}, memory::data_type::f32);
  const bool training = given.number("training") != 0;
  const auto kind = training ? prop_kind::forward_training : prop_kind::forward_inference;
  const auto flags = training ? kAffine : kAffine | normalization_flags::use_global_stats;
  finish(call, tensor, batch_normalization_forward({call.engine, kind, tensor, tensor, given.number("eps"), flags}));
  call.add(DNNL_ARG_SCALE, channels, given.tensor("weight"));
  call.add(DNNL_ARG_SHIFT, channels, given.tensor("bias"));
  if (training) {
    call.add_own(DNNL_ARG_MEAN, channels);
    call.add_own(DNNL_ARG_VARIANCE, channels);
  } else {
    call.add(DNNL_ARG_MEAN, channels, given.tensor("running_mean"));
    call.add(DNNL_ARG_VARIANCE, channels, given.tensor("running_var"));
  }
}

void bind_layer_norm(Call &call) {
  const Given &given = call.given;
  const memory::desc tensor = describe(call.shape, call.type);
  const memory::desc row = describe({call.shape.back()}, memory::data_type::f32);
  finish(call, tensor,
         layer_normalization_forward(
             {call.engine, prop_kind::forward_inference, tensor, tensor, given.number("eps"), kAffine}));
  call.add(DNNL_ARG_SCALE, row, given.tensor("weight"));
  call.add(DNNL_ARG_SHIFT, row, given.tensor("bias"));
}

void bind_local_response_norm(Call &call) {
  const Given &given = call.given;
  const memory::desc tensor = describe(call.shape, call.type, given.channels_last);
  finish(call, tensor,
         lrn_forward({call.engine, prop_kind::forward_inference, algorithm::lrn_across_channels, tensor, tensor,
                      static_cast<int64_t>(given.number("size")), given.number("alpha"), given.number("beta"),
                      given.number("k")}));
}

}  // namespace

const Binders FORWARD = {
    {"tanh", bind_eltwise},          {"sigmoid", bind_eltwise},       {"hardsigmoid", bind_eltwise},
    {"silu", bind_eltwise},          {"mish", bind_eltwise},          {"softplus", bind_eltwise},
    {"batch_norm", bind_batch_norm}, {"layer_norm", bind_layer_norm}, {"local_response_norm", bind_local_response_norm},
};

}  // namespace kiln::onednn
