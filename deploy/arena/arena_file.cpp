#include "deploy/arena/arena_file.hpp"

#include "actors/adversary/attack.hpp"
#include "runtime/config/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace starling::arena {

namespace {

constexpr auto agents_max = size_t{10'000};
constexpr auto nodes_max = size_t{10'000};
constexpr auto rows_max = size_t{1'000'000};
constexpr auto row_interval_max = std::chrono::hours{24 * 365};

/// Reads "33 %", "33%" or "0.33".
std::optional<double> share_in(std::string_view text) {
  auto value = 0.0;
  const auto* const end = text.data() + text.size();
  auto [rest, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc{})
    return std::nullopt;
  auto unit = std::string_view{rest, static_cast<size_t>(end - rest)};
  while (unit.starts_with(' '))
    unit.remove_prefix(1);
  if (unit == "%")
    return value / 100.0;
  return unit.empty() ? std::optional{value} : std::nullopt;
}

void read_shares(config::reader& in, std::vector<double>& target) {
  auto texts = std::vector<std::string>{};
  in.read("liars", texts);
  if (texts.empty())
    return;
  target.clear();
  for (const auto& text : texts) {
    const auto share = share_in(text);
    // Written so that NaN fails too.
    if (!share || !(*share >= 0.0 && *share < 1.0))
      in.reject("liars", "must be shares as in [\"10 %\", \"33 %\"], each "
                         "below 100 %");
    else
      target.push_back(*share);
  }
}

void read_sizes(config::reader& in, std::vector<size_t>& target) {
  if (!in.has("nodes"))
    return;
  auto texts = std::vector<std::string>{};
  in.read("nodes", texts);
  target.clear();
  for (const auto& text : texts) {
    auto size = size_t{0};
    const auto* const end = text.data() + text.size();
    const auto [rest, code] = std::from_chars(text.data(), end, size);
    if (code != std::errc{} || rest != end || size < 2 || size > nodes_max)
      in.reject("nodes", fmt::format("must be sizes as in [\"50\", \"512\"], "
                                     "each 2 to {}",
                                     nodes_max));
    else
      target.push_back(size);
  }
}

void read_arena(config::reader in, arena_options& target) {
  auto data = std::string{};
  in.read("name", target.name)
    .read("agents", target.agents, size_t{2}, agents_max)
    .read("nodes", target.nodes, size_t{2}, nodes_max)
    .read("witnesses", target.witnesses, size_t{1}, nodes_max)
    .read("observers", target.observers, size_t{1}, nodes_max)
    .read("data", data)
    .read("features", target.features, size_t{1}, size_t{512})
    .read("kinds", target.kinds, size_t{1}, agents_max)
    .read("train_rows", target.train_rows, size_t{2}, rows_max)
    .read("rows", target.rows, size_t{1}, rows_max)
    .read("row_interval", target.row_interval, std::chrono::nanoseconds{1},
          row_interval_max)
    .read("truths", target.truths, size_t{0}, rows_max)
    .read("check_rows", target.check_rows, size_t{1}, rows_max)
    .read("epoch_rows", target.epoch_rows, size_t{1}, rows_max)
    .read("detector", target.detector)
    .read("attacks", target.attacks)
    .read("runs", target.runs, size_t{1}, size_t{1000})
    .read("seed", target.seed);
  read_shares(in, target.shares);
  target.data = data;
}

void read_tree(config::reader in, tree_choice& target) {
  in.read("fanout", target.fanout, size_t{2}, size_t{64})
    .read("committee", target.committee, size_t{1}, size_t{1024})
    .read("check_deviations", target.check_deviations, 0.0, 1e3)
    .read("trials", target.trials, size_t{1}, size_t{1000});
  read_sizes(in, target.nodes);
}

/// Which parameters there are, and how large they may be, the catalogue knows.
void read_parameters(config::reader in, arena_options& target) {
  for (const auto& kind : adversary::attacks()) {
    const auto name = std::string{kind.name};
    if (!in.has(name))
      continue;
    in.read(name, target.parameters[name]);
    if (auto made
        = adversary::make_attack(name, {.parameters = target.parameters[name]});
        !made)
      in.reject(name, "is wrong: " + made.error().text);
  }
}

result<arena_options> read(const config::document& doc,
                           const std::filesystem::path& file) {
  auto out = arena_options{};
  auto root = doc.root();
  read_arena(root.table("arena"), out);
  read_tree(root.table("tree"), out.tree);
  read_parameters(root.table("attack"), out);
  if (auto done = root.finish(); !done)
    return done.error();
  if (!out.data.empty() && out.data.is_relative())
    out.data = (file.parent_path() / out.data).lexically_normal();
  return out;
}

} // namespace

result<arena_options> load_arena(const std::filesystem::path& file) {
  const auto doc = config::document::load(file);
  if (!doc)
    return doc.error();
  return read(*doc, file);
}

result<arena_options> parse_arena(std::string_view text,
                                  const std::filesystem::path& file) {
  const auto doc = config::document::parse(text, file.string());
  if (!doc)
    return doc.error();
  return read(*doc, file);
}

} // namespace starling::arena
