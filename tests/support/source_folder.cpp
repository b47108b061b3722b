#include "tests/support/source_folder.hpp"

namespace starling::test {

const std::filesystem::path& source_folder() {
  static const auto result = std::filesystem::path{STARLING_SOURCE_DIR};
  return result;
}

} // namespace starling::test
