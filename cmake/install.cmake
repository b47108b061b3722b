# What `cmake --install` brings: the program, and a package for those who write
# plugins: headers, static libraries, templates, and find_package(starling).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(STARLING_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/starling)
set(STARLING_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR}/starling)

# What a plugin is made with: headers and shared libraries only. Starling's own
# code is in the program that loads it, once.
add_library(starling_plugin INTERFACE)
target_compile_features(starling_plugin INTERFACE cxx_std_20)
target_include_directories(
  starling_plugin SYSTEM INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                   $<INSTALL_INTERFACE:${STARLING_INCLUDE_DIR}>)
target_link_libraries(starling_plugin INTERFACE CAF::core CAF::io
                                                CapnProto::capnp)
# Distributions may have asked the linker to refuse open symbols.
target_link_options(starling_plugin INTERFACE LINKER:-z,undefs)

# What a program links that loads plugins: all of these layers, since a plugin
# uses what the program itself may not use, and visible to the plugins.
add_library(starling_host INTERFACE)
target_link_libraries(
  starling_host
  INTERFACE "$<LINK_LIBRARY:WHOLE_ARCHIVE,starling_messages,starling_runtime>")
target_link_options(starling_host INTERFACE -rdynamic)

# Generated headers lie in the build tree; public headers don't include them.
get_target_property(wire_include_dirs starling_wire INTERFACE_INCLUDE_DIRECTORIES)
list(TRANSFORM wire_include_dirs REPLACE "^(/.*)$" "$<BUILD_INTERFACE:\\1>")
set_target_properties(starling_wire PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                                               "${wire_include_dirs}")

foreach(layer plugin wire messages runtime)
  set_target_properties(starling_${layer} PROPERTIES EXPORT_NAME ${layer})
endforeach()
install(
  TARGETS starling_plugin starling_wire starling_messages starling_runtime
  EXPORT starlingTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(
  EXPORT starlingTargets
  NAMESPACE starling::
  DESTINATION ${STARLING_PACKAGE_DIR})
# What plugins may use: the messages, what detectors are made of, and of the
# runtime what node_context leads to. The rest stays free to change, and some of it needs generated headers.
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/messages
  DESTINATION ${STARLING_INCLUDE_DIR}
  FILES_MATCHING
  PATTERN "*.hpp"
  PATTERN "wire" EXCLUDE)
install(
  FILES ${PROJECT_SOURCE_DIR}/actors/detector/scorer_detector.hpp
        ${PROJECT_SOURCE_DIR}/actors/detector/feature_scaler.hpp
        ${PROJECT_SOURCE_DIR}/actors/detector/largest_shares.hpp
        ${PROJECT_SOURCE_DIR}/actors/detector/score_average.hpp
        ${PROJECT_SOURCE_DIR}/actors/detector/scorer.hpp
  DESTINATION ${STARLING_INCLUDE_DIR}/actors/detector)
foreach(folder runtime runtime/plugin runtime/config runtime/metrics runtime/trust)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.hpp)
  install(FILES ${headers} DESTINATION ${STARLING_INCLUDE_DIR}/${folder})
endforeach()

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/starlingConfig.cmake.in ${PROJECT_BINARY_DIR}/starlingConfig.cmake
  INSTALL_DESTINATION ${STARLING_PACKAGE_DIR})
# A plugin of another minor version may not load; see plugin_abi_version.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/starlingConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/starlingConfig.cmake
        ${PROJECT_BINARY_DIR}/starlingConfigVersion.cmake
        ${PROJECT_SOURCE_DIR}/cmake/starling_add_plugin.cmake
  DESTINATION ${STARLING_PACKAGE_DIR})

# Templates of `starling plugin new`. The program looks for them beside itself,
# in the build tree as in the installed one.
set(STARLING_TEMPLATE_DIR ${CMAKE_INSTALL_DATADIR}/starling/templates)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/deploy/templates/ DESTINATION ${STARLING_TEMPLATE_DIR})
file(
  GLOB templates
  CONFIGURE_DEPENDS
  RELATIVE ${PROJECT_SOURCE_DIR}/deploy/templates
  ${PROJECT_SOURCE_DIR}/deploy/templates/*/*)
foreach(template ${templates})
  configure_file(${PROJECT_SOURCE_DIR}/deploy/templates/${template}
                 ${PROJECT_BINARY_DIR}/share/starling/templates/${template}
                 COPYONLY)
endforeach()

if(TARGET starling)
  install(TARGETS starling RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
