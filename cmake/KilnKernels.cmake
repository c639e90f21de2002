# Kernels: one run of a generator each, from the tables, with the numbers of schedules/<target>.json. What a kernel needs
# for itself is in its command, so that an edit of one row makes one kernel anew.

include(KilnTables)
include(KilnTune)
include(KilnSchedules)

set(KILN_EMIT "object" CACHE STRING "What generators write for each kernel, as their -e takes it: object,assembly,stmt")
set(KILN_SCHEDULES_DIR ${PROJECT_SOURCE_DIR}/schedules CACHE PATH "Where <target>.json lie")
set(KILN_KERNEL_DIR ${PROJECT_BINARY_DIR}/kernels)
file(MAKE_DIRECTORY ${KILN_KERNEL_DIR})

# Adds the generator executable of a family of operators: generators/<family>_generator.cpp and more sources.
add_custom_target(kiln_generators)
function(kiln_add_generator family)
  set(name kiln_generate_${family})
  if(KILN_HOST_BUILD)
    kiln_import_generator(${name})
    return()
  endif()
  add_executable(${name} generators/${family}_generator.cpp ${ARGN})
  target_include_directories(${name} PRIVATE generators include ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${name} PRIVATE Halide::Generator kiln_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/generators)
  add_dependencies(kiln_generators ${name})
endfunction()

# Adds the kernels of one form for the target <t_name>, whose Halide target is <t_halide>: one for each shape class, then
# the one for all shapes. is_device: the target is a row of devices.def.
macro(kiln_add_kernels family op form accuracy t_name t_halide is_device)
  set(path ${KILN_SCHEDULES_DIR}/${t_name}.json)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  kiln_schedules(${path} ${op} ${form} ${accuracy} ${is_device} schedules where)
  foreach(schedule IN LISTS schedules)
    kiln_schedule_numbers("${schedule}" "${where}" ${is_device} params grain up_to)
    kiln_add_kernel(${family} ${op} ${form} ${accuracy} ${t_name} ${t_halide} "${params}" ${grain} "${up_to}")
  endforeach()
endmacro()

# Adds one kernel, with its generator's parameters, its grain and the largest extent of its class (empty for all): its
# object to KILN_KERNEL_OBJECTS, its declaration and its row to KERNEL_DECLARATIONS and KERNEL_ROWS, in the caller's scope.
function(kiln_add_kernel family op form accuracy t_name t_halide params grain up_to)
  # Stages have a generator each; that of elementwise operators is told which one it is.
  if(family STREQUAL pointwise)
    set(generator pointwise_${form})
    if(NOT form STREQUAL "aligned" AND t_name IN_LIST KILN_DEVICE_NAMES)
      string(APPEND generator _on_device)
    endif()
    set(form_name ${form})
    set(identity operator=${op} accuracy=${accuracy})
  else()
    set(generator ${op}_${form})
    set(form_name ${op}.${form})
    set(identity "")
  endif()
  # Halide's bounds of what a reduction's segments read are wider than what they read, so its checks would refuse good
  # buffers. Kernels without segments keep their checks, that of an allocation among them.
  if(NOT family MATCHES "^(pointwise|local_response_norm)$")
    string(APPEND t_halide -no_asserts)
  endif()
  if(NOT family STREQUAL pointwise AND t_halide MATCHES "-opencl")
    string(APPEND t_halide -cl_doubles)
  endif()
  set(symbol kiln_kernel_${op}_forward_float32_${form}_${accuracy})
  set(comment "Kernel ${op} ${form} ${accuracy}")
  set(limit INT64_MAX)
  if(NOT up_to STREQUAL "")
    string(APPEND symbol _up_to_${up_to})
    string(APPEND comment " up to ${up_to}")
    string(APPEND form_name .up_to_${up_to})
    set(limit ${up_to})
  endif()
  string(APPEND symbol _${t_name})
  set(object ${KILN_KERNEL_DIR}/${symbol}.o)
  set(emit ${KILN_EMIT})
  if(t_halide MATCHES "-cuda-")
    string(APPEND emit ",device_code")  # the PTX, which tests read
  endif()
  add_custom_command(
    OUTPUT ${object}
    COMMAND kiln_generate_${family} -g ${generator} -f ${symbol} -o ${KILN_KERNEL_DIR} -e ${emit}
            target=${t_halide}-no_runtime ${identity} ${params}
    DEPENDS kiln_generate_${family}
    COMMENT "${comment} for ${t_name}"
    VERBATIM)
  kiln_describe_kernel(${symbol} ${op} ${form} ${accuracy} ${t_name} "${up_to}" kiln_generate_${family} ${generator}
                       ${t_halide}-no_runtime "${identity}" ${PROJECT_BINARY_DIR}/generated/${op}_kernels.cpp)
  string(TOUPPER ${accuracy} ACCURACY)
  set(row "    {\"${op}\", Direction::forward, Element::float32, Form::${form}, \"${form_name}\", KILN_ACCURACY_${ACCURACY}, Target::${t_name},\n")
  string(APPEND row "     reinterpret_cast<void (*)()>(${symbol}), ${grain}, ${limit}},\n")
  set(KILN_KERNEL_OBJECTS ${KILN_KERNEL_OBJECTS} ${object} PARENT_SCOPE)
  set(KERNEL_DECLARATIONS "${KERNEL_DECLARATIONS}int ${symbol}();\n" PARENT_SCOPE)
  set(KERNEL_ROWS "${KERNEL_ROWS}${row}" PARENT_SCOPE)
endfunction()

# Adds every kernel of an elementwise operator or a stage, on CPUs and on devices, and their list:
# generated/<op>_kernels.cpp from runtime/kernels.cpp.in.
function(kiln_add_operator family op forms device_forms accuracies)
  set(KERNEL_DECLARATIONS "")
  set(KERNEL_ROWS "")
  foreach(target_row IN LISTS KILN_TARGET_ROWS)
    kiln_row_columns("${target_row}" t name architecture isa halide cpu)
    foreach(form IN LISTS forms)
      foreach(accuracy IN LISTS accuracies)
        kiln_add_kernels(${family} ${op} ${form} ${accuracy} ${t_name} ${t_halide} FALSE)
      endforeach()
    endforeach()
  endforeach()
  foreach(device_row IN LISTS KILN_DEVICE_ROWS)
    kiln_row_columns("${device_row}" d name device dlpack halide)
    foreach(form IN LISTS device_forms)
      foreach(accuracy IN LISTS accuracies)
        kiln_add_kernels(${family} ${op} ${form} ${accuracy} ${d_name} ${KILN_BASELINE_HALIDE}-${d_halide} TRUE)
      endforeach()
    endforeach()
  endforeach()
  set(OPERATOR ${op})
  set(source ${PROJECT_BINARY_DIR}/generated/${op}_kernels.cpp)
  configure_file(runtime/kernels.cpp.in ${source} @ONLY)
  set(KILN_KERNEL_OBJECTS ${KILN_KERNEL_OBJECTS} PARENT_SCOPE)
  set(KILN_KERNEL_SOURCES ${KILN_KERNEL_SOURCES} ${source} PARENT_SCOPE)
endfunction()
