# The pages hold: their commands are run, their code is compiled, what they name exists.
if(CMAKE_CROSSCOMPILING)
  kiln_skip(docs "the host's build holds the pages")
elseif(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  kiln_skip(docs "sanitizers are for the library")
elseif(NOT KILN_BUILD_TOOL OR NOT KILN_BUILD_BENCH)
  kiln_skip(docs "the pages are about the tool and the benchmark too, which this build leaves out")
else()
  find_program(KILN_TEST_PYTHON python3 PATHS ${PROJECT_SOURCE_DIR}/.venv/bin NO_DEFAULT_PATH)
  if(NOT KILN_TEST_PYTHON)
    set(KILN_TEST_PYTHON ${Python3_EXECUTABLE})
  endif()
  execute_process(COMMAND ${KILN_TEST_PYTHON} -c "import jsonschema, numpy, optuna, rich" RESULT_VARIABLE lacking
                  OUTPUT_QUIET ERROR_QUIET)
  if(lacking)
    kiln_skip(docs "${KILN_TEST_PYTHON} has no jsonschema, numpy, optuna or rich")
  else()
    set(check_docs --build ${PROJECT_BINARY_DIR} --archive ${KILN_ARCHIVE}
        --include=${KILN_INCLUDE_DIR}
        --cc ${CMAKE_C_COMPILER} --cxx ${CMAKE_CXX_COMPILER} --cmake ${CMAKE_COMMAND})
    add_test(NAME docs COMMAND ${KILN_TEST_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_docs.py
             --source ${PROJECT_SOURCE_DIR} ${check_docs})
    add_test(NAME docs.check COMMAND ${KILN_TEST_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/scripts/test_check_docs.py ${check_docs})
    set_tests_properties(docs docs.check PROPERTIES TIMEOUT 600)
  endif()
endif()

find_program(KILN_DOXYGEN doxygen)
if(CMAKE_CROSSCOMPILING OR KILN_HOST_BUILD)
  kiln_skip(docs.api "the host's build holds the pages")
elseif(NOT KILN_DOXYGEN)
  kiln_skip(docs.api "doxygen is not installed")
else()
  add_test(NAME docs.api COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/scripts/check_api_docs.sh ${PROJECT_SOURCE_DIR}
           ${KILN_INCLUDE_DIR} ${CMAKE_CURRENT_BINARY_DIR}/api)
endif()
