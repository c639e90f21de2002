# PTX of the CUDA kernels: what it may hold, and what ptxas makes of it where it is installed.
if(CMAKE_CROSSCOMPILING)  # the host's build has the same
  return()
endif()
set(check_ptx ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_ptx.py
    --table ${CMAKE_CURRENT_SOURCE_DIR}/ptx/cuda_sm80.json --kernels ${KILN_KERNEL_DIR})
add_test(NAME ptx COMMAND ${check_ptx})
foreach(architecture sm_80 sm_90 sm_100)
  add_test(NAME ptx.${architecture} COMMAND ${check_ptx} --architecture ${architecture})
  set_tests_properties(ptx.${architecture} PROPERTIES ${test_properties} SKIP_REGULAR_EXPRESSION "ptx: skipped: ")
endforeach()
