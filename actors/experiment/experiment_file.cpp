#include "actors/experiment/experiment_file.hpp"

#include "runtime/config/document.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace starling::experiment {

namespace {

/// Bounds of what a file may ask for; the meaning stands in the options.
constexpr auto nodes_max = size_t{64};
constexpr auto fanout_max = size_t{64};
constexpr auto committee_max = size_t{1024};
constexpr auto epoch_rows_max = size_t{1'000'000};
constexpr auto rows_bound = size_t{1'000'000'000};
constexpr auto rate_max = 1e6;
constexpr auto row_interval_max = std::chrono::hours{24 * 365};

void read_detector(config::reader in, detector_choice& target) {
  in.read("name", target.name).read("parameters", target.parameters);
}

void read_zones(config::reader in, zone_thresholds& target) {
  in.read("trusted_below", target.trusted_below, 0.0, 1.0)
    .read("monitored_above", target.monitored_above, 0.0, 1.0)
    .read("quarantined_above", target.quarantined_above, 0.0, 1.0);
  if (target.trusted_below > target.monitored_above)
    in.reject("trusted_below", "must not exceed 'monitored_above'");
  if (target.monitored_above > target.quarantined_above)
    in.reject("monitored_above", "must not exceed 'quarantined_above'");
}

void read_cluster(config::reader in, cluster_choice& target) {
  in.read("running", target.running)
    .read("nodes", target.nodes, size_t{1}, nodes_max);
  if (target.running && in.has("nodes"))
    in.reject("nodes", "must be absent where 'running' is true: the cluster "
                       "that runs has its own nodes");
}

void read_summary_tree(config::reader in, summary_tree_choice& target) {
  in.read("enabled", target.enabled)
    .read("fanout", target.fanout, size_t{2}, fanout_max)
    .read("committee", target.committee, size_t{1}, committee_max)
    .read("epoch_rows", target.epoch_rows, size_t{1}, epoch_rows_max);
}

void read_poison(config::reader in, poison_choice& target) {
  in.read("share", target.share, 0.0, 1.0)
    .read("kind", target.kind)
    .read("seed", target.seed);
  if (std::ranges::find(poison_kinds(), target.kind) == poison_kinds().end())
    in.reject("kind", fmt::format("must be one of {}",
                                  fmt::join(poison_kinds(), ", ")));
}

void read_inject(config::reader in, injection_choice& target) {
  in.read("kind", target.kind)
    .read("strength", target.strength, 0.0, injection_strength_max)
    .read("share", target.share, 0.0, injection_share_max)
    .read("seed", target.seed);
  const auto kinds = injection_kinds();
  if (!target.kind.empty()
      && std::ranges::find(kinds, target.kind) == kinds.end())
    in.reject("kind", fmt::format("must be one of {}", fmt::join(kinds, ", ")));
  if (target.strength <= 0.0)
    in.reject("strength", "must be above 0");
  if (target.share <= 0.0)
    in.reject("share", "must be above 0");
}

void read_experiment(config::reader in, experiment_options& target) {
  auto data = target.data.string();
  in.required("name", target.name)
    .read("data", data)
    .read("entities", target.entities)
    .read("rows_max", target.rows_max, size_t{0}, rows_bound)
    .read("baselines", target.baselines)
    .read("row_interval", target.row_interval, std::chrono::nanoseconds{1},
          row_interval_max)
    .read("rate", target.rate, 0.0, rate_max)
    .read("seed", target.seed);
  target.data = data;
}

result<experiment_options> read(const config::document& doc,
                                const std::filesystem::path& file,
                                bool as_sweep) {
  auto out = experiment_options{};
  auto root = doc.root();
  if (root.has("sweep") && !as_sweep)
    root.reject("sweep", "is for many runs: give this file to `starling "
                         "experiment sweep`");
  read_experiment(root.table("experiment"), out);
  read_detector(root.table("detector"), out.detector);
  read_zones(root.table("zones"), out.zones);
  read_cluster(root.table("cluster"), out.cluster);
  read_summary_tree(root.table("summary_tree"), out.summary_tree);
  read_poison(root.table("poison"), out.poison);
  read_inject(root.table("inject"), out.inject);
  if (auto done = root.finish(); !done)
    return done.error();
  // The program's own folder is where nobody expects a relative path to begin.
  if (!out.data.empty() && out.data.is_relative())
    out.data = (file.parent_path() / out.data).lexically_normal();
  return out;
}

} // namespace

result<experiment_options> load_experiment(const std::filesystem::path& file) {
  const auto doc = config::document::load(file);
  if (!doc)
    return doc.error();
  return read(*doc, file, false);
}

result<experiment_options> parse_experiment(std::string_view text,
                                            const std::filesystem::path& file) {
  const auto doc = config::document::parse(text, file.string());
  if (!doc)
    return doc.error();
  return read(*doc, file, false);
}

result<experiment_options> read_sweep_base(const config::document& doc) {
  return read(doc, doc.file(), true);
}

} // namespace starling::experiment
