// Normalize the rows of a small tensor, then SiLU, as in a transformer's block.
#include <kiln/kiln.hpp>

#include <cstdio>

int main() try {
  std::vector<float> x = {1, 2, 3, 4, -10, 0, 10, 20}, y(x.size());
  const std::vector<float> weight = {1, 1, 2, 2};
  const kiln::View in = kiln::view(x, {2, 4}), out = kiln::view(y, {2, 4});

  kiln::LayerNormOptions options;
  options.weight = kiln::view(weight);
  kiln::layer_norm(in, {4}, out, options);
  kiln::silu(out, out);

  for (size_t i = 0; i < y.size(); ++i) std::printf("%8.4f%c", y[i], i % 4 == 3 ? '\n' : ' ');
  return 0;
} catch (const kiln::Error &error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
