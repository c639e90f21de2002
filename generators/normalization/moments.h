// Moments of one segment, in float32 with a float64 finish.
//
// The quick pass sums d = x - a and d^2, a being the mean of 8 values spread over the segment; then
//   sum = count * a + S,   m2 = Q - S^2 / count   (float64).
// It is right when Q neither overflowed nor underflowed and Q <= 8 m2, i.e. a lies within
// 2.65 standard deviations of the mean, so that the subtraction loses at most 3 bits of a sum
// that carries a few. Otherwise the careful pass repeats the segment, scaled by a power of two
// that brings its largest value to [1, 4) and centred at its own mean.
#pragma once
#include "reduction.h"
#include <memory>

namespace kiln {

// where: (s, c, n) -> float32 value
using Input3 = std::function<Expr(const Expr &s, const Expr &c, const Expr &n)>;

class SegmentMoments {
public:
    Var seg, c, n;
    Func left{"left"};       // values in the segment
    Func anchor{"anchor"}, result{"moments"};  // {sum, m2} in float64, and 1 where the quick pass failed
    Func scale{"scale"}, centre{"centre"}, careful{"careful"};
    RDom once;
    std::unique_ptr<Reduction> fast, peak, sum, slow;

    SegmentMoments(const Input3 &x, const Expr &length, const Expr &eps, Var seg, Var c, Var n)
        : seg(seg), c(c), n(n), once(0, 1, "once"), length(length) {
        left(seg) = Halide::min(ReductionShape::segment, length - seg * ReductionShape::segment);
        count = left(seg);
        value = [=](const Expr &s) {
            return x(seg * ReductionShape::segment + s, c, n);
        };
        define_quick(eps);
        define_careful();
    }

    // The careful pass runs where guard holds: result(seg, c, n)[2] != 0, or a condition that covers it
    // for a schedule that computes many c at once.
    void finish(const Expr &guard) {
        once = RDom(0, 1, "once");
        once.where(guard);
        Expr again = result(seg, c, n)[2] != 0 && once == 0;  // names the domain that carries the guard
        auto choose = [&](int i) { return Halide::select(again, careful(seg, c, n)[i], result(seg, c, n)[i]); };
        result(seg, c, n) = Tuple(choose(0), choose(1), result(seg, c, n)[2]);
    }
    Expr total(const Expr &seg, const Expr &c, const Expr &n) { return result(seg, c, n)[0]; }
    Expr m2(const Expr &seg, const Expr &c, const Expr &n) {
        Expr v = result(seg, c, n)[1];
        return Halide::select(v < 0, Expr(0.0), v);
    }

private:
    Expr length, count;
    std::function<Expr(const Expr &)> value;

    static Values deviations(const Values &p, const Expr &d) { return {p[0] + d, fma(d, d, p[1])}; }
    static Values larger(const Values &a, const Values &b) { return {Halide::max(a[0], b[0])}; }

    void define_quick(const Expr &eps) {
        Expr a[8];
        for (int i = 0; i < 8; i++) a[i] = value(Halide::unsafe_promise_clamped(i * (count / 8) + count / 16, 0, ReductionShape::segment - 1));
        anchor(seg, c, n) = (((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))) * 0.125f;
        auto add = [&](const Values &p, const Expr &s) { return deviations(p, value(s) - anchor(seg, c, n)); };
        fast = std::make_unique<Reduction>("fast", Values{0.f, 0.f}, add, Reduction::add, count, seg, c, n);

        Expr k = f64(count);
        Expr q = fast->total(seg, c, n)[1];
        Expr S = f64(fast->total(seg, c, n)[0]), Q = f64(q);
        Expr m2 = Q - (S * S) * (Expr(1.0) / k);
        Expr good = is_finite_bits(q) && Q <= 8 * m2 && (q >= 0x1p-80f || eps >= Expr(0x1p-60));
        result(seg, c, n) = Tuple(k * f64(anchor(seg, c, n)) + S, m2, Halide::cast<uint8_t>(!good));
    }

    void define_careful() {
        auto add_peak = [&](const Values &p, const Expr &s) { return larger(p, {magnitude_bits(value(s))}); };
        peak = std::make_unique<Reduction>("peak", Values{0}, add_peak, larger, count, seg, c, n);
        scale(seg, c, n) = pow2(Halide::clamp(127 - (peak->total(seg, c, n) >> 23), -126, 126));

        Expr k = f64(count), up = Expr(1.0) / f64(scale(seg, c, n));
        auto add = [&](const Values &p, const Expr &s) { return Values{p[0] + value(s) * scale(seg, c, n)}; };
        sum = std::make_unique<Reduction>("sum", Values{0.f}, add, Reduction::add, count, seg, c, n);
        centre(seg, c, n) = f32(f64(sum->total(seg, c, n)) / k);
        auto add_deviation = [&](const Values &p, const Expr &s) {
            return deviations(p, value(s) * scale(seg, c, n) - centre(seg, c, n));
        };
        slow = std::make_unique<Reduction>("slow", Values{0.f, 0.f}, add_deviation, Reduction::add, count, seg, c, n);
        Expr S = f64(slow->total(seg, c, n)[0]), Q = f64(slow->total(seg, c, n)[1]);
        // No select here: Halide would then lose sight of the guard and compute this always.
        careful(seg, c, n) = Tuple((k * f64(centre(seg, c, n)) + S) * up, (Q - S * S / k) * (up * up));
    }
};
}  // namespace kiln
