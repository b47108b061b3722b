#include "runtime/config/flat_entry.hpp"

#include "runtime/config/toml.hpp"
#include "runtime/config/toml_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace starling::config {

namespace {

/// Lists stand for several values, not for one.
std::optional<value> item_of(const toml::node& x) {
  return x.is_array() ? std::nullopt : value_of(x);
}

/// Walks the tree, which the parser keeps shallow.
class collector {
public:
  explicit collector(const document& from) : from_{from} {
    // nop
  }

  void walk(const toml::table& table) {
    for (const auto& [key, node] : table) {
      path_.emplace_back(key.str());
      if (const auto* inner = node.as_table())
        walk(*inner);
      else
        take(node);
      path_.pop_back();
    }
  }

  result<std::vector<flat_entry>> done() {
    if (failed_)
      return *failed_;
    // toml++ keeps tables sorted by name; people expect the file's order.
    std::ranges::stable_sort(entries_, {}, [](const auto& x) {
      return std::pair{x.entry.line, x.column};
    });
    auto out = std::vector<flat_entry>{};
    for (auto& x : entries_)
      out.push_back(std::move(x.entry));
    return out;
  }

private:
  struct placed {
    flat_entry entry;
    size_t column = 0;
  };

  void take(const toml::node& node) {
    const auto& place = node.source().begin;
    auto made = placed{{path_, node.is_array(), {}, place.line}, place.column};
    auto good = true;
    const auto add = [&](const toml::node& x) {
      if (auto item = item_of(x))
        made.entry.items.push_back(std::move(*item));
      else
        good = false;
    };
    if (const auto* array = node.as_array())
      for (const auto& x : *array)
        add(x);
    else
      add(node);
    if (good)
      entries_.push_back(std::move(made));
    else if (!failed_)
      failed_ = failure{
        ec::invalid_option,
        fmt::format("{}:{}: '{}' must be a boolean, a number, a string or an "
                    "array of such, it is {}",
                    from_.file(), place.line, path_text(path_), shown(node))};
  }

  const document& from_;
  std::vector<std::string> path_;
  std::vector<placed> entries_;
  std::optional<failure> failed_;
};

} // namespace

result<std::vector<flat_entry>> flattened(const document& from) {
  auto out = collector{from};
  out.walk(from.content_->root);
  return out.done();
}

std::string to_toml(std::vector<flat_entry> entries) {
  std::ranges::sort(entries, {}, &flat_entry::path);
  auto out = std::string{};
  for (const auto& entry : entries) {
    out += path_text(entry.path) + " = ";
    auto items = std::string{};
    for (const auto& item : entry.items)
      items += (items.empty() ? "" : ", ") + to_toml(item);
    out += entry.is_array ? "[" + items + "]\n" : items + "\n";
  }
  return out;
}

std::string path_text(const std::vector<std::string>& path) {
  auto out = std::string{};
  for (const auto& key : path)
    out += (out.empty() ? "" : ".") + key_text(key);
  return out;
}

} // namespace starling::config
