// Normalizations on types of 16 bits: the bits of float32 rounded once, in every layout and number of threads, with
// parameters of the input's type and of float32.
// With KILN_TESTS_WRITE_DIGESTS set, the baseline kernels write their digests to tests/digests/element_types.json, once
// their results are right.
#include "support/digest_file.h"
#include "support/digests.h"
#include "support/every_operator.h"
#include "support/word_call.h"

namespace kiln::test {
namespace {

class NormalizationTypes : public EveryOperatorTest {
 protected:
  void SetUp() override {
    EveryOperatorTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }
  // body(call, words, expected) for each sample, type, and type of parameters; for some where machines are emulated.
  template <class Body>
  void for_each_call(const Extents &shape, Body body) {
    uint64_t seed = 900;
    for (const Operation &operation : samples_of(op(), shape))
      for (const ElementType &type : element_types_of_16_bits())
        for (bool narrow : {true, false}) {
          if (HasFatalFailure() || (narrow && operation.parameters().empty()) || !calls_.has(seed++)) continue;
          const WordCall call(operation, type, narrow);
          SCOPED_TRACE(call.text() + " on " + isa().name + ", shape " + show(shape));
          const std::vector<uint16_t> words = some_words(type, dense(shape).count(), seed);
          body(call, words, call.expected(shape, words));
        }
  }
  void expect(const WordResults &expected, const WordCall &call, Words &from, Words &to, int64_t step = 1) {
    const std::vector<uint16_t> inputs = from.get();
    WordResults results;
    ASSERT_TRUE(succeeded(call.run(context_, from, to, step, &results)));
    ASSERT_TRUE(same_words(expected, results));
    ASSERT_TRUE(to.surroundings_untouched());
    if (&from != &to) {
      ASSERT_EQ(inputs, from.get()) << "the input was written";
    }
  }

  Context context_;
  Turns calls_{9};
  size_t turn_ = 0;
};
KILN_OPERATORS_AND_ISAS(NormalizationTypes, normalizations());

// Planes of one position to more than two segments, few channels and many; rows longer than one call takes. Of large ones
// each call has some of the forms, and the next one others.
TEST_P(NormalizationTypes, EveryForm) {
  for (const Extents &shape : {Extents{3, 8, 1}, Extents{2, 8, 17}, Extents{2, 4, 3, 35}, Extents{5, 24, 7, 7},
                               Extents{3, 40, 2}, Extents{2, 3, 700}, Extents{1, 12, 70, 71}, Extents{1, 2, 140001}})
    for_each_call(shape, [&](const WordCall &call, const std::vector<uint16_t> &words, const WordResults &expected) {
      const std::vector<Form> all = some_forms();
      const size_t step = words.size() > 100000 ? 4 : 1;
      for (size_t i = turn_++ % step; i < all.size(); i += step) {
        const Form &form = all[i];
        SCOPED_TRACE(form.name);
        Words from(call.type(), form.input(shape), words, 3), to(call.type(), form.output(shape), 1);
        expect(expected, call, from, form.in_place ? from : to, form.in_place ? 2 : 1);
      }
    });
}

TEST_P(NormalizationTypes, EveryTailAndAlignment) {
  for (int64_t width = 2; width <= 66; width += width < 20 || width > 60 ? 1 : 5)
    for (const Extents &shape : {Extents{2, 4, width}, Extents{2, width, 3}})
      for_each_call(shape, [&](const WordCall &call, const std::vector<uint16_t> &words, const WordResults &expected) {
        for (int misalignment : {0, 1, 6}) {
          Words from(call.type(), dense(shape), words, misalignment);
          Words to(call.type(), channels_last(shape), (5 * misalignment + 3) % 32);
          expect(expected, call, from, to);
          expect(expected, call, from, from);
        }
      });
}

TEST_P(NormalizationTypes, EveryNumberOfThreads) {
  const Extents shape = {3, 48, 30, 37};
  size_t round = 0;
  for_each_call(shape, [&](const WordCall &call, const std::vector<uint16_t> &words, const WordResults &expected) {
    for (int threads : some_of<int>({1, 2, 5}, 3, round++))
      for (const Layout &layout : {dense(shape), channels_last(shape)}) {
        SCOPED_TRACE(std::to_string(threads) + " threads, " + show(layout));
        context_.threads(threads);
        Words from(call.type(), layout, words), to(call.type(), layout);
        expect(expected, call, from, to);
      }
  });
}

TEST_P(NormalizationTypes, DigestsAreTheRepositorys) {
  const DigestFile file("element_types.json");
  DigestFile::Json found;
  for (const ElementType &type : element_types_of_16_bits()) {
    Digest digest;
    for (const Sample &sample : digest_samples(op())) {
      const WordCall call(sample.operation, type, true);
      const std::vector<uint16_t> words = nearest_words(type, sample.inputs);
      Words from(type, dense(sample.shape), words), to(type, dense(sample.shape));
      expect(call.expected(sample.shape, words), call, from, to);
      if (HasFatalFailure()) return;
      digest.add(to.get());
    }
    found[type.name]["exact"] = hex(digest.value());
  }
  if (DigestFile::writes(isa())) file.write(op(), found);
  const DigestFile::Json all = file.read();
  ASSERT_TRUE(all.contains(op())) << file.path() << " has no digests of " << op() << ": " << update_command(op());
  EXPECT_EQ(all.at(op()), found) << op() << " on " << isa().name;
}

}  // namespace
}  // namespace kiln::test
