# Cross builds. CTest starts a target's program through CMAKE_CROSSCOMPILING_EMULATOR; scripts, the tool's tests and
# programs that start others do it by the words of KILN_RUNNER.

# Adds a test that is reported as skipped, with the reason.
function(kiln_skip name reason)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${reason}")
  set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: ")
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
