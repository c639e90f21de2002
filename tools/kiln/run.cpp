#include <devices/device.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "arguments.h"
#include "commands.h"
#include "inventory.h"
#include "npy.h"
#include "operators.h"
#include "options.h"
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
  std::string input, output, device = "cpu";

  void operator()() {
    const Context context = options.context();
    Array array = read_npy(input);
    arguments.load();
    // In place: nothing reads the input again, and the output has its memory order.
    const View view = array.view();
    if (device == "cpu")
      compute(view, context);
    else
      call_on_device(array, view, context);
    write(array);
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
    const size_t bytes = static_cast<size_t>(element_count(array.shape)) * sizeof(float);
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
  void write(const Array &array) {
    std::vector<OutputFile> files;
    files.emplace_back(output);
    write_npy(array, files.back());
    arguments.stage(files);
    for (OutputFile &file : files) file.finish();
    for (OutputFile &file : files) file.commit();
  }
};

void add_operator(CLI::App &run, const descriptor::Operator &op) {
  CLI::App *app = run.add_subcommand(op.name, op.formula);
  auto call = std::make_shared<Run>(op);
  app->add_option("INPUT", call->input, "A .npy file of little-endian float32, C or Fortran order")
      ->required()
      ->type_name("FILE.npy");
  app->add_option("OUTPUT", call->output, "What is written, in the input's memory order; may be INPUT")
      ->required()
      ->type_name("FILE.npy");
  call->arguments.add_options(*app);
  call->options.add_to(*app);
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
