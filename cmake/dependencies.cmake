# Every library comes from the distribution; deploy/setup installs them.

find_program(CCACHE ccache)
if(CCACHE)
  # With these it caches what is built on precompiled headers, too, and for
  # every copy of this tree alike.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CCACHE} base_dir=${PROJECT_SOURCE_DIR} hash_dir=false
      sloppiness=pch_defines,time_macros,include_file_mtime,include_file_ctime)
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  endif()
endif()

# CAF's package file accepts no other spelling of the version.
find_package(CAF 0.18.7 REQUIRED COMPONENTS core io)
find_package(CapnProto 1.1 REQUIRED)
find_package(fmt REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_package(doctest REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)

# Older versions deliver application data from clients that have not
# authenticated (CVE-2026-34582).
pkg_check_modules(BOTAN REQUIRED IMPORTED_TARGET botan-3>=3.12)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4>=1.9)
