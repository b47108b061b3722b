#include "messages/error_code.hpp"

namespace starling {

std::string_view name_of(ec code) {
  switch (code) {
    case ec::unknown_peer:
      return "unknown_peer";
    case ec::limit_reached:
      return "limit_reached";
    case ec::unknown_name:
      return "unknown_name";
    case ec::duplicate_name:
      return "duplicate_name";
    case ec::invalid_option:
      return "invalid_option";
    case ec::malformed_input:
      return "malformed_input";
    case ec::file_error:
      return "file_error";
    case ec::authentication_failed:
      return "authentication_failed";
    case ec::revoked:
      return "revoked";
    case ec::token_refused:
      return "token_refused";
    case ec::negotiation_failed:
      return "negotiation_failed";
    case ec::protocol_violation:
      return "protocol_violation";
    case ec::permission_denied:
      return "permission_denied";
    case ec::unreachable:
      return "unreachable";
    case ec::ttl_exceeded:
      return "ttl_exceeded";
    case ec::timed_out:
      return "timed_out";
    case ec::connection_closed:
      return "connection_closed";
    case ec::incompatible_plugin:
      return "incompatible_plugin";
    case ec::tampered:
      return "tampered";
    case ec::quarantined:
      return "quarantined";
    case ec::wrong_state:
      return "wrong_state";
  }
  return "starling::ec(?)";
}

} // namespace starling
