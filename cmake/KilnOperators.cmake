# The table of operators: checked when the build is configured, and written out as what the build takes from it. An edit
# of the table configures anew. Of the lists, KILN_OPERATOR_NAMES has all operators, KILN_<FAMILY>_NAMES those of a family,
# KILN_LINKED_NAMES <op>_<dtype> of each kiln_link_<op>_<dtype>(), KILN_ACCURACIES_OF_<op>, KILN_DTYPES_OF_<op>,
# KILN_DIRECTIONS_OF_<op> and KILN_KERNELS_OF_<op> what a row says.

set(KILN_GENERATED_DIR ${PROJECT_BINARY_DIR}/generated)
set(KILN_INCLUDE_DIR ${KILN_GENERATED_DIR}/include)

file(GLOB writers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scripts/operator_table/*.py)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/operators.toml ${PROJECT_SOURCE_DIR}/elements.def ${PROJECT_SOURCE_DIR}/stages.def ${PROJECT_SOURCE_DIR}/include/kiln/kiln.h.in
  ${PROJECT_SOURCE_DIR}/include/kiln/operators.hpp.in ${PROJECT_SOURCE_DIR}/scripts/generate_operators.py ${writers})
kiln_choice(KILN_OPERATORS only)
execute_process(
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/scripts/generate_operators.py --out ${KILN_GENERATED_DIR}
          --only ${only}
  RESULT_VARIABLE failed ERROR_VARIABLE message)
if(failed)
  message(FATAL_ERROR "${message}")
endif()
include(${KILN_GENERATED_DIR}/operators.cmake)
foreach(header kiln_dlpack.h kiln.hpp context.hpp element.hpp error.hpp memory.hpp view.hpp)
  configure_file(${PROJECT_SOURCE_DIR}/include/kiln/${header} ${KILN_INCLUDE_DIR}/kiln/${header} COPYONLY)
endforeach()

# Each operator's row and its function of kiln.h; the functions that link kernels of other types than float32.
list(TRANSFORM KILN_OPERATOR_NAMES REPLACE "(.+)" "${KILN_GENERATED_DIR}/operators/\\1.cpp"
     OUTPUT_VARIABLE KILN_OPERATOR_SOURCES)
list(TRANSFORM KILN_LINKED_NAMES REPLACE "(.+)" "${KILN_GENERATED_DIR}/links/\\1.cpp" OUTPUT_VARIABLE KILN_LINK_SOURCES)
