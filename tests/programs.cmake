# Tests that need more than one program: plain C, symbols, lifecycle, life beside another Halide-made library.

add_executable(kiln_plain_c programs/plain.c)
target_link_libraries(kiln_plain_c PRIVATE Kiln::kiln)
set_target_properties(kiln_plain_c PROPERTIES LINKER_LANGUAGE C)
add_test(NAME plain_c COMMAND kiln_plain_c)

# Of the archive and of the plain C program.
add_test(NAME symbols COMMAND ${CMAKE_COMMAND} -E env NM=${CMAKE_NM} READELF=${CMAKE_READELF}
         bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_symbols.sh ${KILN_ARCHIVE}
         ${CMAKE_CURRENT_SOURCE_DIR}/abi/undefined-symbols.txt ${KILN_ARCHITECTURE} $<TARGET_FILE:kiln_plain_c>)

add_executable(kiln_leave programs/leave.c)
add_executable(kiln_isa_program programs/isa.c)
add_library(kiln_plugin SHARED programs/plugin.c)
foreach(program kiln_leave kiln_isa_program kiln_plugin)
  target_link_libraries(${program} PRIVATE Kiln::kiln)
endforeach()
set_target_properties(kiln_plugin PROPERTIES C_VISIBILITY_PRESET default)

kiln_test(lifecycle LIBRARIES ${CMAKE_DL_LIBS})
if(CMAKE_CROSSCOMPILING)
  set_tests_properties(lifecycle PROPERTIES ENVIRONMENT GTEST_FILTER=-Fork.*)
  kiln_skip(lifecycle.fork "qemu-user's own state does not outlive the fork of a process with threads")
endif()
add_dependencies(lifecycle_test kiln_leave kiln_isa_program kiln_plugin)
target_compile_definitions(lifecycle_test PRIVATE
  KILN_LEAVE_PROGRAM="$<TARGET_FILE:kiln_leave>" KILN_ISA_PROGRAM="$<TARGET_FILE:kiln_isa_program>"
  KILN_PLUGIN="$<TARGET_FILE:kiln_plugin>")

# The other library, as Halide's documentation makes it on the command line: kernel and runtime in one archive.
if(KILN_HOST_BUILD)
  kiln_import_generator(kiln_tests_other_generator)
else()
  add_executable(kiln_tests_other_generator programs/other_generator.cpp)
  target_link_libraries(kiln_tests_other_generator PRIVATE Halide::Generator)
  set_target_properties(kiln_tests_other_generator PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/generators)
  add_dependencies(kiln_generators kiln_tests_other_generator)
endif()
list(GET KILN_TARGET_ROWS -1 row)
kiln_row_columns("${row}" t name architecture isa halide cpu)
string(REGEX MATCH "^[^-]*-[^-]*-[^-]*" t_triple ${t_halide})
set(other ${CMAKE_CURRENT_BINARY_DIR}/other)
file(MAKE_DIRECTORY ${other})
add_custom_command(
  OUTPUT ${other}/other.a ${other}/other.h
  COMMAND kiln_tests_other_generator -g other -o ${other} -e static_library,c_header target=${t_triple}
  DEPENDS kiln_tests_other_generator
  COMMENT "The other library, for ${t_triple}"
  VERBATIM)
add_custom_target(kiln_tests_other DEPENDS ${other}/other.a ${other}/other.h)

# Which of two weak symbols wins depends on the order of the archives; on both orders nothing may.
foreach(order kiln_first other_first)
  add_executable(coexistence_${order}_test coexistence_test.cpp)
  set(libraries ${other}/other.a)
  if(order STREQUAL kiln_first)
    list(PREPEND libraries Kiln::kiln)
  endif()
  target_link_libraries(coexistence_${order}_test PRIVATE ${libraries} kiln_test_support $<COMPILE_ONLY:Halide::Runtime>)
  target_include_directories(coexistence_${order}_test PRIVATE ${other})
  add_dependencies(coexistence_${order}_test kiln_tests_other)
  add_test(NAME coexistence.${order} COMMAND coexistence_${order}_test)
  set_tests_properties(coexistence.${order} PROPERTIES ${test_properties})
endforeach()
