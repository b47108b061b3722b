# What all of our code is compiled with. Third-party headers are system headers
# and stay out of the warnings.
add_library(starling_options INTERFACE)
target_compile_options(
  starling_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                             $<$<BOOL:${STARLING_WARNINGS_AS_ERRORS}>:-Werror>)
# These follow values through inlined code, and GCC 14 reports moves of
# strings and vectors that no execution makes.
target_compile_options(
  starling_options
  INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-stringop-overflow
            -Wno-stringop-overread -Wno-restrict -Wno-maybe-uninitialized>)
if(STARLING_SANITIZE)
  # Everything is compiled with it, generated code included, so that types and
  # stack frames agree.
  add_compile_options(-fsanitize=${STARLING_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${STARLING_SANITIZE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# One precompiled header for all that includes CAF: its headers are most of the
# time a translation unit takes.
set(STARLING_PCH <caf/all.hpp> <caf/io/all.hpp>)

# starling_wire_library(<name> <schema...>): C++ for Cap'n Proto schemas.
function(starling_wire_library name)
  set(CAPNPC_SRC_PREFIX ${PROJECT_SOURCE_DIR})
  set(CAPNPC_OUTPUT_DIR ${PROJECT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${CAPNPC_OUTPUT_DIR})
  capnp_generate_cpp(sources headers ${ARGN})
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${CAPNPC_OUTPUT_DIR})
  target_link_libraries(${name} PUBLIC CapnProto::capnp)
endfunction()

# starling_layer(<name> USES <libraries...>): one library a folder, made of all
# sources below it; tests/tidy_test.cpp checks what may include what.
function(starling_layer name)
  cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp *.hpp)
  add_library(starling_${name} STATIC ${sources})
  target_include_directories(
    starling_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                            $<INSTALL_INTERFACE:include/starling>)
  target_link_libraries(
    starling_${name}
    PUBLIC ${ARG_USES}
    PRIVATE $<BUILD_INTERFACE:starling_options>)
  target_precompile_headers(starling_${name} PRIVATE ${STARLING_PCH})
endfunction()
