"""What the functions of the frameworks refuse before Kiln is called."""


def only_default(function, **given):
    """Of arguments that Kiln has one value of: (what is given, that value) by name."""
    for name, (value, default) in given.items():
        if value != default:
            raise ValueError(f"{function}: {name}: expected {default}, got {value!r}")
