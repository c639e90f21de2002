// `kiln verify`: elementwise kernels over all inputs of an element type, against float64 and MPFR.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <thread>

#include "commands.h"
#include "digests.h"
#include "inventory.h"
#include "named_files.h"
#include "operators.h"
#include "options.h"
#include "paths.h"
#include "progress.h"
#include "signals.h"
#include "sweep.h"
#include "sweep_state.h"
#include "text.h"

namespace kiln::tool {
namespace {

using Clock = std::chrono::steady_clock;

struct Verify {
  std::vector<std::string> names, isas, devices;
  std::string dtype = "float32", accuracy = "all", from, to, digests_path, write_path, resume_path;
  int stride = 1, threads = 0;

  std::vector<const descriptor::Operator *> operators() const {
    auto all = descriptor::operators_of_family("elementwise");
    for (const descriptor::Operator *op : descriptor::operators_of_family("elementwise_backward")) all.push_back(op);
    std::vector<const descriptor::Operator *> chosen;
    std::vector<std::string> known;
    for (const descriptor::Operator *op : all) known.push_back(op->name);
    for (const std::string &name : names) {
      const auto at = std::find(known.begin(), known.end(), name);
      if (at == known.end()) fail(unknown_name("elementwise operator", name, known));
      chosen.push_back(all[at - known.begin()]);
      expect_dtype(*chosen.back(), dtype);
      expect_accuracy(*chosen.back());
    }
    if (names.empty())
      std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
                   [&](const descriptor::Operator *op) { return takes(*op, dtype); });
    return chosen;
  }

  Inputs inputs() const {
    if (stride < 1) fail("--stride: " + std::to_string(stride) + ", expected at least 1");
    const Inputs chosen(dtype, from, to, static_cast<uint32_t>(stride));
    for (const auto &[option, path] : {std::pair("--digests", digests_path), std::pair("--write-digests", write_path)})
      if (!path.empty() && !chosen.all())
        fail(std::string(option) + ": expected all inputs, whose digests the file holds, got --from or --to");
    return chosen;
  }

  // Those asked for, or all that are built in; what this CPU lacks is an error in the first case and named as skipped
  // in the second.
  std::vector<std::string> instruction_sets() const {
    std::vector<std::string> chosen = isas;
    for (const std::string &isa : isas) Context().isa(isa.c_str());
    if (isas.empty() && devices.empty())
      for (const Target &target : cpu_targets(kernels())) {
        if (target.runs_here)
          chosen.push_back(target.isa);
        else
          std::cout << target.isa << ": skipped, this CPU cannot run it\n";
      }
    return chosen;
  }

  std::vector<Variant> variants(const descriptor::Operator &op, const std::vector<std::string> &sets) const {
    std::vector<Variant> all;
    for (const char *a : {"exact", "fast"})
      if ((accuracy == "all" || accuracy == a) && op.has_accuracy(a)) {
        for (const std::string &isa : sets) all.push_back({a, isa});
        for (const std::string &device : devices) all.push_back({a, device, true});
      }
    return all;
  }

  // Of one that is named; others are left out where they have none.
  void expect_accuracy(const descriptor::Operator &op) const {
    if (accuracy != "all" && !op.has_accuracy(accuracy))
      fail("--accuracy: expected exact, as " + op.name + " has no " + accuracy + " kernels");
  }

  void check_files() const {
    if (descriptor_of(resume_path, STDOUT_FILENO) >= 0) fail("--resume: expected a file, got " + resume_path);
    std::vector<NamedFile> files;
    if (!digests_path.empty()) files.push_back({"--digests", digests_path});
    if (!write_path.empty()) files.push_back({"--write-digests", write_path, true, "--digests"});
    if (!resume_path.empty()) files.push_back({"--resume", resume_path, true});
    check_apart(files);
  }

  void operator()() {
    const Inputs swept = inputs();
    check_files();
    if (threads < 0) fail("--threads: " + std::to_string(threads) + ", expected 0 or more");
    const int workers = threads > 0 ? threads : threads_of(Context());
    const Digests expected = digests_path.empty() ? Digests() : Digests::load(digests_path);
    Digests passed = write_path.empty() ? Digests() : Digests::load_or_empty(write_path);
    const std::vector<std::string> sets = instruction_sets();
    const auto chosen = operators();
    SweepState state(resume_path, swept);
    std::vector<std::vector<Variant>> plan;
    int64_t done = 0;
    for (const descriptor::Operator *op : chosen) {
      plan.push_back(variants(*op, sets));
      done += state.entry(op->name, plan.back()).pieces;
    }
    const int64_t pieces = piece_count(swept);
    std::vector<std::vector<std::string>> rows = {{"operator", "type", "accuracy", "isa", "largest ULP", "at",
                                                   "correctly rounded", "wrong specials", "digest", "seconds", ""}};
    int broken = 0, interrupted = 0, percent = 0;
    {
      const OrderlyEnd orderly;
      Progress progress(pieces * static_cast<int64_t>(chosen.size()), done);
      for (size_t i = 0; i < chosen.size() && !interrupted; ++i) {
        SweepState::Entry &entry = state.entry(chosen[i]->name, plan[i]);
        interrupted = sweep_all(*chosen[i], plan[i], swept, workers, state, entry, progress);
        if (!interrupted) broken += report(*chosen[i], plan[i], swept, entry, expected, &passed, &rows);
      }
      percent = progress.percent();
    }
    if (!interrupted || rows.size() > 1) std::cout << table(rows, 4);
    if (interrupted) throw Interrupted(interrupted, what_is_kept(percent));
    state.finish();
    if (broken > 0) fail("verify: " + std::to_string(broken) + " of the kernels above are not what they must be");
    if (!write_path.empty()) passed.save(write_path);
  }

  // What is left of one operator; returns the signal that asked for an end, or 0.
  static int sweep_all(const descriptor::Operator &op, const std::vector<Variant> &all, const Inputs &swept,
                       int workers, SweepState &state, SweepState::Entry &entry, Progress &progress) {
    for (const int64_t pieces = piece_count(swept); entry.pieces < pieces;) {
      const auto start = Clock::now();
      const auto findings = sweep(op, all, swept, entry.pieces, entry.pieces + 1, workers);
      if (const int number = OrderlyEnd::requested()) return number;
      state.add(entry, findings, std::chrono::duration<double>(Clock::now() - start).count());
      progress.step(1, op.name);
    }
    return 0;
  }

  std::string what_is_kept(int percent) const {
    const std::string share = std::to_string(percent) + " % are done";
    if (resume_path.empty()) return share + "; --resume FILE.json would keep them";
    if (!std::ifstream(resume_path)) return share + "; nothing is kept yet";
    return share + " and kept in " + resume_path + "; the same command goes on from there";
  }

  // Adds a row a variant; returns how many of them break a bound or miss a digest.
  int report(const descriptor::Operator &op, const std::vector<Variant> &all, const Inputs &swept,
             const SweepState::Entry &entry, const Digests &expected, Digests *passed,
             std::vector<std::vector<std::string>> *rows) const {
    int broken = 0;
    for (size_t v = 0; v < all.size(); ++v) {
      const Findings &f = entry.findings[v];
      const std::string verdict = judge(op, all, swept, entry, v, expected);
      char error[32], share[32], seconds[32];
      std::snprintf(error, sizeof error, "%.4f", f.largest_error);
      std::snprintf(share, sizeof share, "%.4f %%", 100.0 * f.correctly_rounded / f.inputs);
      std::snprintf(seconds, sizeof seconds, "%.1f", entry.seconds);
      rows->push_back({op.name, dtype, all[v].accuracy, all[v].isa, error, swept.hex(f.largest_at), share,
                       std::to_string(f.wrong_specials), hex(f.digest), seconds, verdict});
      broken += verdict != "ok";
      passed->set(dtype, op.name, all[v].accuracy, static_cast<uint32_t>(stride), f.digest);
    }
    return broken;
  }

  std::string judge(const descriptor::Operator &op, const std::vector<Variant> &all, const Inputs &swept,
                    const SweepState::Entry &entry, size_t v, const Digests &expected) const {
    const Findings &f = entry.findings[v];
    if (f.wrong_specials > 0) return "WRONG, first at " + swept.hex(f.special_at);
    const Judge judge(oracle::elementwise_oracle(op.name.c_str()), swept.narrow(), all[v].accuracy);
    if (!judge.holds(f)) return "BROKEN BOUND";
    for (size_t u = 0; u < v; ++u)
      if (all[u].accuracy == all[v].accuracy && entry.findings[u].digest != f.digest)
        return "OTHER BITS THAN " + all[u].isa;
    if (digests_path.empty()) return "ok";
    const auto digest = expected.find(dtype, op.name, all[v].accuracy, static_cast<uint32_t>(stride));
    if (!digest) return "NO DIGEST in " + digests_path;
    return *digest == f.digest ? "ok" : "OTHER DIGEST than " + digests_path;
  }
};

}  // namespace

void add_verify(CLI::App &app) {
  CLI::App *verify = app.add_subcommand(
      "verify", "Hold elementwise kernels to the exact results, over all inputs of a type or a range of them");
  auto call = std::make_shared<Verify>();
  verify->add_option("OP", call->names,
                     "Elementwise operators, or their gradients of a grad_output of 1; all where none is named");
  add_dtype(*verify, call->dtype, "The inputs' type: 2^32 inputs of float32, 65,536 of a type of 16 bits");
  verify->add_option("--isa", call->isas, "Instruction sets; all that this CPU runs where none is named")
      ->type_name("NAME")
      ->delimiter(',');
  verify->add_option("--device", call->devices, "Devices, in place of the CPU or beside the instruction sets named")
      ->check(CLI::IsMember(other_devices()).description(""))
      ->type_name("NAME")
      ->delimiter(',');
  verify->add_option("--accuracy", call->accuracy, "Which variants")
      ->check(CLI::IsMember({"exact", "fast", "all"}).description(""))
      ->type_name("exact|fast|all")
      ->capture_default_str();
  const std::string limit = " as bits (0x3f800000) or as a value (-1.5)";
  const auto add_text = [&](const char *name, std::string &value, const std::string &help, const char *type) {
    refuse_empty(*verify->add_option(name, value, help)->type_name(type));
  };
  add_text("--from", call->from, "The first input," + limit, "BITS|REAL");
  add_text("--to", call->to, "The last input," + limit, "BITS|REAL");
  add_number(*verify, "--stride", call->stride, "Every Nth bit pattern");
  add_number(*verify, "--threads", call->threads,
             "Threads to use; 0: KILN_NUM_THREADS, OMP_NUM_THREADS, or the CPUs that the process has");
  add_text("--digests", call->digests_path, "The digests must be those of this file", "FILE.json");
  add_text("--write-digests", call->write_path, "Write the digests here, if everything holds", "FILE.json");
  add_text("--resume", call->resume_path, "Keep what is done in this file, and go on from it", "FILE.json");
  verify->callback([call] { (*call)(); });
}

}  // namespace kiln::tool
