#pragma once

#include "messages/error.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/byte.hpp>
#include <caf/detail/stringification_inspector.hpp>
#include <caf/expected.hpp>
#include <caf/result.hpp>
#include <caf/span.hpp>
#include <caf/typed_actor.hpp>
#include <capnp/generated-header-support.h>
#include <capnp/message.h>
#include <kj/exception.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace starling {

/// A message whose type CAF need not know: the id of a Cap'n Proto struct and
/// one immutable segment that holds it. A plugin brings messages of its own
/// this way, without a range of CAF type ids.
///
/// Copies share the segment: inside a process it is never copied. Whoever
/// keeps a message keeps its envelope, and reads again when needed.
///
/// Why reading takes a function: Cap'n Proto finds a bad pointer only when
/// somebody follows it, and says so by an exception. Within `read` that
/// becomes an error, so a stranger's bytes can't end an actor.
class envelope {
public:
  /// Longest content in bytes, enforced at building and before allocation at
  /// receiving.
  static constexpr size_t bytes_max = size_t{10} * 1024 * 1024;
  /// Deepest nesting of structs and lists that is followed.
  static constexpr int nesting_max = 32;
  /// How often a reader may go over the whole content: a small message whose
  /// pointers all lead to one large list can't keep it busy.
  static constexpr uint64_t passes_max = 8;

  /// An envelope without content; reading it is an error.
  envelope() = default;

  /// Takes a copy of one Cap'n Proto segment that starts with its root
  /// pointer. The content is not checked before it is read. Errors:
  /// limit_reached (longer than `bytes_max`), malformed_input (no whole number
  /// of 8-byte words).
  static caf::expected<envelope> copy_of(uint64_t schema,
                                         std::span<const std::byte> bytes);

  /// Builds a message; see `make_envelope`.
  template <class Root, class Fill>
  static caf::expected<envelope> build(Fill&& fill) {
    try {
      auto message = capnp::MallocMessageBuilder{};
      std::invoke(std::forward<Fill>(fill), message.initRoot<Root>());
      return pack(capnp::typeId<Root>(), message);
    } catch (const kj::Exception& reason) {
      return malformed(reason);
    }
  }

  /// Returns the id of the root's type, `capnp::typeId<Root>()`.
  [[nodiscard]] uint64_t schema() const noexcept {
    return schema_;
  }

  /// Returns the segment; its address is the same for all copies.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return std::as_bytes(std::span{words_.get(), words_count_});
  }

  /// Calls `visit(Root::Reader)`. Returns what it returned: a value, an
  /// `expected`, or nothing. That must not point into the message: copy what
  /// you keep. Errors: malformed_input (another type, bad pointers, nested too
  /// deep, too much to go over), and those that `visit` returns.
  template <class Root, class Visit>
  auto read(Visit&& visit) const {
    using visited = std::invoke_result_t<Visit, typename Root::Reader>;
    using answer = typename answer_of<visited>::type;
    if (auto err = check_schema(capnp::typeId<Root>()))
      return answer{std::move(err)};
    try {
      const kj::ArrayPtr<const capnp::word> segments[]
        = {kj::arrayPtr(words_.get(), words_count_)};
      auto message = capnp::SegmentArrayMessageReader{segments, limits()};
      if constexpr (std::is_void_v<visited>) {
        std::invoke(std::forward<Visit>(visit), message.getRoot<Root>());
        return answer{};
      } else {
        return answer{
          std::invoke(std::forward<Visit>(visit), message.getRoot<Root>())};
      }
    } catch (const kj::Exception& reason) {
      return answer{malformed(reason)};
    }
  }

  template <class Inspector>
  friend bool inspect(Inspector& f, envelope& x) {
    if constexpr (Inspector::is_loading) {
      auto fresh = envelope{};
      auto content = loaded_content{0, fresh};
      if (!f.object(x).fields(f.field("schema", fresh.schema_),
                              f.field("size", content.size),
                              f.field("bytes", content)))
        return false;
      x = std::move(fresh);
      return true;
    } else {
      auto size = static_cast<uint32_t>(x.bytes().size());
      auto content = saved_content{x.bytes()};
      return f.object(x).fields(f.field("schema", x.schema_),
                                f.field("size", size),
                                f.field("bytes", content));
    }
  }

private:
  template <class T>
  struct answer_of {
    using type = caf::expected<T>;
  };

  template <class T>
  struct answer_of<caf::expected<T>> {
    using type = caf::expected<T>;
  };

  struct saved_content {
    std::span<const std::byte> bytes;

    template <class Inspector>
    friend bool inspect(Inspector& f, saved_content& x) {
      // A log line has no room for megabytes.
      if constexpr (std::is_same_v<Inspector,
                                   caf::detail::stringification_inspector>)
        return f.value(caf::string_view{"..."});
      else
        return f.value(caf::make_span(
          reinterpret_cast<const caf::byte*>(x.bytes.data()), x.bytes.size()));
    }
  };

  struct loaded_content {
    uint32_t size;
    envelope& result;

    template <class Inspector>
    friend bool inspect(Inspector& f, loaded_content& x) {
      if (auto err = check_size(x.size)) {
        f.set_error(std::move(err));
        return false;
      }
      // Nobody gets memory for bytes that he didn't send.
      if constexpr (requires { f.remaining(); }) {
        if (f.remaining() < x.size) {
          f.emplace_error(caf::sec::end_of_stream);
          return false;
        }
      }
      auto words = x.result.allocate(x.size);
      return f.value(
        caf::make_span(reinterpret_cast<caf::byte*>(words), x.size));
    }
  };

  /// Takes the root of `message`, without what hangs loose in it.
  static caf::expected<envelope> pack(uint64_t schema,
                                      capnp::MessageBuilder& message);

  static caf::error check_size(size_t bytes);
  static caf::error malformed(const kj::Exception& reason);

  [[nodiscard]] caf::error check_schema(uint64_t wanted) const;
  [[nodiscard]] capnp::ReaderOptions limits() const;

  /// Replaces the content by zeros; returns where to write it.
  capnp::word* allocate(size_t bytes);

  uint64_t schema_ = 0;
  std::shared_ptr<const capnp::word[]> words_;
  size_t words_count_ = 0;
};

/// Role: takes messages of any type, e.g. those of a plugin.
using envelope_actor = caf::typed_actor<
  // Answers with a message of a type that the actor documents. Errors:
  // malformed_input (a type that it doesn't take), and its own.
  caf::result<envelope>(envelope)>;

/// Builds a message: `fill(Root::Builder)` sets its fields. Errors:
/// limit_reached (longer than `envelope::bytes_max`).
template <class Root, class Fill>
caf::expected<envelope> make_envelope(Fill&& fill) {
  return envelope::build<Root>(std::forward<Fill>(fill));
}

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_envelope, starling::type_id_block::envelope)

  CAF_ADD_TYPE_ID(starling_envelope, (starling::envelope))
  CAF_ADD_TYPE_ID(starling_envelope, (starling::envelope_actor))

CAF_END_TYPE_ID_BLOCK(starling_envelope)
