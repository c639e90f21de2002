# Tests of kiln.hpp.
kiln_test(cpp_functions)
kiln_test(cpp_header LIBRARIES kiln_descriptors)
kiln_test(cpp_view)
kiln_test(cpp_element)
kiln_test(cpp_span)
if(TARGET cpp_span_test)
  set_target_properties(cpp_span_test PROPERTIES CXX_STANDARD 23 DISABLE_PRECOMPILE_HEADERS ON)
endif()
kiln_test(cpp_context)

# docs/using/blocks.md
kiln_test(cpp_blocks)
target_include_directories(cpp_blocks_test PRIVATE ${PROJECT_SOURCE_DIR}/examples/cpp)

# One program of files with and without exceptions.
kiln_test(cpp_status)
target_sources(cpp_status_test PRIVATE support/without_exceptions.cpp)
set_source_files_properties(support/without_exceptions.cpp PROPERTIES
  COMPILE_OPTIONS -fno-exceptions SKIP_PRECOMPILE_HEADERS ON)

# It compiles without a warning, and what must not compile does not.
if(NOT CMAKE_CROSSCOMPILING)
  add_test(NAME cpp_header.compile
           COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_cpp_header.py
                   --include=${KILN_INCLUDE_DIR}
                   --programs ${CMAKE_CURRENT_SOURCE_DIR}/programs ${CMAKE_CXX_COMPILER} g++ clang++)
  set_tests_properties(cpp_header.compile PROPERTIES TIMEOUT 900)
endif()
