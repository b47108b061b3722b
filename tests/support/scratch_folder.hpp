#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace starling::test {

/// A fresh folder for one test, removed with all that is in it.
class scratch_folder {
public:
  scratch_folder() {
    auto pattern = (std::filesystem::temp_directory_path()
                    / ("starling-" + std::string(6, 'X')))
                     .string();
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error{"cannot make a folder like " + pattern};
    path_ = pattern;
  }

  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  ~scratch_folder() {
    auto ignored = std::error_code{};
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const {
    return path_;
  }

  std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

private:
  std::filesystem::path path_;
};

} // namespace starling::test
