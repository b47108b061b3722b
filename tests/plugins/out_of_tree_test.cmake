# Installs starling, then builds and tests plugins outside the tree against what
# was installed: the examples, and a fresh skeleton.
#   cmake -DBUILD=<build tree> -DSOURCE=<source tree> -DWORK=<scratch folder>
#         -DCC=<compiler> -DCXX=<compiler> [-DTYPE=<build type>] [-DPROGRAM=<starling>] -P <this>
# Without PROGRAM there is no skeleton.
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text
                  ERROR_VARIABLE text)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nfailed (${code}):\n${text}")
  endif()
endfunction()

function(build_plugin name source)
  message(STATUS "plugin ${name}")
  find_program(CCACHE ccache)
  if(CCACHE)
    set(launcher -DCMAKE_CXX_COMPILER_LAUNCHER=${CCACHE})
  endif()
  run(${CMAKE_COMMAND} -S ${source} -B ${WORK}/build/${name} -G Ninja
      -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_COMPILER=${CXX}
      -DCMAKE_BUILD_TYPE=${TYPE}
      -DCMAKE_PREFIX_PATH=${WORK}/prefix ${launcher}
      "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror")
  run(${CMAKE_COMMAND} --build ${WORK}/build/${name} -j 2)
  run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build/${name}
      --output-on-failure --no-tests=error)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/source)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)

# Runs the installed program on the cluster; returns what it prints.
function(starling result)
  execute_process(
    COMMAND ${INSTALLED} --cluster ${WORK}/cluster.toml ${ARGN}
    WORKING_DIRECTORY ${WORK} RESULT_VARIABLE code OUTPUT_VARIABLE text
    ERROR_VARIABLE problem)
  if(NOT code EQUAL 0)
    set(text "failed (${code}): ${text}${problem}")
  endif()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Two nodes that load the plugin from its build folder: the first spawns its
# actor on the second by name, and talks to it.
function(use_from_afar)
  file(WRITE ${WORK}/cluster.toml "[cluster]
directory = \"lab\"
nodes = 2
[base.node]
plugin_dirs = [\"${WORK}/build/greeter\"]
[[base.spawn.allow]]
from = \"*\"
types = [\"greeter\"]
")
  run(${INSTALLED} up ${WORK}/cluster.toml)
  starling(listed plugin list)
  starling(spawned spawn greeter --on starling-2 --name host
           --option "greeting=Good evening")
  starling(answer call host [[{"name": "Ada"}]] --json)
  execute_process(COMMAND ${INSTALLED} down ${WORK}/cluster.toml
                  OUTPUT_QUIET ERROR_QUIET)
  if(NOT listed MATCHES "greeter" OR NOT spawned MATCHES "on starling-2"
     OR NOT answer MATCHES "Good evening, Ada!")
    message(FATAL_ERROR "the greeter on another node:\n${listed}${spawned}"
                        "${answer}")
  endif()
endfunction()

# A copy: nothing of the tree may be found by a relative path.
file(COPY ${SOURCE}/examples/plugins/greeter DESTINATION ${WORK}/source)
build_plugin(greeter ${WORK}/source/greeter)
# It streams the excerpt through its detector, where it looks for it in the tree.
file(COPY ${SOURCE}/examples/plugins/neighbours DESTINATION ${WORK}/source)
file(COPY ${SOURCE}/examples/data DESTINATION ${WORK})
build_plugin(neighbours ${WORK}/source/neighbours)

if(PROGRAM)
  # The installed program, so that it finds the installed templates.
  cmake_path(GET PROGRAM FILENAME program)
  set(INSTALLED ${WORK}/prefix/bin/${program})
  use_from_afar()
  run(${CMAKE_COMMAND} -E chdir ${WORK}/source ${INSTALLED} plugin new
      red_kite2)
  build_plugin(red_kite2 ${WORK}/source/red_kite2)
endif()
