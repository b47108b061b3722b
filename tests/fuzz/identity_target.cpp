#include "runtime/identity/certificate.hpp"
#include "runtime/identity/join_token.hpp"
#include "runtime/identity/revocation.hpp"
#include "tests/fuzz/target.hpp"

using namespace starling;
using namespace starling::fuzz;
using namespace starling::identity;

namespace {

void check_token(std::string_view input) {
  const auto token = parse_join_token(input);
  if (!token)
    return;
  require(token->secret.size() == join_token::secret_size);
  const auto again = parse_join_token(to_string(*token));
  require(again && *again == *token);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  if (const auto seen = decode_membership(input))
    require(seen->body.name.size() <= name_bytes_max
            && seen->signature.size() == signature_size);
  if (const auto seen = decode_revocation(input))
    require(seen->reason.size() <= reason_bytes_max);
  check_stable(
    decode_membership, [](const membership& x) { return encode(x); }, input);
  check_stable(
    decode_revocation, [](const revocation& x) { return encode(x); }, input);
  check_token(text_of(input));
  return 0;
}
