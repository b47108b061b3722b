#pragma once

#include "runtime/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// True if the name matches the pattern, in which `*` stands for any text and
/// `?` for any one byte. Time O(name * pattern) at worst.
[[nodiscard]] bool matches(std::string_view name, std::string_view pattern);

/// Returns the available entities that match one of the patterns (all if there
/// is no pattern), each once, in the order of `available`.
/// Errors: unknown_name if a pattern matches nothing: a typing error must not
/// pass for a small experiment.
result<std::vector<std::string>>
select_entities(const std::vector<std::string>& available,
                const std::vector<std::string>& patterns);

} // namespace starling::experiment
