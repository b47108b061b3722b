#include "deploy/control/ask.hpp"
#include "deploy/control/node_service.hpp"
#include "runtime/file_io.hpp"

#include <botan/hex.h>
#include <fmt/format.h>

#include <chrono>
#include <future>
#include <utility>

namespace starling::control {

namespace {

constexpr auto event_loop_timeout = std::chrono::seconds{10};

/// Waits for what the event loop's thread promised.
template <class T>
result<T> wait_for(std::future<result<T>> answer) {
  if (answer.wait_for(event_loop_timeout) != std::future_status::ready)
    return failure{ec::timed_out, "the node's event loop did not answer"};
  return answer.get();
}

result<identity::revocation> read_record(const std::string& text) {
  try {
    return identity::decode_revocation(Botan::hex_decode(text));
  } catch (const std::exception&) {
    return failure{ec::malformed_input,
                   "field 'record' must be hexadecimal digits"};
  }
}

} // namespace

result<void> node_service::check_sponsor() {
  const auto paths = deploy::node_paths{*context().options};
  auto bytes = read_file(paths.certificate, identity::membership_bytes_max);
  if (!bytes)
    return failure{ec::wrong_state,
                   "this node belongs to no cluster, so it can't invite; start "
                   "it with `starling up`, or give it a token"};
  auto own = identity::decode_membership(*bytes);
  if (!own)
    return own.error();
  if (!own->body.may_sponsor)
    return failure{ec::permission_denied,
                   "node " + context().name
                     + " may not admit others; ask the first node of the "
                       "cluster"};
  return {};
}

result<json> node_service::issue_token(const request& asked) {
  auto lifetime = int64_t{3600};
  if (auto ok
      = fields{asked.body}.read("lifetime", lifetime, 1, 30 * 86'400).finish();
      !ok)
    return ok.error();
  if (auto ok = check_sponsor(); !ok)
    return ok.error();
  // The one who waits may have given up when the task runs: so it is shared.
  auto promise = std::make_shared<std::promise<result<std::string>>>();
  const auto path = deploy::node_paths{*context().options}.tokens;
  parts_.node->run_on_event_loop(
    [promise, path, lifetime, rng = parts_.node->parts().rng,
     self = context().self,
     now = context().wall_clock()](peer::admission_policy& policy) {
      if (!policy.cluster()) {
        promise->set_value(
          failure{ec::wrong_state, "this node belongs to no cluster"});
        return;
      }
      auto token = policy.tokens().issue(self, policy.cluster()->id(), now,
                                         std::chrono::seconds{lifetime}, *rng);
      if (token)
        if (auto saved = policy.tokens().save(path); !saved)
          token = saved.error();
      promise->set_value(std::move(token));
    });
  auto token = wait_for(promise->get_future());
  if (!token)
    return token.error();
  context().audit("token.issued", to_string(context().self),
                  {{"lifetime_s", std::to_string(lifetime)}});
  return result<json>{json{{"token", *token},
                           {"lifetime", lifetime},
                           {"sponsor", to_string(context().self)},
                           {"addresses", parts_.addresses}}};
}

result<json> node_service::revoke(const request& asked) {
  auto text = std::string{};
  if (auto ok = fields{asked.body}
                  .need("record", text, 2 * identity::revocation_bytes_max)
                  .finish();
      !ok)
    return ok.error();
  auto record = read_record(text);
  if (!record)
    return record.error();
  auto promise = std::make_shared<std::promise<result<void>>>();
  parts_.node->revoke(*record, [promise](result<void> done) {
    promise->set_value(std::move(done));
  });
  if (auto done = wait_for(promise->get_future()); !done)
    return done.error();
  return result<json>{json{{"subject", to_string(record->subject)}}};
}

} // namespace starling::control
