"""What a shared library exports: the functions of kiln.h, as a list and as the linker's version script."""
import re


def names(header):
    """The functions that a header's text declares."""
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    return re.findall(r"\b(kiln_\w+)\(", code)


def listing(header):
    """exports.txt"""
    return "".join(f"{name}\n" for name in names(header))


def version_script(header):
    """exports.map"""
    major, minor = (re.search(rf"#define KILN_VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR"))
    return f"KILN_{major}.{minor} {{\n  global:\n" + "".join(f"    {name};\n" for name in names(header)) + "  local: *;\n};\n"
