#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "oracle/oracle.h"

namespace kiln::oracle {

const std::vector<ElementwiseOracle> &elementwise_oracles() {
  static const std::vector<ElementwiseOracle> table = {
#define KILN_ELEMENTWISE(name) {#name, name, name},
#include <elementwise.inc>
  };
  return table;
}

const ElementwiseOracle &elementwise_oracle(const char *name) {
  for (const ElementwiseOracle &oracle : elementwise_oracles())
    if (std::strcmp(oracle.name, name) == 0) return oracle;
  std::fprintf(stderr, "kiln_oracle: operators.toml has no elementwise operator %s\n", name);
  std::abort();
}

}  // namespace kiln::oracle
