#include "actors/discovery/reach.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

namespace starling::discovery {

namespace {

constexpr std::array<std::string_view, 4> names{"local", "lan", "mesh",
                                                "internet"};

reach reach_of_v4(uint32_t address) {
  const auto in = [address](uint32_t prefix, int bits) {
    return address >> (32 - bits) == prefix >> (32 - bits);
  };
  if (in(0x7f00'0000, 8))
    return reach::local;
  if (in(0x0a00'0000, 8) || in(0xac10'0000, 12) || in(0xc0a8'0000, 16)
      || in(0xa9fe'0000, 16) || in(0x6440'0000, 10))
    return reach::lan;
  return reach::internet;
}

uint32_t load_big_endian(const uint8_t* from) {
  return uint32_t{from[0]} << 24 | uint32_t{from[1]} << 16
         | uint32_t{from[2]} << 8 | uint32_t{from[3]};
}

reach reach_of_v6(const std::array<uint8_t, 16>& address) {
  const auto zeros = static_cast<size_t>(
    std::ranges::find_if(address, [](uint8_t x) { return x != 0; })
    - address.begin());
  if (zeros == 15 && address[15] == 1)
    return reach::local;
  // ::ffff:a.b.c.d is a.b.c.d.
  if (zeros == 10 && address[10] == 0xff && address[11] == 0xff)
    return reach_of_v4(load_big_endian(&address[12]));
  const auto link_local = address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
  const auto unique_local = (address[0] & 0xfe) == 0xfc;
  return link_local || unique_local ? reach::lan : reach::internet;
}

reach reach_of_name(std::string_view name) {
  if (name == "localhost" || name.ends_with(".localhost"))
    return reach::local;
  return name.ends_with(".local") ? reach::lan : reach::internet;
}

} // namespace

std::string_view name_of(reach x) {
  return names[static_cast<size_t>(x)];
}

std::optional<reach> parse_reach(std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end())
    return std::nullopt;
  return static_cast<reach>(found - names.begin());
}

reach reach_of(const config::endpoint& x) {
  if (x.scheme == "memory" || x.scheme == "unix")
    return reach::local;
  if (x.scheme == "relay")
    return reach::mesh;
  // A radio, or another device at hand.
  if (!x.port)
    return reach::lan;
  auto v4 = std::array<uint8_t, 4>{};
  if (inet_pton(AF_INET, x.host.c_str(), v4.data()) == 1)
    return reach_of_v4(load_big_endian(v4.data()));
  auto v6 = std::array<uint8_t, 16>{};
  // Without a zone, as in fe80::1%eth0.
  const auto address = x.host.substr(0, x.host.find('%'));
  if (inet_pton(AF_INET6, address.c_str(), v6.data()) == 1)
    return reach_of_v6(v6);
  return reach_of_name(x.host);
}

} // namespace starling::discovery
