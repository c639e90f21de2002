"""What an object file executes."""
import re
import subprocess


def instructions(objdump, path):
    """The names of its instructions, in their order."""
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^\s+[0-9a-f]+:\s+(\w+)", text, re.MULTILINE)
