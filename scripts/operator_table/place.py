"""Where in a table a check is, and what it says where something is wrong."""
import re

NUMBER = (int, float)


class TableError(Exception):
    pass


class Place:
    """Where in the table a check is, which every message begins with."""

    def __init__(self, *parts):
        self.parts = parts

    def at(self, *parts):
        return Place(*self.parts, *parts)

    def fail(self, message):
        raise TableError(": ".join((*self.parts, message)))

    def expect(self, condition, message):
        if not condition:
            self.fail(message)

    def expect_one_of(self, value, known):
        self.expect(value in known, f"expected {', '.join(known)}, got {value!r}")

    def expect_keys(self, row, types):
        for key, value in row.items():
            self.expect(key in types, f"unknown key {key!r}; there are {', '.join(types)}")
            is_boolean = isinstance(value, bool) and types[key] in (int, NUMBER)
            fits = isinstance(value, types[key]) and not is_boolean
            self.expect(fits, f"{key}: got {value!r}, which is of another type")

    def expect_name(self, name):
        self.expect(isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]*", name),
                    f"expected a name of lower-case letters, digits and _, got {name!r}")

    def expect_distinct(self, names):
        for name in names:
            self.expect(names.count(name) == 1, f"{name!r} stands there {names.count(name)} times")
