#include "sweep_state.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "output_file.h"
#include "text.h"

namespace kiln::tool {
namespace {

nlohmann::json to_json(const Findings &f) {
  return {f.inputs, f.largest_error, f.largest_at, f.correctly_rounded, f.wrong_specials, f.special_at, f.digest};
}

Findings findings_from(const nlohmann::json &j) {
  return {j.at(0), j.at(1), j.at(2), j.at(3), j.at(4), j.at(5), j.at(6)};
}

std::string key_of(const std::string &op, const std::vector<Variant> &variants) {
  std::string key = op;
  for (const Variant &v : variants) key += " " + v.accuracy + "/" + v.isa;
  return key;
}

}  // namespace

SweepState::SweepState(std::string path, const Inputs &inputs) : path_(std::move(path)), inputs_(inputs) {
  if (!path_.empty() && std::filesystem::exists(path_)) load();
}

SweepState::Entry &SweepState::entry(const std::string &op, const std::vector<Variant> &variants) {
  Entry &entry = entries_[key_of(op, variants)];
  entry.findings.resize(variants.size());
  return entry;
}

void SweepState::add(Entry &entry, const std::vector<Findings> &piece, double seconds) {
  for (size_t v = 0; v < piece.size(); ++v) entry.findings[v].merge(piece[v]);
  ++entry.pieces;
  entry.seconds += seconds;
  if (!path_.empty()) save();
}

void SweepState::finish() const {
  if (!path_.empty()) std::filesystem::remove(path_);
}

void SweepState::load() {
  std::ifstream in(path_);
  try {
    const nlohmann::json json = nlohmann::json::parse(in);
    if (json.at("stride") != inputs_.stride() || json.at("inputs") != inputs_.text() ||
        json.at("version") != kiln_version())
      fail(path_ + ": expected a run with --stride " + std::to_string(inputs_.stride()) + " of the inputs " +
           inputs_.text() + " by version " + kiln_version() + ", got --stride " + json.at("stride").dump() +
           " of the inputs " + json.at("inputs").get<std::string>() + " by " + json.at("version").get<std::string>());
    for (const auto &[key, saved] : json.at("entries").items()) {
      Entry &entry = entries_[key];
      entry.pieces = saved.at("pieces");
      entry.seconds = saved.at("seconds");
      for (const nlohmann::json &f : saved.at("findings")) entry.findings.push_back(findings_from(f));
    }
  } catch (const nlohmann::json::exception &error) {
    fail(path_ + ": expected what an interrupted `kiln verify --resume` left: " + error.what());
  }
}

void SweepState::save() const {
  nlohmann::json json = {{"stride", inputs_.stride()},
                         {"inputs", inputs_.text()},
                         {"version", kiln_version()},
                         {"entries", nlohmann::json::object()}};
  for (const auto &[key, entry] : entries_) {
    nlohmann::json &saved = json["entries"][key];
    saved["pieces"] = entry.pieces;
    saved["seconds"] = entry.seconds;
    saved["findings"] = nlohmann::json::array();
    for (const Findings &f : entry.findings) saved["findings"].push_back(to_json(f));
  }
  write_file(path_, json.dump());
}

}  // namespace kiln::tool
