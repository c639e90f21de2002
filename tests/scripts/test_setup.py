"""scripts/setup.sh says what it will install before it does, and installs no Debian package where it is told not to or may
not. It runs in a copy of what it reads, with programs of the test's own as apt-get, dpkg-query, sudo, id and python3.

usage: test_setup.py SOURCE_DIR
"""
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1])
READ = ("Makefile", "requirements.txt", "scripts/setup.sh")
TOOLS = "awk bash cat cmp cp dirname env grep ln make mktemp nproc paste rm sed sh tail tr true".split()
# Each writes what it is called with to $STATE/calls, and the first one that changes something what setup has said until then.
FALSE = {
    "dpkg-query": 'for last; do :; done; grep -qx "$last" "$STATE/installed" && printf installed || exit 1',
    "apt-get": """case "$*" in
      *--print-uris*) cat "$STATE/uris"; exit;;
      update|update\\ *) told; [ ! -e "$STATE/broken" ] || { echo "E: no network"; exit 100; } ;;
      *) told; for word; do case $word in -*|install) ;; *) echo "$word" >>"$STATE/installed";; esac; done ;;
      esac""",
    "sudo": '[ -e "$STATE/sudoer" ] || exit 1; [ "$1" != -n ] || shift; exec "$@"',
    "id": 'cat "$STATE/uid"',
    "uname": "echo x86_64",
    "python3": """told; mkdir -p .venv/bin .venv/lib/python3.99/site-packages/halide
      printf '#!%s\\necho "pip $*" >>"$STATE/calls"\\n' "$BASH" >.venv/bin/pip; chmod +x .venv/bin/pip""",
    "mkdir": 'exec /bin/mkdir "$@"',
    "chmod": 'exec /bin/chmod "$@"',
}
HEAD = """#!{bash}
told() {{ [ -e "$STATE/told" ] || cp "$STATE/out" "$STATE/told"; }}
echo "{name} $*" >>"$STATE/calls"
"""


class Setup(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.tree, self.bin, self.state = (pathlib.Path(place.name, name) for name in ("tree", "bin", "state"))
        for folder in (self.tree / "scripts", self.bin, self.state):
            folder.mkdir(parents=True)
        for name in READ:
            shutil.copy(SOURCE / name, self.tree / name)
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        for name, body in FALSE.items():
            self.program(self.bin / name, HEAD.format(bash=shutil.which("bash"), name=name) + body)
        self.program(self.tree / "scripts" / "arm_sysroot.sh",
                     f"#!{shutil.which('bash')}\n[ -z \"$1\" ] || exit 1; echo arm_sysroot >>$STATE/calls")
        # As the script lists them.
        lists = re.findall(r'^(?:needed|optional)="\n(.*?)"$', (SOURCE / READ[2]).read_text(), re.M | re.S)
        needed, optional = ([line.split()[0] for line in text.splitlines()] for text in lists)
        self.assertIn("libmpfr-dev", needed)
        self.assertEqual(optional, ["g++-aarch64-linux-gnu"])
        self.everything = needed + optional
        self.installed(self.everything)
        self.write("uid", "0")
        self.write("uris", "'http://x/a.deb' a.deb 3000000 MD5Sum:0\n'http://x/b.deb' b.deb 1250000 MD5Sum:0\n")
        self.wheels(True)

    @staticmethod
    def program(path, text):
        path.write_text(text + "\n")
        path.chmod(0o755)

    def write(self, name, text):
        (self.state / name).write_text(text)

    def installed(self, packages):
        self.write("installed", "".join(f"{p}\n" for p in packages))

    def without(self, *packages):
        self.installed(p for p in self.everything if p not in packages)

    def wheels(self, there):
        shutil.rmtree(self.tree / ".venv", ignore_errors=True)
        if there:
            (self.tree / ".venv").mkdir()
            shutil.copy(SOURCE / "requirements.txt", self.tree / ".venv")

    def run_setup(self, *command, **environment):
        """Exit status, all output and the calls of the false programs."""
        for name in ("told", "calls"):
            (self.state / name).unlink(missing_ok=True)
        self.write("calls", "")
        with open(self.state / "out", "w") as out:
            done = subprocess.run(command or ["scripts/setup.sh"], cwd=self.tree, stdout=out, stderr=subprocess.STDOUT,
                                  env={"PATH": str(self.bin), "STATE": str(self.state), **environment})
        return done.returncode, (self.state / "out").read_text(), (self.state / "calls").read_text()

    def told(self):
        return (self.state / "told").read_text()

    def changed(self, calls):
        """The calls that install something."""
        return [c for c in calls.splitlines() if re.match(r"(apt-get (?!--print-uris)|python3|pip|arm_sysroot$)", c)]

    def test_where_nothing_is_missing_it_goes_on(self):
        for choice in ({}, {"KILN_NO_SYSTEM_PACKAGES": "1"}):
            for uid in ("0", "1000"):
                self.write("uid", uid)
                status, out, calls = self.run_setup(**choice)
                self.assertEqual((status, self.changed(calls)), (0, []), out)
                self.assertNotIn("installs", out)

    def test_it_says_first_what_it_installs(self):
        self.without("libmpfr-dev", "qemu-user", "g++-aarch64-linux-gnu")
        self.wheels(False)
        status, out, calls = self.run_setup()
        self.assertEqual(status, 0, out)
        for words in ("(4.2 MB to download)", "libmpfr-dev            MPFR, the reference", "qemu-user ",
                      "g++-aarch64-linux-gnu ", "KILN_NO_SYSTEM_PACKAGES=1", "into .venv", "halide==", ".sysroot"):
            self.assertIn(words, self.told())
        self.assertNotIn("libgtest-dev", out)
        self.assertIn("apt-get install --no-install-recommends -y libmpfr-dev qemu-user g++-aarch64-linux-gnu\n", calls)
        self.assertIn("-r requirements.txt", calls)
        self.assertNotIn("sudo", calls)
        status, out, calls = self.run_setup()  # again
        self.assertEqual((status, self.changed(calls)), (0, []), out)

    def test_without_lists_of_apt_it_says_no_size(self):
        self.without("make")
        self.write("uris", "")
        status, out, _ = self.run_setup()
        self.assertEqual(status, 0, out)
        self.assertIn("depend on:\n", self.told())

    def refused(self, *command, **environment):
        """It has stopped with list and command, and has changed nothing; the command is then run, and it goes on."""
        self.without("libmpfr-dev", "pocl-opencl-icd", "g++-aarch64-linux-gnu")
        self.wheels(False)
        status, out, calls = self.run_setup(*command, **environment)
        self.assertNotEqual(status, 0, out)
        self.assertEqual(self.changed(calls), [])
        self.assertFalse((self.tree / ".venv").exists())
        for package in ("libmpfr-dev ", "pocl-opencl-icd "):
            self.assertIn(f"\n  {package}", out)
        commands = [line for line in out.splitlines() if line.startswith("  sudo ")]
        self.assertEqual(commands, ["  sudo apt-get update && sudo apt-get install --no-install-recommends libmpfr-dev pocl-opencl-icd"])
        self.write("sudoer", "")
        self.assertEqual(self.run_setup("bash", "-c", commands[0])[0], 0)
        (self.state / "sudoer").unlink()
        status, out, calls = self.run_setup(**environment)
        self.assertEqual(status, 0, out)
        self.assertIn("without g++-aarch64-linux-gnu", out)
        self.assertNotIn("apt-get", calls)

    def test_told_not_to_it_stops_with_the_list(self):
        self.refused(KILN_NO_SYSTEM_PACKAGES="1")

    def test_make_passes_it_on(self):
        for target in ("demo", "test", "build"):
            with self.subTest(target=target):
                self.refused("make", target, KILN_NO_SYSTEM_PACKAGES="1")
        self.without("make")
        self.assertNotEqual(self.run_setup("make", "demo", "KILN_NO_SYSTEM_PACKAGES=1")[0], 0)

    def test_who_has_no_sudo_gets_the_list(self):
        self.write("uid", "1000")
        self.refused()
        (self.bin / "sudo").rename(self.bin / "no_sudo")
        self.without("libmpfr-dev")
        status, out, calls = self.run_setup()
        self.assertNotEqual(status, 0)
        self.assertIn("\n  libmpfr-dev ", out)
        self.assertEqual(self.changed(calls), [])

    def test_who_has_sudo_installs_by_it(self):
        self.write("uid", "1000")
        self.write("sudoer", "")
        self.without("libmpfr-dev")
        status, out, calls = self.run_setup()
        self.assertEqual(status, 0, out)
        self.assertIn("by 'sudo -n apt-get install", self.told())
        self.assertIn("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install", calls)

    def test_apts_failure_is_told(self):
        self.without("libmpfr-dev")
        self.write("broken", "")
        status, out, _ = self.run_setup()
        self.assertNotEqual(status, 0)
        self.assertIn("E: no network\nsetup: error: 'apt-get update' failed", out)

    def test_elsewhere_than_on_debian_it_names_all(self):
        (self.bin / "dpkg-query").unlink()
        status, out, calls = self.run_setup()
        self.assertEqual(status, 0, out)
        for package in self.everything:
            self.assertIn(f"\n  {shlex.quote(package)} ", out)
        self.assertNotIn("apt-get", calls)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
