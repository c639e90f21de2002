"""What scripts/stream_stores.py makes of assembly.

usage: test_stream_stores.py FOLDER_OF_SCRIPTS
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv[1], "stream_stores.py")


class StreamStores(unittest.TestCase):
    def run_on(self, *lines):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "kernel.s")
            path.write_text("".join(f"{line}\n" for line in lines))
            done = subprocess.run([sys.executable, "-B", str(SCRIPT), str(path)], capture_output=True, text=True)
            return done.returncode, path.read_text().splitlines(), done.stderr

    def test_aligned_stores_become_streaming_ones(self):
        for before, after in (("movaps\t%xmm1, (%rdi)", "movntps\t%xmm1, (%rdi)"),
                              ("vmovaps\t%ymm12, 32(%rsi,%rdx,4)", "vmovntps\t%ymm12, 32(%rsi,%rdx,4)"),
                              ("vmovapd\t%zmm0, -64(%r8)", "vmovntpd\t%zmm0, -64(%r8)"),
                              ("vmovdqa\t%ymm3, (%rbx,%rax)", "vmovntdq\t%ymm3, (%rbx,%rax)"),
                              ("vmovdqa\t%ymm1, (%rbp,%rdi)", "vmovntdq\t%ymm1, (%rbp,%rdi)"),
                              ("vmovdqa64\t%zmm31, 64(%rbx)", "vmovntdq\t%zmm31, 64(%rbx)")):
            with self.subTest(before=before):
                self.assertEqual(self.run_on("\t" + before), (0, ["\t" + after], ""))

    def test_everything_else_stays(self):
        store = "\tvmovaps\t%ymm0, (%rdi)"
        others = ["\tmovq\t%rsp, %rbp", "\tvmovups\t%ymm0, (%rdi)", "\tvmovaps\t(%rdi), %ymm0", "\tvmovaps\t%ymm1, %ymm0",
                  "\tvmovaps\t%ymm0, 64(%rsp)", "\tvmovaps\t%ymm0, -64(%rbp)", "\tvmovaps\t%zmm0, (%rdi) {%k1}",
                  "\tvmovss\t%xmm0, (%rdi)", "\tmovq\t%rax, (%rdi)", "\t.asciz\t\"retq\""]
        code, lines, errors = self.run_on(store, *others)
        self.assertEqual((code, errors, lines), (0, "", ["\tvmovntps\t%ymm0, (%rdi)", *others]))

    def test_a_fence_stands_before_each_return(self):
        code, lines, _ = self.run_on("\tvmovaps\t%ymm0, (%rdi)", "\tretq", "\tmovaps\t%xmm0, (%rdi)", "\tret")
        self.assertEqual((code, [line.strip() for line in lines if "mov" not in line]),
                         (0, ["sfence", "retq", "sfence", "ret"]))

    def test_a_kernel_without_such_stores_is_refused(self):
        lines = ["\tvmovups\t%ymm0, (%rdi)", "\tretq"]
        code, after, errors = self.run_on(*lines)
        self.assertEqual((code, after), (1, lines))
        self.assertIn("expected aligned stores of vectors, of which there is none", errors)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
