"""Numbers and headers as C++."""
import math


def literal64(value):
    mantissa, exponent = float(value).hex().split("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{int(exponent)}"


def literal(value):
    return literal64(value) + "f"


def scalar(name, value):
    return f"inline constexpr float {name} = {literal(value)};"


def scalar64(name, value):
    return f"inline constexpr double {name} = {literal64(value)};"


def array(name, values):
    return array_of(name, [literal(v) for v in values])


def array64(name, values):
    return array_of(name, [literal64(v) for v in values])


def array_of(name, items):
    lines, line = [], ""
    for item in items:
        if len(line) + len(item) > 90:
            lines.append(line.rstrip())
            line = ""
        line += item + ", "
    lines.append(line.rstrip(" ,"))
    return f"inline constexpr std::array {name}{{\n" + "\n".join("    " + text for text in lines) + "};"


def said(bound):
    return f"2^{math.log2(bound):.1f}"


def header(parts):
    include = ["#include <array>", ""] if any("std::array" in p for p in parts) else []
    return "\n".join(
        ["#pragma once", "", "// Printed by scripts/derive_constants.py; not to be edited.", "// clang-format off", ""]
        + include
        + ["namespace kiln::constants {", ""]
        + parts
        + ["", "}  // namespace kiln::constants", ""]
    )
