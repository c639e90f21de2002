# Upon an installed Kiln: the files that the build of Kiln has at hand are written anew, and libkiln.so is the installed one or
# made of the installed archive. KILN_GLIBC: the version of glibc that libkiln.so may ask for at most (glibc.py); "" for
# this machine's.
set(KILN_GLIBC "" CACHE STRING "The newest symbols of glibc that libkiln.so may need, as 2.28; empty for any")

get_filename_component(source ${CMAKE_CURRENT_SOURCE_DIR} DIRECTORY)
set(KILN_GENERATED_DIR ${CMAKE_CURRENT_BINARY_DIR}/generated)
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
file(GLOB writers CONFIGURE_DEPENDS ${source}/scripts/operator_table/*.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source}/operators.toml ${source}/scripts/generate_operators.py ${writers})
execute_process(COMMAND ${Python3_EXECUTABLE} -B ${source}/scripts/generate_operators.py --out ${KILN_GENERATED_DIR}
                COMMAND_ERROR_IS_FATAL ANY)

if(TARGET Kiln::devices)
  set(installed Kiln::devices)
else()
  set(installed Kiln::kiln)
endif()
get_target_property(type ${installed} TYPE)
string(REGEX MATCH "^[0-9]+\\.[0-9]+" KILN_SOVERSION ${Kiln_VERSION})
set(KILN_PYTHON_SONAME libkiln.so.${KILN_SOVERSION})
set(KILN_PYTHON_LIBRARY ${installed})
if(type STREQUAL SHARED_LIBRARY AND KILN_GLIBC)
  message(FATAL_ERROR "Kiln: KILN_GLIBC: expected an installed Kiln of archives, got a shared library")
elseif(NOT type STREQUAL SHARED_LIBRARY)
  get_target_property(archive ${installed} IMPORTED_LOCATION)
  get_target_property(include_dir ${installed} INTERFACE_INCLUDE_DIRECTORIES)
  if(KILN_GLIBC)
    set(versioned ${CMAKE_CURRENT_BINARY_DIR}/versioned.a)
    add_custom_command(
      OUTPUT ${versioned}
      COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/cmake/glibc.py --newest ${KILN_GLIBC} --cc ${CMAKE_C_COMPILER}
              --nm ${CMAKE_NM} --objcopy ${CMAKE_OBJCOPY} --readelf ${CMAKE_READELF} ${archive} ${versioned}
      DEPENDS ${archive} ${CMAKE_CURRENT_SOURCE_DIR}/cmake/glibc.py
      COMMENT "libkiln.so for glibc ${KILN_GLIBC}"
      VERBATIM)
    set(archive ${versioned})
  endif()
  file(CONFIGURE OUTPUT ${KILN_GENERATED_DIR}/shared.c CONTENT "/* libkiln.so is made of an archive. */\ntypedef int kiln_of_an_archive;\n")
  add_library(kiln_of_archive SHARED ${KILN_GENERATED_DIR}/shared.c)
  add_custom_target(kiln_archive DEPENDS ${archive})
  add_dependencies(kiln_of_archive kiln_archive)
  set_target_properties(kiln_of_archive PROPERTIES OUTPUT_NAME kiln SOVERSION ${KILN_SOVERSION} LINK_DEPENDS "${archive}")
  target_include_directories(kiln_of_archive INTERFACE ${include_dir})
  target_link_options(kiln_of_archive PRIVATE -Wl,--whole-archive ${archive} -Wl,--no-whole-archive -Wl,-z,defs
    -Wl,--version-script=${KILN_GENERATED_DIR}/exports.map)
  if(KILN_GLIBC AND KILN_GLIBC VERSION_LESS 2.34)  # before which these were libraries of their own
    target_link_options(kiln_of_archive PRIVATE -Wl,--push-state,--no-as-needed -l:libpthread.so.0 -l:libdl.so.2 -Wl,--pop-state)
  endif()
  find_package(Threads REQUIRED)
  target_link_libraries(kiln_of_archive PRIVATE Threads::Threads ${CMAKE_DL_LIBS} m)
  set(KILN_PYTHON_LIBRARY kiln_of_archive)
endif()
