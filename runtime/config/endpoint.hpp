#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace starling::config {

/// Where a node can be reached: "tcp://10.0.0.1:7000", "tcp://[::1]:7000",
/// "lora:///dev/ttyUSB0", and optionally "#" with the peer id that has to
/// answer there.
struct endpoint {
  /// The link's name, in lower case: letters, digits, '+', '-', '.'.
  std::string scheme;
  /// Host name, address without brackets, or for links without ports whatever
  /// follows "//".
  std::string host;
  /// 0 means "any free port" when listening. Nothing for links without ports.
  std::optional<uint16_t> port;
  std::optional<peer_id> peer;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Reads an endpoint of up to 512 bytes. The port must be there for tcp, udp,
/// ws, wss, http and https. Errors: invalid_option.
[[nodiscard]] result<endpoint> parse_endpoint(std::string_view text);

[[nodiscard]] std::string to_string(const endpoint& x);

} // namespace starling::config
