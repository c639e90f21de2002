# Generators: an executable for each elementwise operator and for each family of stages, so that an edit of one makes its
# own kernels anew and no others. A cross build takes those of the host's build.

add_custom_target(kiln_generators)
if(NOT KILN_HOST_BUILD)
  # Arithmetic, and the layout forms of elementwise operators: compiled once. Generators run for a second, most of it in
  # Halide's library, and take longer to compile the more they are optimized.
  foreach(part arithmetic pointwise)
    add_library(kiln_generator_${part} OBJECT)
    target_include_directories(kiln_generator_${part} PUBLIC generators)
    target_link_libraries(kiln_generator_${part} PUBLIC Halide::Generator kiln_warnings)
    target_compile_options(kiln_generator_${part} PUBLIC -O0)
  endforeach()
  # Of the time that -O0 leaves, Halide's header is half: it is parsed once for all.
  target_precompile_headers(kiln_generator_arithmetic PRIVATE <Halide.h>)
  target_precompile_headers(kiln_generator_pointwise REUSE_FROM kiln_generator_arithmetic)
  target_sources(kiln_generator_arithmetic PRIVATE generators/math/real.cpp generators/math/element.cpp generators/memory.cpp)
  set_source_files_properties(generators/memory.cpp PROPERTIES COMPILE_OPTIONS -O2 SKIP_PRECOMPILE_HEADERS ON)  # it is hot
  target_sources(kiln_generator_pointwise PRIVATE generators/pointwise_generator.cpp)
endif()

# Adds kiln_generate_<name> from the sources given; PARTS: with these object libraries too.
function(kiln_add_generator name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PARTS;SOURCES")
  set(program kiln_generate_${name})
  if(TARGET ${program})
    return()
  endif()
  if(KILN_HOST_BUILD)
    kiln_import_generator(${program})
    return()
  endif()
  add_executable(${program} ${arg_SOURCES})
  target_link_libraries(${program} PRIVATE kiln_generator_arithmetic ${arg_PARTS})
  target_precompile_headers(${program} REUSE_FROM kiln_generator_arithmetic)
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/generators UNITY_BUILD ON)
  add_dependencies(kiln_generators ${program})
endfunction()

# That of the elementwise operator generators/pointwise/<op>.cpp, an operator or a gradient.
function(kiln_add_elementwise_generator op direction)
  set(binding ${PROJECT_BINARY_DIR}/generated/pointwise/${op}.cpp)
  configure_file(${PROJECT_SOURCE_DIR}/generators/pointwise/${direction}.cpp.in ${binding} @ONLY)
  kiln_add_generator(${op} SOURCES generators/pointwise/${op}.cpp ${binding} PARTS kiln_generator_pointwise)
endfunction()

# That of the stages generators/stages/<family>.cpp.
function(kiln_add_stage_generator family)
  kiln_add_generator(${family} SOURCES generators/stages/${family}.cpp)
endfunction()
