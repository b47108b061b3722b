#include "actors/peer/credential.hpp"

namespace starling::peer {

namespace {

enum kind : uint8_t { kind_none, kind_member, kind_token };

constexpr size_t length_size = 4;

void append(std::vector<uint8_t>& to, std::span<const uint8_t> from) {
  to.insert(to.end(), from.begin(), from.end());
}

struct writer {
  std::vector<uint8_t> out;

  void operator()(const no_credential&) {
    out.push_back(kind_none);
  }

  void operator()(const member_credential& x) {
    out.push_back(kind_member);
    const auto size = static_cast<uint32_t>(x.cluster_key.size());
    for (size_t i = 0; i < length_size; ++i)
      out.push_back(static_cast<uint8_t>(size >> (8 * i)));
    append(out, x.cluster_key);
    append(out, x.membership);
  }

  void operator()(const token_credential& x) {
    out.push_back(kind_token);
    out.insert(out.end(), x.token.begin(), x.token.end());
  }
};

result<credential> decode_member(std::span<const uint8_t> bytes) {
  if (bytes.size() < length_size)
    return failure{ec::malformed_input, "member credential is cut short"};
  auto size = uint32_t{0};
  for (size_t i = 0; i < length_size; ++i)
    size |= static_cast<uint32_t>(bytes[i]) << (8 * i);
  const auto rest = bytes.subspan(length_size);
  if (rest.size() < size)
    return failure{ec::malformed_input, "member credential is cut short"};
  const auto key = rest.first(size);
  const auto certificate = rest.subspan(size);
  return credential{member_credential{
    {key.begin(), key.end()}, {certificate.begin(), certificate.end()}}};
}

} // namespace

std::vector<uint8_t> encode(const credential& x) {
  auto out = writer{};
  std::visit(out, x);
  return std::move(out.out);
}

result<credential> decode_credential(std::span<const uint8_t> bytes) {
  if (bytes.empty())
    return credential{no_credential{}};
  const auto rest = bytes.subspan(1);
  switch (bytes.front()) {
    case kind_none:
      if (rest.empty())
        return credential{no_credential{}};
      break;
    case kind_member:
      return decode_member(rest);
    case kind_token:
      return credential{token_credential{{rest.begin(), rest.end()}}};
    default:
      break;
  }
  return failure{ec::malformed_input, "credential of an unknown kind"};
}

} // namespace starling::peer
