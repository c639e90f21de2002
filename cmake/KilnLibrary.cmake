# The library: libkiln.a for CPUs, libkiln_devices.a for CPUs and devices, libkiln.so with everything. Each is complete,
# so that an app links one of them and pays for devices where it asks for them. Every global symbol in them begins with
# kiln_, and shared libraries export those of kiln.h alone (scripts/seal_archive.py).

# The rows of this architecture alone: runtime/cpu.h and runtime/cpu_family.h expand them.
set(targets_inc "")
foreach(row IN LISTS KILN_TARGET_ROWS)
  string(APPEND targets_inc "KILN_TARGET(${row})\n")
endforeach()
file(CONFIGURE OUTPUT ${KILN_GENERATED_DIR}/targets.inc CONTENT "${targets_inc}#undef KILN_TARGET\n" @ONLY)
# Each family once, and the CPUs of all.
set(families_inc "")
foreach(name IN LISTS KILN_FAMILY_NAMES)
  string(APPEND families_inc "KILN_FAMILY(${name})\n")
endforeach()
file(CONFIGURE OUTPUT ${KILN_GENERATED_DIR}/families.inc CONTENT "${families_inc}#undef KILN_FAMILY\n" @ONLY)
set(cpus_inc "")
foreach(row IN LISTS KILN_CPU_ROWS)
  string(APPEND cpus_inc "KILN_CPU(${row})\n")
endforeach()
file(CONFIGURE OUTPUT ${KILN_GENERATED_DIR}/cpus.inc CONTENT "${cpus_inc}#undef KILN_CPU\n" @ONLY)
# devices.inc has the devices that the build knows, built_devices.inc those that an archive has.
set(devices_inc "")
foreach(row IN LISTS KILN_DEVICE_ROWS)
  string(APPEND devices_inc "KILN_DEVICE(${row})\n")
endforeach()
foreach(file devices.inc built_devices.inc)
  file(CONFIGURE OUTPUT ${KILN_GENERATED_DIR}/${file} CONTENT "${devices_inc}#undef KILN_DEVICE\n" @ONLY)
endforeach()
file(CONFIGURE OUTPUT ${KILN_GENERATED_DIR}/cpu_alone/built_devices.inc CONTENT "#undef KILN_DEVICE\n" @ONLY)

set(sources ${KILN_OPERATOR_SOURCES} ${KILN_LINK_SOURCES})
foreach(plan channel_norm channel_norms channel_norms_backward channel_norms_with_statistics elementwise gradient
        gradient_parameters gradient_staging gradient_statistics layer_norm_backward layer_norm_with_statistics
        local_response_norm local_response_norm_backward normalize normalize_backward reduction rms_norm_backward
        rms_norm_with_statistics row_norm rows_with_statistics statistics_checks)
  list(APPEND sources ${PROJECT_SOURCE_DIR}/runtime/plans/${plan}.cpp)
endforeach()
foreach(part arguments context control_groups conversion copy cpu_family device/scratch_cache entry executor halide_errors halide_hooks iteration
        overlap parallel pool registry status tensor threads tiles working_memory)
  list(APPEND sources ${PROJECT_SOURCE_DIR}/runtime/${part}.cpp)
endforeach()
# What is compiled for each archive: the lists of kernels and of devices.
set(lists ${KILN_KERNEL_SOURCES} ${PROJECT_SOURCE_DIR}/runtime/cpu.cpp ${PROJECT_SOURCE_DIR}/runtime/device/device.cpp)

set(parts_of_cuda cuda cuda_launch launch)
set(parts_of_opencl opencl opencl_launch launch)
set(device_sources "")
foreach(row IN LISTS KILN_DEVICE_ROWS)
  kiln_row_columns("${row}" d name device dlpack halide)
  foreach(part IN LISTS parts_of_${d_device})
    list(APPEND device_sources ${PROJECT_SOURCE_DIR}/runtime/device/${part}.cpp)
  endforeach()
endforeach()
list(REMOVE_DUPLICATES device_sources)

function(kiln_compile_runtime target)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/runtime ${KILN_INCLUDE_DIR} ${KILN_GENERATED_DIR})
  target_link_libraries(${target} PRIVATE kiln_warnings $<COMPILE_ONLY:Halide::Runtime>)
  # No exceptions, no RTTI, no guards for statics: nothing of the C++ runtime is needed to link. No checked variants of C
  # functions, which are glibc's alone.
  target_compile_options(${target} PRIVATE
    -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffp-contract=off -U_FORTIFY_SOURCE)
  if(KILN_ARCHITECTURE STREQUAL aarch64)
    # Atomic operations in place: their out-of-line form is in libgcc, which not every linker brings.
    target_compile_options(${target} PRIVATE -mno-outline-atomics)
  endif()
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
endfunction()

add_library(kiln_runtime OBJECT ${sources})
kiln_compile_runtime(kiln_runtime)

# The headers, for libraries whose user chooses an archive or libkiln.so.
add_library(kiln_headers INTERFACE)
target_include_directories(kiln_headers INTERFACE ${KILN_INCLUDE_DIR})

# Adds the archive lib/lib<name>.a from the static library <raw>, and the target <interface> to link it by.
function(kiln_add_archive name raw interface)
  set(archive ${PROJECT_BINARY_DIR}/lib/lib${name}.a)
  set(seal ${PROJECT_SOURCE_DIR}/scripts/seal_archive.py)
  set(exports ${KILN_GENERATED_DIR}/exports.txt)
  add_custom_command(
    OUTPUT ${archive}
    COMMAND ${Python3_EXECUTABLE} -B ${seal} --nm ${CMAKE_NM} --objcopy ${CMAKE_OBJCOPY} --exports ${exports}
            $<TARGET_FILE:${raw}> ${archive}
    DEPENDS ${raw} ${seal} ${exports}
    COMMENT "lib${name}.a"
    VERBATIM)
  add_custom_target(${name}_archive ALL DEPENDS ${archive})
  add_library(${interface} INTERFACE)
  add_dependencies(${interface} ${name}_archive)
  target_link_libraries(${interface} INTERFACE kiln_headers ${archive} Threads::Threads ${CMAKE_DL_LIBS} m)
endfunction()
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

add_library(kiln_raw_cpu_alone STATIC ${lists} $<TARGET_OBJECTS:kiln_runtime> ${KILN_KERNEL_OBJECTS})
target_include_directories(kiln_raw_cpu_alone PRIVATE ${KILN_GENERATED_DIR}/cpu_alone)  # before generated/
kiln_compile_runtime(kiln_raw_cpu_alone)
kiln_add_archive(kiln kiln_raw_cpu_alone kiln_static)
set(KILN_ARCHIVE ${PROJECT_BINARY_DIR}/lib/libkiln.a)

# kiln_everything: the archive with everything that is built, for the tool, the tests and the benchmark; with the kernels
# of all element types, which apps ask for one by one.
add_library(kiln_everything INTERFACE)
foreach(name IN LISTS KILN_LINKED_NAMES)
  target_link_options(kiln_everything INTERFACE -Wl,-u,kiln_link_${name})
endforeach()
if(KILN_DEVICE_ROWS)
  add_library(kiln_raw STATIC ${lists} ${device_sources} $<TARGET_OBJECTS:kiln_runtime> ${KILN_KERNEL_OBJECTS}
    ${KILN_DEVICE_KERNEL_OBJECTS})
  kiln_compile_runtime(kiln_raw)
  kiln_add_archive(kiln_devices kiln_raw kiln_static_devices)
  target_link_libraries(kiln_everything INTERFACE kiln_static_devices)
  set(KILN_WHOLE_ARCHIVE ${PROJECT_BINARY_DIR}/lib/libkiln_devices.a)
  set(KILN_WHOLE_RAW kiln_raw)
  set(KILN_WHOLE kiln_devices)
else()
  target_link_libraries(kiln_everything INTERFACE kiln_static)
  set(KILN_WHOLE_ARCHIVE ${KILN_ARCHIVE})
  set(KILN_WHOLE_RAW kiln_raw_cpu_alone)
  set(KILN_WHOLE kiln)
endif()

# libkiln.so: that archive as a whole. Its own calls of kiln.h's functions stay inside, whatever else is loaded.
set(KILN_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})  # while it is 0, each minor version has an ABI of its own
file(CONFIGURE OUTPUT ${KILN_GENERATED_DIR}/shared.c CONTENT "/* libkiln.so is made of an archive. */\ntypedef int kiln_of_an_archive;\n")
add_library(kiln_shared SHARED ${KILN_GENERATED_DIR}/shared.c)
if(NOT BUILD_SHARED_LIBS AND NOT KILN_BUILD_TESTS)
  set_target_properties(kiln_shared PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
set_target_properties(kiln_shared PROPERTIES
  OUTPUT_NAME kiln VERSION ${PROJECT_VERSION} SOVERSION ${KILN_SOVERSION} LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib
  LINK_DEPENDS "${KILN_WHOLE_ARCHIVE};${KILN_GENERATED_DIR}/exports.map")
add_dependencies(kiln_shared ${KILN_WHOLE}_archive)
target_link_options(kiln_shared PRIVATE
  -Wl,--whole-archive ${KILN_WHOLE_ARCHIVE} -Wl,--no-whole-archive
  -Wl,--version-script=${KILN_GENERATED_DIR}/exports.map)
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")  # whose runtime is the program's
  target_link_options(kiln_shared PRIVATE -Wl,-z,defs)
endif()
target_link_libraries(kiln_shared INTERFACE kiln_headers PRIVATE Threads::Threads ${CMAKE_DL_LIBS} m)

# What apps in this tree link; installed, KilnConfig.cmake makes the same targets.
if(BUILD_SHARED_LIBS)
  add_library(Kiln::kiln ALIAS kiln_shared)
else()
  add_library(Kiln::kiln ALIAS kiln_static)
endif()
if(KILN_DEVICE_ROWS AND BUILD_SHARED_LIBS)
  add_library(Kiln::devices ALIAS kiln_shared)
elseif(KILN_DEVICE_ROWS)
  add_library(Kiln::devices ALIAS kiln_static_devices)
endif()
