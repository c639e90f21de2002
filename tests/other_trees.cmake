# Tests of other trees: an app against the installed one, what setup installs in a new one, this one with one operator or one
# element type more.

set(consumer_options "")
if(CMAKE_CROSSCOMPILING)  # an app's own toolchain, not Kiln's
  set(consumer_options -DCMAKE_SYSTEM_NAME=${CMAKE_SYSTEM_NAME} -DCMAKE_SYSTEM_PROCESSOR=${CMAKE_SYSTEM_PROCESSOR}
      -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER})
endif()
set(installed "libkiln.a libkiln_devices.a")
if(BUILD_SHARED_LIBS)
  set(installed libkiln.so)
endif()
add_test(NAME consumer COMMAND ${CMAKE_COMMAND} -E env KILN_LIBRARIES=${installed}
         bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/consumer.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND}
         ${CMAKE_C_COMPILER} ${CMAKE_CURRENT_BINARY_DIR}/consumer ${consumer_options})
set_tests_properties(consumer PROPERTIES TIMEOUT 600)

if(KILN_HOST_BUILD)
  kiln_skip(setup "the host's build holds it")
  kiln_skip(tree_size "the README speaks of the host's build")
  foreach(test add_operator add_element)
    kiln_skip(${test} "it needs Halide, which this build takes the kernels from in another one")
  endforeach()
  return()
endif()
if(KILN_BUILD_TOOL AND KILN_BUILD_BENCH AND CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_GENERATOR STREQUAL "Ninja")
  add_test(NAME tree_size COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_tree_size.py
           ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_MAKE_PROGRAM})
else()
  kiln_skip(tree_size "the README speaks of a whole Release build by Ninja")
endif()
add_test(NAME setup COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/test_setup.py ${PROJECT_SOURCE_DIR})
add_test(NAME add_operator COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/add_operator.sh ${PROJECT_SOURCE_DIR}
         ${CMAKE_COMMAND} ${Halide_DIR} ${HalideHelpers_DIR} ${KILN_KERNEL_DIR} ${CMAKE_CURRENT_BINARY_DIR}/add_operator)
add_test(NAME add_element COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/add_element.sh ${PROJECT_SOURCE_DIR}
         ${CMAKE_COMMAND} ${Halide_DIR} ${HalideHelpers_DIR} ${KILN_KERNEL_DIR} ${KILN_MPFR_INCLUDE_DIR}
         ${CMAKE_CURRENT_BINARY_DIR}/add_element)
# Half of the CPUs compile, and other tests run on the rest: a CPU more would wait wherever one program runs alone.
cmake_host_system_information(RESULT cpus QUERY NUMBER_OF_LOGICAL_CORES)
math(EXPR half "(${cpus} + 1) / 2")
set_tests_properties(add_element PROPERTIES TIMEOUT 600)
set_tests_properties(add_operator PROPERTIES LABELS heavy TIMEOUT 1800)
set_tests_properties(add_element add_operator PROPERTIES PROCESSORS ${half} ENVIRONMENT CMAKE_BUILD_PARALLEL_LEVEL=${half})
