#include "runtime/config/node_options.hpp"
#include "runtime/config/node_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

namespace starling::config {

namespace {

/// Columns of the comments in a written file.
constexpr size_t comment_width = 78;

/// Columns that a list may take on one line.
constexpr size_t value_width = 60;

// --- values as TOML spells them ---------------------------------------------

std::string text_of(bool x) {
  return x ? "true" : "false";
}

std::string text_of(uint32_t x) {
  return fmt::to_string(x);
}

std::string text_of(double x) {
  return to_toml(x);
}

std::string text_of(const std::string& x) {
  return quoted(x);
}

std::string text_of(byte_size x) {
  return quoted(to_text(x));
}

std::string text_of(byte_rate x) {
  return quoted(to_text(x));
}

std::string text_of(milliseconds x) {
  return quoted(to_text(x));
}

std::string text_of(const std::optional<uint64_t>& x) {
  return x ? fmt::to_string(*x) : "";
}

std::string text_of(const std::optional<std::string>& x) {
  return x ? quoted(*x) : "";
}

std::string text_of(const std::optional<peer_id>& x) {
  return quoted(x ? to_string(*x) : "*");
}

std::string text_of(const value_map& xs) {
  auto result = std::string{};
  for (const auto& [key, x] : xs)
    fmt::format_to(std::back_inserter(result), "{} {} = {}",
                   result.empty() ? "{" : ",", key_text(key), to_toml(x));
  return result.empty() ? "{}" : result + " }";
}

std::string text_of_item(const std::string& x) {
  return quoted(x);
}

template <class T>
std::string text_of_item(const T& x) {
  return quoted(to_string(x));
}

template <class T>
std::string text_of(const std::vector<T>& xs) {
  auto result = std::string{};
  for (const auto& x : xs)
    result += (result.empty() ? "" : ", ") + text_of_item(x);
  return "[" + result + "]";
}

/// As `text_of`, with the items of a long list on lines of their own.
template <class T>
std::string wrapped_text_of(const T& x) {
  return text_of(x);
}

template <class T>
std::string wrapped_text_of(const std::vector<T>& xs) {
  auto result = text_of(xs);
  if (result.size() <= value_width)
    return result;
  result = "[\n";
  for (const auto& x : xs)
    result += "  " + text_of_item(x) + ",\n";
  return result + "]";
}

// --- types as the documentation names them ----------------------------------

constexpr std::string_view type_of(const bool&) {
  return "boolean";
}
constexpr std::string_view type_of(const uint32_t&) {
  return "integer";
}
constexpr std::string_view type_of(const std::optional<uint64_t>&) {
  return "integer";
}
constexpr std::string_view type_of(const double&) {
  return "number";
}
constexpr std::string_view type_of(const milliseconds&) {
  return "duration";
}
constexpr std::string_view type_of(const byte_size&) {
  return "byte size";
}
constexpr std::string_view type_of(const byte_rate&) {
  return "byte rate";
}
constexpr std::string_view type_of(const std::string&) {
  return "string";
}
constexpr std::string_view type_of(const std::optional<std::string>&) {
  return "string";
}
constexpr std::string_view type_of(const std::vector<std::string>&) {
  return "list of strings";
}
constexpr std::string_view type_of(const std::vector<endpoint>&) {
  return "list of endpoints";
}
constexpr std::string_view type_of(const std::vector<peer_id>&) {
  return "list of peer ids";
}
constexpr std::string_view type_of(const std::optional<peer_id>&) {
  return "peer id or \"*\"";
}
constexpr std::string_view type_of(const value_map&) {
  return "table";
}

std::string plain(const auto& bound) {
  auto text = text_of(bound);
  if (text.starts_with('"'))
    text = text.substr(1, text.size() - 2);
  return text;
}

template <class T>
std::string bounds_text(const between<T>& bounds) {
  return fmt::format(", {} to {}", plain(bounds.min), plain(bounds.max));
}

std::string bounds_text(const one_of& words) {
  return fmt::format(": {}", fmt::join(words.choices, ", "));
}

std::string bounds_text(const plain_name&) {
  return ", 1 to 64 of A-Z a-z 0-9 . _ -";
}

// --- visitors ---------------------------------------------------------------

/// Collects the documentation of a section's fields.
class documenting {
public:
  documenting(std::string section, std::vector<documented_key>& out)
    : section_{std::move(section)},
      out_{out} {
    // nop
  }

  template <class T>
  void field(std::string_view key, const T& x, std::string_view meaning) {
    add(key, x, "", text_of(x), meaning);
  }

  template <class T, class Bound>
  void field(std::string_view key, const T& x, const Bound& bound,
             std::string_view meaning) {
    add(key, x, bounds_text(bound), text_of(x), meaning);
  }

  template <class T>
  void needed(std::string_view key, const T& x, std::string_view meaning) {
    add(key, x, ", required", "", meaning);
  }

  template <class T, class Bound>
  void needed(std::string_view key, const T& x, const Bound& bound,
              std::string_view meaning) {
    add(key, x, bounds_text(bound) + ", required", "", meaning);
  }

private:
  template <class T>
  void add(std::string_view key, const T& x, const std::string& bounds,
           const std::string& default_value, std::string_view meaning) {
    out_.push_back({section_, std::string{key},
                    std::string{type_of(x)} + bounds, default_value,
                    std::string{meaning}});
  }

  std::string section_;
  std::vector<documented_key>& out_;
};

/// Writes a section's fields below its header, each under its meaning.
class writing {
public:
  explicit writing(std::string& out) : out_{out} {
    // nop
  }

  template <class T, class... Rest>
  void field(std::string_view key, const T& x, const Rest&... rest) {
    const auto meaning = (std::string_view{}, ..., last(rest));
    append_comment(meaning);
    const auto text = wrapped_text_of(x);
    // Optional values that are absent are shown as a comment.
    fmt::format_to(std::back_inserter(out_), "{}{} ={}{}\n",
                   text.empty() ? "# " : "", key, text.empty() ? "" : " ",
                   text);
  }

  template <class T, class... Rest>
  void needed(std::string_view key, const T& x, const Rest&... rest) {
    field(key, x, rest...);
  }

private:
  template <class T>
  static std::string_view last(const T& x) {
    if constexpr (std::is_convertible_v<T, std::string_view>)
      return x;
    else
      return {};
  }

  void append_comment(std::string_view text) {
    auto column = size_t{0};
    while (!text.empty()) {
      const auto word = text.substr(0, text.find(' '));
      text.remove_prefix(std::min(text.size(), word.size() + 1));
      if (column == 0 || column + 1 + word.size() > comment_width) {
        out_ += column == 0 ? "#" : "\n#";
        column = 1;
      }
      (out_ += ' ') += word;
      column += 1 + word.size();
    }
    out_ += '\n';
  }

  std::string& out_;
};

template <class T>
void write_tables(std::string& out, std::string_view name,
                  const std::vector<T>& tables) {
  for (auto table : tables) {
    fmt::format_to(std::back_inserter(out), "\n[[{}]]\n", name);
    auto fields = writing{out};
    describe(fields, table);
  }
}

/// Makes a cell of a Markdown table.
std::string cell(std::string_view text) {
  auto result = std::string{};
  for (auto c : text) {
    if (c == '|')
      result += '\\';
    result += c;
  }
  return result;
}

constexpr std::string_view cluster_part
  = "\n## Cluster files\n\n"
    "| table | key | default | meaning |\n"
    "| --- | --- | --- | --- |\n"
    "| `[cluster]` | `name` | `\"starling\"` | The cluster's name; its nodes "
    "are "
    "called NAME-1, NAME-2 and so on. |\n"
    "| `[cluster]` | `nodes` | number of `[[node]]` tables, or 5 | How many "
    "nodes "
    "run, 1 to 1000. |\n"
    "| `[cluster]` | `directory` | `\"cluster\"` | Holds a folder for each "
    "node, "
    "its state_dir. |\n"
    "| `[base.*]` | | | A node file's tables, for all nodes. |\n"
    "| `[[node]]` | `name` | | The node's name, unless NAME-n will do. |\n"
    "| `[[node]]` | `host` | | The machine it runs on; empty for this one. |\n"
    "| `[node.*]` | | | A node file's tables, for the `[[node]]` above; each "
    "key "
    "replaces that of the base, lists as a whole. |\n";

} // namespace

std::string to_toml(const node_options& opts) {
  auto out
    = std::string{"# A Starling node. Relative paths start at the folder "
                  "of this file.\n"};
  // Visitors take sections they might change; here they only look.
  auto copy = opts;
  for_each_section(copy, [&out](std::string_view name, auto& section) {
    fmt::format_to(std::back_inserter(out), "\n[{}]\n", name);
    auto fields = writing{out};
    describe(fields, section);
  });
  write_tables(out, "actor", opts.actors);
  write_tables(out, "spawn.allow", opts.spawn_rules);
  return out;
}

std::vector<documented_key> documented_keys() {
  auto result = std::vector<documented_key>{};
  auto defaults = node_options{};
  for_each_section(defaults, [&result](std::string_view name, auto& section) {
    auto fields = documenting{fmt::format("[{}]", name), result};
    describe(fields, section);
  });
  auto actor_fields = documenting{"[[actor]]", result};
  auto actor = actor_entry{};
  describe(actor_fields, actor);
  auto rule_fields = documenting{"[[spawn.allow]]", result};
  auto rule = spawn_rule{};
  describe(rule_fields, rule);
  return result;
}

std::string configuration_page() {
  auto out = std::string{
    "# Configuration\n\n"
    "A node reads one TOML file; `starling up` reads a cluster file, whose\n"
    "`[base.*]` and `[node.*]` tables hold the same keys. An unknown key or a\n"
    "wrong type is an error with file and line. Relative paths start at the\n"
    "folder of the file. Durations are texts such as `\"250ms\"`, `\"30s\"`,\n"
    "`\"5min\"` or `\"1h\"`, or whole seconds; byte sizes are texts such as\n"
    "`\"10MB\"` (10^6) or `\"64KiB\"` (2^10), or whole bytes; byte rates the\n"
    "same with `/s`.\n\n"
    "This page is made from the program's own table of keys; a test fails "
    "when\n"
    "the two differ.\n"};
  auto section = std::string{};
  for (const auto& key : documented_keys()) {
    if (key.section != section) {
      section = key.section;
      fmt::format_to(std::back_inserter(out),
                     "\n## `{}`\n\n| key | type | default | meaning |\n"
                     "| --- | --- | --- | --- |\n",
                     section);
    }
    fmt::format_to(std::back_inserter(out), "| `{}` | {} | {} | {} |\n",
                   key.key, cell(key.type),
                   key.default_value.empty()
                     ? std::string{}
                     : fmt::format("`{}`", cell(key.default_value)),
                   cell(key.meaning));
  }
  return out + std::string{cluster_part};
}

} // namespace starling::config
