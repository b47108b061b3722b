#include "actors/membership/revocation_gossip.hpp"

#include <botan/hash.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace starling::membership {

namespace {

std::set<peer_id> subjects_of(const revocation_log& log) {
  auto result = std::set<peer_id>{};
  if (log)
    for (const auto& record : *log)
      result.insert(record.subject);
  return result;
}

} // namespace

std::vector<uint8_t> fingerprint_of(const revocation_log& log) {
  if (!log || log->empty())
    return {};
  auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  for (const auto& subject : subjects_of(log))
    hash->update(subject.bytes.data(), subject.bytes.size());
  return hash->final_stdvec();
}

void compare_revocations(const std::vector<uint8_t>& theirs,
                         const revocation_log& log, record_exchange& answer) {
  if (theirs == fingerprint_of(log))
    return;
  const auto known = subjects_of(log);
  answer.revoked.emplace(known.begin(), known.end());
}

record_exchange revocations_in_return(const record_exchange& theirs,
                                      const revocation_log& log) {
  auto result = record_exchange{};
  const auto asked = std::set<peer_id>{theirs.wanted_revocations.begin(),
                                       theirs.wanted_revocations.end()};
  auto listed = std::set<peer_id>{};
  if (theirs.revoked)
    listed.insert(theirs.revoked->begin(), theirs.revoked->end());
  if (log)
    for (const auto& record : *log) {
      const auto is_lacking
        = theirs.revoked && !listed.contains(record.subject);
      if ((is_lacking || asked.contains(record.subject))
          && result.revocations.size() < revocations_per_message)
        result.revocations.push_back(identity::encode(record));
    }
  const auto known = subjects_of(log);
  std::ranges::set_difference(listed, known,
                              std::back_inserter(result.wanted_revocations));
  if (result.wanted_revocations.size() > revocations_per_message)
    result.wanted_revocations.resize(revocations_per_message);
  return result;
}

record_exchange revocations_from(size_t first, const revocation_log& log) {
  auto result = record_exchange{};
  if (!log)
    return result;
  const auto last = std::min(log->size(), first + revocations_per_message);
  for (auto i = first; i < last; ++i)
    result.revocations.push_back(identity::encode((*log)[i]));
  return result;
}

} // namespace starling::membership
