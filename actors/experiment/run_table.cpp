#include "actors/experiment/run_table.hpp"

#include "runtime/file_io.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <utility>

namespace starling::experiment {

namespace {

using nlohmann::json;

constexpr size_t summary_bytes_max = size_t{1} << 28;

constexpr auto all_measures = std::array<measure, 10>{{
  {"auc_pr", "AUC-PR", &figures::auc_pr, false},
  {"vus_pr", "VUS-PR", &figures::vus_pr, false},
  {"auc_roc", "AUC-ROC", &figures::auc_roc, false},
  {"best_f1", "best F1", &figures::best_f1, false},
  {"recall_1", "recall at 1 %", &figures::recall_1, false},
  {"smooth_auc_pr", "AUC-PR, smoothed", &figures::auc_pr, true},
  {"smooth_vus_pr", "VUS-PR, smoothed", &figures::vus_pr, true},
  {"smooth_auc_roc", "AUC-ROC, smoothed", &figures::auc_roc, true},
  {"smooth_best_f1", "best F1, smoothed", &figures::best_f1, true},
  {"smooth_recall_1", "recall at 1 %, smoothed", &figures::recall_1, true},
}};

double number_of(const json& from, const char* key) {
  // Undefined figures are null; older summaries lack some.
  const auto at = from.find(key);
  return at == from.end() || !at->is_number()
           ? std::numeric_limits<double>::quiet_NaN()
           : at->get<double>();
}

figures figures_from(const json& from) {
  return {number_of(from, "auc_roc"), number_of(from, "auc_pr"),
          number_of(from, "best_f1"), number_of(from, "vus_pr"),
          number_of(from, "recall_1")};
}

measured_run run_from(const json& from) {
  auto out = measured_run{};
  out.seed = from.at("seed").get<uint64_t>();
  for (const auto& x : from.at("methods")) {
    auto& method = out.methods.emplace_back();
    method.name = x.at("name").get<std::string>();
    method.is_detector = x.at("role") == "detector";
    if (const auto cost = number_of(x, "us_per_vector"); cost >= 0.0)
      method.micros_per_vector = cost;
  }
  for (const auto& entity : from.at("entities")) {
    out.entities.push_back(entity.at("name").get<std::string>());
    const auto& found = entity.at("methods");
    for (size_t i = 0; i < out.methods.size(); ++i) {
      out.methods[i].raw.push_back(figures_from(found.at(i).at("raw")));
      out.methods[i].smooth.push_back(figures_from(found.at(i).at("smoothed")));
    }
  }
  return out;
}

} // namespace

const std::array<measure, 10>& measures() {
  return all_measures;
}

std::vector<double> measured_method::values(const measure& what) const {
  auto out = std::vector<double>{};
  for (const auto& x : what.smooth ? smooth : raw)
    out.push_back(x.*what.figure);
  return out;
}

result<measured_run> read_run(const std::filesystem::path& folder) {
  const auto file = folder / "summary.json";
  const auto text = read_text_file(file, summary_bytes_max);
  if (!text)
    return text.error();
  try {
    auto out = run_from(json::parse(*text));
    out.id = std::filesystem::absolute(folder).lexically_normal().filename();
    if (out.id.empty())
      out.id = std::filesystem::absolute(folder)
                 .lexically_normal()
                 .parent_path()
                 .filename();
    if (!out.entities.empty() && !out.methods.empty())
      return out;
    return failure{ec::malformed_input,
                   file.string() + ": names no entity or no method"};
  } catch (const std::exception& problem) {
    return failure{ec::malformed_input,
                   fmt::format("{}: is no summary of a run: {}", file.string(),
                               problem.what())};
  }
}

} // namespace starling::experiment
