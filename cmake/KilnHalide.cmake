# Halide, from which generators are built: the package, or, in a cross build, what the host's build has made of it.

set(KILN_HOST_BUILD "" CACHE PATH "A build of these sources for the host, whose generators make this one's kernels, or whose kernels are taken where both are for one machine")

if(NOT KILN_HOST_BUILD)
  # Where nothing says where Halide is, it is looked for beside Python, where its wheel lies.
  execute_process(
    COMMAND ${Python3_EXECUTABLE} -c "import importlib.util as u; print(*u.find_spec('halide').submodule_search_locations)"
    OUTPUT_VARIABLE wheel OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  list(APPEND CMAKE_PREFIX_PATH ${wheel})
  if(SKBUILD AND wheel)  # pip's own environment, where share/cmake/Halide, which is found first, leads to another Python's packages
    file(GLOB Halide_DIR ${wheel}/lib*/cmake/Halide)
  endif()
  find_package(Halide 21 QUIET)
  if(NOT Halide_FOUND)
    # With a space before it, CMake leaves the line as it is.
    message(FATAL_ERROR " Kiln: needs Halide 21: pip install halide==21.0.0 (for ${Python3_EXECUTABLE}), or -DHalide_ROOT=DIR")
  endif()
  # Cross builds read it from this build's cache.
  find_path(KILN_HALIDE_INCLUDE_DIR HalideRuntime.h HINTS ${HalideHelpers_DIR}/../../../include REQUIRED)
  return()
endif()

# Adds a generator of the host's build under the name that it has there.
function(kiln_import_generator name)
  set(path ${KILN_HOST_BUILD}/generators/${name})
  if(NOT EXISTS ${path})
    message(FATAL_ERROR "Kiln: expected the host's generator ${path}; build the target kiln_generators there")
  endif()
  add_executable(${name} IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${path})
endfunction()

# Halide's runtime has one header for all targets, beside the host's Halide.
load_cache(${KILN_HOST_BUILD} READ_WITH_PREFIX host_ KILN_HALIDE_INCLUDE_DIR)
if(NOT EXISTS ${host_KILN_HALIDE_INCLUDE_DIR}/HalideRuntime.h)
  message(FATAL_ERROR "Kiln: expected HalideRuntime.h where the cache of ${KILN_HOST_BUILD} says: "
                      "\"${host_KILN_HALIDE_INCLUDE_DIR}\"")
endif()
add_library(Halide::Runtime INTERFACE IMPORTED GLOBAL)
set_target_properties(Halide::Runtime PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${host_KILN_HALIDE_INCLUDE_DIR})
