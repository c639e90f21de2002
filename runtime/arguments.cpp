#include "arguments.h"

#include "overlap.h"
#include "rows.h"
#include "status.h"

namespace kiln {

kiln_status read_input_and_output(const DLTensor *input, const DLTensor *output, Tensor *in, Tensor *out) {
  if (kiln_status s = read_tensor("input", input, in)) return s;
  if (kiln_status s = read_tensor("output", output, out)) return s;
  if (kiln_status s = expect_device("output", *out, "input", *in)) return s;
  if (kiln_status s = expect_shape("output", *out, in->ndim, in->shape, "input")) return s;
  if (kiln_status s = expect_distinct_elements("output", *out)) return s;
  return expect_no_overlap("input", *in, *out, true);
}

kiln_status Parameter::read(const char *name, const DLTensor *given, int ndim, const int64_t *shape, const char *like,
                            const Tensor &output, float neutral) {
  present_ = given != nullptr;
  neutral_ = neutral;
  data_ = &neutral_;
  if (!present_) return KILN_STATUS_OK;
  Tensor &tensor = tensor_;
  if (kiln_status s = read_tensor(name, given, &tensor)) return s;
  if (kiln_status s = expect_device(name, tensor, "output", output)) return s;
  if (kiln_status s = expect_shape(name, tensor, ndim, shape, like)) return s;
  if (kiln_status s = expect_no_overlap(name, tensor, output, false)) return s;
  data_ = tensor.data;
  if (tensor.count == 0 || tensor.device.device_type != kDLCPU) return KILN_STATUS_OK;
  const RowsLayout layout(tensor, tensor.ndim);
  if (layout.dense()) return KILN_STATUS_OK;
  if (kiln_status s = copy_.allocate(tensor.count)) return s;
  layout.gather(0, copy_.data());
  data_ = copy_.data();
  return KILN_STATUS_OK;
}

kiln_status Parameter::spread(int64_t count) {
  if (present_) return KILN_STATUS_OK;
  if (kiln_status s = copy_.allocate(count)) return s;
  for (int64_t i = 0; i < count; ++i) copy_.data()[i] = neutral_;
  data_ = copy_.data();
  present_ = true;
  return KILN_STATUS_OK;
}

kiln_status check_eps(double eps) {
  return eps >= 0 ? KILN_STATUS_OK : fail(KILN_STATUS_INVALID_ARGUMENT, "eps: expected 0 or more, got %g", eps);
}

kiln_status check_momentum(double momentum) {
  if (momentum == momentum) return KILN_STATUS_OK;
  return fail(KILN_STATUS_INVALID_ARGUMENT, "momentum: expected a number, got %g", momentum);
}

kiln_status expect_rank(const char *name, const Tensor &tensor, int least) {
  if (tensor.ndim >= least) return KILN_STATUS_OK;
  return fail(KILN_STATUS_INVALID_ARGUMENT, "%s: expected rank %d or more, got shape %s", name, least,
              ShapeText(tensor).text);
}

}  // namespace kiln
