// The bits of a normalized row depend on its values, parameters and eps alone: not on strides, alignment, batch,
// position in the batch, number of threads or whether it is computed in place.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/random.h"

namespace kiln::test {
namespace {

class RowNormLayout : public EveryOperatorTest {
 protected:
  void SetUp() override {
    EveryOperatorTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }

  Operation over(const Extents &normalized_shape, double eps = 1e-5) const {
    Operation n(op());
    n["normalized_shape"] = normalized_shape, n["eps"] = eps;
    return n;
  }
  // The last dimensions, with every parameter.
  Operation arguments(const Extents &shape, int normalized_ndim) const {
    Operation n = over({shape.end() - normalized_ndim, shape.end()});
    uint64_t seed = 41;
    for (const std::string &name : n.parameters()) {
      n.values(name) = normal_values(dense(n.extents()).count(), seed, seed == 41 ? 1 : 0, seed == 41 ? 0.5 : 1);
      ++seed;
    }
    return n;
  }
  // With each parameter on such a tensor.
  static Tensors with(const Operation &n, const DLTensor &input, const DLTensor &parameter, const DLTensor &output) {
    Tensors tensors{{"input", &input}, {"output", &output}};
    for (const std::string &name : n.parameters()) tensors[name] = &parameter;
    return tensors;
  }

  // Runs from `from` to `to` (which may be the same array) and expects the reference's bits.
  ::testing::AssertionResult run(Array &from, const Operation &arguments, Array &to) {
    const std::vector<float> inputs = from.get();
    const std::vector<float> expected = reference_bits(arguments, from.layout().shape, inputs).output;
    if (auto ok = succeeded(kiln::test::run(context_, arguments, from, to, nullptr)); !ok) return ok << place(from, to);
    if (auto same = same_bits(expected, to.get(), inputs); !same) return same << place(from, to);
    if (auto untouched = to.surroundings_untouched(); !untouched) return untouched << place(from, to);
    if (&from != &to)
      if (auto kept = same_bits(inputs, from.get()); !kept)
        return kept << " (the input was written)" << place(from, to);
    return from.surroundings_untouched();
  }
  std::string place(const Array &from, const Array &to) const {
    return " " + op() + " on " + isa().name + ", " + show(from.layout()) + " to " +
           (&from == &to ? "itself" : show(to.layout()));
  }

  Context context_;
};
KILN_OPERATORS_AND_ISAS(RowNormLayout, operators_of_family("row_norm"));

TEST_P(RowNormLayout, EveryLengthAndAlignment) {
  for (int64_t length = 1; length <= 3 * 64 + 1; ++length) {
    const Extents shape = {3, length};
    const std::vector<float> inputs = normal_values(3 * length, length);
    for (int alignment : {0, 1, 3, 7, 8, 15}) {
      Array from(dense(shape), inputs, alignment), to(dense(shape), (5 * alignment + 3) % 16);
      ASSERT_TRUE(run(from, arguments(shape, 1), to));
      Array both(dense(shape), inputs, alignment);
      ASSERT_TRUE(run(both, arguments(shape, 1), both));
    }
  }
}

TEST_P(RowNormLayout, EveryLayoutAndItsInPlace) {
  for (const LayoutCase &layout : layout_cases()) {
    const Extents &shape = layout.input.shape;
    if (shape.empty()) continue;  // a row needs a dimension
    for (int n = 1; n <= std::min<int>(4, static_cast<int>(shape.size())); ++n) {
      Array from(layout.input, mixed_values(layout.input.count(), 43)), to(layout.output);
      EXPECT_TRUE(run(from, arguments(shape, n), to)) << layout.name << " over " << n << " dimensions";
      Array both(layout.output, normal_values(layout.output.count(), 44));
      EXPECT_TRUE(run(both, arguments(shape, n), both)) << layout.name << " in place over " << n << " dimensions";
    }
  }
}

TEST_P(RowNormLayout, RandomLayouts) {
  Random random(45);
  for (int round = 0; round < 200; ++round) {
    const Layout input = random_layout(random, 5, 9, true);
    if (input.shape.empty()) continue;
    Array from(input, normal_values(input.count(), 4500 + round), static_cast<int>(random.integer(0, 15)));
    Array to(random_layout(random, input.shape, false), static_cast<int>(random.integer(0, 15)));
    const int n = static_cast<int>(random.integer(1, static_cast<int64_t>(input.shape.size())));
    ASSERT_TRUE(run(from, arguments(input.shape, n), to)) << "round " << round << " over " << n << " dimensions";
  }
}

// Parameters under any strides, a stride of 0 among them: the first in each of these, the others in each of those.
TEST_P(RowNormLayout, StridedParameters) {
  const Extents shape = {4, 6, 11}, tail = {6, 11};
  const std::vector<float> inputs = normal_values(4 * 66, 46);
  for (const Layout &first :
       {dense(tail), permuted(tail, {1, 0}), reversed(dense(tail), 1), padded(tail, 3), stepped(tail, 2),
        broadcast(dense(tail), 0), broadcast(dense(tail), 1), broadcast(broadcast(dense(tail), 0), 1)})
    for (const Layout &others : {dense(tail), reversed(reversed(dense(tail), 0), 1), broadcast(dense(tail), 0)}) {
      Operation given = over(tail);
      std::map<std::string, Array> arrays;
      for (const std::string &name : given.parameters()) {
        const Layout &layout = arrays.empty() ? first : others;
        arrays.emplace(name, Array(layout, normal_values(66, 47 + arrays.size())));
        given.values(name) = arrays.at(name).get();
      }
      Array from(dense(shape), inputs), to(dense(shape));
      std::map<std::string, DLTensor> all{{"input", from.tensor()}, {"output", to.tensor()}};
      for (auto &[name, array] : arrays) all[name] = array.tensor();
      Tensors tensors;
      for (const auto &[name, tensor] : all) tensors[name] = &tensor;
      ASSERT_TRUE(succeeded(call(context_, given, tensors)));
      EXPECT_TRUE(same_bits(reference_bits(given, shape, inputs).output, to.get(), inputs))
          << op() << " on " << isa().name << ", the first parameter " << show(first) << ", others " << show(others);
      for (const auto &[name, array] : arrays) EXPECT_TRUE(array.surroundings_untouched()) << name;
    }
}

// Parameters may share memory with each other and with the input: all are only read.
TEST_P(RowNormLayout, InputsMayOverlap) {
  Array shared(dense({40}), normal_values(40, 49)), to(dense({40}));
  const DLTensor in = shared.tensor(), out = to.tensor();
  Operation given = over({40});
  for (const std::string &name : given.parameters()) given.values(name) = shared.get();
  ASSERT_TRUE(succeeded(call(context_, given, with(given, in, in, out))));
  EXPECT_TRUE(same_bits(reference_bits(given, {40}, shared.get()).output, to.get()));
}

// A weight of ones or a bias of zeros is not the same as none for the sign of a zero; the value that stands for an
// absent parameter changes no bit.
TEST_P(RowNormLayout, AbsentParametersMatchTheirIdentities) {
  const std::vector<float> inputs = mixed_values(8 * 50, 50);
  Operation all = over({50});
  for (const descriptor::Tensor &tensor : all.row().tensors)
    if (tensor.role == descriptor::Role::parameter) all.values(tensor.name) = std::vector<float>(50, tensor.identity);
  const std::vector<float> expected = reference_bits(all, {8, 50}, inputs).output;
  const std::vector<std::string> names = all.parameters();
  for (int present = 0; present < 1 << names.size(); ++present) {
    Operation some = all;
    for (size_t k = 0; k < names.size(); ++k)
      if (!(present >> k & 1)) some.values(names[k]).clear();
    EXPECT_TRUE(same_bits(expected, run_dense(context_, some, {8, 50}, inputs).output, inputs))
        << show(some) << " on " << isa().name;
  }
}

TEST_P(RowNormLayout, EveryBatchAndPosition) {
  const std::vector<float> row = normal_values(133, 51, 3, 2);
  const Operation given = arguments({1, 133}, 1);
  const std::vector<float> expected = reference_bits(given, {1, 133}, row).output;
  for (int64_t batch : {1, 2, 3, 17, 64})
    for (int64_t at = 0; at < batch; ++at) {
      std::vector<float> inputs = mixed_values(batch * 133, 52);
      std::copy(row.begin(), row.end(), inputs.begin() + at * 133);
      const std::vector<float> results = run_dense(context_, given, {batch, 133}, inputs).output;
      ASSERT_TRUE(same_bits(expected, {results.begin() + at * 133, results.begin() + (at + 1) * 133}, row))
          << op() << " on " << isa().name << ", row " << at << " of " << batch;
    }
}

TEST_P(RowNormLayout, EveryNumberOfThreads) {
  size_t round = 0;
  for (const Extents &shape :
       {Extents{1, 100003}, Extents{1000, 33}, Extents{77, 768}, Extents{3, 40000}, Extents{100000, 1}})
    for (const Layout &layout : {dense(shape), padded(shape, 5), permuted(shape, {1, 0})}) {
      Array from(layout, normal_values(layout.count(), 53));
      for (int threads : some_of<int>({1, 2, 3, 4, 5, 6, 7, 8}, 4, round++)) {
        context_.threads(threads);
        Array to(layout);
        ASSERT_TRUE(run(from, arguments(shape, 1), to)) << threads << " threads";
      }
    }
}

// Memory that ends at a page which may not be touched, or begins behind one: input, parameters and output.
TEST_P(RowNormLayout, NothingBesideTheTensorsIsTouched) {
  const std::vector<std::string> parameters = Operation(op()).parameters();
  const int64_t page = sysconf(_SC_PAGESIZE), room = page / static_cast<int64_t>(sizeof(float));
  const int64_t tensors = 2 + static_cast<int64_t>(parameters.size()), pages = 2 * tensors + 1;
  char *map = static_cast<char *>(mmap(nullptr, pages * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(map, MAP_FAILED);
  for (int64_t k = 0; k < tensors; ++k) ASSERT_EQ(mprotect(map + (2 * k + 1) * page, page, PROT_READ | PROT_WRITE), 0);
  for (int64_t length = 1; length <= 3 * 64 + 1; ++length)
    for (bool at_end : {false, true}) {
      const Layout rows = dense({2, length}), row = dense({length});
      const Operation given = arguments({2, length}, 1);
      const std::vector<float> inputs = normal_values(2 * length, 54);
      int64_t next = 0;
      const auto place = [&](const std::vector<float> &values) {
        float *const begin = reinterpret_cast<float *>(map + (2 * next++ + 1) * page);
        return std::copy(values.begin(), values.end(), begin + (at_end ? room - values.size() : 0)) - values.size();
      };
      float *const to = place(std::vector<float>(2 * length));
      std::map<std::string, DLTensor> all{{"input", tensor_on(place(inputs), rows)}, {"output", tensor_on(to, rows)}};
      for (const std::string &name : parameters) all[name] = tensor_on(place(given.values(name)), row);
      Tensors named;
      for (const auto &[name, tensor] : all) named[name] = &tensor;
      ASSERT_TRUE(succeeded(call(context_, given, named)));
      ASSERT_TRUE(same_bits(reference_bits(given, {2, length}, inputs).output, {to, to + 2 * length}, inputs))
          << op() << " on " << isa().name << ", rows of " << length;
    }
  munmap(map, pages * page);
}

TEST_P(RowNormLayout, EmptyNeedsNoData) {
  for (const Extents &shape : {Extents{0, 5}, Extents{3, 0}, Extents{2, 0, 4}}) {
    const Layout layout = dense(shape), tail = dense({shape.back()});
    const DLTensor in = tensor_on(nullptr, layout), out = tensor_on(nullptr, layout);
    const Operation given = over({shape.back()});
    EXPECT_TRUE(succeeded(call(context_, given, {{"input", &in}, {"output", &out}}))) << show(shape);
    Array parameter(tail, std::vector<float>(tail.count(), 1.0f));
    const DLTensor p = parameter.tensor();
    EXPECT_TRUE(succeeded(call(context_, given, with(given, in, p, out)))) << show(shape) << " with parameters";
  }
}

}  // namespace
}  // namespace kiln::test
