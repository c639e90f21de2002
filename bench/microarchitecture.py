"""The CPU's microarchitecture, by what /proc/cpuinfo says of its family and model: a virtual machine may give every generation
one name."""

# (vendor, family): [(first model, last model, name)]
X86 = {
    ("AuthenticAMD", 23): [(0x00, 0x2f, "Zen"), (0x30, 0xff, "Zen 2")],
    ("AuthenticAMD", 25): [(0x10, 0x1f, "Zen 4"), (0x60, 0x7f, "Zen 4"), (0xa0, 0xaf, "Zen 4"), (0x00, 0x5f, "Zen 3")],
    ("AuthenticAMD", 26): [(0x00, 0x4f, "Zen 5"), (0x60, 0x7f, "Zen 5")],
    ("GenuineIntel", 6): [
        (0x3c, 0x3c, "Haswell"), (0x3f, 0x3f, "Haswell"), (0x45, 0x46, "Haswell"), (0x3d, 0x3d, "Broadwell"),
        (0x47, 0x47, "Broadwell"), (0x4f, 0x4f, "Broadwell"), (0x56, 0x56, "Broadwell"), (0x4e, 0x4e, "Skylake"),
        (0x5e, 0x5e, "Skylake"), (0x55, 0x55, "Skylake-SP or Cascade Lake"), (0x6a, 0x6a, "Ice Lake"),
        (0x6c, 0x6c, "Ice Lake"), (0x7e, 0x7e, "Ice Lake"), (0x8c, 0x8d, "Tiger Lake"), (0x8f, 0x8f, "Sapphire Rapids"),
        (0x97, 0x97, "Alder Lake"), (0x9a, 0x9a, "Alder Lake"), (0xb7, 0xb7, "Raptor Lake"), (0xba, 0xba, "Raptor Lake"),
        (0xbf, 0xbf, "Raptor Lake"), (0xcf, 0xcf, "Emerald Rapids"), (0xad, 0xae, "Granite Rapids")],
}
ARM = {"0xd07": "Cortex-A57", "0xd08": "Cortex-A72", "0xd0b": "Cortex-A76", "0xd0c": "Neoverse N1", "0xd40": "Neoverse V1",
       "0xd49": "Neoverse N2", "0xd4f": "Neoverse V2"}


def of(machine):
    """"" where it is not known."""
    words = machine.get("cpu_model", "").split()
    if len(words) == 3 and words[1].isdigit() and words[2].isdigit():
        model = int(words[2])
        models = X86.get((words[0], int(words[1])), [])
        return next((name for first, last, name in models if first <= model <= last), "")
    implementer, _, part = machine["cpu"].partition(", part ")
    return ARM.get(part, "") if implementer == "implementer 0x41" else ""


def named(machine):
    """For people: name, family and model as far as they are known."""
    known = machine.get("microarchitecture", "")
    return ", ".join(filter(None, [known, machine["cpu"], machine.get("cpu_model", "")]))


def file_name(machine):
    """For a file of this machine's results."""
    words = machine.get("microarchitecture") or named(machine)
    return "".join(c if c.isalnum() else "-" for c in words.lower().replace(" ", "")).strip("-")
