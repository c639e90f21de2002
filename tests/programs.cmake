# Tests that need more than one program: plain C, symbols, lifecycle, life beside another Halide-made library.

add_executable(kiln_plain_c programs/plain.c)
target_link_libraries(kiln_plain_c PRIVATE Kiln::kiln)
set_target_properties(kiln_plain_c PROPERTIES LINKER_LANGUAGE C)
add_test(NAME plain_c COMMAND kiln_plain_c)

# Of the archive and of the plain C program.
add_test(NAME symbols COMMAND ${CMAKE_COMMAND} -E env NM=${CMAKE_NM} READELF=${CMAKE_READELF}
         bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_symbols.sh ${KILN_ARCHIVE}
         ${CMAKE_CURRENT_SOURCE_DIR}/abi/undefined-symbols.txt $<TARGET_FILE:kiln_plain_c>)

add_executable(kiln_leave programs/leave.c)
add_executable(kiln_isa_program programs/isa.c)
add_library(kiln_plugin SHARED programs/plugin.c)
foreach(program kiln_leave kiln_isa_program kiln_plugin)
  target_link_libraries(${program} PRIVATE Kiln::kiln)
endforeach()
set_target_properties(kiln_plugin PROPERTIES C_VISIBILITY_PRESET default)

kiln_test(lifecycle LIBRARIES ${CMAKE_DL_LIBS})
add_dependencies(lifecycle_test kiln_leave kiln_isa_program kiln_plugin)
target_compile_definitions(lifecycle_test PRIVATE
  KILN_LEAVE_PROGRAM="$<TARGET_FILE:kiln_leave>" KILN_ISA_PROGRAM="$<TARGET_FILE:kiln_isa_program>"
  KILN_PLUGIN="$<TARGET_FILE:kiln_plugin>")

# The other library, made as Halide's documentation says, with a runtime of its own.
add_halide_generator(kiln_tests_other_generator SOURCES programs/other_generator.cpp)
add_halide_library(other FROM kiln_tests_other_generator GENERATOR other)

# Which of two weak symbols wins depends on the order of the archives; on both orders nothing may.
foreach(order kiln_first other_first)
  add_executable(coexistence_${order}_test coexistence_test.cpp)
  set(libraries other Halide::Runtime)
  if(order STREQUAL kiln_first)
    list(PREPEND libraries Kiln::kiln)
  endif()
  target_link_libraries(coexistence_${order}_test PRIVATE ${libraries} kiln_test_support)
  add_test(NAME coexistence.${order} COMMAND coexistence_${order}_test)
  set_tests_properties(coexistence.${order} PROPERTIES ${test_properties})
endforeach()
