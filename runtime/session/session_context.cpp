#include "runtime/session/session_context.hpp"

#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <fmt/format.h>

namespace starling::session {

std::shared_ptr<Botan::Private_Key>
make_tls_key(Botan::RandomNumberGenerator& rng) {
  return std::make_shared<Botan::ECDSA_PrivateKey>(
    rng, Botan::EC_Group::from_name("secp384r1"));
}

result<void> validate(const session_context& context) {
  if (!context.key || !context.policy || !context.rng)
    return failure{ec::invalid_option,
                   "a session context needs an identity key, an admission "
                   "policy and a random number generator"};
  if (context.credential.size() > credential_max)
    return failure{ec::invalid_option,
                   fmt::format("a credential of {} bytes is too long for a "
                               "session: the most is {}",
                               context.credential.size(), credential_max)};
  return validate(context.options);
}

} // namespace starling::session
