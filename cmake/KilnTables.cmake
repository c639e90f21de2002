# Reads the tables of stages and targets: what C++ expands, CMake reads line by line.

set(KILN_STAGES_DEF ${PROJECT_SOURCE_DIR}/stages.def)
set(KILN_TARGETS_DEF ${PROJECT_SOURCE_DIR}/targets.def)
set(KILN_DEVICES_DEF ${PROJECT_SOURCE_DIR}/devices.def)
set(KILN_FAMILIES_DEF ${PROJECT_SOURCE_DIR}/families.def)
set(KILN_ELEMENTS_DEF ${PROJECT_SOURCE_DIR}/elements.def)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${KILN_STAGES_DEF} ${KILN_TARGETS_DEF} ${KILN_DEVICES_DEF} ${KILN_FAMILIES_DEF} ${KILN_ELEMENTS_DEF})

# Sets <out> to the rows of <file> that begin with <macro>(, without macro and parentheses.
function(kiln_table_rows file macro out)
  file(STRINGS ${file} rows REGEX "^${macro}\\(")
  list(TRANSFORM rows REPLACE "^${macro}\\((.*)\\)$" "\\1")
  set(${out} "${rows}" PARENT_SCOPE)
endfunction()

# Sets <prefix>_<column> in the caller's scope for the columns of a row, quotes removed. The last column takes the rest.
function(kiln_row_columns row prefix)
  foreach(column IN LISTS ARGN)
    if(NOT row MATCHES "^ *(\"[^\"]*\"|[^,]*)(, *(.*))?$")
      message(FATAL_ERROR "Kiln: a row has no column ${column}: ${row}")
    endif()
    set(rest "${CMAKE_MATCH_3}")
    string(REPLACE "\"" "" value "${CMAKE_MATCH_1}")
    set(${prefix}_${column} "${value}" PARENT_SCOPE)
    set(row "${rest}")
  endforeach()
endfunction()

# Sets <out> to the first columns of the rows.
function(kiln_row_names rows out)
  set(names "")
  foreach(row IN LISTS rows)
    kiln_row_columns("${row}" r name)
    list(APPEND names ${r_name})
  endforeach()
  set(${out} "${names}" PARENT_SCOPE)
endfunction()

kiln_table_rows(${KILN_STAGES_DEF} KILN_STAGE KILN_STAGE_ROWS)

# KILN_DTYPES: element types. KILN_FORMS_OF_<dtype>, KILN_DEVICE_FORMS_OF_<dtype>: the layout forms of elementwise kernels.
kiln_table_rows(${KILN_ELEMENTS_DEF} KILN_ELEMENT rows)
kiln_row_names("${rows}" KILN_DTYPES)
foreach(row IN LISTS rows)
  kiln_row_columns("${row}" e name code bits forms device_forms)
  string(REPLACE " " ";" KILN_FORMS_OF_${e_name} "${e_forms}")
  string(REPLACE " " ";" KILN_DEVICE_FORMS_OF_${e_name} "${e_device_forms}")
endforeach()

# Sets <out> to the rows of <file> whose second column is the architecture that is built for.
function(kiln_rows_of_architecture file macro out)
  set(found "")
  kiln_table_rows(${file} ${macro} rows)
  foreach(row IN LISTS rows)
    kiln_row_columns("${row}" r name architecture rest)
    if(r_architecture STREQUAL KILN_ARCHITECTURE)
      list(APPEND found "${row}")
    endif()
  endforeach()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# The targets of the architecture that is built for, and those that are chosen.
kiln_rows_of_architecture(${KILN_TARGETS_DEF} KILN_TARGET architecture_rows)
if(architecture_rows STREQUAL "")
  message(FATAL_ERROR "Kiln: targets.def has no row for the architecture ${KILN_ARCHITECTURE}")
endif()
set(target_columns name architecture isa halide cpu)
kiln_chosen_rows(KILN_TARGETS "${architecture_rows}" "${target_columns}" isa FALSE KILN_TARGET_ROWS)

# Its CPUs that are of a family, and the families.
kiln_rows_of_architecture(${KILN_FAMILIES_DEF} KILN_CPU KILN_CPU_ROWS)
list(FILTER KILN_CPU_ROWS EXCLUDE REGEX "^general,")
kiln_row_names("${KILN_CPU_ROWS}" KILN_FAMILY_NAMES)
list(REMOVE_DUPLICATES KILN_FAMILY_NAMES)

# The devices: their host part is built for the last of the architecture's targets, which every CPU runs.
kiln_table_rows(${KILN_DEVICES_DEF} KILN_DEVICE rows)
set(device_columns name device dlpack halide)
kiln_chosen_rows(KILN_DEVICES "${rows}" "${device_columns}" device TRUE KILN_DEVICE_ROWS)
kiln_row_names("${KILN_DEVICE_ROWS}" KILN_DEVICE_NAMES)
list(GET architecture_rows -1 row)
kiln_row_columns("${row}" t name architecture isa halide cpu)
set(KILN_BASELINE_HALIDE ${t_halide})
