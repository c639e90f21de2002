# x86-64 without AVX and FMA, by qemu: the baseline kernels alone, with libm's fmaf for the fused multiply-add. Skipped
# where qemu is absent.

set(nehalem "")
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(nehalem ${CMAKE_COMMAND} -E env KILN_TESTS_THIN=8
      bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/emulate.sh "${KILN_QEMU}" Nehalem)
endif()

if(nehalem)
  foreach(topic elementwise_values elementwise_specials row_norm_values digests torch)
    add_test(NAME qemu.${topic} COMMAND ${nehalem} $<TARGET_FILE:${topic}_test> --per-isa
             --gtest_filter=*_on_baseline:-*LongRows*:*HardRows*)
  endforeach()
  add_test(NAME qemu.normalization_gradient COMMAND ${nehalem} $<TARGET_FILE:normalization_gradient_test> --per-isa
           --gtest_filter=*/NormalizationGradient.*_on_baseline)
  add_test(NAME qemu.context COMMAND ${nehalem} $<TARGET_FILE:context_test> --gtest_filter=ContextIsa.*)
  # An instruction set that the CPU lacks is skipped by name, and nothing of it runs.
  add_test(NAME qemu.skips COMMAND ${nehalem} $<TARGET_FILE:elementwise_specials_test> --per-isa --gtest_filter=*_on_avx2)
  set_tests_properties(qemu.skips PROPERTIES PASS_REGULAR_EXPRESSION "this CPU has no avx2;qemu-x86_64 is not installed")

  # A forced instruction set that the CPU lacks: the default context's calls fail, one that forces baseline does not.
  add_test(NAME qemu.environment COMMAND ${CMAKE_COMMAND} -E env KILN_ISA=avx2 ${nehalem} $<TARGET_FILE:kiln_isa_program> baseline)
  string(CONCAT expected "KILN_STATUS_UNSUPPORTED_CPU none [^\n]*KILN_ISA[^\n]*avx2[^\n]*\n"
         "KILN_STATUS_UNSUPPORTED_CPU none [^\n]*\nKILN_STATUS_OK baseline")
  set_tests_properties(qemu.environment PROPERTIES
    PASS_REGULAR_EXPRESSION "${expected};qemu-x86_64 is not installed" FAIL_REGULAR_EXPRESSION "was written;is wrong")

  # The family of a CPU whose vendor, family and models others have put together.
  if(TARGET kiln_tool)
    foreach(row "EPYC-Milan zen3" "Skylake-Server skylake_x" "Nehalem general")
      string(REGEX MATCH "(.+) (.+)" row ${row})
      set(test qemu.cpu_family.${CMAKE_MATCH_2})
      set(family "CPU family +${CMAKE_MATCH_2}\n")
      add_test(NAME ${test} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/emulate.sh "${KILN_QEMU}" ${CMAKE_MATCH_1}
               $<TARGET_FILE:kiln_tool> info)
      set_tests_properties(${test} PROPERTIES PASS_REGULAR_EXPRESSION "${family};qemu-x86_64 is not installed")
    endforeach()
  endif()

  # The same bits there and here.
  add_executable(kiln_digest programs/digest.cpp)
  target_link_libraries(kiln_digest PRIVATE kiln_test_support kiln_shared)
  add_test(NAME qemu.bits COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/compare_digests.sh "${KILN_QEMU}"
           $<TARGET_FILE:kiln_digest>)
  foreach(test qemu.elementwise_values qemu.elementwise_specials qemu.row_norm_values qemu.digests
          qemu.torch qemu.context qemu.bits)
    set_tests_properties(${test} PROPERTIES ${test_properties})
  endforeach()
endif()
