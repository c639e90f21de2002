#include "options.h"

#include <descriptors.h>
#include <devices/device.h>

#include <CLI/CLI.hpp>
#include <sstream>
#include <type_traits>
#include <utility>

#include "operators.h"
#include "text.h"

namespace kiln::tool {
void CallOptions::add_to(CLI::App &app) {
  add_number(app, "--threads", threads,
             "Threads to use at most; 0: KILN_NUM_THREADS, OMP_NUM_THREADS, or the CPUs that the process has");
  app.add_option("--isa", isa, "Force an instruction set; `kiln list` has the names")->type_name("NAME");
  app.add_option("--accuracy", accuracy,
                 "exact: at most 1 ULP for activations, 1/2 of types of 16 bits; fast: at most 4, and 1; of gradients: "
                 "docs/promises/accuracy.md")
      ->check(CLI::IsMember({"exact", "fast"}).description(""))
      ->type_name("exact|fast")
      ->capture_default_str();
}

Context CallOptions::context() const {
  Context context;
  try {
    context.num_threads(threads).accuracy(accuracy == "fast" ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT);
    if (isa) context.isa(isa->c_str());
  } catch (const Error &error) {
    fail(translate(error.what(), {{"num_threads", "--threads"}, {"isa", "--isa"}}));
  }
  return context;
}

std::string isa_of(const Context &context) {
  const char *isa = kiln_context_isa(context.get());
  if (!isa) fail(kiln_last_error());
  return isa;
}

int threads_of(const Context &context) {
  const int threads = kiln_context_num_threads(context.get());
  if (threads == 0) fail(kiln_last_error());
  return threads;
}

CLI::Option *TensorOption::add_to(CLI::App &app, const std::string &name, const std::string &help) {
  return app.add_option(name, path_, help)->type_name("FILE.npy");
}

void TensorOption::load(Reading &reading) {
  if (path_) assume(read_npy(*path_, reading));
}

void TensorOption::assume(Array array) {
  array_ = std::move(array);
  view_ = array_->view();
}

void TensorOption::move_to(devices::Device &device) {
  if (!array_) return;
  there_ = std::make_shared<devices::Memory>(device, array_->bytes());
  device.write(there_->data(), 0, array_->data.get(), array_->bytes());
  view_ = array_->view().on(device.id(), there_->data());
}

void TensorOption::fetch() {
  if (there_) there_->device().read(there_->data(), 0, array_->data.get(), array_->bytes());
}

void TensorOption::leave() {
  if (there_) view_ = array_->view();
  there_.reset();
}

template <typename Number>
CLI::Option *add_number(CLI::App &app, const std::string &name, Number &value, const std::string &help) {
  const auto parse = [&value, name](const std::string &text) { value = parse_number<Number>(text, name); };
  std::ostringstream present;
  present << value;
  return app.add_option_function<std::string>(name, parse, help)
      ->type_name(std::is_integral_v<Number> ? "INTEGER" : "REAL")
      ->default_str(present.str());
}
template CLI::Option *add_number(CLI::App &, const std::string &, int &, const std::string &);
template CLI::Option *add_number(CLI::App &, const std::string &, int64_t &, const std::string &);
template CLI::Option *add_number(CLI::App &, const std::string &, double &, const std::string &);

CLI::Option *add_integers(CLI::App &app, const std::string &name, Shape &values, const std::string &help,
                          const std::string &none) {
  const auto parse = [&values, name, none](const std::string &text) {
    if (text.empty() && !none.empty())
      fail(name + ": '', expected integers with commas between them, as in 0,2, or '" + none + "'");
    values = parse_integers(text == none ? "" : text, name);
  };
  return app.add_option_function<std::string>(name, parse, help)
      ->type_name("N,N,..." + (none.empty() ? "" : "|" + none));
}

void refuse_empty(CLI::Option &option) {
  const auto check = [](const std::string &text) { return std::string(text.empty() ? "'', expected a value" : ""); };
  option.check(check, "", "");
}

CLI::Option *add_dtype(CLI::App &app, std::string &dtype, const std::string &help) {
  std::vector<std::string> names;
  for (const descriptor::Element &element : descriptor::elements()) names.push_back(element.name);
  return app.add_option("--dtype", dtype, help)
      ->check(CLI::IsMember(names).description(""))
      ->type_name(join(names, "|"))
      ->capture_default_str();
}

CLI::Option *add_json(CLI::App &app, bool &json) { return app.add_flag("--json", json, "Print JSON"); }

}  // namespace kiln::tool
