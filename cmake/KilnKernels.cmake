# Kernels: one run of a generator each, from the tables, with the numbers of schedules/<target>.json. What a kernel needs
# for itself is in its command, so that an edit of one row makes one kernel anew.

include(KilnTables)
include(KilnTune)
include(KilnSchedules)
include(KilnGenerators)

set(KILN_EMIT "object" CACHE STRING "What generators write for each kernel, as their -e takes it: object,assembly,stmt")
set(KILN_SCHEDULES_DIR ${PROJECT_SOURCE_DIR}/schedules CACHE PATH "Where <target>.json lie")
set(KILN_LENT_KERNELS "" CACHE PATH "A folder of another build's kernels: those that it has are taken from there, not made")
set(KILN_KERNEL_DIR ${PROJECT_BINARY_DIR}/kernels)
file(MAKE_DIRECTORY ${KILN_KERNEL_DIR})

# Adds the kernels of one form for the target <t_name>, whose Halide target is <t_halide>, in the order in which selection
# takes the first that serves a call (runtime/kernel.h). is_device: the target is a row of devices.def.
macro(kiln_add_kernels family op direction dtype form accuracy t_name t_halide is_device)
  set(path ${KILN_SCHEDULES_DIR}/${t_name}.json)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  set(optional FALSE)
  if(NOT dtype STREQUAL "float32" AND NOT family MATCHES "^(pointwise|convert)$")
    set(optional TRUE)
  endif()
  kiln_schedules(${path} ${direction} ${dtype} ${op} ${form} ${accuracy} ${is_device} ${optional} "${KILN_FAMILY_NAMES}"
                 schedules where)
  foreach(schedule IN LISTS schedules)
    kiln_schedule_numbers("${schedule}" "${where}" ${is_device} params grain up_to cpu_family streamed)
    kiln_add_kernel(${family} ${op} ${direction} ${dtype} ${form} ${accuracy} ${t_name} ${t_halide} "${params}" ${grain}
                    "${up_to}" ${cpu_family} ${streamed})
  endforeach()
endmacro()

# A kernel that another build for this machine has made, in that folder.
function(kiln_take_kernel symbol emit folder)
  set(files ${symbol}.o)
  if(emit MATCHES device_code)
    list(APPEND files ${symbol}.device_code)
  endif()
  list(TRANSFORM files PREPEND ${folder}/)
  add_custom_command(
    OUTPUT ${KILN_KERNEL_DIR}/${symbol}.o
    COMMAND ${CMAKE_COMMAND} -E copy ${files} ${KILN_KERNEL_DIR}
    DEPENDS ${folder}/${symbol}.o
    VERBATIM)
endfunction()

# Has <object> made from a kernel's assembly, whose stores of the output are made streaming ones: Halide 21 has none.
function(kiln_assemble_streaming object symbol program command comment)
  if(NOT KILN_ARCHITECTURE STREQUAL x86_64)
    message(FATAL_ERROR "Kiln: ${symbol}: streamed: expected in schedules of x86-64 alone")
  endif()
  set(script ${PROJECT_SOURCE_DIR}/scripts/stream_stores.py)
  set(assembly ${KILN_KERNEL_DIR}/${symbol}.s)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${command}
    COMMAND ${Python3_EXECUTABLE} -B ${script} ${assembly}
    COMMAND ${CMAKE_C_COMPILER} -c ${assembly} -o ${object}
    DEPENDS ${program} ${script}
    COMMENT "${comment}"
    VERBATIM)
endfunction()

# Has a kernel's object made by its generator, or taken from another build.
function(kiln_make_kernel symbol program generator t_halide identity params streamed comment)
  set(object ${KILN_KERNEL_DIR}/${symbol}.o)
  set(emit ${KILN_EMIT})
  if(t_halide MATCHES "-cuda-")
    string(APPEND emit ",device_code")  # the PTX, which tests read
  endif()
  if(KILN_HOST_BUILD AND NOT CMAKE_CROSSCOMPILING)  # builds with sanitizers differ in everything but kernels
    kiln_take_kernel(${symbol} "${emit}" ${KILN_HOST_BUILD}/kernels)
  elseif(KILN_LENT_KERNELS AND EXISTS ${KILN_LENT_KERNELS}/${symbol}.o)
    kiln_take_kernel(${symbol} "${emit}" ${KILN_LENT_KERNELS})
  elseif(streamed)
    kiln_assemble_streaming(${object} ${symbol} ${program}
      "${program};-g;${generator};-f;${symbol};-o;${KILN_KERNEL_DIR};-e;assembly;target=${t_halide}-no_runtime;${identity};${params}"
      "${comment}")
  else()
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${program} -g ${generator} -f ${symbol} -o ${KILN_KERNEL_DIR} -e ${emit} target=${t_halide}-no_runtime
              ${identity} ${params}
      DEPENDS ${program}
      COMMENT "${comment}"
      VERBATIM)
  endif()
endfunction()

# Adds one kernel, with its generator's parameters, its grain, the largest extent of its class (empty for all), the CPU
# family whose variant it is (general for all) and whether it streams its output (true or false): its object to
# KILN_KERNEL_OBJECTS and its row to KERNEL_ROWS, in the caller's scope.
function(kiln_add_kernel family op direction dtype form accuracy t_name t_halide params grain up_to cpu_family streamed)
  if(family STREQUAL pointwise)
    set(program kiln_generate_${op})
    if(direction STREQUAL backward)
      string(APPEND program _backward)
    endif()
    set(generator pointwise_${form})
    set(form_name ${form})
    set(identity accuracy=${accuracy} dtype=${dtype})
  else()
    set(program kiln_generate_${family})
    set(generator ${op}_${form})
    set(form_name ${op}.${form})
    set(identity "")
    if(NOT dtype STREQUAL "float32")
      set(identity dtype=${dtype})
    endif()
  endif()
  # Forms that devices take otherwise than CPUs.
  if(form MATCHES "^(dense|strided|widen|narrow)$" AND NOT op STREQUAL "copy" AND t_name IN_LIST KILN_DEVICE_NAMES)
    string(APPEND generator _on_device)
  endif()
  # Halide's bounds of what a reduction's segments read are wider than what they read, so its checks would refuse good
  # buffers. Kernels without segments keep their checks, that of an allocation among them.
  if(NOT family MATCHES "^(pointwise|local_response_norm|local_response_gradient|convert)$")
    string(APPEND t_halide -no_asserts)
  endif()
  # All but these compute in float64 somewhere.
  if(NOT "${family} ${direction}" MATCHES "^(pointwise forward|convert .*)$" AND t_halide MATCHES "-opencl")
    string(APPEND t_halide -cl_doubles)
  endif()
  set(symbol kiln_kernel_${op}_${direction}_${dtype}_${form}_${accuracy})
  set(comment "Kernel ${op} ${direction} ${dtype} ${form} ${accuracy}")
  set(limit INT64_MAX)
  if(NOT up_to STREQUAL "")
    string(APPEND symbol _up_to_${up_to})
    string(APPEND comment " up to ${up_to}")
    string(APPEND form_name .up_to_${up_to})
    set(limit ${up_to})
  endif()
  if(streamed)
    string(APPEND symbol _streamed)
    string(APPEND comment ", streamed,")
    string(APPEND form_name .streamed)
    list(APPEND params streamed=true)
  endif()
  string(APPEND symbol _${t_name})
  string(APPEND comment " for ${t_name}")
  if(NOT cpu_family STREQUAL "general")
    string(APPEND symbol _for_${cpu_family})
    string(APPEND comment " on ${cpu_family}")
    set_property(GLOBAL APPEND PROPERTY KILN_FAMILIES_OF_${t_name} ${cpu_family})
    string(APPEND form_name .for_${cpu_family})
  endif()
  # Rows whose kernels are made alike share the first one's.
  string(MD5 made_alike "${program};${generator};${t_halide};${identity};${params}")
  get_property(first GLOBAL PROPERTY KILN_KERNEL_OF_${made_alike})
  if(first)
    set(symbol ${first})
  else()
    set_property(GLOBAL PROPERTY KILN_KERNEL_OF_${made_alike} ${symbol})
    kiln_make_kernel(${symbol} ${program} ${generator} ${t_halide} "${identity}" "${params}" ${streamed} "${comment}")
    set(KILN_KERNEL_OBJECTS ${KILN_KERNEL_OBJECTS} ${KILN_KERNEL_DIR}/${symbol}.o PARENT_SCOPE)
  endif()
  kiln_describe_kernel(${symbol} ${op} ${direction} ${dtype} ${form} ${accuracy} ${t_name} ${cpu_family} "${up_to}" ${grain}
                       ${program} ${generator} ${t_halide}-no_runtime "${identity}"
                       ${PROJECT_BINARY_DIR}/generated/kernels/${KERNELS}.cpp ${form_name} ${streamed})
  set(row "KILN_KERNEL(${op}, ${direction}, ${dtype}, ${form}, \"${form_name}\", ${accuracy}, ${t_name}, ${cpu_family}, ${symbol}, ${grain}, ${limit}, ${streamed})\n")
  set(KERNEL_ROWS "${KERNEL_ROWS}${row}" PARENT_SCOPE)
endfunction()

# Adds the kernels of all the forms and accuracies for one target.
macro(kiln_add_kernels_of_target forms t_name t_halide is_device)
  foreach(form IN ITEMS ${forms})
    foreach(accuracy IN LISTS accuracies)
      kiln_add_kernels(${family} ${op} ${direction} ${dtype} ${form} ${accuracy} ${t_name} ${t_halide} ${is_device})
    endforeach()
  endforeach()
endmacro()

# Adds every kernel of an elementwise operator or a stage and an element type, on CPUs and on devices, and their list:
# generated/kernels/<kernels>.cpp from runtime/kernels.cpp.in, with the rows of kernels/<kernels>.inc, where <kernels> is
# <op>, and <op>_<dtype> of a type other than float32. That of generated/ has all rows, that of generated/cpu_alone/ the
# CPUs'. <others>: other element types that there are lists of, which are there where they are linked; hidden, so that no
# library asks another one for them.
function(kiln_add_operator family op direction dtype forms device_forms accuracies others)
  set(KERNELS ${op})
  if(direction STREQUAL backward)
    string(REGEX REPLACE "_backward$" "" op ${op})  # as kernels bear it, beside the direction
  endif()
  set(KERNELS_OTHERS "")
  set(KERNELS_OF "")
  if(NOT dtype STREQUAL "float32")
    string(APPEND KERNELS _${dtype})
  endif()
  if(others)
    foreach(each IN LISTS KILN_DTYPES)
      if(each IN_LIST others)
        string(APPEND KERNELS_OTHERS ",\n    ${op}_${each}_kernels __attribute__((weak, visibility(\"hidden\")))")
        list(APPEND KERNELS_OF &${op}_${each}_kernels)
      else()
        list(APPEND KERNELS_OF nullptr)
      endif()
    endforeach()
    list(JOIN KERNELS_OF ", " KERNELS_OF)
  endif()
  set(KERNEL_ROWS "")
  foreach(row IN LISTS KILN_TARGET_ROWS)
    kiln_row_columns("${row}" t name architecture isa halide cpu)
    kiln_add_kernels_of_target("${forms}" ${t_name} ${t_halide} FALSE)
  endforeach()
  set(cpu_rows "${KERNEL_ROWS}")
  set(cpu_objects ${KILN_KERNEL_OBJECTS})
  set(KILN_KERNEL_OBJECTS "")
  foreach(row IN LISTS KILN_DEVICE_ROWS)
    kiln_row_columns("${row}" d name device dlpack halide)
    kiln_add_kernels_of_target("${device_forms}" ${d_name} ${KILN_BASELINE_HALIDE}-${d_halide} TRUE)
  endforeach()
  set(list ${PROJECT_BINARY_DIR}/generated/kernels/${KERNELS})
  file(CONFIGURE OUTPUT ${list}.inc CONTENT "${KERNEL_ROWS}#undef KILN_KERNEL\n" @ONLY)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/cpu_alone/kernels/${KERNELS}.inc
       CONTENT "${cpu_rows}#undef KILN_KERNEL\n" @ONLY)
  configure_file(${PROJECT_SOURCE_DIR}/runtime/kernels.cpp.in ${list}.cpp @ONLY)
  set(KILN_DEVICE_KERNEL_OBJECTS ${KILN_DEVICE_KERNEL_OBJECTS} ${KILN_KERNEL_OBJECTS} PARENT_SCOPE)
  set(KILN_KERNEL_OBJECTS ${cpu_objects} PARENT_SCOPE)
  set(KILN_KERNEL_SOURCES ${KILN_KERNEL_SOURCES} ${list}.cpp PARENT_SCOPE)
endfunction()

set(KILN_KERNEL_OBJECTS "")         # of CPUs
set(KILN_DEVICE_KERNEL_OBJECTS "")
set(KILN_KERNEL_SOURCES "")
foreach(op IN LISTS KILN_ELEMENTWISE_NAMES KILN_ELEMENTWISE_BACKWARD_NAMES)
  kiln_add_elementwise_generator(${op} ${KILN_DIRECTION_OF_${op}})
  foreach(dtype IN LISTS KILN_DTYPES_OF_${op})
    kiln_add_operator(pointwise ${op} ${KILN_DIRECTION_OF_${op}} ${dtype} "${KILN_FORMS_OF_${dtype}}"
                      "${KILN_DEVICE_FORMS_OF_${dtype}}" "${KILN_ACCURACIES_OF_${op}}" "")
  endforeach()
endforeach()
# The stages of the operators that are built, and the types other than float32 of these; the others' lists are empty, so that
# every plan links.
set(stages copy)
set(dtypes_of_stages "")
foreach(op IN LISTS KILN_OPERATOR_NAMES)
  list(APPEND stages ${KILN_KERNELS_OF_${op}})
  if(KILN_KERNELS_OF_${op})
    list(APPEND dtypes_of_stages ${KILN_DTYPES_OF_${op}})
  endif()
endforeach()
list(REMOVE_DUPLICATES dtypes_of_stages)
list(REMOVE_ITEM dtypes_of_stages float32)
foreach(row IN LISTS KILN_STAGE_ROWS)
  kiln_row_columns("${row}" stage name family forms on_devices of_16_bits)
  if(NOT stage_name IN_LIST stages)
    set(stage_forms "")
    set(stage_on_devices "")
  endif()
  string(REPLACE " " ";" forms "${stage_forms}")
  string(REPLACE " " ";" device_forms "${stage_on_devices}")
  string(REPLACE " " ";" forms_of_16_bits "${stage_of_16_bits}")
  set(device_forms_of_16_bits ${forms_of_16_bits})
  if(NOT device_forms)
    set(device_forms_of_16_bits "")
  endif()
  set(others "")
  if(forms AND forms_of_16_bits)
    set(others ${dtypes_of_stages})
  endif()
  set(direction forward)
  if(stage_name MATCHES "^gradient_")
    set(direction backward)
  endif()
  kiln_add_stage_generator(${stage_family})
  kiln_add_operator(${stage_family} ${stage_name} ${direction} float32 "${forms}" "${device_forms}" exact
                    "${others}")
  foreach(dtype IN LISTS others)
    kiln_add_operator(${stage_family} ${stage_name} ${direction} ${dtype} "${forms_of_16_bits}"
                      "${device_forms_of_16_bits}" exact "")
  endforeach()
endforeach()
foreach(dtype IN LISTS dtypes_of_stages)
  kiln_add_stage_generator(convert)
  set(device_forms "")
  if(KILN_DEVICE_FORMS_OF_${dtype})
    set(device_forms widen narrow)
  endif()
  kiln_add_operator(convert convert forward ${dtype} "widen;narrow" "${device_forms}" exact "")
endforeach()

# Kernels that are built no longer leave no files, whose PTX tests would read.
file(GLOB files ${KILN_KERNEL_DIR}/kiln_kernel_*)
foreach(file IN LISTS files)
  string(REGEX REPLACE "\\.[a-z_]+$" ".o" object ${file})
  if(NOT object IN_LIST KILN_KERNEL_OBJECTS AND NOT object IN_LIST KILN_DEVICE_KERNEL_OBJECTS)
    file(REMOVE ${file})
  endif()
endforeach()
