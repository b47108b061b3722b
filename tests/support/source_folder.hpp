#pragma once

#include <filesystem>

namespace starling::test {

/// Where the project's own tree lies: examples, documents and sources that
/// tests look at.
const std::filesystem::path& source_folder();

} // namespace starling::test
