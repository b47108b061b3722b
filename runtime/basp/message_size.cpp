#include "runtime/basp/message_size.hpp"

#include <caf/io/basp/header.hpp>

#include <algorithm>

namespace starling::basp {

size_t message_size(std::span<const uint8_t> stream) {
  using caf::io::basp::header_size;
  if (stream.size() < header_size)
    return stream.size();
  const auto payload = size_t{stream[4]} << 24 | size_t{stream[5]} << 16
                       | size_t{stream[6]} << 8 | size_t{stream[7]};
  return std::min(stream.size(), header_size + payload);
}

} // namespace starling::basp
