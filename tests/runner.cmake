# Cross builds. CTest starts a target's program through CMAKE_CROSSCOMPILING_EMULATOR; scripts, the tool's tests and
# programs that start others do it by the words of KILN_RUNNER.

# Adds a test that is reported as skipped, with the reason.
function(kiln_skip name reason)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${reason}")
  set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()

# Reads held_by_host.txt: the entries that a cross build leaves to the host's.
if(CMAKE_CROSSCOMPILING)
  set(KILN_HELD_BY_HOST ${CMAKE_CURRENT_LIST_DIR}/held_by_host.txt)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${KILN_HELD_BY_HOST})
  file(STRINGS ${KILN_HELD_BY_HOST} KILN_HELD_ROWS REGEX "^[^#]")
endif()

# Sets <out> to whether the entry is one of those: it is there then, as skipped.
function(kiln_left_to_host out name)
  set(${out} FALSE PARENT_SCOPE)
  foreach(row IN LISTS KILN_HELD_ROWS)
    if(row MATCHES "^([^:]+): (.+)$" AND CMAKE_MATCH_1 STREQUAL name)
      kiln_skip(${name} "the host's build holds ${CMAKE_MATCH_2}")
      set(${out} TRUE PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# Adds a test with what add_test takes behind its name, where it is not left to the host's build.
function(kiln_add_test name)
  kiln_left_to_host(left ${name})
  if(NOT left)
    add_test(NAME ${name} ${ARGN})
  endif()
endfunction()

# Has those tests of the directory begin before all others: the longest, which would else run alone at the end.
function(kiln_begin_with)
  get_property(tests DIRECTORY PROPERTY TESTS)
  foreach(test IN LISTS ARGN)
    if(test IN_LIST tests)
      set_property(TEST ${test} PROPERTY COST 1000)
    endif()
  endforeach()
endfunction()

# Gives all tests of the directory the runner. Emulated CPUs are slow: samples are thinned, time limits are wider.
function(kiln_run_tests_through_runner)
  if(NOT CMAKE_CROSSCOMPILING_EMULATOR)
    return()
  endif()
  list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " runner)
  get_property(tests DIRECTORY PROPERTY TESTS)
  foreach(test IN LISTS tests)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT "KILN_RUNNER=${runner}" KILN_TESTS_THIN=8)
  endforeach()
endfunction()
