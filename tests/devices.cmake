# Tests on devices: entries <topic>.<device>, skipped where the device or its driver is not there. OpenCL runs on CPUs too,
# through PoCL, and PTX in a simulator of NVIDIA's driver: <topic>.cuda_simulator.

if(CMAKE_CROSSCOMPILING)
  kiln_skip(devices "no device, driver or simulator is there for an emulated CPU; the host's build tests them")
  return()
endif()

set(simulated ${CMAKE_COMMAND} -E env KILN_CUDA_DRIVER=$<TARGET_FILE:kiln_cuda_simulator>)

add_library(kiln_test_device_support STATIC support/device_array.cpp)
target_link_libraries(kiln_test_device_support PUBLIC kiln_test_support kiln_devices)

set(devices "")
foreach(row IN LISTS KILN_DEVICE_ROWS)
  kiln_row_columns("${row}" d name device dlpack halide)
  list(APPEND devices ${d_device})
endforeach()

# Adds <topic>_test, of more files where there are some.
function(kiln_device_test topic)
  add_executable(${topic}_test ${topic}_test.cpp ${ARGN})
  target_link_libraries(${topic}_test PRIVATE kiln_test_device_support kiln_shared nlohmann_json::nlohmann_json)
  target_compile_options(${topic}_test PRIVATE ${KILN_TEST_OPTIONS})
  target_precompile_headers(${topic}_test REUSE_FROM kiln_test_prefix)
  foreach(device IN LISTS devices)
    add_test(NAME ${topic}.${device} COMMAND ${topic}_test --per-isa --gtest_filter=*_on_${device})
    set_tests_properties(${topic}.${device} PROPERTIES ${test_properties})
  endforeach()
  add_dependencies(${topic}_test kiln_cuda_simulator)
  add_test(NAME ${topic}.cuda_simulator COMMAND ${simulated} $<TARGET_FILE:${topic}_test> --per-isa --gtest_filter=*_on_cuda)
  set_tests_properties(${topic}.cuda_simulator PROPERTIES TIMEOUT 600)
endfunction()

kiln_device_test(device_elementwise device_element_types_test.cpp device_gradient_test.cpp)
kiln_device_test(device_calls)
kiln_device_test(device_normalization device_normalization_types_test.cpp)
set_tests_properties(device_normalization.cuda_simulator PROPERTIES ENVIRONMENT KILN_TESTS_THIN=2)
kiln_device_test(device_normalization_calls)
kiln_device_test(device_normalization_gradient)
set_tests_properties(device_normalization_gradient.cuda_simulator PROPERTIES ENVIRONMENT KILN_TESTS_THIN=2)

# What the tuner links with a candidate for a device in the archive's place.
set(objects $<FILTER:$<TARGET_OBJECTS:device_elementwise_test>,EXCLUDE,device_gradient>
  $<TARGET_OBJECTS:device_normalization_test>)
add_executable(device_check ${objects})
target_link_libraries(device_check PRIVATE kiln_test_device_support kiln_shared)
set_target_properties(device_check PROPERTIES LINKER_LANGUAGE CXX)
kiln_describe_program(device_check
  "$<TARGET_FILE:kiln_test_device_support>;$<TARGET_FILE:kiln_devices>;${KILN_TEST_LIBRARIES}" "${objects}")

kiln_test(device_absent)
add_dependencies(device_absent_test kiln_cuda_simulator)
target_compile_definitions(device_absent_test PRIVATE KILN_SIMULATOR="$<TARGET_FILE:kiln_cuda_simulator>")

add_executable(cuda_runtime_test cuda_runtime_test.cpp)
target_link_libraries(cuda_runtime_test PRIVATE kiln_test_device_support kiln_shared ${CMAKE_DL_LIBS})
target_include_directories(cuda_runtime_test PRIVATE cuda_simulator)
add_dependencies(cuda_runtime_test kiln_cuda_simulator)
add_test(NAME cuda_runtime COMMAND ${simulated} $<TARGET_FILE:cuda_runtime_test>)
set_tests_properties(cuda_runtime PROPERTIES TIMEOUT 600)

# Drivers of which any call may fail: the simulator, and a library that hands calls on to OpenCL's.
add_library(kiln_failing_opencl SHARED support/failing_opencl.cpp)
target_include_directories(kiln_failing_opencl PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/runtime)
target_link_libraries(kiln_failing_opencl PRIVATE ${CMAKE_DL_LIBS} kiln_warnings)
set_target_properties(kiln_failing_opencl PROPERTIES CXX_VISIBILITY_PRESET hidden)
add_executable(device_faults_test device_faults_test.cpp)
target_link_libraries(device_faults_test PRIVATE kiln_test_device_support kiln_shared ${CMAKE_DL_LIBS})
add_dependencies(device_faults_test kiln_cuda_simulator kiln_failing_opencl)
add_test(NAME device_faults.cuda_simulator COMMAND ${simulated} $<TARGET_FILE:device_faults_test> --gtest_filter=*_on_cuda)
add_test(NAME device_faults.opencl COMMAND ${CMAKE_COMMAND} -E env KILN_OPENCL_DRIVER=$<TARGET_FILE:kiln_failing_opencl>
         $<TARGET_FILE:device_faults_test> --gtest_filter=*_on_opencl)
set_tests_properties(device_faults.cuda_simulator device_faults.opencl PROPERTIES ${test_properties})

# Parts of the runtime by themselves: in the archive their names are not the tests' to call.
add_executable(scratch_cache_test scratch_cache_test.cpp ${PROJECT_SOURCE_DIR}/runtime/device/scratch_cache.cpp
  ${PROJECT_SOURCE_DIR}/runtime/status.cpp)
target_include_directories(scratch_cache_test PRIVATE
  ${PROJECT_SOURCE_DIR}/runtime ${KILN_INCLUDE_DIR} ${KILN_GENERATED_DIR})
target_link_libraries(scratch_cache_test PRIVATE GTest::gtest_main $<COMPILE_ONLY:Halide::Runtime> kiln_warnings)
add_test(NAME scratch_cache COMMAND scratch_cache_test)
