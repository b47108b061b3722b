#pragma once

// How this program uses toml++; to be included by the .cpp files of this folder
// only, since it takes seconds to compile.
//
// The library that Debian ships is built with exceptions and allows 256 levels
// of arrays, enough to overflow the stack under a sanitizer. Header-only use
// gives both back into our hands.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#undef TOML_EXCEPTIONS
#undef TOML_MAX_NESTED_VALUES
#undef TOML_ENABLE_FORMATTERS
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_MAX_NESTED_VALUES 16
#define TOML_ENABLE_FORMATTERS 0
// The parser asserts what it has not checked: "[=" ends a program that was
// built with assertions. Without them it goes on to report the bad key.
#undef TOML_ASSERT
#define TOML_ASSERT(expr) static_assert(true)

#include <toml++/toml.h>

namespace starling::config {

struct parsed_toml {
  toml::table root;
};

} // namespace starling::config
