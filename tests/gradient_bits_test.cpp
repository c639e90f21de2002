// Gradients of normalizations have the bits of the baseline kernels on dense tensors and one thread, however a call is
// made: with statistics or without, whichever results are asked for, in any layout, in place, on any threads and
// memory.
#include "support/gradient_test.h"
#include "support/inputs.h"
#include "support/random.h"

namespace kiln::test {
namespace {

const Extents kSmall = {3, 8, 5, 7}, kRows = {70, 6, 17}, kLarge = {5, 16, 30, 41};

class BitsOfGradient : public GradientTest {
 protected:
  // check(sample, expected) for samples of the operator's arguments, of usual inputs and of a large mean.
  template <class Check>
  void for_each(const std::vector<Extents> &shapes, const Check &check) const {
    for (const Extents &shape : shapes)
      for (GradientSample sample : gradient_samples(op(), shape, 641)) {
        check(sample, reference_gradients(sample));
        if (thinning() > 1 || shape == kLarge) continue;
        for (float &value : sample.input) value += 1e5f;
        check(sample, reference_gradients(sample));
      }
  }
};
KILN_OPERATORS_AND_ISAS(BitsOfGradient, normalization_gradients());

TEST_P(BitsOfGradient, OfEveryShape) {
  for_each(gradient_shapes(op()),
           [&](const GradientSample &sample, const GradientBits &expected) { expect_bits(expected, sample, {}); });
}

// Each subset of the results, whose bits do not depend on what else is asked for.
TEST_P(BitsOfGradient, OfWhateverIsAskedFor) {
  const std::vector<std::string> results = [&] {
    std::vector<std::string> names = Operation(op()).tensors(descriptor::Role::result);
    names.push_back("grad_input");
    return names;
  }();
  for_each({kSmall, kRows}, [&](const GradientSample &sample, const GradientBits &expected) {
    for (int wanted = 1; wanted < 1 << results.size(); ++wanted) {
      GradientForm form;
      form.name = "without";
      for (size_t i = 0; i < results.size(); ++i)
        if (!(wanted >> i & 1)) form.without.insert(results[i]), form.name += " " + results[i];
      expect_bits(expected, sample, form);
    }
  });
}

// Each width of a row and each number of channels up to some vectors, at other alignments.
TEST_P(BitsOfGradient, OfEveryTailAndAlignment) {
  for (int64_t width = 2; width <= 66; width += (width < 18 || width > 62 ? 1 : 7) * (thinning() > 1 ? 5 : 1))
    for (const Extents &shape : {Extents{3, 4, width}, Extents{2, width, 3}})
      for (const GradientSample &sample : gradient_samples(op(), shape, 645)) {
        const GradientBits expected = reference_gradients(sample);
        EXPECT_TRUE(near_gradients(gradients_of(sample), run_gradient(context_, sample))) << place(sample);
        GradientForm form{"dense, channels-last to dense", dense, channels_last, dense};
        form.misalignment = static_cast<int>(width % 5);
        expect_bits(expected, sample, form);
        form.over = "grad_output", form.name += ", in place";
        expect_bits(expected, sample, form);
      }
}

Layout backwards(const Extents &shape) { return reversed(stepped(shape, 2), static_cast<int>(shape.size()) - 1); }
Layout with_gaps(const Extents &shape) { return padded(shape, 3); }

// Each tensor contiguous, channels-last, with gaps and backwards, results apart and over either input.
TEST_P(BitsOfGradient, OfEveryLayout) {
  const std::vector<std::pair<const char *, Layout (*)(const Extents &)>> layouts = {
      {"dense", dense}, {"channels-last", channels_last}, {"backwards", backwards}, {"with gaps", with_gaps}};
  Turns turns(11);
  for_each({kSmall, kRows}, [&](const GradientSample &sample, const GradientBits &expected) {
    for (size_t k = 0; k < 16; ++k) {
      if (!turns.has(k)) continue;
      const auto &[g, of_g] = layouts[k % 4];
      const auto &[x, of_x] = layouts[k / 4];
      const auto &[r, of_r] = layouts[(k + k / 4) % 4];
      GradientForm form{std::string(g) + ", " + x + " to " + r, of_g, of_x, of_r};
      form.step = 1 + static_cast<int64_t>(k % 3);
      form.misalignment = static_cast<int>(k % 5);
      expect_bits(expected, sample, form);
      form.over = k % 2 == 0 ? "grad_output" : "input";
      form.name += " over " + form.over;
      expect_bits(expected, sample, form);
    }
    turns.next_round();
  });
}

TEST_P(BitsOfGradient, OfRandomLayouts) {
  Random random(651);
  const int64_t rounds = 12 / static_cast<int64_t>(std::min<uint64_t>(thinning(), 6));
  for_each({kSmall}, [&](const GradientSample &sample, const GradientBits &expected) {
    for (int64_t round = 0; round < rounds; ++round) {
      GradientForm form;
      form.name = "random layouts, round " + std::to_string(round);
      const auto any = [&random](const Extents &shape) { return random_layout(random, shape, false); };
      form.grad_output = form.input = form.grad_input = any;
      form.misalignment = static_cast<int>(random.integer(0, 15));
      expect_bits(expected, sample, form);
    }
  });
}

// A stride of 0 in grad_output, in the input and in parameters, as a scalar that is expanded has it.
TEST_P(BitsOfGradient, OfExpandedTensors) {
  const auto expanded = [](const Extents &shape) { return broadcast(dense(shape), 0); };
  for (GradientSample sample : gradient_samples(op(), kSmall, 661)) {
    const size_t plane = sample.input.size() / 3;
    for (size_t i = 0; i < sample.input.size(); ++i) {
      sample.input[i] = sample.input[i % plane];
      sample.grad_output[i] = sample.grad_output[i % plane];
    }
    for (const std::string &name : sample.operation.tensors(descriptor::Role::parameter))
      for (float &value : sample.operation.values(name)) value = 1.25f;
    GradientForm form{"expanded", expanded, expanded};
    form.step = 0;
    expect_bits(reference_gradients(sample), sample, form);
  }
}

TEST_P(BitsOfGradient, OfEveryNumberOfThreads) {
  size_t round = 0;
  for_each({kLarge, {151, 3, 257}}, [&](const GradientSample &sample, const GradientBits &expected) {
    for (int threads : some_of<int>({1, 2, 5}, 3, round++)) {
      context_.threads(threads);
      GradientForm form;
      form.name = std::to_string(threads) + " threads";
      expect_bits(expected, sample, form);
      form.name += ", channels-last";
      form.grad_output = form.input = form.grad_input = channels_last;
      expect_bits(expected, sample, form);
    }
  });
}

// In as little memory of the app's as a call can have, it is right or says what it expects and writes nothing.
TEST_P(BitsOfGradient, OfLittleWorkingMemory) {
  std::vector<double> memory(KILN_WORKSPACE_MIN / sizeof(double));
  Context small;
  small.isa(isa().name).threads(3);
  ASSERT_EQ(kiln_context_set_workspace(small, memory.data(), KILN_WORKSPACE_MIN), KILN_STATUS_OK);
  for_each({kSmall, kLarge}, [&](const GradientSample &sample, const GradientBits &expected) {
    GradientForm form;
    form.grad_output = form.input = form.grad_input = channels_last;
    GradientCall call(sample, form);
    const auto before = call.snapshot();
    const kiln_status status = call.run(small);
    if (status == KILN_STATUS_OK)
      EXPECT_TRUE(same_bits(expected, call.results())) << place(sample);
    else
      EXPECT_EQ(before, call.snapshot()) << place(sample) << ": " << kiln_last_error();
  });
}

// In no more than kiln_context_workspace_peak asks for.
TEST_P(BitsOfGradient, OfAWorkspaceThatIsLargeEnough) {
  for_each({kSmall, kLarge}, [&](const GradientSample &sample, const GradientBits &expected) {
    Context measuring, with_workspace;
    for (Context *context : {&measuring, &with_workspace}) context->isa(isa().name).threads(3);
    run_gradient(measuring, sample);
    const size_t bytes = kiln_context_workspace_peak(measuring);
    std::vector<double> memory(bytes / sizeof(double) + 1);
    ASSERT_EQ(kiln_context_set_workspace(with_workspace, memory.data(), bytes), KILN_STATUS_OK);
    EXPECT_TRUE(same_bits(expected, run_gradient(with_workspace, sample))) << place(sample);
  });
}

}  // namespace
}  // namespace kiln::test
