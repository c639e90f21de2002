// The bits of a normalization depend on values, shape and arguments alone: not on strides, alignment, or whether it is
// computed in place. Nothing beside the tensors is touched.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/random.h"
#include "support/rows.h"

namespace kiln::test {
namespace {

class NormalizationLayout : public IsaTest {
 protected:
  void SetUp() override {
    IsaTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }

  // Runs from `from` to `to` (which may be the same array) and expects these bits.
  ::testing::AssertionResult gives(const Results &expected, const Operation &n, Array &from, Array &to) {
    const std::vector<float> inputs = from.get();
    const std::string place = " " + show(n) + " on " + isa().name + ", " + show(from.layout()) + " to " +
                              (&from == &to ? "itself" : show(to.layout()));
    Results results;
    if (auto ok = succeeded(run(context_, n, from, to, &results)); !ok) return ok << place;
    if (auto same = same_bits(expected, results, inputs); !same) return same << place;
    if (auto untouched = to.surroundings_untouched(); !untouched) return untouched << place;
    if (&from == &to) return ::testing::AssertionSuccess();
    if (auto kept = same_bits(inputs, from.get()); !kept) return kept << " (the input was written)" << place;
    return from.surroundings_untouched();
  }

  Context context_;
};
KILN_EACH_ISA(NormalizationLayout);

// Each order that the dimensions can have in memory: to the same, to a dense output, from a dense input, in place.
TEST_P(NormalizationLayout, EveryOrderOfDimensions) {
  size_t round = 0;
  for (const Extents &shape : {Extents{3, 8}, Extents{2, 8, 17}, Extents{2, 4, 3, 35}, Extents{3, 12, 7, 7}})
    for (const Operation &n : some_of(normalization_samples(shape), 3, round++)) {
      const std::vector<float> inputs = normal_values(dense(shape).count(), 521, 1, 2);
      const Results expected = reference_bits(n, shape, inputs);
      std::vector<int> order(shape.size());
      for (size_t d = 0; d < order.size(); ++d) order[d] = static_cast<int>(d);
      do {
        const Layout layout = permuted(shape, order);
        Array there(layout, inputs), plain(dense(shape), inputs), to(layout), to_plain(dense(shape)), back(layout);
        ASSERT_TRUE(gives(expected, n, there, to));
        ASSERT_TRUE(gives(expected, n, there, to_plain));
        ASSERT_TRUE(gives(expected, n, plain, back));
        ASSERT_TRUE(gives(expected, n, there, there));
      } while (std::next_permutation(order.begin(), order.end()));
    }
}

// Lines along one dimension that are too short for vectors, beside many along the other; and more channels than a
// block.
TEST_P(NormalizationLayout, FewChannelsAndShortPlanes) {
  size_t round = 0;
  for (const Extents &shape : {Extents{3, 40, 2}, Extents{2, 4500, 3}, Extents{2, 3, 700}, Extents{1, 15, 90, 50}})
    for (const Operation &n : some_of(normalization_samples(shape), 3, round++)) {
      const std::vector<float> inputs = normal_values(dense(shape).count(), 524, 1, 2);
      const Results expected = reference_bits(n, shape, inputs);
      Array plain(dense(shape), inputs), to_plain(dense(shape)), last(channels_last(shape), inputs),
          to_last(channels_last(shape));
      ASSERT_TRUE(gives(expected, n, plain, to_plain));
      ASSERT_TRUE(gives(expected, n, last, to_last));
      ASSERT_TRUE(gives(expected, n, plain, to_last));
      ASSERT_TRUE(gives(expected, n, last, last));
      ASSERT_TRUE(gives(expected, n, plain, plain));
    }
}

// A plane's bits are its own: the same among others, which kernels take together, as alone, whatever the others hold.
TEST_P(NormalizationLayout, PlanesAmongOthers) {
  for (int64_t length : {2, 3, 15, 16, 17, 49, 64, 127, 128, 129, 256, 257, 383, 1023, 1024, 1025}) {
    std::vector<float> inputs = normal_values(37 * length, 526, 1, 2), alone;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (i / length % 5 == 1) inputs[i] *= 1e30F;
    for (auto row = inputs.begin(); row != inputs.end(); row += length) {
      const Sample one = samples_of_rows("instance_norm", {row, row + length}, length, 1e-5).front();
      for (float y : run_dense(context_, one.operation, one.shape, one.inputs).output) alone.push_back(y);
    }
    for (int64_t planes : {15, 16, 17, 37}) {
      const std::vector<float> some(inputs.begin(), inputs.begin() + planes * length);
      const std::vector<float> expected(alone.begin(), alone.begin() + planes * length);
      for (const Sample &all : samples_of_rows("instance_norm", some, length, 1e-5))
        for (const Layout &layout : {dense(all.shape), channels_last(all.shape)}) {
          Array from(layout, some), to(layout);
          ASSERT_TRUE(gives({expected, {}, {}}, all.operation, from, to)) << planes << " planes of " << length;
        }
    }
  }
}

TEST_P(NormalizationLayout, ExtentsOfOneAndFiveDimensions) {
  for (const Extents &shape :
       {Extents{1, 1, 1}, Extents{2, 1, 1}, Extents{1, 6, 1}, Extents{1, 1, 9}, Extents{4, 3, 1, 1}, Extents{1, 8},
        Extents{5, 1}, Extents{2, 4, 2, 3, 5}, Extents{1, 2, 1, 1, 3, 2}})
    for (const Operation &n : normalization_samples(shape)) {
      const std::vector<float> inputs = normal_values(dense(shape).count(), 522, 1, 2);
      const Results expected = reference_bits(n, shape, inputs);
      for (const Layout &layout : {dense(shape), channels_last(shape), padded(shape, 3), stepped(shape, 2)}) {
        Array from(layout, inputs), to(layout);
        ASSERT_TRUE(gives(expected, n, from, to));
        ASSERT_TRUE(gives(expected, n, from, from));
      }
    }
}

// Reversed, with gaps, with stride 0, at any alignment; values of every size and kind.
TEST_P(NormalizationLayout, RandomLayouts) {
  Random random(523);
  for (int round = 0; round < 60; ++round) {
    Extents shape = {random.integer(1, 4), random.integer(1, 9)};
    for (int64_t d = random.integer(0, 3); d > 0; --d) shape.push_back(random.integer(1, 8));
    for (const Operation &n : normalization_samples(shape)) {
      const Layout input = random_layout(random, shape, true), output = random_layout(random, shape, false);
      Array from(input, static_cast<int>(random.integer(0, 15))), to(output, static_cast<int>(random.integer(0, 15)));
      from.set(random.chance(3) ? mixed_values(input.count(), 5300 + round)
                                : normal_values(input.count(), 5300 + round));
      ASSERT_TRUE(gives(reference_bits(n, shape, from.get()), n, from, to)) << "round " << round;
    }
  }
}

TEST_P(NormalizationLayout, EveryAlignmentAndWidth) {
  for (int64_t width : {1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 130})
    for (const Extents &shape : {Extents{2, 4, width}, Extents{2, width, 3}})
      for (const Operation &n : normalization_samples(shape)) {
        const std::vector<float> inputs = normal_values(dense(shape).count(), 524);
        const Results expected = reference_bits(n, shape, inputs);
        for (const Layout &layout : {dense(shape), channels_last(shape)})
          for (int alignment : {0, 1, 7, 8}) {
            Array from(layout, inputs, alignment), to(layout, (5 * alignment + 3) % 16);
            ASSERT_TRUE(gives(expected, n, from, to));
          }
      }
}

// Each parameter is there and has one value per channel.
bool has_values_per_channel(const Operation &n) {
  bool all = !n.parameters().empty();
  for (const descriptor::Tensor &tensor : n.row().tensors)
    if (tensor.role == descriptor::Role::parameter || tensor.role == descriptor::Role::statistics)
      all &= tensor.shape == descriptor::Shape::channels && !n.values(tensor.name).empty();
  return all;
}

// weight, bias and running statistics under any stride, and of any alignment.
TEST_P(NormalizationLayout, StridedParameters) {
  const Extents shape = {3, 8, 5};
  const std::vector<float> inputs = normal_values(120, 525);
  for (const Operation &n : normalization_samples(shape)) {
    if (!has_values_per_channel(n)) continue;
    const Results expected = reference_bits(n, shape, inputs);
    for (const Layout &layout : {stepped({8}, 3), reversed(dense({8}), 0), reversed(stepped({8}, 2), 0)})
      for (int alignment : {0, 5}) {
        Array from(dense(shape), inputs), to(dense(shape));
        std::map<std::string, Array> arrays;
        std::map<std::string, DLTensor> given{{"input", from.tensor()}, {"output", to.tensor()}};
        Tensors tensors;
        for (const std::string &name : n.parameters())
          given[name] = arrays.emplace(name, Array(layout, n.values(name), alignment)).first->second.tensor();
        for (const auto &[name, tensor] : given) tensors[name] = &tensor;
        ASSERT_TRUE(succeeded(call(context_, n, tensors)));
        Results results{to.get(), {}, {}};
        if (n.has_statistics())
          results.running_mean = arrays.at("running_mean").get(), results.running_var = arrays.at("running_var").get();
        ASSERT_TRUE(same_bits(expected, results)) << show(n) << " on " << isa().name << ", " << show(layout);
        for (const auto &[name, array] : arrays) ASSERT_TRUE(array.surroundings_untouched()) << name;
      }
  }
}

// A parameter of the value that stands for its absence (weight: 1, bias: -0) changes no bit.
TEST_P(NormalizationLayout, AbsentParametersMatchOnesAndMinusZeros) {
  const Extents shape = {3, 8, 5};
  const std::vector<float> inputs = mixed_values(120, 526);
  for (Operation n : normalization_samples(shape)) {
    std::map<std::string, std::vector<float>> identity;
    for (const descriptor::Tensor &tensor : n.row().tensors)
      if (tensor.role == descriptor::Role::parameter)
        n.values(tensor.name) = identity[tensor.name] =
            std::vector<float>(dense(n.shape_of(tensor.name, shape)).count(), tensor.identity);
    const Results expected = reference_bits(n, shape, inputs);
    for (int present = 0; present < 1 << identity.size(); ++present) {
      int k = 0;
      for (const auto &[name, values] : identity) n.values(name) = present >> k++ & 1 ? values : std::vector<float>();
      ASSERT_TRUE(same_bits(expected, run_dense(context_, n, shape, inputs), inputs)) << show(n) << isa().name;
    }
  }
}

// Memory that ends at a page which may not be touched, or begins behind one, for input, parameters and output alike.
TEST_P(NormalizationLayout, NothingBesideTheTensorsIsTouched) {
  const int64_t page = sysconf(_SC_PAGESIZE), room = 4 * page / static_cast<int64_t>(sizeof(float));
  char *map = static_cast<char *>(mmap(nullptr, 31 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(map, MAP_FAILED);
  for (int k = 0; k < 6; ++k) ASSERT_EQ(mprotect(map + (5 * k + 1) * page, 4 * page, PROT_READ | PROT_WRITE), 0);
  for (const Extents &shape :
       {Extents{2, 3, 1}, Extents{1, 5, 13}, Extents{3, 16, 7}, Extents{2, 33, 17}, Extents{2, 4, 129}})
    for (const Operation &n : normalization_samples(shape)) {
      const std::vector<float> inputs = normal_values(dense(shape).count(), 527);
      const Results expected = reference_bits(n, shape, inputs);
      for (const Layout &layout : {dense(shape), channels_last(shape)})
        for (bool at_end : {false, true}) {
          const std::vector<int64_t> offsets = layout.offsets();
          const auto place = [&](int k, int64_t count) {
            return reinterpret_cast<float *>(map + (5 * k + 1) * page) + (at_end ? room - count : 0);
          };
          float *const from = place(0, layout.count()), *const to = place(5, layout.count());
          for (size_t i = 0; i < inputs.size(); ++i) from[offsets[i]] = inputs[i];
          std::map<std::string, Layout> rows;
          std::map<std::string, DLTensor> given{{"input", tensor_on(from, layout)}, {"output", tensor_on(to, layout)}};
          int k = 1;
          for (const std::string &name : n.parameters()) {
            const std::vector<float> &values = n.values(name);
            if (values.empty()) continue;
            float *const at = place(k++, static_cast<int64_t>(values.size()));
            std::copy(values.begin(), values.end(), at);
            given[name] = tensor_on(at, rows[name] = dense(n.shape_of(name, shape)));
          }
          Tensors tensors;
          for (const auto &[name, tensor] : given) tensors[name] = &tensor;
          ASSERT_TRUE(succeeded(call(context_, n, tensors)));
          std::vector<float> results;
          for (int64_t offset : offsets) results.push_back(to[offset]);
          ASSERT_TRUE(same_bits(expected.output, results)) << show(n) << " on " << isa().name << ", " << show(layout);
        }
    }
  munmap(map, 31 * page);
}

TEST_P(NormalizationLayout, EmptyNeedsNoData) {
  for (const Extents &shape : {Extents{0, 4, 5}, Extents{3, 4, 0}, Extents{0, 4}, Extents{2, 4, 0, 3}})
    for (const Operation &n : normalization_samples(shape)) {
      if (n.is("group_norm") && shape[0] > 0) continue;  // an error
      const Layout layout = dense(shape);
      const DLTensor in = tensor_on(nullptr, layout);
      DLTensor out = tensor_on(nullptr, layout);
      Parameters parameters(n, shape);
      EXPECT_TRUE(succeeded(call(context_, n, parameters.with(in, out))))
          << show(n) << " on " << isa().name << ", shape " << show(shape);
    }
}

}  // namespace
}  // namespace kiln::test
