#include <devices/device.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "arguments.h"
#include "commands.h"
#include "inventory.h"
#include "named_files.h"
#include "npy.h"
#include "operators.h"
#include "options.h"
#include "paths.h"
#include "progress.h"
#include "text.h"

namespace kiln::tool {
namespace {

// Has the operator's own tensors in a device's memory, for the life of the object.
class OnDevice {
 public:
  OnDevice(Arguments &arguments, devices::Device &device) : tensors_(arguments.tensors()) {
    for (TensorOption *tensor : tensors_) tensor->move_to(device);
  }
  ~OnDevice() {
    for (TensorOption *tensor : tensors_) tensor->leave();
  }
  OnDevice(const OnDevice &) = delete;
  OnDevice &operator=(const OnDevice &) = delete;
  void fetch() {
    for (TensorOption *tensor : tensors_) tensor->fetch();
  }

 private:
  std::vector<TensorOption *> tensors_;
};

// One `kiln run OP`: its command line and its work.
struct Run {
  explicit Run(const descriptor::Operator &op) : op(op), arguments(op) {}

  const descriptor::Operator &op;
  Arguments arguments;
  CallOptions options;
  std::string input, output, device = "cpu", dtype;

  void operator()() {
    const Context context = options.context();
    check_files();
    Reading reading;
    reading.dtypes = op.dtypes;
    reading.dtype = dtype;
    {
      Progress progress;
      reading.progress = &progress;
      work(context, reading, progress);
    }
    for (const std::string &note : reading.notes) std::cerr << "kiln: " << one_line(note) << "\n";
  }

  void check_files() const {
    arguments.check_outputs();
    std::vector<NamedFile> files = {{positional_of(op), input}, {"OUTPUT", output, true, positional_of(op)}};
    arguments.add_files(files);
    check_apart(files);
  }

  void work(const Context &context, Reading &reading, Progress &progress) {
    Array array = read_npy(input, reading);
    arguments.load(reading);
    arguments.make_results(array.shape);
    // In place: nothing reads the input again, and the output has its memory order.
    const View view = array.view();
    {
      const Waiting waiting(progress, op.name);
      if (device == "cpu")
        compute(view, context);
      else
        call_on_device(array, view, context);
    }
    write(array, progress);
  }

  void compute(const View &view, const Context &context) {
    try {
      arguments.call(view, view, context);
    } catch (const Error &error) {
      fail(translate(error.what(), words_of(op)));
    }
  }

  void call_on_device(const Array &array, const View &view, const Context &context) {
    const auto opened = devices::open(device);
    const size_t bytes = array.bytes();
    const devices::Memory memory(*opened, bytes);
    opened->write(memory.data(), 0, array.data.get(), bytes);
    OnDevice moved(arguments, *opened);
    opened->use_in(context.get());
    const View there = view.on(opened->id(), memory.data());
    compute(there, context);
    opened->read(memory.data(), 0, array.data.get(), bytes);
    moved.fetch();
  }

  // Every file is complete on the disk before the first one takes its name.
  void write(const Array &array, Progress &progress) {
    std::vector<OutputFile> files;
    files.emplace_back(output);
    const std::string label = "writing " + name_of(output, STDOUT_FILENO);
    stage_npy(array, files.back(), [&](size_t bytes) { progress.step(static_cast<int64_t>(bytes), label); });
    arguments.stage(files);
    OutputFile::commit(files);
  }
};

void add_operator(CLI::App &run, const descriptor::Operator &op) {
  CLI::App *app = run.add_subcommand(op.name, op.formula);
  auto call = std::make_shared<Run>(op);
  const std::string types = names_of_types(op.dtypes);
  const std::string first = positional_of(op);
  app->add_option(first, call->input,
                  "A .npy file of little-endian " + types + ", C or Fortran order; -: standard input")
      ->required()
      ->type_name("FILE.npy");
  app->add_option("OUTPUT", call->output,
                  "What is written, of its type and memory order; may be " + first + "; -: standard output")
      ->required()
      ->type_name("FILE.npy");
  call->arguments.add_options(*app);
  call->options.add_to(*app);
  app->add_option("--dtype", call->dtype, "Convert files of other types to this one, and say what was lost")
      ->check(CLI::IsMember(op.dtypes).description(""))
      ->type_name(join(op.dtypes, "|"));
  app->add_option("--device", call->device,
                  "Where to run it: the data is copied there and back; `kiln info` lists devices")
      ->check(CLI::IsMember(device_names()).description(""))
      ->type_name(join(device_names(), "|"))
      ->capture_default_str();
  app->callback([call] { (*call)(); });
}

}  // namespace

void add_run(CLI::App &app) {
  CLI::App *run = app.add_subcommand("run", "Apply an operator to a NumPy file");
  run->require_subcommand(1);
  for (const descriptor::Operator &op : descriptor::operators()) add_operator(*run, op);
  run->footer("kiln run OP INPUT.npy OUTPUT.npy [options]\n`kiln run OP --help` lists the options of one operator.");
}

}  // namespace kiln::tool
