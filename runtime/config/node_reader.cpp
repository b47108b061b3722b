#include "runtime/config/node_reader.hpp"

#include "runtime/config/node_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace starling::config {

namespace {

constexpr size_t name_max = 64;

bool is_plain_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= name_max
         && std::ranges::all_of(text, fits);
}

/// Reads each field of a section from one table.
class reading {
public:
  explicit reading(reader& in) : in_{in} {
    // nop
  }

  template <class T>
  void field(std::string_view key, T& target, std::string_view) {
    read(key, target);
  }

  template <class T, class Bound>
  void field(std::string_view key, T& target, between<Bound> bounds,
             std::string_view) {
    in_.read(key, target, bounds.min, bounds.max);
  }

  void field(std::string_view key, std::string& target, one_of words,
             std::string_view) {
    in_.read(key, target, words.choices);
  }

  void field(std::string_view key, std::optional<std::string>& target,
             one_of words, std::string_view) {
    if (!in_.has(key))
      return;
    in_.read(key, target.emplace(), words.choices);
  }

  void field(std::string_view key, std::vector<std::string>& target,
             one_of words, std::string_view) {
    in_.read(key, target);
    const auto known = [&words](const std::string& text) {
      return std::ranges::find(words.choices, text) != words.choices.end();
    };
    if (target.empty() || !std::ranges::all_of(target, known))
      in_.reject(key, fmt::format("must list one or more of {}",
                                  fmt::join(words.choices, ", ")));
  }

  void field(std::string_view key, std::string& target, plain_name,
             std::string_view) {
    in_.read(key, target);
    if (in_.has(key) && !is_plain_name(target))
      in_.reject(key, "must be 1 to 64 letters, digits, '.', '_' or '-'");
  }

  template <class T, class... Bounds>
  void needed(std::string_view key, T& target, Bounds... bounds) {
    in_.demand(key);
    field(key, target, bounds...);
  }

private:
  template <class T>
  void read(std::string_view key, T& target) {
    in_.read(key, target);
  }

  void read(std::string_view key, std::optional<uint64_t>& target) {
    if (in_.has(key))
      in_.read(key, target.emplace());
  }

  void read(std::string_view key, std::vector<endpoint>& target) {
    read_each(key, target,
              [](const std::string& text) { return parse_endpoint(text); });
  }

  void read(std::string_view key, std::vector<peer_id>& target) {
    read_each(key, target, parse_id);
  }

  void read(std::string_view key, std::optional<peer_id>& target) {
    auto text = std::string{};
    in_.read(key, text);
    if (text.empty() || text == "*")
      return;
    if (const auto id = parse_id(text))
      target = *id;
    else
      in_.reject(
        key, fmt::format("must be \"*\" or a peer id: {}", id.error().text));
  }

  static result<peer_id> parse_id(const std::string& text) {
    if (const auto id = parse_peer_id(text))
      return *id;
    return failure{ec::invalid_option,
                   fmt::format("{} is not 64 hexadecimal digits",
                               quoted(shortened(text, 80)))};
  }

  template <class T, class Parse>
  void read_each(std::string_view key, std::vector<T>& target, Parse parse) {
    if (!in_.has(key))
      return;
    auto texts = std::vector<std::string>{};
    in_.read(key, texts);
    target.clear();
    for (const auto& text : texts) {
      auto parsed = parse(text);
      if (!parsed)
        return in_.reject(key, "has a wrong entry: " + parsed.error().text);
      target.push_back(std::move(*parsed));
    }
  }

  reader& in_;
};

template <class T>
void read_tables(reader& in, std::string_view key, std::vector<T>& target) {
  if (!in.has(key))
    return;
  target.clear();
  for (auto& table : in.tables(key)) {
    auto fields = reading{table};
    describe(fields, target.emplace_back());
  }
}

} // namespace

void read_node_tables(reader& top, node_options& opts) {
  for_each_section(opts, [&top](std::string_view name, auto& section) {
    auto table = top.table(name);
    auto fields = reading{table};
    describe(fields, section);
  });
  read_tables(top, "actor", opts.actors);
  if (top.has("actor")) {
    const auto tables = top.tables("actor");
    for (size_t i = 0; i < std::min(tables.size(), opts.actors.size()); ++i)
      opts.actors[i].place.text = tables[i].place("type");
  }
  auto spawn = top.table("spawn");
  read_tables(spawn, "allow", opts.spawn_rules);
}

void check_node_options(reader& top, const node_options& opts, purpose use) {
  if (!opts.security.encryption && use == purpose::production)
    top.table("security")
      .reject("encryption",
              "must stay true: only the simulator may run without "
              "encryption");
  if (opts.audit.storage_max.bytes < 4 * opts.audit.segment_max.bytes)
    top.table("audit").reject(
      "storage_max", fmt::format("must be at least four times segment_max, "
                                 "which is {}",
                                 to_text(opts.audit.segment_max)));
  for (const auto& peer : opts.node.bootstrap)
    if (peer.port == 0)
      top.table("node").reject("bootstrap",
                               fmt::format("has a wrong entry: endpoint '{}' "
                                           "needs the port to dial",
                                           to_string(peer)));
  auto names = std::set<std::string_view>{};
  auto tables = top.tables("actor");
  for (size_t i = 0; i < opts.actors.size(); ++i)
    if (!names.insert(opts.actors[i].name).second && i < tables.size())
      tables[i].reject("name",
                       fmt::format("must be unique, but another actor is "
                                   "called {} already",
                                   quoted(opts.actors[i].name)));
}

} // namespace starling::config
