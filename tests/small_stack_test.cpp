// Calls on a stack of 16 KiB, as threads of small systems and coroutines have it: every operator, layout and
// instruction set, with a page behind the stack that nothing may touch.
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

constexpr size_t kStack = 16384;

// Runs functions on a stack of kStack bytes between pages that cannot be read or written.
class SmallStack {
 public:
  SmallStack() : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    memory_ = static_cast<char *>(mmap(nullptr, kStack + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory_ == MAP_FAILED || mprotect(memory_ + page_, kStack, PROT_READ | PROT_WRITE) != 0)
      throw std::runtime_error("no memory for a stack");
  }
  ~SmallStack() { munmap(memory_, kStack + 2 * page_); }
  SmallStack(const SmallStack &) = delete;
  SmallStack &operator=(const SmallStack &) = delete;

  kiln_status call(const PreparedCall &prepared, const kiln_context *context) {
    prepared_ = &prepared;
    context_ = context;
    std::fill(memory_ + page_, memory_ + page_ + kStack, kUntouched);
    ucontext_t there;
    getcontext(&there);
    there.uc_stack.ss_sp = memory_ + page_;
    there.uc_stack.ss_size = kStack;
    there.uc_link = &here_;
    const uintptr_t self = reinterpret_cast<uintptr_t>(this);
    makecontext(&there, reinterpret_cast<void (*)()>(run), 2, static_cast<unsigned>(self >> 32),
                static_cast<unsigned>(self));
    swapcontext(&here_, &there);
    return status_;
  }
  // Bytes of it that the last call touched.
  size_t used() const {
    const char *const begin = memory_ + page_, *const end = begin + kStack;
    return static_cast<size_t>(end - std::find_if(begin, end, [](char c) { return c != kUntouched; }));
  }

 private:
  static void run(unsigned high, unsigned low) {
    SmallStack &self = *reinterpret_cast<SmallStack *>(static_cast<uintptr_t>(high) << 32 | low);
    self.status_ = self.prepared_->run(self.context_);
  }

  static constexpr char kUntouched = 0x5a;
  size_t page_;
  char *memory_;
  ucontext_t here_{};
  const PreparedCall *prepared_ = nullptr;
  const kiln_context *context_ = nullptr;
  kiln_status status_ = KILN_STATUS_OK;
};

class SmallStackTest : public EveryOperatorTest {
 protected:
  void call(const Operation &operation, const Form &form, const Extents &shape, int threads,
            const std::vector<float> &inputs, const Results &expected) {
    Context context;
    context.isa(isa().name).threads(threads);
    Array from(form.input(shape), inputs), apart(form.output(shape));
    Array &to = form.in_place ? from : apart;
    Parameters parameters(operation, shape);
    const DLTensor in = from.tensor(), out = to.tensor();
    const PreparedCall prepared(operation, parameters.with(in, out));
    const std::string place = show(operation) + " on " + isa().name + ", " + show(shape) + ", " + form.name;
    ASSERT_EQ(stack_.call(prepared, context), KILN_STATUS_OK) << place << ": " << kiln_last_error();
    EXPECT_TRUE(same_bits(expected, {to.get(), parameters.values("running_mean"), parameters.values("running_var")}))
        << place;
    most_ = std::max(most_, stack_.used());
  }
  void TearDown() override { RecordProperty("bytes_of_stack", static_cast<int>(most_)); }

 private:
  SmallStack stack_;
  size_t most_ = 0;
};
KILN_OPERATORS_AND_ISAS(SmallStackTest, all_operators());

TEST_P(SmallStackTest, Serves) {
  for (const Extents &shape : {Extents{2, 8, 3, 5}, Extents{2, 256, 9, 15}, Extents{1, 2, 140000}})
    for (const Operation &operation : samples_of(op(), shape)) {
      const std::vector<float> inputs = normal_values(dense(shape).count(), 1031, 1, 2);
      const Results expected = reference_bits(operation, shape, inputs);
      for (const Form &form : forms())
        for (int threads : {1, 2}) call(operation, form, shape, threads, inputs, expected);
    }
}

// Errors are written on it too.
TEST_P(SmallStackTest, ServesForErrors) {
  const Extents shape = {2, 3, 4};
  const Operation operation = samples_of(op(), shape).front();
  Parameters parameters(operation, shape);
  Array from(dense(shape), normal_values(24, 1032, 0, 1));
  DLTensor in = from.tensor(), out = in;
  int64_t other[] = {2, 3, 5};
  out.shape = other;
  const PreparedCall prepared(operation, parameters.with(in, out));
  SmallStack stack;
  EXPECT_EQ(stack.call(prepared, nullptr), KILN_STATUS_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace kiln::test
