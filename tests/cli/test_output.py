"""Files that are written: whole or not at all, through links, and in place where they cannot be replaced."""
import os
import resource
import shlex
import subprocess

import numpy as np

from support import KILN, ToolTest, unprivileged


class Output(ToolTest):
    def setUp(self):
        super().setUp()
        self.save("x.npy", np.zeros(100_000, np.float32))

    def test_full_device(self):
        self.bad("run", "tanh", "x.npy", "/dev/full", says=["/dev/full", "No space left"])
        os.symlink("/dev/full", self.folder / "y.npy")
        self.bad("run", "tanh", "x.npy", "y.npy", says=["y.npy", "No space left"])
        self.assertTrue(os.path.islink(self.folder / "y.npy"))

    def test_write_that_fails_half_way(self):
        for old in [None, np.ones(3, np.float32)]:
            if old is not None:
                self.save("y.npy", old)
            self.bad("run", "tanh", "x.npy", "y.npy", says=["y.npy", "File too large"],
                     limits=[(resource.RLIMIT_FSIZE, 100_000)])

    def test_places_that_cannot_be_written(self):
        (self.folder / "d").mkdir()
        for path, says in [("d", "directory"), ("d/", "directory"), ("nowhere/y.npy", "No such file"), ("", "''"),
                           ("x.npy/y.npy", "Not a directory"), ("n" * 300, "too long")]:
            self.bad("run", "tanh", "x.npy", path, says=says)

    def test_no_permission(self):
        how = unprivileged(self.folder)
        self.save("y.npy", np.ones(3, np.float32))
        os.chmod(self.folder / "y.npy", 0o444)
        self.bad("run", "tanh", "x.npy", "y.npy", says="Permission denied", **how)
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)
        self.bad("run", "tanh", "x.npy", "z.npy", says="Permission denied", **how)

    def test_long_name(self):
        self.good("run", "tanh", "x.npy", "n" * 255)

    def test_symbolic_link_stays_one(self):
        self.save("target.npy", np.ones(3, np.float32))
        os.symlink("target.npy", self.folder / "y.npy")
        self.good("run", "tanh", "x.npy", "y.npy")
        self.assertTrue(os.path.islink(self.folder / "y.npy"))
        self.assertEqual(self.load("target.npy").size, 100_000)

    def test_standard_output_that_cannot_be_written(self):
        for command in ["list", "info"]:
            with open("/dev/full", "wb") as full:
                done = subprocess.run([*KILN, command], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, rb"\Akiln: error: standard output: .*\n\Z")


class Links(ToolTest):
    def setUp(self):
        super().setUp()
        self.x = np.linspace(-2, 2, 1001, dtype=np.float32)
        self.save("x.npy", self.x)
        self.good("run", "tanh", "x.npy", "expected.npy")
        (self.folder / "sub").mkdir()

    def link(self, target, name):
        os.symlink(target, self.folder / name)
        return name

    def test_dangling_link_is_followed(self):
        for link, target in [("a", "a.npy"), ("b", "sub/b.npy"), ("sub/c", "c.npy"), ("sub/d", "../d.npy"),
                             ("e", self.folder / "e.npy"), ("f", "a2"), ("a2", "sub/f.npy")]:
            self.link(target, link)
        for link, target in [("a", "a.npy"), ("b", "sub/b.npy"), ("sub/c", "sub/c.npy"), ("sub/d", "d.npy"), ("e", "e.npy"),
                             ("f", "sub/f.npy")]:
            self.good("run", "tanh", "x.npy", link)
            self.assertTrue((self.folder / link).is_symlink(), link)
            self.assertFalse((self.folder / target).is_symlink(), link)
            self.assertEqual((self.folder / target).read_bytes(), (self.folder / "expected.npy").read_bytes())

    def test_dangling_link_that_leads_nowhere(self):
        for target in ["nowhere/y.npy", "/nowhere/y.npy", "x.npy/y.npy"]:
            link = self.link(target, "link")
            self.bad("run", "tanh", "x.npy", link, says="error: link: ")
            self.assertEqual(os.readlink(self.folder / link), target)
            os.unlink(self.folder / link)

    def test_links_in_a_circle(self):
        self.link("self", "self")
        self.link("there", "here")
        self.link("here", "there")
        self.link("sub/../round/x", "round")
        for link in ["self", "here", "there", "self/y.npy"]:
            before = {path.name for path in self.folder.iterdir()}
            self.bad("run", "tanh", "x.npy", link, says=[f"error: {link}: ", "Too many levels of symbolic links"])
            self.bad("run", "tanh", link, "y.npy", says=[f"error: {link}: ", "Too many levels of symbolic links"])
            self.assertEqual({path.name for path in self.folder.iterdir()}, before)
            self.assertTrue((self.folder / link.split("/")[0]).is_symlink())

    def test_link_to_a_folder(self):
        link = self.link("sub", "link")
        self.bad("run", "tanh", "x.npy", link, says="link: cannot write: Is a directory")
        self.good("run", "tanh", "x.npy", "link/y.npy")
        self.assertTrue((self.folder / "sub/y.npy").is_file())


class InPlace(ToolTest):
    """A file that can be written, but not replaced, is overwritten."""

    def setUp(self):
        super().setUp()
        self.save("x.npy", np.linspace(-2, 2, 1001, dtype=np.float32))
        self.good("run", "tanh", "x.npy", "expected.npy")
        self.expected = (self.folder / "expected.npy").read_bytes()
        (self.folder / "sub").mkdir()
        self.old = {name: b"o" * size for name, size in [("short", 3), ("long", 100_000)]}
        for name, data in self.old.items():
            self.write(f"sub/{name}", data)
            os.chmod(self.folder / "sub" / name, 0o666)
        self.addCleanup(os.chmod, self.folder / "sub", 0o755)

    def check(self, name):
        self.assertEqual((self.folder / name).read_bytes(), self.expected)
        self.assertEqual([path.name for path in self.folder.glob("**/.kiln-*")], [])

    def test_folder_without_write_permission(self):
        how = unprivileged(self.folder)
        os.chmod(self.folder / "sub", 0o555)
        for name in self.old:
            inode = os.stat(self.folder / "sub" / name).st_ino
            self.good("run", "tanh", "x.npy", f"sub/{name}", **how)
            self.check(f"sub/{name}")
            self.assertEqual(os.stat(self.folder / "sub" / name).st_ino, inode)
        self.bad("run", "tanh", "x.npy", "sub/new", says="sub/new: cannot make a file in its folder: Permission denied", **how)

    def test_folder_without_read_permission(self):
        how = unprivileged(self.folder)
        os.chmod(self.folder / "sub", 0o333)
        for name in [*self.old, "new"]:
            self.good("run", "tanh", "x.npy", f"sub/{name}", **how)
        os.chmod(self.folder / "sub", 0o755)
        for name in [*self.old, "new"]:
            self.check(f"sub/{name}")

    def test_file_of_another_user_in_a_sticky_folder(self):
        if os.geteuid() != 0:
            self.skipTest("needs two users")
        how = unprivileged(self.folder)
        os.chmod(self.folder / "sub", 0o1777)
        for name in self.old:
            self.good("run", "tanh", "x.npy", f"sub/{name}", **how)
            self.check(f"sub/{name}")

    def test_file_that_may_only_be_written(self):
        how = unprivileged(self.folder)
        os.chmod(self.folder / "sub/short", 0o222)
        for mode in [0o555, 0o777]:
            os.chmod(self.folder / "sub", mode)
            self.good("run", "tanh", "x.npy", "sub/short", **how)
            self.assertEqual(os.stat(self.folder / "sub/short").st_mode & 0o777, 0o222)

    def mounted(self, *commands, says=None):
        """Runs the commands of a shell with mounts of its own."""
        if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode != 0:
            self.skipTest("no mounts may be made here")
        done = subprocess.run(["unshare", "-rm", "sh", "-ec", "\n".join(commands)], cwd=self.folder, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (2 if says else 0, b""), done.stderr)
        self.assertEqual(done.stderr.decode(), f"kiln: error: {says}\n" if says else "")

    def test_file_mounted_by_itself(self):
        kiln = " ".join(map(shlex.quote, KILN))
        for name in self.old:
            self.write("point", b"")
            self.mounted(f"mount --bind sub/{name} point", f"{kiln} run tanh x.npy point")
            self.check(f"sub/{name}")
            self.assertEqual((self.folder / "point").read_bytes(), b"")

    def test_one_file_at_two_mounts(self):
        kiln = " ".join(map(shlex.quote, KILN))
        self.write("point", b"")
        self.save("m.npy", np.zeros(1, np.float32))
        self.save("x.npy", np.zeros((3, 1), np.float32))
        self.mounted("mount --bind sub/short point",
                     f"{kiln} run batch_norm x.npy point --training --running-mean m.npy --running-var m.npy "
                     "--running-mean-out sub/short",
                     says="--running-mean-out: expected a file of its own, got that of OUTPUT: sub/short")

    def test_full_disk_leaves_the_old_file(self):
        """Space is taken before the first byte is overwritten."""
        kiln = " ".join(map(shlex.quote, KILN))
        self.save("x.npy", np.zeros(100_000, np.float32))
        self.mounted("mount -t tmpfs -o size=16k none sub", "echo old > sub/old", "mount --bind sub/old sub/old",
                     f"({kiln} run tanh x.npy sub/old || echo $? > code)", "test $(cat sub/old) = old",
                     "test $(ls -A sub) = old", "exit $(cat code)", says="sub/old: cannot write: No space left on device")

    def test_file_size_limit_leaves_the_old_file(self):
        how = unprivileged(self.folder)
        os.chmod(self.folder / "sub", 0o555)
        self.save("x.npy", np.zeros(100_000, np.float32))
        self.bad("run", "tanh", "x.npy", "sub/short", says="sub/short: cannot write: File too large",
                 limits=[(resource.RLIMIT_FSIZE, 100_000)], **how)
        self.assertEqual((self.folder / "sub/short").read_bytes(), b"ooo")

    def test_other_outputs_fail_first(self):
        """What is overwritten stays as it was where another output cannot be made."""
        how = unprivileged(self.folder)
        os.chmod(self.folder / "sub", 0o555)
        self.save("x.npy", np.zeros((3, 1), np.float32))
        self.save("m.npy", np.zeros(1, np.float32))
        for first, second in [("sub/short", "nowhere/m"), ("/dev/full", "sub/short"), ("sub/short", "/dev/full")]:
            self.bad("run", "batch_norm", "x.npy", first, "--training", "--running-mean", "m.npy", "--running-var",
                     "m.npy", "--running-mean-out", second, **how)
            self.assertEqual((self.folder / "sub/short").read_bytes(), b"ooo")
