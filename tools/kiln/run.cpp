#include <CLI/CLI.hpp>
#include <memory>

#include "commands.h"
#include "npy.h"
#include "operators.h"
#include "options.h"

namespace kiln::tool {
namespace {

// One `kiln run OP`: its command line and its work.
struct Run {
  std::unique_ptr<Arguments> arguments;
  CallOptions options;
  std::string input, output;

  void operator()() {
    const Context context = options.context();
    Array array = read_npy(input);
    arguments->load();
    // In place: nothing reads the input again, and the output has its memory order.
    const View view = array.view();
    arguments->call(view, view, context);
    write(array);
  }

  // Every file is complete on the disk before the first one takes its name.
  void write(const Array &array) {
    std::vector<OutputFile> files;
    files.emplace_back(output);
    write_npy(array, files.back());
    arguments->stage(files);
    for (OutputFile &file : files) file.finish();
    for (OutputFile &file : files) file.commit();
  }
};

void add_operator(CLI::App &run, const Operator &op) {
  CLI::App *app = run.add_subcommand(op.name, op.formula);
  auto call = std::make_shared<Run>();
  call->arguments = op.make();
  app->add_option("INPUT", call->input, "A .npy file of little-endian float32, C or Fortran order")
      ->required()
      ->type_name("FILE.npy");
  app->add_option("OUTPUT", call->output, "What is written, in the input's memory order; may be INPUT")
      ->required()
      ->type_name("FILE.npy");
  call->arguments->add_options(*app);
  call->options.add_to(*app);
  app->callback([call] { (*call)(); });
}

}  // namespace

void add_run(CLI::App &app) {
  CLI::App *run = app.add_subcommand("run", "Apply an operator to a NumPy file");
  run->require_subcommand(1);
  for (const Operator &op : operators()) add_operator(*run, op);
  run->footer("kiln run OP INPUT.npy OUTPUT.npy [options]\n`kiln run OP --help` lists the options of one operator.");
}

}  // namespace kiln::tool
