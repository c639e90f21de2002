#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "oracle/oracle.h"

namespace kiln::oracle {

const std::vector<PointwiseOracle> &pointwise_oracles() {
  static const std::vector<PointwiseOracle> table = {
#define KILN_ORACLE(name) {#name, name, name},
#include <elementwise_oracles.inc>
  };
  return table;
}

const PointwiseOracle &pointwise_oracle(const char *name) {
  for (const PointwiseOracle &oracle : pointwise_oracles())
    if (std::strcmp(oracle.name, name) == 0) return oracle;
  std::fprintf(stderr, "kiln_oracle: operators.toml has no elementwise operator %s\n", name);
  std::abort();
}

}  // namespace kiln::oracle
