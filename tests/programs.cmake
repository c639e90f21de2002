# Tests that need more than one program: plain C, symbols, lifecycle, life beside another Halide-made library.

add_executable(kiln_plain_c programs/plain.c)
target_link_libraries(kiln_plain_c PRIVATE kiln_static)
set_target_properties(kiln_plain_c PROPERTIES LINKER_LANGUAGE C)
add_test(NAME plain_c COMMAND kiln_plain_c)

# An app that links operators' kernels of float16, and one that does not.
foreach(program kiln_links_float16 kiln_links_float32)
  add_executable(${program} programs/linked_types.c)
  target_link_libraries(${program} PRIVATE kiln_static)
  set_target_properties(${program} PROPERTIES LINKER_LANGUAGE C)
  add_test(NAME linked_types.${program} COMMAND ${program})
endforeach()
target_compile_definitions(kiln_links_float16 PRIVATE LINKS_FLOAT16)

# docs/promises/versions.md
kiln_add_test(abi COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_abi.py
         ${KILN_INCLUDE_DIR}/kiln/kiln.h ${CMAKE_CURRENT_SOURCE_DIR}/abi/declarations.txt)

# Of the archives and of the plain C program. libkiln_devices.a needs the loader of the drivers besides.
set(symbol_tools ${CMAKE_COMMAND} -E env NM=${CMAKE_NM} READELF=${CMAKE_READELF} CC=${CMAKE_C_COMPILER} bash)
add_test(NAME symbols COMMAND ${symbol_tools} ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_symbols.sh ${KILN_ARCHIVE}
         ${CMAKE_CURRENT_SOURCE_DIR}/abi/undefined-symbols.txt ${KILN_ARCHITECTURE} $<TARGET_FILE:kiln_plain_c>
         ${KILN_INCLUDE_DIR})
add_test(NAME symbols.devices COMMAND ${symbol_tools} ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_symbols.sh
         ${KILN_WHOLE_ARCHIVE} ${CMAKE_CURRENT_SOURCE_DIR}/abi/undefined-symbols.txt "${KILN_ARCHITECTURE} devices"
         $<TARGET_FILE:kiln_plain_c> ${KILN_INCLUDE_DIR})

add_executable(kiln_leave programs/leave.c)
add_executable(kiln_isa_program programs/isa.c)
foreach(plugin kiln_plugin kiln_second_plugin)
  add_library(${plugin} SHARED programs/plugin.c)
  set_target_properties(${plugin} PROPERTIES C_VISIBILITY_PRESET default)
endforeach()
foreach(program kiln_leave kiln_isa_program kiln_plugin kiln_second_plugin)
  target_link_libraries(${program} PRIVATE kiln_static)
endforeach()

add_executable(plugins_test plugins_test.cpp)
target_link_libraries(plugins_test PRIVATE GTest::gtest_main ${CMAKE_DL_LIBS} kiln_warnings)
target_compile_definitions(plugins_test PRIVATE
  KILN_FIRST_PLUGIN="$<TARGET_FILE:kiln_plugin>" KILN_SECOND_PLUGIN="$<TARGET_FILE:kiln_second_plugin>"
  KILN_SHARED_LIBRARY="$<TARGET_FILE:kiln_shared>")
add_dependencies(plugins_test kiln_plugin kiln_second_plugin kiln_shared)
add_test(NAME plugins COMMAND plugins_test)
add_test(NAME shared COMMAND ${symbol_tools} ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_shared.sh
         $<TARGET_FILE:kiln_shared> libkiln.so.${KILN_SOVERSION} KILN_${KILN_SOVERSION} ${KILN_INCLUDE_DIR}
         $<TARGET_FILE:kiln_plugin> $<TARGET_FILE:kiln_second_plugin>)

kiln_test(lifecycle ARCHIVE LIBRARIES ${CMAKE_DL_LIBS})
kiln_test(thread_faults ARCHIVE LIBRARIES ${CMAKE_DL_LIBS})
target_sources(thread_faults_test PRIVATE support/failing_threads.cpp)
kiln_test(waking ARCHIVE)
target_sources(waking_test PRIVATE support/false_clock.cpp)
if(CMAKE_CROSSCOMPILING)
  set_tests_properties(lifecycle thread_faults PROPERTIES ENVIRONMENT GTEST_FILTER=-Fork.*:*Forks*)
  kiln_skip(lifecycle.fork "qemu-user's own state does not outlive the fork of a process with threads")
endif()
add_dependencies(lifecycle_test kiln_leave kiln_isa_program kiln_plugin)
target_compile_definitions(lifecycle_test PRIVATE
  KILN_LEAVE_PROGRAM="$<TARGET_FILE:kiln_leave>" KILN_ISA_PROGRAM="$<TARGET_FILE:kiln_isa_program>"
  KILN_PLUGIN="$<TARGET_FILE:kiln_plugin>")

# Parts of the runtime that are here by themselves: in the archive their names are not the tests' to call.
function(kiln_test_of_parts topic)
  list(TRANSFORM ARGN REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/runtime/\\1.cpp" OUTPUT_VARIABLE parts)
  add_executable(${topic}_test ${topic}_test.cpp support/child.cpp support/main.cpp ${parts})
  target_include_directories(${topic}_test PRIVATE
    ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/runtime ${KILN_INCLUDE_DIR} ${KILN_GENERATED_DIR})
  target_link_libraries(${topic}_test PRIVATE GTest::gtest $<COMPILE_ONLY:Halide::Runtime> kiln_warnings)
  target_compile_options(${topic}_test PRIVATE ${KILN_TEST_OPTIONS})
  add_test(NAME ${topic} COMMAND ${topic}_test)
  set_tests_properties(${topic} PROPERTIES ${test_properties})
endfunction()
add_executable(kiln_threads_program programs/threads.c)
target_link_libraries(kiln_threads_program PRIVATE kiln_static)
kiln_test_of_parts(threads control_groups status threads)
target_compile_definitions(threads_test PRIVATE KILN_THREADS_PROGRAM="$<TARGET_FILE:kiln_threads_program>")
add_dependencies(threads_test kiln_threads_program)
list(GET isas -1 last_isa)
kiln_test_of_parts(cpu_family cpu_family status)
target_compile_definitions(cpu_family_test PRIVATE
  KILN_ISA_PROGRAM="$<TARGET_FILE:kiln_isa_program>" KILN_LAST_ISA="${last_isa}")
add_dependencies(cpu_family_test kiln_isa_program)

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

# Which of two weak symbols wins depends on the order of the archives; on both orders nothing may. As a flag, the archive
# keeps its place.
foreach(order kiln_first other_first)
  add_executable(coexistence_${order}_test coexistence_test.cpp)
  set(libraries ${other}/other.a)
  if(order STREQUAL kiln_first)
    list(PREPEND libraries -Wl,${KILN_WHOLE_ARCHIVE})
  endif()
  target_link_libraries(coexistence_${order}_test PRIVATE ${libraries} kiln_test_support kiln_everything $<COMPILE_ONLY:Halide::Runtime>)
  target_include_directories(coexistence_${order}_test PRIVATE ${other})
  add_dependencies(coexistence_${order}_test kiln_tests_other)
  add_test(NAME coexistence.${order} COMMAND coexistence_${order}_test)
  set_tests_properties(coexistence.${order} PROPERTIES ${test_properties})
endforeach()
