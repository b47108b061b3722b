#include "actors/membership/gossip_codec.hpp"
#include "actors/membership/member_record.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

using namespace starling::fuzz;
using namespace starling::membership;

namespace {

/// A record travels as the bytes that were signed, so that fields of a later
/// version survive; what this version knows of it must survive writing.
void check_record(std::span<const uint8_t> input) {
  const auto record = decode_record(input);
  if (!record)
    return;
  const auto bytes = encode_record(*record);
  require(static_cast<bool>(bytes));
  const auto again = decode_record(*bytes);
  require(again && *again == *record);
}

void check_digest(std::span<const uint8_t> input) {
  const auto seen = decode_digest(input);
  if (!seen)
    return;
  require(seen->entries.size() <= gossip_limits{}.entries_max);
  require(std::ranges::is_sorted(seen->entries, {}, &digest_entry::id));
  // What follows reads the digest's order.
  static_cast<void>(gossip{}.answer(*seen, membership_table{}));
}

void check_exchange(std::span<const uint8_t> input) {
  const auto seen = decode_exchange(input);
  if (!seen)
    return;
  require(seen->records.size() <= gossip_limits{}.records_max);
  auto table = membership_table{};
  const auto nobody = [](const auto&...) { return false; };
  for (const auto& record : seen->records) {
    check_record(record.body);
    // Nobody has signed it.
    if (const auto merged = table.merge(record, {}, nobody))
      require(*merged == merge_outcome::ignored);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  check_record(input);
  check_digest(input);
  check_exchange(input);
  check_stable([](std::span<const uint8_t> x) { return decode_digest(x); },
               [](const digest& x) { return encode(x); }, input);
  check_stable([](std::span<const uint8_t> x) { return decode_exchange(x); },
               [](const record_exchange& x) { return encode(x); }, input);
  return 0;
}
