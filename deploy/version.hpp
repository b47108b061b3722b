#pragma once

#ifndef STARLING_VERSION
#define STARLING_VERSION "0.1.0"
#endif

namespace starling::deploy {

/// The program's version; CMake sets it from the project's.
inline constexpr const char* version = STARLING_VERSION;

} // namespace starling::deploy
