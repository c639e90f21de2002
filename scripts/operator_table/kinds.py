"""The words that a row may have, with what each says; and kinds.h, in which C++ has them, for the runtime's rows and for
the descriptors alike."""

ROLES = {
    "input": "read; the first tensor",
    "operand": "read; of the input's shape and element type, and walked with it",
    "parameter": "read",
    "statistics": "read, and written where the argument of written_when is set",
    "moment": "read, of float32: a statistic that the forward pass has found, absent where it is to be found again",
    "result": "written beside the output, or absent",
    "measured": "written, of float32: a statistic for the gradient, or absent",
    "output": "written; the last tensor, of the input's shape",
}
SHAPES = {
    "any": "",
    "input": "the input's",
    "channels": "one value per channel: the input's second extent",
    "normalized_shape": "the argument of type extents",
    "rows": "the input's extents before normalized_shape",
    "groups": "the input's first extent, and the argument that divides the channels",
    "planes": "the input's first two extents",
}
TYPES = {
    "boolean": "int: 0 or not",
    "integer": "int64_t",
    "real": "double",
    "extents": "const int64_t *, int: a shape",
    "dims": "const int64_t *, int: dimensions; none means all",
}
ALLOWED = {
    "any": "",
    "number": "not NaN",
    "at_least_zero": "which NaN is not",
    "at_least_one": "",
    "divisor_of_channels": "1 or more, and divides the input's second extent",
    "trailing_extents": "1 or more, the last ones of the input's shape",
    "distinct_dimensions": "of the input, negative ones from the end, each once",
}

VALUE = """\
// The value of an argument, by its type.
union Value {
  int64_t integer;  // boolean, too
  double real;
  struct {
    const int64_t *data;
    int count;
  } integers;
};
"""


def enumeration(name, what, words):
    lines = "".join(f"  {word},{f'  // {says}' if says else ''}\n" for word, says in words.items())
    return f"// {what}\nenum class {name} : uint8_t {{\n{lines}}};\n\n"


def header():
    """kinds.h"""
    return ("// Made by the build: the words of operators.toml.\n#pragma once\n\n#include <stdint.h>\n\n"
            "namespace kiln::kinds {\n\n" + enumeration("Role", "Of a tensor.", ROLES) +
            enumeration("Shape", "The shape that a tensor must have.", SHAPES) +
            enumeration("Type", "Of an argument.", TYPES) + enumeration("Allowed", "What an argument may be.", ALLOWED) +
            VALUE + "\n}  // namespace kiln::kinds\n")
