// Where Kiln differs from PyTorch on purpose (docs/promises/numerics.md): cases of tests/data/torch, and why. Arguments
// that operators.toml does not allow are refused without a row here.
#pragma once

#include <string>
#include <vector>

namespace kiln::test {

// How a result is judged that is not to be PyTorch's.
enum class Instead {
  refused,    // an error here, a result there
  accepted,   // the other way round
  definition  // by the oracle
};
struct Difference {
  std::string op, test_case;
  Instead instead;
  const char *reason;
};
inline const std::vector<Difference> &differences() {
  static const std::vector<Difference> all = {
      {"batch_norm", "weight-two-dim", Instead::refused, "weight has the shape (1, C)"},
      {"batch_norm", "eval-zero-variance-eps-0", Instead::definition, "a variance of 0 gives infinities"},
      {"batch_norm", "train-special-weight", Instead::definition, "an infinite weight gives infinities"},
      {"group_norm", "special-weight", Instead::definition, "an infinite weight gives infinities"},
      {"instance_norm", "special-weight", Instead::definition, "an infinite weight gives infinities"},
      {"instance_norm", "constant-rows-eps-0", Instead::definition, "0 / 0 is NaN, as in the other normalizations"},
      {"instance_norm", "empty-batch-statistics", Instead::definition, "the statistics stay, as in batch_norm"},
      {"normalize", "empty-rows-p-inf", Instead::accepted, "there is nothing to compute"},
      {"normalize", "empty-rows-p-minus-inf", Instead::accepted, "there is nothing to compute"},
      {"normalize", "empty-rows-p-minus-1", Instead::accepted, "there is nothing to compute"},
      {"normalize", "empty-dim-none-p-inf", Instead::accepted, "there is nothing to compute"},
      {"normalize", "empty-dim-none-p-minus-inf", Instead::accepted, "there is nothing to compute"},
      {"normalize", "empty-dim-none-p-minus-1", Instead::accepted, "there is nothing to compute"},
  };
  return all;
}
inline const Difference *difference(const std::string &op, const std::string &test_case) {
  for (const Difference &d : differences())
    if (d.op == op && d.test_case == test_case) return &d;
  return nullptr;
}

}  // namespace kiln::test
