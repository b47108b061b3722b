#pragma once

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/sec.hpp>
#include <caf/span.hpp>

#include <cstddef>
#include <type_traits>

namespace starling {

/// Inspects an object that is nothing but bytes, its field `data`. What travels
/// is what CAF makes of any list, but it is copied as a whole: CAF calls a
/// function for each byte, which for five kilobytes of signed records takes as
/// long as checking a part of their signature.
template <class Inspector, class Object>
bool inspect_bytes(Inspector& f, Object& x, caf::byte_buffer& data) {
  if constexpr (std::is_same_v<Inspector, caf::binary_serializer>) {
    return f.begin_sequence(data.size())
           && f.value(caf::span<const caf::byte>{data.data(), data.size()})
           && f.end_sequence();
  } else if constexpr (std::is_same_v<Inspector, caf::binary_deserializer>) {
    auto size = size_t{0};
    if (!f.begin_sequence(size))
      return false;
    // A stranger says how many there are: no room is made before they are here.
    if (size > f.remaining()) {
      f.emplace_error(caf::sec::end_of_stream);
      return false;
    }
    data.resize(size);
    return f.value(caf::span<caf::byte>{data.data(), data.size()})
           && f.end_sequence();
  } else {
    return f.object(x).fields(f.field("data", data));
  }
}

} // namespace starling
