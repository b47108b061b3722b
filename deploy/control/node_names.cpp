#include "deploy/control/node_names.hpp"

#include "runtime/config/nearest_key.hpp"
#include "runtime/config/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace starling::control {

namespace {

bool is_id_prefix(std::string_view text) {
  return text.size() >= id_prefix_min && std::ranges::all_of(text, [](char c) {
           return std::isxdigit(static_cast<unsigned char>(c)) != 0;
         });
}

std::string in_lower_case(std::string_view text) {
  auto lower = std::string{text};
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return lower;
}

failure several(std::string_view text, std::string_view what) {
  return {ec::invalid_option,
          fmt::format("several nodes have the {} '{}'; give more of the id",
                      what, config::shortened(text, 64))};
}

failure unknown(std::string_view text, const std::vector<named_node>& known) {
  auto names = std::vector<std::string>{};
  for (const auto& node : known)
    names.push_back(node.name);
  const auto shown = config::shortened(text, 64);
  auto why = fmt::format("no node '{}' is known here", shown);
  if (auto near = config::nearest_key(shown, names))
    why += fmt::format("; did you mean '{}'?", *near);
  return {ec::unknown_peer, std::move(why)};
}

} // namespace

result<peer_id> find_node(std::string_view text,
                          const std::vector<named_node>& known) {
  auto found = std::optional<peer_id>{};
  for (const auto& node : known) {
    if (node.name != text)
      continue;
    if (found && *found != node.id)
      return several(text, "name");
    found = node.id;
  }
  if (found)
    return *found;
  if (auto whole = parse_peer_id(text))
    return *whole;
  if (!is_id_prefix(text))
    return unknown(text, known);
  const auto prefix = in_lower_case(text);
  for (const auto& node : known) {
    if (!to_string(node.id).starts_with(prefix))
      continue;
    if (found && *found != node.id)
      return several(text, "id beginning");
    found = node.id;
  }
  return found ? result<peer_id>{*found} : unknown(text, known);
}

} // namespace starling::control
