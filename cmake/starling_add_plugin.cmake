# starling_add_plugin(<name> SOURCES <file...> [SCHEMAS <file.capnp...>])
#
# Makes the target <name>_plugin, a shared library <name>.so that a starling
# node loads. With schemas it also makes <name>_schemas, a static library with
# the C++ that Cap'n Proto generates for them; their headers are included by
# their path below the current source folder: "x.capnp.h".
#
# Starling's own symbols are left open here: the program that loads the plugin
# has them, and there must not be two of them. So a name that doesn't exist
# shows when the plugin is loaded; a test that loads it finds that.
function(starling_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;SCHEMAS")
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
    message(FATAL_ERROR "usage: starling_add_plugin(<name> SOURCES <file...> "
                        "[SCHEMAS <file.capnp...>])")
  endif()
  if(NOT name MATCHES "^[a-z0-9_]+$")
    message(FATAL_ERROR "plugin name '${name}': use a-z, 0-9 and _ only")
  endif()
  add_library(${name}_plugin MODULE ${ARG_SOURCES})
  set_target_properties(${name}_plugin PROPERTIES PREFIX "" OUTPUT_NAME ${name})
  target_link_libraries(${name}_plugin PRIVATE starling::plugin)
  if(ARG_SCHEMAS)
    set(CAPNPC_OUTPUT_DIR ${CMAKE_CURRENT_BINARY_DIR}/${name}_schemas.d)
    file(MAKE_DIRECTORY ${CAPNPC_OUTPUT_DIR})
    capnp_generate_cpp(sources headers ${ARG_SCHEMAS})
    add_library(${name}_schemas STATIC ${sources})
    set_target_properties(${name}_schemas PROPERTIES POSITION_INDEPENDENT_CODE
                                                     ON)
    target_include_directories(${name}_schemas SYSTEM
                               PUBLIC ${CAPNPC_OUTPUT_DIR})
    target_link_libraries(${name}_schemas PUBLIC CapnProto::capnp)
    target_link_libraries(${name}_plugin PRIVATE ${name}_schemas)
  endif()
endfunction()
