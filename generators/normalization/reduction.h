// The one reduction. A plane (the spatial extent of one channel, or one row)
// is cut into segments of 4096 values; value s of a segment belongs to
//   lane  s % 16,  chain step (s / 16) % 8,  chain (s / 128) % 8,  group s / 1024.
// Steps join in order into a chain, chains into a group, groups into a lane,
// and the 16 lanes pairwise (l with l + 8, + 4, + 2, + 1). The shape is a function of
// the logical index alone, so no layout, vector width or schedule changes a bit.
#pragma once
#include "arith.h"
#include <functional>
#include <string>
#include <vector>

namespace kiln {
using Halide::Func;
using Halide::RDom;
using Halide::Tuple;
using Halide::Var;

struct ReductionShape {
    static constexpr int lanes = 16, steps = 8, chains = 8, groups = 4;
    static constexpr int chain_span = lanes * steps;         // values in one chain of all lanes
    static constexpr int group_span = chain_span * chains;
    static constexpr int segment = group_span * groups;
};

using Values = std::vector<Expr>;

class Reduction {
public:
    // init: value of an empty sum. step: previous values, index within the plane -> new values.
    // join: two partial results -> one. left: values of this segment.
    // index s handed to step counts within the segment.
    using Step = std::function<Values(const Values &, const Expr &s)>;
    using Join = std::function<Values(const Values &, const Values &)>;

    Func chain, group, lane, fold8, fold4, fold2, total;
    Var l{"l"}, b{"b"}, e{"e"};
    RDom step_dom, cut_dom, chain_dom, group_dom;

    Reduction(const std::string &name, const Values &init, const Step &step, const Join &join,
              const Expr &left, Var seg, Var c, Var n)
        : chain(name + "_chain"), group(name + "_group"), lane(name + "_lane"), fold8(name + "_fold8"),
          fold4(name + "_fold4"), fold2(name + "_fold2"), total(name),
          step_dom(0, ReductionShape::steps, name + "_j"), cut_dom(0, 1, name + "_cut"), chain_dom(0, ReductionShape::chains, name + "_k"),
          group_dom(0, ReductionShape::groups, name + "_g") {
        using S = ReductionShape;
        using Halide::likely;

        chain(l, b, seg, c, n) = Tuple(init);
        // Whole steps; then the one step that the segment's end cuts.
        Expr s = (b * S::steps + step_dom) * S::lanes + l;
        step_dom.where(likely((b * S::steps + step_dom) * S::lanes + (S::lanes - 1) < left));
        chain(l, b, seg, c, n) = Tuple(step(values(chain(l, b, seg, c, n), init.size()), s));
        Expr cut = (b * S::steps + (left / S::lanes) % S::steps) * S::lanes + l + 0 * cut_dom;
        cut_dom.where(b == left / S::chain_span);
        cut_dom.where(cut < left);
        chain(l, b, seg, c, n) = Tuple(step(values(chain(l, b, seg, c, n), init.size()), cut));

        accumulate(group, {l, e, seg, c, n}, init, chain_dom, (e * S::chains + chain_dom) * S::chain_span < left, chain,
                   {l, e * S::chains + chain_dom, seg, c, n}, join);
        accumulate(lane, {l, seg, c, n}, init, group_dom, group_dom * S::group_span < left, group,
                   {l, group_dom, seg, c, n}, join);

        fold(fold8, lane, 8, {l, seg, c, n}, init.size(), join);
        fold(fold4, fold8, 4, {l, seg, c, n}, init.size(), join);
        fold(fold2, fold4, 2, {l, seg, c, n}, init.size(), join);
        total(seg, c, n) = Tuple(join(values(fold2(0, seg, c, n), init.size()), values(fold2(1, seg, c, n), init.size())));
    }

    static Values add(const Values &a, const Values &b) {
        Values r;
        for (size_t i = 0; i < a.size(); i++) r.push_back(a[i] + b[i]);
        return r;
    }

    template<typename Ref>
    static Values values(const Ref &f, size_t n) {
        if (n == 1) return {Expr(f)};
        Values r;
        for (size_t i = 0; i < n; i++) r.push_back(f[(int)i]);
        return r;
    }

private:
    static void accumulate(Func &f, const std::vector<Var> &args, const Values &init, RDom &dom, const Expr &inside,
                           Func &from, const std::vector<Expr> &from_args, const Join &join) {
        f(args) = Tuple(init);
        dom.where(Halide::likely(inside));
        std::vector<Expr> at(args.begin(), args.end());
        f(args) = Tuple(join(values(f(args), init.size()), values(from(from_args), init.size())));
    }
    static void fold(Func &f, Func &from, int width, const std::vector<Var> &args, size_t n, const Join &join) {
        std::vector<Expr> other(args.begin(), args.end());
        other[0] = other[0] + width;
        f(args) = Tuple(join(values(from(args), n), values(from(other), n)));
    }
};
}  // namespace kiln
