"""The tool of the build for AArch64, which qemu runs here."""
import pathlib
import platform
import shutil
import tempfile

from calls import digest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "build" / "aarch64" / "bin" / "kiln"


def command(tool=TOOL):
    """What begins its command line, or why there is none: (list, text), of which one is empty."""
    if not tool.is_file():
        return [], f"{tool.relative_to(ROOT) if tool.is_relative_to(ROOT) else tool} is not built (make cross-arm)"
    if platform.machine() == "aarch64":
        return [str(tool)], ""
    emulator = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    if emulator is None:
        return [], "qemu-aarch64 is not installed"
    return [emulator, "-L", "/usr/aarch64-linux-gnu", str(tool)], ""


def digest_of(call, begin):
    """Of a call's result there."""
    with tempfile.TemporaryDirectory() as folder:
        return digest(call.run_tool(begin, pathlib.Path(folder)))
