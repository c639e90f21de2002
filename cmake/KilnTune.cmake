# generated/tune.json: what the tuner needs to build a kernel anew and to link it, in place of the archive's, into the
# programs that check and time it. Kernels add their rows as they are added (kiln_describe_kernel).

# Adds a kernel's row. <source> is the list that has it, by way of kernels/<op>.inc, whose row is made of these columns.
function(kiln_describe_kernel symbol op direction dtype form accuracy target cpu_family up_to grain generator name halide identity
         source form_name streamed)
  string(REPLACE ";" "\", \"" identity "${identity}")
  if(NOT identity STREQUAL "")
    set(identity "\"${identity}\"")
  endif()
  if(up_to STREQUAL "")
    set(up_to null)
  endif()
  set_property(GLOBAL APPEND PROPERTY KILN_KERNEL_ROWS
    "{\"symbol\": \"${symbol}\", \"op\": \"${op}\", \"direction\": \"${direction}\", \"dtype\": \"${dtype}\", \"form\": \"${form}\", \"accuracy\": \"${accuracy}\", \"target\": \"${target}\", \"cpu_family\": \"${cpu_family}\", \"up_to\": ${up_to}, \"grain\": ${grain}, \"form_name\": \"${form_name}\", \"generator\": \"$<TARGET_FILE:${generator}>\", \"name\": \"${name}\", \"halide\": \"${halide}\", \"identity\": [${identity}], \"source\": \"${source}\", \"streamed\": ${streamed}}")
endfunction()

# Sets <out> to the symbol of the kernel for every shape and every CPU that has this identity.
function(kiln_kernel_symbol out op direction dtype form accuracy target)
  get_property(rows GLOBAL PROPERTY KILN_KERNEL_ROWS)
  foreach(row IN LISTS rows)
    set(found "")
    foreach(column op direction dtype form accuracy target cpu_family up_to streamed)
      string(JSON value GET "${row}" ${column})
      list(APPEND found "${value}")
    endforeach()
    if(found STREQUAL "${op};${direction};${dtype};${form};${accuracy};${target};general;;OFF")
      string(JSON symbol GET "${row}" symbol)
      set(${out} ${symbol} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "Kiln: there is no kernel ${op} ${direction} ${dtype} ${form} ${accuracy} for ${target}")
endfunction()

# Adds a program that candidates are linked into: its objects, and what else it links.
function(kiln_describe_program program libraries objects)
  set(objects "$<JOIN:${objects},\", \">")
  list(REMOVE_ITEM libraries "")
  list(JOIN libraries "\", \"" libraries)
  set_property(GLOBAL APPEND PROPERTY KILN_TUNE_PROGRAMS
    "\"${program}\": {\"objects\": [\"${objects}\"], \"libraries\": [\"${libraries}\"]}")
endfunction()

# Writes the file, once all kernels and programs are known.
function(kiln_write_tune_manifest)
  get_property(rows GLOBAL PROPERTY KILN_KERNEL_ROWS)
  list(JOIN rows ",\n    " rows)
  get_property(programs GLOBAL PROPERTY KILN_TUNE_PROGRAMS)
  list(JOIN programs ",\n    " programs)
  set(emulator "")
  if(CMAKE_CROSSCOMPILING)
    list(JOIN CMAKE_CROSSCOMPILING_EMULATOR "\", \"" emulator)
    set(emulator "\"${emulator}\"")
  endif()
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/generated/tune.json CONTENT
"{
  \"compiler\": \"${CMAKE_CXX_COMPILER}\",
  \"archive\": \"$<TARGET_FILE:${KILN_WHOLE_RAW}>\",
  \"archive_options\": [\"$<JOIN:$<TARGET_PROPERTY:kiln_everything,INTERFACE_LINK_OPTIONS>,\", \">\"],
  \"emulator\": [${emulator}],
  \"programs\": {
    ${programs}
  },
  \"kernels\": [
    ${rows}
  ]
}
")
endfunction()
