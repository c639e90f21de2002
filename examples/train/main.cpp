// Trains a small classifier. Every machine, instruction set and number of threads prints the same lines, to the last
// bit of the loss (expected.txt).
//
// usage: train [--threads N] [--isa NAME]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <kiln/kiln.hpp>
#include <string>

#include "network.h"
#include "spirals.h"

namespace {

constexpr size_t kWidth = 64;
constexpr int kSteps = 100, kPrinted = 25;
constexpr float kRate = 0.25f;
constexpr double kLeastAccuracy = 0.98;

[[noreturn]] void refuse(const std::string &what) {
  std::fprintf(stderr, "train: %s\nusage: train [--threads N] [--isa NAME]\n", what.c_str());
  std::exit(2);
}

int number(const std::string &option, const char *text) {
  char *end;
  const long n = std::strtol(text, &end, 10);
  if (end == text || *end || n < 1 || n > 1000) refuse(option + ": expected a number from 1 to 1000, got " + text);
  return static_cast<int>(n);
}

void read_options(int argc, char **argv, kiln::Context &context) {
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (option != "--threads" && option != "--isa") refuse(option + ": no such option");
    if (i + 1 == argc) refuse(option + ": expected a value");
    if (option == "--threads") context.num_threads(number(option, argv[i + 1]));
    if (option == "--isa") context.isa(argv[i + 1]);
  }
}

void print(int step, double loss) {
  uint64_t bits;
  std::memcpy(&bits, &loss, sizeof bits);
  std::printf("step %3d  loss %.9f  %016llx\n", step, loss, static_cast<unsigned long long>(bits));
}

}  // namespace

int main(int argc, char **argv) try {
  kiln::Context context;
  read_options(argc, argv, context);

  Random random;
  const Spirals data = make_spirals(random);
  Network network(data, kWidth, random, context);
  for (int step = 0; step <= kSteps; ++step) {
    const double loss = network.forward();
    if (step % kPrinted == 0) print(step, loss);
    if (step == kSteps) break;
    network.backward();
    network.update(kRate);
  }

  std::printf("%zu of %zu points have the right class\n", network.right(), Spirals::kCount);
  if (static_cast<double>(network.right()) >= kLeastAccuracy * Spirals::kCount) return 0;
  std::fprintf(stderr, "train: expected %g of them or more\n", kLeastAccuracy);
  return 1;
} catch (const kiln::Error &error) {
  std::fprintf(stderr, "train: %s\n", error.what());
  return 1;
}
