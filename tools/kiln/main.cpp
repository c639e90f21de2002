// The command-line tool `kiln`: an ordinary application of libkiln.
#include <fcntl.h>
#include <kiln/kiln.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <new>

#include "commands.h"
#include "parse_errors.h"
#include "signals.h"
#include "text.h"

namespace {

constexpr int kBadCall = 2;
constexpr size_t kLongestLine = 1000;  // of a message, in bytes

constexpr char kExamples[] =
    "Examples:\n"
    "  kiln list\n"
    "  kiln run silu x.npy y.npy\n"
    "  kiln run layer_norm x.npy y.npy --normalized-shape 768 --weight w.npy --bias b.npy\n"
    "  kiln run silu - - --dtype float32 < x.npy > y.npy\n"
    "  kiln time sigmoid mish --threads 1 --accuracy fast\n"
    "  kiln help run layer_norm\n"
    "\n"
    "A bad call exits with 2 and one line on standard error, and leaves OUTPUT as it was.";

void build(CLI::App &app) {
  app.name("kiln");
  app.set_version_flag("--version", std::string("kiln ") + kiln_version());
  app.require_subcommand(1);
  kiln::tool::add_run(app);
  kiln::tool::add_list(app);
  kiln::tool::add_info(app);
  kiln::tool::add_time(app);
  kiln::tool::add_verify(app);
  kiln::tool::add_help(app);
  app.footer(kExamples);  // after the commands, which would inherit it
}

void parse_and_run(int argc, char **argv) {
  CLI::App app("Activation and normalization kernels, the same bits on every machine.");
  build(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() != 0) kiln::tool::fail(kiln::tool::explain(app, error));
    app.exit(error);  // --help, --version
  }
  errno = 0;
  std::cout.flush();
  if (!std::cout) kiln::tool::fail(std::string("standard output: cannot write: ") + std::strerror(errno));
}

// A file that is opened must not come to stand where a message or a result is written. What was closed fails as before.
void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(descriptor, F_GETFD) < 0)  // open() takes the lowest that is free
      static_cast<void>(open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

void say(const std::string &message) {
  const std::string line = "kiln: " + kiln::tool::shortened(kiln::tool::one_line(message), kLongestLine) + "\n";
  std::cerr << line;
}

int report(const std::string &message) {
  say("error: " + message);
  return kBadCall;
}

}  // namespace

int main(int argc, char **argv) {
  occupy_standard_descriptors();
  try {
    parse_and_run(argc, argv);
    return 0;
  } catch (const kiln::tool::Interrupted &interrupted) {
    std::cout.flush();
    say(std::string("interrupted: ") + interrupted.what());
    kiln::tool::end_by_signal(interrupted.number);
  } catch (const std::bad_alloc &) {
    return report("out of memory");
  } catch (const std::exception &error) {
    return report(error.what());
  }
}
