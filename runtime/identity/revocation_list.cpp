#include "runtime/identity/revocation_list.hpp"

#include "runtime/file_io.hpp"
#include "runtime/identity/wire_codec.hpp"

#include <fmt/format.h>

namespace starling::identity {

namespace {

failure full(size_t records_max) {
  return {ec::limit_reached,
          fmt::format("the revocation list is full: records_max is {}; raise "
                      "it, or make a new cluster without the revoked nodes",
                      records_max)};
}

/// Longest encoded list that is read.
size_t bytes_max_of(const revocation_list::options& opts) {
  return 64 + opts.records_max * revocation_bytes_max;
}

} // namespace

revocation_list::revocation_list(const options& opts) : opts_{opts} {
  // nop
}

result<bool> revocation_list::add(const revocation& record,
                                  const public_key& cluster) {
  if (contains(record.subject))
    return false;
  if (records_.size() >= opts_.records_max)
    return full(opts_.records_max);
  if (auto ok = check(record, cluster); !ok)
    return ok.error();
  subjects_.insert(record.subject);
  records_.push_back(record);
  return true;
}

bool revocation_list::contains(const peer_id& subject) const {
  return subjects_.contains(subject);
}

const std::vector<revocation>& revocation_list::all() const noexcept {
  return records_;
}

std::vector<uint8_t> revocation_list::encode() const {
  auto message = capnp::MallocMessageBuilder{};
  auto records = message.initRoot<wire::RevocationList>().initRecords(
    static_cast<unsigned>(records_.size()));
  for (auto i = 0u; i < records.size(); ++i)
    wire_codec::write_revocation(records_[i], records[i]);
  return wire_codec::to_bytes(message);
}

result<revocation_list> revocation_list::decode(std::span<const uint8_t> bytes,
                                                const public_key& cluster,
                                                const options& opts) {
  const auto read
    = [&](wire::RevocationList::Reader from) -> result<revocation_list> {
    auto list = revocation_list{opts};
    const auto records = from.getRecords();
    if (records.size() > opts.records_max)
      return full(opts.records_max);
    for (auto entry : records) {
      auto record = wire_codec::read_revocation(entry);
      if (!record)
        return record.error();
      if (auto added = list.add(*record, cluster); !added)
        return added.error();
    }
    return list;
  };
  if (bytes.size() > bytes_max_of(opts))
    return full(opts.records_max);
  return wire_codec::read_message<wire::RevocationList>(
    bytes, bytes_max_of(opts), "revocation list", read);
}

result<void> revocation_list::save(const std::filesystem::path& path) const {
  return write_file_atomically(path, encode(), private_file_mode);
}

result<revocation_list> revocation_list::load(const std::filesystem::path& path,
                                              const public_key& cluster,
                                              const options& opts) {
  auto bytes = read_file(path, bytes_max_of(opts));
  if (!bytes)
    return bytes.error();
  return decode(*bytes, cluster, opts);
}

} // namespace starling::identity
