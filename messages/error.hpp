#pragma once

#include "messages/error_code.hpp"
#include "messages/peer_id.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/default_enum_inspect.hpp>
#include <caf/error.hpp>
#include <caf/is_error_code_enum.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <type_traits>

namespace starling {

struct json_request;

/// Role: can be asked in JSON, e.g. from `starling call`.
using json_actor = caf::typed_actor<
  // Returns the answer as JSON. Errors: invalid_option, and those of the actor.
  caf::result<std::string>(json_request)>;

inline std::string to_string(ec code) {
  return std::string{name_of(code)};
}

inline bool from_integer(std::underlying_type_t<ec> value, ec& code) {
  if (value < 1 || value > static_cast<uint8_t>(ec_last))
    return false;
  code = static_cast<ec>(value);
  return true;
}

inline bool from_string(caf::string_view text, ec& code) {
  for (uint8_t value = 1; from_integer(value, code); ++value)
    if (to_string(code) == std::string{text.begin(), text.end()})
      return true;
  return false;
}

template <class Inspector>
bool inspect(Inspector& f, ec& x) {
  return caf::default_enum_inspect(f, x);
}

/// A question in JSON.
struct json_request {
  std::string text;
};

template <class Inspector>
bool inspect(Inspector& f, json_request& x) {
  return f.object(x).fields(f.field("text", x.text));
}

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_common, starling::type_id_block::common)

  CAF_ADD_TYPE_ID(starling_common, (starling::ec))
  CAF_ADD_TYPE_ID(starling_common, (starling::json_actor))
  CAF_ADD_TYPE_ID(starling_common, (starling::json_request))
  CAF_ADD_TYPE_ID(starling_common, (starling::peer_id))
  CAF_ADD_TYPE_ID(starling_common, (std::vector<starling::peer_id>))

CAF_END_TYPE_ID_BLOCK(starling_common)

CAF_ERROR_CODE_ENUM(starling::ec)
