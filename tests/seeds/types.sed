# what: the output may have another type than the input
# target: call
# build: release
# files: runtime/arguments.cpp
/expect_element(output_name, output, input_name, input)/d
