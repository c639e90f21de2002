// Calls of kiln.hpp from a file that is compiled without exceptions: each returns the status that it got.
#pragma once

#include <kiln/kiln.h>

#include <vector>

namespace kiln::test::without_exceptions {

// silu of `input` in that shape, with that many threads; the text of a failure goes to *message.
kiln_status silu(const std::vector<float> &input, const std::vector<int64_t> &shape, int num_threads,
                 std::vector<float> &output, const char **message);
// The status and text of a view that cannot be made.
kiln_status mismatched_view(const char **message);
// batch_norm in training, whose running mean is const.
kiln_status const_statistics(const char **message);
// A context of an instruction set that there is none of, and a call with it.
kiln_status unknown_isa(std::vector<float> &both, const char **message);
// With a lambda that runs none of the pieces, and the number of its calls.
kiln_status with_lambda(const std::vector<float> &input, std::vector<float> &output, int *calls);

}  // namespace kiln::test::without_exceptions
