#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace starling::experiment::test {

/// A folder that goes with the test.
class temporary_folder {
public:
  temporary_folder() {
    auto name = (std::filesystem::temp_directory_path() / "starling-").string()
                + std::string(6, 'X'); // a place for mkdtemp to fill in
    path_ = mkdtemp(name.data());
  }

  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  ~temporary_folder() {
    auto code = std::error_code{};
    std::filesystem::remove_all(path_, code);
  }

  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

  [[nodiscard]] const std::filesystem::path& path() const {
    return path_;
  }

  /// Writes a file and returns its path.
  std::filesystem::path write(std::string_view name,
                              std::string_view content) const {
    auto file = path_ / name;
    std::ofstream{file, std::ios::binary} << content;
    return file;
  }

private:
  std::filesystem::path path_;
};

/// Returns the bytes of a file.
inline std::string content_of(const std::filesystem::path& file) {
  auto in = std::ifstream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace starling::experiment::test
