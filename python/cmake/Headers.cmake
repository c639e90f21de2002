# KILN_PYTHON_INCLUDE_DIRS: where Python.h and NumPy's headers are, of .venv's Python or the one that builds; empty where it lacks
# one of them. Both have one shape on all 64-bit machines, so that a cross build takes the host's.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
find_program(KILN_PYTHON python3 PATHS ${CMAKE_CURRENT_SOURCE_DIR}/../.venv/bin NO_DEFAULT_PATH)
if(NOT KILN_PYTHON)
  set(KILN_PYTHON ${Python3_EXECUTABLE})
endif()
execute_process(
  COMMAND ${KILN_PYTHON} -c "import numpy, sysconfig; print(*map(sysconfig.get_path, ('include', 'platinclude')), numpy.get_include(), sep=';')"
  OUTPUT_VARIABLE KILN_PYTHON_INCLUDE_DIRS OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
list(REMOVE_DUPLICATES KILN_PYTHON_INCLUDE_DIRS)
set(include_dir "")
if(KILN_PYTHON_INCLUDE_DIRS)
  list(GET KILN_PYTHON_INCLUDE_DIRS 0 include_dir)
endif()
if(NOT EXISTS ${include_dir}/Python.h)
  set(KILN_PYTHON_INCLUDE_DIRS "")
elseif(CMAKE_CROSSCOMPILING AND EXISTS /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu/python${Python3_VERSION_MAJOR}.${Python3_VERSION_MINOR})
  # Debian's pyconfig.h includes the machine's own by its name.
  set(python python${Python3_VERSION_MAJOR}.${Python3_VERSION_MINOR})
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/headers/${CMAKE_SYSTEM_PROCESSOR}-linux-gnu/${python}/pyconfig.h
       CONTENT "#include </usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu/${python}/pyconfig.h>\n" @ONLY)
  list(PREPEND KILN_PYTHON_INCLUDE_DIRS ${CMAKE_CURRENT_BINARY_DIR}/headers)
endif()
