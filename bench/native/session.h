// Requests and answers, JSON objects both, for kiln_bench (over a pipe) and for Python (library.cpp):
//   {"do": "describe"}                                         -> {"machine": {...}}, and "device" where one is named
//   {"do": "roof", "bytes": [16384], "threads": 1, ...}        -> {"roof": {...}}
//   {"do": "measure", "case": {...}, "threads": 1, "isas": ["avx2"], "rounds": 7, "seconds": 0.002, "pause": 0}
//                                                              -> {"implementations": [{"name", "samples"}]}
//   "case" may have {"plain": {...}}, a case that Kiln is timed in beside it, as "plain". "float32": true has Kiln on
//   float32 tensors of the same shape timed beside it, as "float32/exact/avx2".
//   {"do": "open", "as": "a", as "measure", "only": ["kiln/exact/avx2"]}  -> {"implementations": ["kiln/exact/avx2"]}
//   {"do": "round", "of": "a"}                                 -> as "measure", one round of the case that is open as
//   "a"
//   {"do": "bits", "of": "a"}                                  -> {"bits": "..."}: a hash of what its first one
//   computes
//   {"do": "close", "of": "a"}                                 -> {}
// "only": the implementations that are wanted; without it, all. "as" and "of": a name; several cases may be open.
// "device": "cuda" or "opencl", in "describe", "measure" and "open": the tensors lie in its memory.
// Where a request cannot be met: {"error": "..."}.
#pragma once

#include <functional>
#include <memory>

#include "measure.h"

namespace kiln::bench {

// A case that is open: its tensors and implementations.
struct Session {
  explicit Session(const Json &request);
  Implementation *find(const std::string &name);
  Json run();

  Case given;
  Rounds rounds;
  std::vector<Implementation> implementations;

 private:
  // Kiln's of another case, which the session keeps.
  std::vector<Implementation> beside(const Json &description, int threads, const std::vector<std::string> &isas,
                                     devices::Device *device);

  std::vector<std::unique_ptr<Case>> others;
};

Json answer(const Json &request);
Json answered(const std::function<Json()> &work);  // what work gives, or the error that it throws

}  // namespace kiln::bench
