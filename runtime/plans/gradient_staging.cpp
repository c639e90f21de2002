#include "gradient_staging.h"

namespace kiln {

GradientStaging::GradientStaging(Call &call, const KernelList *measuring,
                                 std::initializer_list<const KernelList *> stages)
    : call_(call), conversion_(call.input().array.element, call.row) {
  const Element given = call.input().array.element;
  const bool measured = !call.executor.on_device() || call.executor.has(given, {measuring});
  const bool read = !call.operand() || call.executor.has(given, stages);
  call.element = measured && read ? given : Element::float32;
}

kiln_status GradientStaging::allocate(Dims inner) {
  const Tensor &like = call_.input();
  copied_ = true;
  if (call_.executor.on_device()) call_.element = Element::float32;
  converts_ = !call_.executor.on_device() && call_.element != like.array.element;
  if (kiln_status s = call_.prepare_copies()) return s;
  if (converts_)
    if (kiln_status s = conversion_.choose(call_.executor)) return s;
  for (Tensor *copy : {&input_, &arriving_, &narrow_}) {
    if ((copy == &arriving_ && !call_.operand()) || (copy == &narrow_ && !converts_)) continue;
    const Element element = copy == &narrow_ ? like.array.element : call_.element;
    Array memory;
    if (kiln_status s = call_.executor.allocate(element, like.count, &memory)) return s;
    make_dense(like, memory, inner, copy);
  }
  return KILN_STATUS_OK;
}

kiln_status GradientStaging::bring(const Tensor &from, const Tensor &to) const {
  if (!converts_) return call_.executor.copy(from, to);
  if (kiln_status s = call_.executor.copy(from, narrow_)) return s;
  return conversion_.widen(narrow_.array, to.array, to.count);
}

kiln_status GradientStaging::bring() {
  if (!copied_) return KILN_STATUS_OK;
  if (kiln_status s = bring(given(), input_)) return s;
  return call_.operand() ? bring(call_.input(), arriving_) : KILN_STATUS_OK;
}

kiln_status GradientStaging::finish() {
  if (!copied_ || !wanted()) return KILN_STATUS_OK;
  if (!converts_) return call_.executor.copy(arriving_, call_.output());
  if (kiln_status s = conversion_.narrow(arriving_.array, narrow_.array, narrow_.count)) return s;
  return call_.executor.copy(narrow_, call_.output());
}

}  // namespace kiln
