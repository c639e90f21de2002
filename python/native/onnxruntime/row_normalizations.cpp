// Normalizations over trailing dimensions.
#include <algorithm>
#include <utility>

#include "operators.h"

namespace kiln::onnx {

namespace {

// The input's trailing dimensions from an axis on.
struct Rows {
  Rows(const Tensor &x, int64_t axis) : axis(static_cast<int>(axis < 0 ? axis + x.rank() : axis)) {
    if (this->axis < 0 || this->axis >= x.rank())
      throw Failure(ort::kInvalidArgument, "Kiln: axis " + std::to_string(axis) + " is none of the input's " +
                                               std::to_string(x.rank()) + " dimensions");
    shape = x.shape() + this->axis;
    rank = x.rank() - this->axis;
  }

  // A parameter of any shape that broadcasts to a row's, as Kiln takes it: of the row's shape.
  Tensor parameter(Tensor given) const {
    if (!given.present()) return given;
    if (given.rank() > rank) throw Failure(ort::kInvalidArgument, "Kiln: scale or bias differs from row to row");
    if (given.rank() == rank && std::equal(shape, shape + rank, given.shape())) return given;
    std::vector<int64_t> extents(shape, shape + rank), strides(rank);
    int64_t step = 1;
    for (int i = rank - 1, from = given.rank() - 1; i >= 0 && from >= 0; i--, from--) {
      const int64_t extent = given.extent(from);
      if (extent != extents[i] && extent != 1)
        throw Failure(ort::kInvalidArgument, "Kiln: scale or bias does not broadcast to the input: extent " +
                                                 std::to_string(extent) + " where the input has " +
                                                 std::to_string(extents[i]));
      strides[i] = extent == 1 ? 0 : step;
      step *= extent;
    }
    return given.view(std::move(extents), std::move(strides));
  }

  int axis;
  const int64_t *shape;
  int rank;
};

// Output i, a statistic of each row. ONNX's has an extent of 1 for each dimension of a row, Kiln's none.
class Statistic {
 public:
  Statistic(const Call &call, size_t i, const Tensor &x, const Rows &rows) {
    if (!call.may_have_output(i)) return;
    std::vector<int64_t> shape(x.shape(), x.shape() + x.rank());
    std::fill(shape.begin() + rows.axis, shape.end(), 1);
    const Tensor output = call.output(i, shape.data(), shape.size());
    if (output.present()) tensor_ = Tensor(output.data<void>(), output.type(), x.shape(), rows.axis);
  }
  DLTensor *get() { return tensor_.get(); }

 private:
  Tensor tensor_;
};

class LayerNorm : public Computation {
 public:
  explicit LayerNorm(const Attributes &attributes)
      : axis_(attributes.integer("axis", -1)), epsilon_(attributes.real("epsilon", 1e-5f)) {}

  void run(const Call &call) const override {
    Tensor x = call.input(0), y = call.output(0, x);
    const Rows rows(x, axis_);
    Tensor weight = rows.parameter(call.input(1)), bias = rows.parameter(call.input(2));
    Statistic mean(call, 1, x, rows), rstd(call, 2, x, rows);
    if (mean.get() != nullptr || rstd.get() != nullptr)
      expect(kiln_layer_norm_with_statistics(call.context(), x.get(), rows.shape, rows.rank, weight.get(), bias.get(),
                                             epsilon_, y.get(), mean.get(), rstd.get()));
    else if (!x.empty())
      expect(
          kiln_layer_norm(call.context(), x.get(), rows.shape, rows.rank, weight.get(), bias.get(), epsilon_, y.get()));
  }

 private:
  int64_t axis_;
  double epsilon_;
};

class RmsNorm : public Computation {
 public:
  explicit RmsNorm(const Attributes &attributes)
      : axis_(attributes.integer("axis", -1)), epsilon_(attributes.real("epsilon", 1e-5f)) {}

  void run(const Call &call) const override {
    Tensor x = call.input(0), y = call.output(0, x);
    const Rows rows(x, axis_);
    Tensor weight = rows.parameter(call.input(1));
    Statistic rstd(call, 1, x, rows);  // of ONNX Runtime's operator, which has it
    if (rstd.get() != nullptr)
      expect(kiln_rms_norm_with_statistics(call.context(), x.get(), rows.shape, rows.rank, weight.get(), &epsilon_,
                                           y.get(), rstd.get()));
    else if (!x.empty())
      expect(kiln_rms_norm(call.context(), x.get(), rows.shape, rows.rank, weight.get(), &epsilon_, y.get()));
  }

 private:
  int64_t axis_;
  double epsilon_;
};

}  // namespace

std::unique_ptr<Computation> make_layer_norm(const Attributes &a) { return std::make_unique<LayerNorm>(a); }
std::unique_ptr<Computation> make_rms_norm(const Attributes &a) { return std::make_unique<RmsNorm>(a); }

}  // namespace kiln::onnx
