"""Kiln for Conan 2: conan create packaging/conan"""
import pathlib
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy

PARTS = ("CMakeLists.txt", "LICENSE", "*.def", "operators.toml", "cmake/*", "generators/*", "include/*", "runtime/*",
         "schedules/*", "scripts/*.py")


class Kiln(ConanFile):
    name = "kiln"
    description = "Activation and normalization kernels with one set of bits on every machine"
    license = "MIT"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    # The lists are those of CMake's KILN_OPERATORS, KILN_TARGETS and KILN_DEVICES; commas part the names.
    options = {"shared": [True, False], "operators": ["ANY"], "targets": ["ANY"], "devices": ["ANY"]}
    default_options = {"shared": False, "operators": "all", "targets": "all", "devices": "all"}

    @property
    def tree(self):
        return pathlib.Path(self.recipe_folder).parent.parent

    def set_version(self):
        header = (self.tree / "include/kiln/kiln.h.in").read_text()
        self.version = ".".join(re.findall(r"#define KILN_VERSION_\w+ (\d+)", header))

    def export_sources(self):
        for part in PARTS:
            copy(self, part, self.tree, self.export_sources_folder)

    def configure(self):
        self.settings.rm_safe("compiler.cppstd")  # the library is C to whoever links it
        self.settings.rm_safe("compiler.libcxx")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for name in ("operators", "targets", "devices"):
            toolchain.cache_variables[f"KILN_{name.upper()}"] = str(self.options.get_safe(name))
        for part in ("KILN_BUILD_TOOL", "KILN_BUILD_BENCH", "BUILD_TESTING"):
            toolchain.cache_variables[part] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        # Kiln's own CMake package has the targets.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["lib/cmake/Kiln"]
        self.cpp_info.libs = ["kiln"]
        self.cpp_info.system_libs = ["pthread", "dl", "m"]
