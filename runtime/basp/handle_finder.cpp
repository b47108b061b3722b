#include "runtime/basp/handle_finder.hpp"

#include <caf/binary_serializer.hpp>

#include <cstring>

namespace starling::basp {

namespace {

/// Walks through a message without writing anything and notes each handle. A
/// handle's values are its actor id, then the process id and the host of its
/// node.
class handle_walk final : public caf::serializer {
public:
  handle_walk(caf::execution_unit* context, const caf::hashed_node_id& self)
    : caf::serializer{context},
      self_{self} {
    // nop
  }

  std::vector<caf::actor_id> found;

  bool begin_object(caf::type_id_t type, caf::string_view) override {
    if (type == caf::type_id_v<caf::strong_actor_ptr>
        || type == caf::type_id_v<caf::weak_actor_ptr>)
      expects_ = part::actor;
    return true;
  }

  bool value(uint64_t x) override {
    if (expects_ == part::actor) {
      actor_ = x;
      expects_ = part::process;
    }
    return true;
  }

  bool value(uint32_t x) override {
    if (expects_ == part::process) {
      expects_ = x == self_.process_id ? part::host : part::none;
      host_bytes_ = 0;
    }
    return true;
  }

  bool value(uint8_t x) override {
    if (expects_ != part::host)
      return true;
    if (x != self_.host[host_bytes_])
      expects_ = part::none;
    else if (++host_bytes_ == self_.host.size()) {
      found.push_back(actor_);
      expects_ = part::none;
    }
    return true;
  }

  // Only the structure matters; the rest is passed over.
  bool end_object() override {
    return true;
  }
  bool begin_field(caf::string_view) override {
    return true;
  }
  bool begin_field(caf::string_view, bool) override {
    return true;
  }
  bool begin_field(caf::string_view, caf::span<const caf::type_id_t>,
                   size_t) override {
    return true;
  }
  bool begin_field(caf::string_view, bool, caf::span<const caf::type_id_t>,
                   size_t) override {
    return true;
  }
  bool end_field() override {
    return true;
  }
  bool begin_tuple(size_t) override {
    return true;
  }
  bool end_tuple() override {
    return true;
  }
  bool begin_sequence(size_t) override {
    return true;
  }
  bool end_sequence() override {
    return true;
  }
  bool value(caf::byte) override {
    return true;
  }
  bool value(bool) override {
    return true;
  }
  bool value(int8_t) override {
    return true;
  }
  bool value(int16_t) override {
    return true;
  }
  bool value(uint16_t) override {
    return true;
  }
  bool value(int32_t) override {
    return true;
  }
  bool value(int64_t) override {
    return true;
  }
  bool value(float) override {
    return true;
  }
  bool value(double) override {
    return true;
  }
  bool value(long double) override {
    return true;
  }
  bool value(caf::string_view) override {
    return true;
  }
  bool value(const std::u16string&) override {
    return true;
  }
  bool value(const std::u32string&) override {
    return true;
  }
  bool value(caf::span<const caf::byte>) override {
    return true;
  }

private:
  enum class part { none, actor, process, host };

  const caf::hashed_node_id& self_;
  part expects_ = part::none;
  caf::actor_id actor_ = 0;
  size_t host_bytes_ = 0;
};

} // namespace

handle_finder::handle_finder(const caf::node_id& self) : self_{self} {
  auto sink = caf::binary_serializer{nullptr, pattern_};
  [[maybe_unused]] auto written = sink.apply(self_);
}

bool handle_finder::suspects(caf::span<const caf::byte> payload) const {
  return memmem(payload.data(), payload.size(), pattern_.data(),
                pattern_.size())
         != nullptr;
}

std::vector<caf::actor_id>
handle_finder::local_handles(const caf::message& content,
                             caf::execution_unit* context) const {
  const auto* self = caf::get_if<caf::hashed_node_id>(&self_->content);
  if (!self)
    return {};
  auto walk = handle_walk{context, *self};
  if (!content.save(static_cast<caf::serializer&>(walk)))
    return {};
  return std::move(walk.found);
}

} // namespace starling::basp
