# Tests that build other trees: an app against the installed one, and this one with one operator more.

add_test(NAME consumer COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/consumer.sh ${PROJECT_SOURCE_DIR}
         ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND} ${CMAKE_C_COMPILER} ${CMAKE_CURRENT_BINARY_DIR}/consumer)
set_tests_properties(consumer PROPERTIES TIMEOUT 600)

add_test(NAME add_operator COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/add_operator.sh ${PROJECT_SOURCE_DIR}
         ${CMAKE_COMMAND} ${Halide_DIR} ${HalideHelpers_DIR} ${CMAKE_CURRENT_BINARY_DIR}/add_operator)
set_tests_properties(add_operator PROPERTIES LABELS heavy TIMEOUT 1800 PROCESSORS 2)
