# The machine code of kernels of 16-bit types.
get_property(kernels GLOBAL PROPERTY KILN_KERNEL_ROWS)
set(objects "")
foreach(row IN LISTS kernels)
  if(row MATCHES "^{\"symbol\": \"([a-z0-9_]+)\".*\"dtype\": \"b?float16\"")
    list(APPEND objects ${KILN_KERNEL_DIR}/${CMAKE_MATCH_1}.o)
  endif()
endforeach()
list(REMOVE_DUPLICATES objects)
add_test(NAME element_types.code COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_conversions.py
         ${CMAKE_OBJDUMP} ${objects})
