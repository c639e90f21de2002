// Its object holds nothing: CMake makes the header's compiled form for a target that has a source.
