"""Where programs are started: here, or elsewhere by the words of --runner ("ssh board", an emulator and its options)."""
import hashlib
import pathlib
import re
import shlex
import subprocess

from .errors import BenchError

LIMIT = 300  # seconds that sending may take


class Runner:
    """`words`: what stands before a program and its arguments. `folder`: where programs are sent, by mkdir, dd and chmod behind
    the same words; without one the runner finds them under this machine's paths."""

    def __init__(self, words="", folder=""):
        self.words, self.folder = shlex.split(words), folder.rstrip("/")
        if folder and not re.fullmatch(r"[\w./~-]+", folder):
            raise BenchError(f"--send-to {folder}: expected a path of letters, digits and . / ~ - _")
        if folder and not words:
            raise BenchError("--send-to: expected --runner, which starts the programs there")
        self.sent = {}

    def command(self, program):
        """The words that start a program of this machine."""
        return [*self.words, self.send(program) if self.folder else str(program)]

    def send(self, program):
        content = pathlib.Path(program).read_bytes()
        name = f"{pathlib.Path(program).name}-{hashlib.sha256(content).hexdigest()[:16]}"
        if name not in self.sent:
            path = f"{self.folder}/{name}"
            for command, given in ((["mkdir", "-p", self.folder], b""), (["dd", f"of={path}", "status=none"], content),
                                   (["chmod", "+x", path], b"")):
                self.carry_out([*self.words, *command], given)
            self.sent[name] = path
        return self.sent[name]

    @staticmethod
    def carry_out(command, given):
        try:
            done = subprocess.run(command, input=given, capture_output=True, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired as e:
            raise BenchError(f"--send-to: '{shlex.join(command)}' had no end in {LIMIT} s") from e
        except OSError as e:
            raise BenchError(f"cannot start '{shlex.join(command)}': {e.strerror}") from e
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise BenchError(f"--send-to: '{shlex.join(command)}' ended with status {done.returncode}: {said[0]}")
