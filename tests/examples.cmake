# The example of training: the same lines on every instruction set and number of threads. `consumer` builds it as an app.
add_executable(kiln_train ${PROJECT_SOURCE_DIR}/examples/train/main.cpp)
target_link_libraries(kiln_train PRIVATE kiln_shared kiln_warnings)
target_compile_options(kiln_train PRIVATE -ffp-contract=off)
foreach(isa IN LISTS isas)
  add_test(NAME training.${isa} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_training.sh $<TARGET_FILE:kiln_train>
           ${PROJECT_SOURCE_DIR}/examples/train/expected.txt ${isa})
  set_tests_properties(training.${isa} PROPERTIES ${test_properties})
endforeach()
