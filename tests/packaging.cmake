# The library as others build upon it: beside any DLPack, on musl, in small apps, as a part of another project, by package
# managers.

set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/scripts)
set(places ${CMAKE_CURRENT_BINARY_DIR}/packaging)

add_test(NAME dlpack COMMAND bash ${scripts}/check_dlpack.sh ${CMAKE_C_COMPILER} ${CMAKE_CXX_COMPILER} ${KILN_INCLUDE_DIR}
         ${KILN_ARCHIVE} ${CMAKE_CURRENT_SOURCE_DIR}/dlpack ${places}/dlpack)

# Sanitizers' code is neither small nor musl's.
if(CMAKE_C_FLAGS MATCHES "-fsanitize" OR CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  kiln_skip(musl "sanitizers need glibc")
  kiln_skip(sizes "sanitized code is larger")
else()
  add_test(NAME musl COMMAND bash ${scripts}/check_musl.sh ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR} ${KILN_INCLUDE_DIR}
           ${KILN_ARCHIVE} ${KILN_ARCHITECTURE} ${CMAKE_CURRENT_SOURCE_DIR}/abi/undefined-symbols.txt ${places}/musl)
  set_tests_properties(musl PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
  add_test(NAME sizes COMMAND bash ${scripts}/check_sizes.sh ${CMAKE_C_COMPILER} ${CMAKE_STRIP} ${KILN_INCLUDE_DIR}
           ${KILN_ARCHIVE} ${KILN_GENERATED_DIR}/exports.txt ${places}/sizes)
endif()

if(KILN_HOST_BUILD OR CMAKE_CROSSCOMPILING)
  foreach(test choices subproject conan vcpkg)
    kiln_skip(${test} "the host's build lends its generators to other trees")
  endforeach()
else()
  list(GET isas -1 last_isa)
  set(chosen_isa ${last_isa})
  if(KILN_ARCHITECTURE STREQUAL "x86_64")
    set(chosen_isa avx2)
  endif()
  set(qemu "")
  if(KILN_QEMU)
    set(qemu ${KILN_QEMU})
  endif()
  add_test(NAME choices COMMAND bash ${scripts}/check_choices.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND}
           ${chosen_isa} "${qemu}" ${places}/choices)
  add_test(NAME subproject COMMAND ${CMAKE_COMMAND} -E env KILN_ISA_OF_TEST=${last_isa}
           bash ${scripts}/check_subproject.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND}
           ${Python3_EXECUTABLE} ${places}/subproject)
  add_test(NAME conan COMMAND bash ${scripts}/check_conan.sh ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}
           ${PROJECT_BINARY_DIR} ${places}/conan)
  add_test(NAME vcpkg COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DBUILD=${PROJECT_BINARY_DIR}
           -DWORK=${places}/vcpkg -P ${scripts}/vcpkg_port.cmake)
  set_tests_properties(choices subproject conan vcpkg PROPERTIES TIMEOUT 1200)
  set_tests_properties(conan PROPERTIES SKIP_RETURN_CODE 77)
endif()
