// Calls under a floating-point control word of the test's.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "support/expectations.h"
#include "support/fp_words.h"
#include "support/inputs.h"

namespace kiln::test {

// Everything that a call gave, and the word that it left.
struct Seen {
  kiln_status status;
  Results results;
  FpWord left;
};
inline Seen call_under(FpWord word, const kiln_context *context, const Operation &operation, const Form &form,
                       const Extents &shape, const std::vector<float> &inputs) {
  Array from(form.input(shape), inputs), apart(form.output(shape));
  Array &to = form.in_place ? from : apart;
  Parameters parameters(operation, shape);
  const DLTensor in = from.tensor(), out = to.tensor();
  const PreparedCall prepared(operation, parameters.with(in, out));
  Seen seen{};
  set_fp_word(word);
  seen.status = prepared.run(context);
  seen.left = get_fp_word();
  set_fp_word(kFpDefault);
  seen.results = {to.get(), parameters.values("running_mean"), parameters.values("running_var")};
  return seen;
}

// Ordinary values under a mean, whose results depend on the rounding; tiny ones, on subnormals; all kinds and sizes.
inline std::vector<std::vector<float>> kinds_of_inputs(const Extents &shape) {
  const int64_t count = dense(shape).count();
  return {normal_values(count, 121, 3, 1), normal_values(count, 122, 0, 1e-38), mixed_values(count, 123)};
}

// eps that is no float32 number: turning it into one would round.
inline std::vector<Operation> operations_under_words(const std::string &op, const Extents &shape) {
  std::vector<Operation> all = samples_of(op, shape);
  const size_t count = std::min<size_t>(all.size(), 3);
  for (size_t i = 0; i < count; ++i)
    if (all[i].has("eps")) {
      all.push_back(all[i]);
      all.back()["eps"] = 1e-45 / 3;
    }
  return all;
}

}  // namespace kiln::test
