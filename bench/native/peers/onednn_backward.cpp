// Gradients, given what the forward direction leaves: that is carried out once, before anything is timed.
#include "onednn_call.h"

namespace kiln::onednn {
namespace {

const auto kAffine = normalization_flags::use_scale | normalization_flags::use_shift;

// What all take.
void add_tensors(Call &call, const memory::desc &desc) {
  call.add(DNNL_ARG_SRC, desc, call.given.tensor("input"));
  call.add(DNNL_ARG_DIFF_DST, desc, call.given.tensor("grad_output"));
  call.add(DNNL_ARG_DIFF_SRC, desc, call.given.tensor("grad_input"));
}

void add_parameters(Call &call, const memory::desc &desc) {
  call.add(DNNL_ARG_SCALE, desc, call.given.tensor("weight"));
  call.add(DNNL_ARG_DIFF_SCALE, desc, call.given.tensor("grad_weight"));
  call.add(DNNL_ARG_DIFF_SHIFT, desc, call.given.tensor("grad_bias"));
}

// Those of tanh and sigmoid are faster from the result, which a graph keeps.
algorithm backward_of(algorithm kind) {
  if (kind == algorithm::eltwise_tanh) return algorithm::eltwise_tanh_use_dst_for_bwd;
  if (kind == algorithm::eltwise_logistic) return algorithm::eltwise_logistic_use_dst_for_bwd;
  return kind;
}

void bind_eltwise(Call &call) {
  const Eltwise &eltwise = ELTWISE.at(call.given.forward());
  const algorithm kind = backward_of(eltwise.kind);
  const memory::desc flat = describe({count_of(call.shape)}, call.type);
  const eltwise_forward::primitive_desc forward(call.engine, prop_kind::forward_training, kind, flat, flat,
                                                eltwise.alpha, eltwise.beta);
  add_tensors(call, flat);
  if (kind != eltwise.kind) {
    call.add_own(DNNL_ARG_DST, flat);
    call.carry_out(eltwise_forward(forward), {});
  }
  call.primitive = eltwise_backward({call.engine, kind, flat, flat, flat, eltwise.alpha, eltwise.beta, forward});
}

void bind_batch_norm(Call &call) {
  const Given &given = call.given;
  const memory::desc tensor = describe(call.shape, call.type, given.channels_last);
  const memory::desc channels = describe({call.shape[1]}, memory::data_type::f32);
  const bool training = given.number("training") != 0;
  const auto flags = training ? kAffine : kAffine | normalization_flags::use_global_stats;
  const batch_normalization_forward::primitive_desc forward(call.engine, prop_kind::forward_training, tensor, tensor,
                                                            given.number("eps"), flags);
  add_tensors(call, tensor);
  add_parameters(call, channels);
  if (training) {
    call.add_own(DNNL_ARG_MEAN, channels);
    call.add_own(DNNL_ARG_VARIANCE, channels);
    call.carry_out(batch_normalization_forward(forward), {{DNNL_ARG_DST, tensor}, {DNNL_ARG_SHIFT, channels}});
  } else {
    call.add(DNNL_ARG_MEAN, channels, given.tensor("running_mean"));
    call.add(DNNL_ARG_VARIANCE, channels, given.tensor("running_var"));
  }
  call.primitive = batch_normalization_backward(
      {call.engine, prop_kind::backward, tensor, tensor, tensor, given.number("eps"), flags, forward});
}

void bind_layer_norm(Call &call) {
  const Given &given = call.given;
  const memory::desc tensor = describe(call.shape, call.type);
  const memory::desc row = describe({call.shape.back()}, memory::data_type::f32);
  const layer_normalization_forward::primitive_desc forward(call.engine, prop_kind::forward_training, tensor, tensor,
                                                            given.number("eps"), kAffine);
  add_tensors(call, tensor);
  add_parameters(call, row);
  call.add_own(DNNL_ARG_MEAN, forward.mean_desc());
  call.add_own(DNNL_ARG_VARIANCE, forward.variance_desc());
  call.add_own(DNNL_ARG_SHIFT, row);  // an input, though no gradient depends on it
  call.carry_out(layer_normalization_forward(forward), {{DNNL_ARG_DST, tensor}});
  call.primitive = layer_normalization_backward(
      {call.engine, prop_kind::backward, tensor, tensor, tensor, given.number("eps"), kAffine, forward});
}

void bind_local_response_norm(Call &call) {
  const Given &given = call.given;
  const memory::desc tensor = describe(call.shape, call.type, given.channels_last);
  const auto size = static_cast<int64_t>(given.number("size"));
  const float alpha = given.number("alpha"), beta = given.number("beta"), k = given.number("k");
  const lrn_forward::primitive_desc forward(call.engine, prop_kind::forward_training, algorithm::lrn_across_channels,
                                            tensor, tensor, size, alpha, beta, k);
  add_tensors(call, tensor);
  call.add_own(DNNL_ARG_WORKSPACE, forward.workspace_desc());
  call.carry_out(lrn_forward(forward), {{DNNL_ARG_DST, tensor}});
  call.primitive = lrn_backward(
      {call.engine, algorithm::lrn_across_channels, tensor, tensor, tensor, size, alpha, beta, k, forward});
}

}  // namespace

const Binders BACKWARD = {
    {"tanh", bind_eltwise},          {"sigmoid", bind_eltwise},       {"hardsigmoid", bind_eltwise},
    {"silu", bind_eltwise},          {"mish", bind_eltwise},          {"softplus", bind_eltwise},
    {"batch_norm", bind_batch_norm}, {"layer_norm", bind_layer_norm}, {"local_response_norm", bind_local_response_norm},
};

}  // namespace kiln::onednn
