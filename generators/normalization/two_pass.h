// Two numbers of each segment or more, by a first pass over its values that says whether it is to be accepted, and a
// fallback that reads the segment again where it is not. What is accumulated is for moments.h and norms.h to say.
#pragma once

#include <memory>

#include "normalization/reduction.h"

namespace kiln {

// Value s of a plane.
using ValueAt = std::function<Real(const Expr &s, const Expr &c, const Expr &n)>;

// How a fallback is left out where it is not called for: by a branch around it, or, where threads that share a segment
// must meet at every step, by loops that are empty.
enum class Skip { branch, empty_loops };

// The segments of planes of `length` values.
struct Segments {
  ValueAt value;
  Expr length;
  Segment at;
  Skip skip;
  int64_t longest = kSegment;  // values of a segment at most
};

class TwoPass {
 public:
  // What every segment takes, and what only those take whose first pass failed.
  struct Pass {
    std::vector<std::unique_ptr<Reduction>> reductions;
    std::vector<Func> shared;  // numbers of a segment that threads of a device share
    Func own;                  // one more, which each thread makes for itself there

    std::vector<Func> numbers() const {
      std::vector<Func> all = shared;
      if (own.defined()) all.push_back(own);
      return all;
    }
  };
  Pass first, fallback;
  Func left{"left"};  // values in a segment; a Func, for as an expression it keeps bounds from being found
  Func attempt{
      "attempt"};  // with empty loops, the first pass's result; with a branch that is the first stage of `result`
  Func result{"result"};  // the numbers; with a branch also whether the first pass failed

  virtual ~TwoPass() = default;
  virtual Expr number(int i, const Expr &seg, const Expr &c, const Expr &n) { return result(seg, c, n)[i]; }

 protected:
  explicit TwoPass(const Segments &s) : at(s.at), longest(s.longest), skip(s.skip) {
    left(at.seg) = segment_length(s.length, at.seg);
    count = left(at.seg);
    value = [of_plane = s.value, at = s.at](const Expr &s) {
      return of_plane(at.seg * ReductionShape::segment + s, at.c, at.n);
    };
  }

  Segment at;
  int64_t longest;
  Expr count;
  std::function<Real(const Expr &s)> value;  // of the segment

  Halide::FuncRef here(Func f) { return f(at.seg, at.c, at.n); }

  // Adds a reduction to a pass.
  Func reduce(Pass &pass, const char *name, const Values &empty, const Reduction::Step &step,
              const Reduction::Combine &combine) {
    const bool emptied = &pass == &fallback && skip == Skip::empty_loops;
    const Expr values = emptied ? Halide::select(failed(), count, Halide::cast(count.type(), 0)) : count;
    pass.reductions.push_back(std::make_unique<Reduction>(name, empty, step, combine, values, at, longest));
    return pass.reductions.back()->total;
  }

  // Adds a number to a pass: one that is shared, or its own.
  Func share(Pass &pass, const char *name, const Expr &number) {
    pass.shared.push_back(defined(name, Tuple(number)));
    return pass.shared.back();
  }
  Func own(Pass &pass, const char *name, const Tuple &numbers) { return pass.own = defined(name, numbers); }

  // The largest magnitude by its bits: NaN is above infinity and wins.
  Func largest_magnitude(Pass &pass) {
    const auto step = [&](const Values &before, const Expr &s) {
      return Reduction::larger(before, {magnitude_bits(value(s))});
    };
    return reduce(pass, "peak", Values{0}, step, Reduction::larger);
  }

  // The result where there is no fallback.
  void accept_always(const Values &numbers) { here(result) = Tuple(numbers); }

  void accept_where(const Expr &accepted, const Expr &a, const Expr &b) {
    here(candidate()) = Tuple(a, b, Halide::cast<uint8_t>(!accepted));
  }

  // The result of the fallback, where the first pass was not accepted. No select among what it is made of: Halide would
  // lose sight of the condition and compute it always.
  void replace_failed(const Expr &a, const Expr &b) {
    const Func replacement = own(fallback, "replacement", Tuple(a, b));
    const auto was = here(candidate());
    Expr chosen = failed();
    if (skip == Skip::branch) {
      again = RDom(0, 1, "again");
      again.where(failed());
      chosen = chosen && again == 0;  // names the domain that carries the condition
    }
    const auto choose = [&](int i) { return Halide::select(chosen, here(replacement)[i], was[i]); };
    here(result) = skip == Skip::branch ? Tuple(choose(0), choose(1), was[2]) : Tuple(choose(0), choose(1));
  }

 private:
  Skip skip;
  RDom again;

  Func &candidate() { return skip == Skip::branch ? result : attempt; }
  Expr failed() { return here(candidate())[2] != 0; }
  Func defined(const char *name, const Tuple &numbers) {
    Func f(name);
    here(f) = numbers;
    return f;
  }
};

}  // namespace kiln
