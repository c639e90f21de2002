// Elementwise operators on types of 16 bits: every one of the 65,536 inputs beside MPFR, and the same bits in every
// layout, position and number of threads.
// With KILN_TESTS_WRITE_DIGESTS set, the baseline kernels write their digests to tests/digests/element_types.json, once
// their results are right.
#include <cmath>

#include "oracle/oracle.h"
#include "support/digest_file.h"
#include "support/digests.h"
#include "support/element_type.h"
#include "support/inputs.h"
#include "support/random.h"

namespace kiln::test {
namespace {

class ElementTypes : public ElementwiseTest {
 protected:
  template <class Body>
  void for_each_type(Body body) {
    for (const ElementType &type : element_types_of_16_bits())
      for (kiln_accuracy accuracy : op().accuracies) {
        SCOPED_TRACE(std::string(op().name) + ' ' + type.name + ' ' + name_of(accuracy) + " on " + isa().name);
        Context context;
        context.isa(isa().name).accuracy(accuracy);
        body(type, accuracy, context);
      }
  }
  // The results of all inputs, of some where machines are emulated.
  void expect_right(kiln_accuracy wanted) {
    const std::vector<uint16_t> words = every_word(thinning() == 1 ? 1 : 7);
    for_each_type([&](const ElementType &type, kiln_accuracy accuracy, const kiln_context *context) {
      if (accuracy != wanted) return;
      const std::vector<uint16_t> got = run_dense(op(), context, type, words);
      accuracy == KILN_ACCURACY_EXACT ? expect_rounded_once(type, words, got) : expect_near(type, words, got);
    });
  }
  // Runs the operator from `from` to `to`, which may be the same.
  void expect_words(const kiln_context *context, Words &from, Words &to, const std::vector<uint16_t> &expected) {
    const std::vector<uint16_t> inputs = from.get();
    DLTensor input = from.tensor(), output = to.tensor();
    ASSERT_TRUE(succeeded(op().run(context, &input, &output)));
    ASSERT_TRUE(same_words(expected, to.get(), inputs));
    ASSERT_TRUE(to.surroundings_untouched());
    if (&from != &to) {
      ASSERT_EQ(inputs, from.get()) << "the input was written";
    }
  }

 private:
  void expect_rounded_once(const ElementType &type, const std::vector<uint16_t> &words,
                           const std::vector<uint16_t> &got) const {
    const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(op().name);
    int wrong = 0;
    for (size_t i = 0; i < words.size(); ++i) {
      const uint16_t expected = oracle::exactly_rounded(oracle, type, type.value_of(words[i]));
      if (expected != got[i] && ++wrong <= 10)
        ADD_FAILURE() << "input " << text_of(words[i]) << " (" << type.value_of(words[i]) << "): expected "
                      << text_of(expected) << ", got " << text_of(got[i]);
    }
    EXPECT_EQ(wrong, 0);
  }
  // Within one ULP.
  void expect_near(const ElementType &type, const std::vector<uint16_t> &words,
                   const std::vector<uint16_t> &got) const {
    const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(op().name);
    for (size_t i = 0; i < words.size(); ++i) {
      const double expected = oracle.value(type.value_of(words[i])), result = type.value_of(got[i]);
      const bool special = std::isnan(expected) || std::isinf(expected) || std::isinf(result);
      const bool right =
          special ? got[i] == type.nearest(expected) : std::fabs(result - expected) <= type.last_place(expected);
      ASSERT_TRUE(right) << "input " << text_of(words[i]) << ": expected " << expected << ", got " << result;
    }
  }
};
KILN_EACH_OPERATOR_AND_ISA(ElementTypes);

TEST_P(ElementTypes, ExactIsTheRealResultRoundedOnce) { expect_right(KILN_ACCURACY_EXACT); }

TEST_P(ElementTypes, FastIsWithinOneUlp) { expect_right(KILN_ACCURACY_FAST); }

TEST_P(ElementTypes, EveryTailAndAlignment) {
  for_each_type([&](const ElementType &type, kiln_accuracy, const kiln_context *context) {
    const std::vector<uint16_t> words = words_of_all_kinds(321, 1), all = run_dense(op(), context, type, words);
    for (int64_t n = 0; n <= 321; n += n < 70 ? 1 : 17)
      for (int alignment : {0, 1, 2, 5, 31}) {
        const std::vector<uint16_t> inputs(words.begin(), words.begin() + n), expected(all.begin(), all.begin() + n);
        SCOPED_TRACE(std::to_string(n) + " elements, alignment " + std::to_string(alignment));
        Words from(type, dense({n}), inputs, alignment), to(type, dense({n}), (5 * alignment + 3) % 32);
        expect_words(context, from, to, expected);
        Words both(type, dense({n}), inputs, alignment);
        expect_words(context, both, both, expected);
        if (HasFatalFailure()) return;
      }
  });
}

TEST_P(ElementTypes, EveryLayout) {
  for_each_type([&](const ElementType &type, kiln_accuracy, const kiln_context *context) {
    for (const LayoutCase &layout : layout_cases()) {
      SCOPED_TRACE(layout.name);
      Words from(type, layout.input, words_of_all_kinds(layout.input.count(), 2), 1), to(type, layout.output, 3);
      expect_words(context, from, to, run_dense(op(), context, type, from.get()));
      Words both(type, layout.output, from.get(), 1);
      expect_words(context, both, both, run_dense(op(), context, type, from.get()));
      if (HasFatalFailure()) return;
    }
  });
}

TEST_P(ElementTypes, EveryNumberOfThreads) {
  const std::vector<Layout> layouts = {dense({32769}), dense({100003}), padded({331, 300}, 7), stepped({99991}, 2),
                                       permuted({61, 47, 37}, {2, 0, 1})};
  for_each_type([&](const ElementType &type, kiln_accuracy, kiln_context *context) {
    size_t round = 0;
    for (const Layout &layout : layouts) {
      const std::vector<uint16_t> words = words_of_all_kinds(layout.count(), 3);
      const std::vector<uint16_t> expected = run_dense(op(), context, type, words);
      for (int threads : some_of<int>({1, 2, 5}, 3, round++)) {
        SCOPED_TRACE(std::to_string(threads) + " threads, " + show(layout));
        ASSERT_TRUE(succeeded(kiln_context_set_num_threads(context, threads)));
        Words both(type, layout, words);
        expect_words(context, both, both, expected);
        if (HasFatalFailure()) return;
      }
    }
  });
}

// Of the results of all 65,536 inputs.
TEST_P(ElementTypes, DigestsAreTheRepositorys) {
  const DigestFile file("element_types.json");
  DigestFile::Json found;
  for_each_type([&](const ElementType &type, kiln_accuracy accuracy, const kiln_context *context) {
    Digest digest;
    digest.add(run_dense(op(), context, type, every_word()));
    found[type.name][name_of(accuracy)] = hex(digest.value());
  });
  if (DigestFile::writes(isa())) {
    for (kiln_accuracy accuracy : op().accuracies) expect_right(accuracy);
    if (HasFailure()) return;
    file.write(op().name, found);
  }
  const DigestFile::Json all = file.read();
  ASSERT_TRUE(all.contains(op().name)) << file.path() << " has no digests of " << op().name;
  EXPECT_EQ(all.at(op().name), found) << op().name << " on " << isa().name;
}

}  // namespace
}  // namespace kiln::test
