# kiln_bench for another machine: it and the shared libraries that Debian has no archives of, or that those need, lie in one
# tree that can be moved, bin/kiln_bench and lib/kiln_bench/.
string(REPLACE "-static-libstdc++ -static-libgcc" "" CMAKE_EXE_LINKER_FLAGS "${CMAKE_EXE_LINKER_FLAGS}")
set(folder ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}/kiln_bench)
file(MAKE_DIRECTORY ${folder})
get_target_property(library benchmark::benchmark LOCATION)
get_filename_component(place ${library} DIRECTORY)
file(GLOB candidates ${place}/libbenchmark.so.*)
foreach(name libstdc++.so.6 libgcc_s.so.1)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name} OUTPUT_VARIABLE file OUTPUT_STRIP_TRAILING_WHITESPACE)
  list(APPEND candidates ${file})
endforeach()
foreach(file IN LISTS candidates)
  get_filename_component(name ${file} NAME)
  if(name MATCHES "benchmark" AND NOT IS_SYMLINK ${file})  # programs ask for the link's name
    continue()
  endif()
  get_filename_component(file ${file} REALPATH)
  file(COPY_FILE ${file} ${folder}/${name} ONLY_IF_DIFFERENT)
endforeach()

set_target_properties(kiln_bench PROPERTIES
  BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/kiln_bench")
target_link_options(kiln_bench PRIVATE -Wl,--disable-new-dtags)  # libbenchmark.so finds its own needs there too
# For the tuner's candidates, which lie elsewhere: in the build, or in a folder beside bin/ on a board.
set(bundled_link_options "-Wl,--disable-new-dtags;-Wl,-rpath,$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/kiln_bench:${folder}")
install(TARGETS kiln_bench RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_LIBDIR})
