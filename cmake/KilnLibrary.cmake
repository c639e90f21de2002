# libkiln.a: runtime, kernels and Halide's small runtime in one archive, every global symbol of which begins with kiln_.

# The rows of this architecture alone: runtime/cpu.h expands them.
set(targets_inc "")
foreach(row IN LISTS KILN_TARGET_ROWS)
  string(APPEND targets_inc "KILN_TARGET(${row})\n")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/targets.inc CONTENT "${targets_inc}#undef KILN_TARGET\n" @ONLY)
set(devices_inc "")
foreach(row IN LISTS KILN_DEVICE_ROWS)
  string(APPEND devices_inc "KILN_DEVICE(${row})\n")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/devices.inc CONTENT "${devices_inc}#undef KILN_DEVICE\n" @ONLY)

foreach(part cuda cuda_launch device launch opencl opencl_launch scratch_cache)
  list(APPEND runtime_sources runtime/device/${part}.cpp)
endforeach()
foreach(plan channel_norm channel_norms elementwise local_response_norm normalize reduction row_norm)
  list(APPEND runtime_sources runtime/plans/${plan}.cpp)
endforeach()
foreach(part arguments context copy cpu entry executor halide_hooks iteration overlap parallel pool registry status
        tensor)
  list(APPEND runtime_sources runtime/${part}.cpp)
endforeach()
add_library(kiln_raw STATIC
  ${runtime_sources} ${KILN_OPERATOR_SOURCES} ${KILN_KERNEL_SOURCES} ${KILN_KERNEL_OBJECTS} ${KILN_HALIDE_RUNTIME})
target_include_directories(kiln_raw PRIVATE runtime ${KILN_INCLUDE_DIR} ${KILN_GENERATED_DIR} ${KILN_DLPACK_INCLUDE_DIR})
target_link_libraries(kiln_raw PRIVATE kiln_warnings $<COMPILE_ONLY:Halide::Runtime>)
# No exceptions, no RTTI, no guards for statics: nothing of the C++ runtime is needed to link.
target_compile_options(kiln_raw PRIVATE -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffp-contract=off)
if(KILN_ARCHITECTURE STREQUAL aarch64)
  # Atomic operations in place: their out-of-line form is in libgcc, which not every linker brings.
  target_compile_options(kiln_raw PRIVATE -mno-outline-atomics)
endif()
set_target_properties(kiln_raw PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)

set(KILN_ARCHIVE ${PROJECT_BINARY_DIR}/lib/libkiln.a)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
add_custom_command(
  OUTPUT ${KILN_ARCHIVE}
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/localize.py --nm ${CMAKE_NM} --objcopy ${CMAKE_OBJCOPY}
          $<TARGET_FILE:kiln_raw> ${KILN_ARCHIVE}
  DEPENDS kiln_raw ${PROJECT_SOURCE_DIR}/scripts/localize.py
  COMMENT "libkiln.a"
  VERBATIM)
add_custom_target(kiln_archive ALL DEPENDS ${KILN_ARCHIVE})

# What the tool, tests, benchmark and apps in this tree link; installed, KilnConfig.cmake makes the same target.
add_library(kiln INTERFACE)
add_library(Kiln::kiln ALIAS kiln)
add_dependencies(kiln kiln_archive)
target_include_directories(kiln INTERFACE ${KILN_INCLUDE_DIR} ${PROJECT_SOURCE_DIR}/include ${KILN_DLPACK_INCLUDE_DIR})
target_link_libraries(kiln INTERFACE ${KILN_ARCHIVE} Threads::Threads ${CMAKE_DL_LIBS} m)
