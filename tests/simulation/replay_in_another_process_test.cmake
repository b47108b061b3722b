# Runs a minute of ten nodes in two processes, and compares what it left behind.
#   cmake -DTESTS=<starling_tests> -P <this>
cmake_minimum_required(VERSION 3.25)

function(fingerprint result)
  execute_process(
    COMMAND ${TESTS} "-tc=a minute of ten nodes is the same from the same seed"
    RESULT_VARIABLE code
    OUTPUT_VARIABLE text
    ERROR_VARIABLE text)
  if(NOT code EQUAL 0 OR NOT text MATCHES "fingerprint ([0-9]+)")
    message(FATAL_ERROR "no fingerprint (${code}):\n${text}")
  endif()
  set(${result} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

fingerprint(first)
fingerprint(second)
if(NOT first STREQUAL second)
  message(FATAL_ERROR "the same seed gave ${first}, then ${second}")
endif()
message(STATUS "both gave ${first}")
