// Calls that a thread may make again and again, in a forked child, on a small stack and while the process ends too:
// their memory is there before, and so are the bits that they must give.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/layout.h"
#include "support/operation.h"

namespace kiln::test {

// What the calls of one operation and shape have in common, whatever their form.
struct Reference {
  std::vector<float> inputs;
  Results expected;
  Reference(const Operation &operation, const Extents &shape);
};

// Of one thread at a time, as its memory is its own.
class ReadyCall {
 public:
  ReadyCall(const Operation &operation, const Form &form, const Extents &shape, const Reference &reference);
  ReadyCall(const ReadyCall &) = delete;
  ReadyCall &operator=(const ReadyCall &) = delete;

  // Puts all memory back and makes the call. Whether it succeeded, gave the reference's bits, and wrote nothing else.
  bool right(const kiln_context *context);
  // Without putting the memory back: whether it is as it was before the call.
  bool untouched() const;
  kiln_status call(const kiln_context *context) const { return prepared_->run(context); }
  void put_back();
  bool has_results() const;

  const std::string &name() const { return name_; }

 private:
  struct Statistics {
    const float *data;
    std::vector<float> before, after;
  };

  Operation operation_;
  Array input_, output_;
  bool in_place_;
  Parameters parameters_;
  DLTensor in_, out_;
  std::vector<Statistics> statistics_;
  std::vector<float> input_before_, output_before_, output_after_;
  std::unique_ptr<PreparedCall> prepared_;
  std::string name_;
};

using ReadyCalls = std::vector<std::unique_ptr<ReadyCall>>;
// In every form with every sample of the operator's arguments; where samples are thinned, what some_ready_calls()
// gives: two of them, in some forms.
ReadyCalls ready_calls(const std::string &op, const Extents &shape);
ReadyCalls some_ready_calls(const std::string &op, const Extents &shape);

// Of such a shape no operator's work is one thread's alone.
inline const Extents kSharedOut = {12, 16, 30, 41};

}  // namespace kiln::test
