// layer_norm: every row of x (length values) is normalized by its own moments.
#include "normalization/affine.h"
#include "normalization/moments.h"
#include "schedules/rows.h"

namespace kiln {
using namespace Halide;

class LayerNorm : public Generator<LayerNorm> {
public:
    
    GeneratorParam<int> width{"vector_width", 8};
    GeneratorParam<int> unroll{"unroll", 1};
    GeneratorParam<int> rows{"rows", 4};
    GeneratorParam<int> ahead{"ahead", 1};

    Input<Buffer<float, 2>> x{"x"};
    Input<Buffer<float, 1>> weight{"weight"}, bias{"bias"};
    Input<double> eps{"eps"};
    Output<Buffer<float, 2>> y{"y"};

    void generate() {
        Expr length = x.dim(0).extent();
        Input3 value = [&](const Expr &s, const Expr &, const Expr &n) { return x(s, n); };
        moments = std::make_unique<SegmentMoments>(value, length, eps, seg, c, r);
        moments->finish(moments->result(seg, c, r)[2] != 0);

        // Sums over the segments in order; float64 leaves nothing to lose.
        Expr segments = (length + ReductionShape::segment - 1) / ReductionShape::segment;
        sum_dom = RDom(1, segments - 1, "sum_seg");
        row_sum(r) = moments->total(0, 0, r);
        row_sum(r) += moments->total(sum_dom, 0, r);
        row_mean(r) = row_sum(r) / f64(length);
        auto m2 = [&](const Expr &i) {
            Expr k = f64(min(ReductionShape::segment, length - i * ReductionShape::segment));
            Expr delta = moments->total(i, 0, r) - k * row_mean(r);
            return moments->m2(i, 0, r) + (delta * delta) * (Expr(1.0) / k);
        };
        row_m2(r) = m2(0);
        row_m2(r) += m2(sum_dom);

        Standardize z = standardize(row_mean(r), row_m2(r) * (Expr(1.0) / f64(length)), eps);
        coefficients(r) = Tuple(z.scale, z.shift, z.factor, z.rest);
        Standardize at{coefficients(r)[0], coefficients(r)[1], coefficients(r)[2], coefficients(r)[3]};
        Expr u = standardized(x(s, r), at);
        y(s, r) = canonical(fma(u, weight(s), bias(s)));
    }
    void schedule() {
        weight.dim(0).set_stride(Expr());
        bias.dim(0).set_stride(Expr());
        const Expr each = weight.dim(0).stride() == 1 && bias.dim(0).stride() == 1;
        const Expr none = weight.dim(0).stride() == 0 && bias.dim(0).stride() == 0;
        schedule_rows({y, s, r, coefficients, row_sum, row_mean, row_m2, moments.get(), x, {each, none}, width, unroll, rows, ahead});
    }

private:
    Var s{"s"}, r{"r"}, seg{"seg"}, c{"c"};
    Func row_sum{"row_sum"}, row_mean{"row_mean"}, row_m2{"row_m2"}, coefficients{"coefficients"};
    RDom sum_dom;
    std::unique_ptr<SegmentMoments> moments;
};
}  // namespace kiln
HALIDE_REGISTER_GENERATOR(kiln::LayerNorm, layer_norm_rows)
