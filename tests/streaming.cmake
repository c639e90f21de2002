# Kernels that stream their output: that calls use them, and that their code has streaming stores. Each goes by way of a
# word of assembly that counts its calls.
get_property(streamed_kernels GLOBAL PROPERTY KILN_STREAMED_KERNELS)
add_test(NAME streaming.script COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/test_stream_stores.py
         ${PROJECT_SOURCE_DIR}/scripts)
if(NOT streamed_kernels)
  kiln_skip(streaming "${KILN_ARCHITECTURE} has no kernels that stream")
  return()
endif()
set(counting "")
set(options "")
foreach(symbol IN LISTS streamed_kernels)
  string(APPEND counting "KILN_COUNTING(${symbol})\n")
  list(APPEND options -Wl,--wrap=${symbol})
endforeach()
file(CONFIGURE OUTPUT ${KILN_GENERATED_DIR}/tests/streamed_kernels.inc CONTENT "${counting}#undef KILN_COUNTING\n" @ONLY)
kiln_test(streaming ARCHIVE PER_ISA)
target_include_directories(streaming_test PRIVATE ${KILN_GENERATED_DIR}/tests)
target_link_options(streaming_test PRIVATE ${options})
list(TRANSFORM streamed_kernels PREPEND ${KILN_KERNEL_DIR}/)
list(TRANSFORM streamed_kernels APPEND .o)
add_test(NAME streaming.code COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_streamed_kernels.py
         ${CMAKE_OBJDUMP} ${streamed_kernels})
