# Every 257th float32 input through `kiln verify`, on each instruction set, against the oracles and against the digests in
# the repo, which only runs whose oracle check passed have written (docs/promises/accuracy.md); every 4099th where a CPU is
# emulated.
set(stride 257)
if(CMAKE_CROSSCOMPILING)
  set(stride 4099)
endif()
foreach(isa IN LISTS isas)
  add_test(NAME verify.${isa} COMMAND kiln_tool verify --isa ${isa} --stride ${stride}
           --digests ${CMAKE_CURRENT_SOURCE_DIR}/digests/all_inputs.json)
  set_tests_properties(verify.${isa} PROPERTIES ${test_properties}
    SKIP_REGULAR_EXPRESSION "expected an instruction set that this CPU has")
endforeach()
# All inputs of the types of 16 bits.
kiln_table_rows(${KILN_ELEMENTS_DEF} KILN_ELEMENT rows)
foreach(row IN LISTS rows)
  kiln_row_columns("${row}" e name code bits forms device_forms)
  if(NOT e_bits EQUAL 16)
    continue()
  endif()
  foreach(isa IN LISTS isas)
    add_test(NAME verify.${isa}.${e_name} COMMAND kiln_tool verify --isa ${isa} --dtype ${e_name})
    set_tests_properties(verify.${isa}.${e_name} PROPERTIES ${test_properties}
      SKIP_REGULAR_EXPRESSION "expected an instruction set that this CPU has")
  endforeach()
endforeach()

list(GET isas -1 baseline)
add_test(NAME verify.resume COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/verify_resume.sh
         $<TARGET_FILE:kiln_tool> ${baseline} ${CMAKE_CURRENT_BINARY_DIR}/verify_resume)
set_tests_properties(verify.resume PROPERTIES ${test_properties})

# The README's table of operators is that of operators.toml.
kiln_add_test(readme COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/update_readme.py --check)

# The same on devices.
if(CMAKE_CROSSCOMPILING)
  return()
endif()
foreach(device IN LISTS devices ITEMS cuda_simulator)
  set(run "")
  set(name ${device})
  if(device STREQUAL cuda_simulator)
    set(run ${simulated})
    set(name cuda)
  endif()
  add_test(NAME verify.${device} COMMAND ${run} $<TARGET_FILE:kiln_tool> verify --device ${name} --stride 257
           --digests ${CMAKE_CURRENT_SOURCE_DIR}/digests/all_inputs.json)
  set_tests_properties(verify.${device} PROPERTIES ${test_properties} SKIP_REGULAR_EXPRESSION "kiln: error: ${device}: ")
endforeach()
