#include "runtime/config/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace starling::config {

namespace {

constexpr size_t text_max = 512;

constexpr auto with_port = std::to_array<std::string_view>(
  {"tcp", "udp", "ws", "wss", "http", "https"});

bool is_scheme(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+'
           || c == '-' || c == '.';
  };
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z'
         && std::ranges::all_of(text, fits);
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// Splits "host:port" and "[v6]:port". Errors: a text on what is wrong.
result<void> split_port(std::string_view rest, endpoint& target) {
  const auto wrong = [](std::string text) {
    return failure{ec::invalid_option, std::move(text)};
  };
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos)
    return wrong("has no port, write HOST:PORT");
  auto host = rest.substr(0, colon);
  const auto digits = rest.substr(colon + 1);
  const auto bracketed
    = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return wrong(
      "holds an IPv6 address without brackets, write [ADDRESS]:PORT");
  if (host.empty() || host.find_first_of("[]/@?") != std::string_view::npos)
    return wrong("names no host");
  auto port = uint16_t{0};
  const auto* end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc{} || last != end)
    return wrong("has no port between 0 and 65535");
  target.host = host;
  target.port = port;
  return {};
}

} // namespace

result<endpoint> parse_endpoint(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    const auto shown
      = is_printable(text) ? text.substr(0, 80) : "(unprintable)";
    return failure{ec::invalid_option,
                   fmt::format("endpoint '{}' {}", shown, why)};
  };
  if (text.size() > text_max)
    return wrong("is longer than 512 bytes");
  if (!is_printable(text))
    return wrong("holds blanks, control or non-ASCII characters");
  auto result = endpoint{};
  auto rest = text;
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    result.peer = parse_peer_id(text.substr(hash + 1));
    if (!result.peer)
      return wrong("must have a peer id of 64 hexadecimal digits after '#'");
    rest = text.substr(0, hash);
  }
  const auto slashes = rest.find("://");
  if (slashes == std::string_view::npos || !is_scheme(rest.substr(0, slashes)))
    return wrong("must start with a link's name, such as tcp://");
  result.scheme = rest.substr(0, slashes);
  rest.remove_prefix(slashes + 3);
  if (std::ranges::find(with_port, result.scheme) != with_port.end()) {
    if (auto ok = split_port(rest, result); !ok)
      return wrong(ok.error().text);
  } else {
    result.host = rest;
  }
  return result;
}

std::string to_string(const endpoint& x) {
  auto result = x.scheme + "://";
  if (x.port) {
    const auto v6 = x.host.find(':') != std::string::npos;
    result += v6 ? "[" + x.host + "]" : x.host;
    result += ":" + fmt::to_string(*x.port);
  } else {
    result += x.host;
  }
  if (x.peer)
    result += "#" + to_string(*x.peer);
  return result;
}

} // namespace starling::config
