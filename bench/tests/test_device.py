"""`bench run --device`: on OpenCL's device, which here is a CPU through PoCL, and on the simulator of NVIDIA's driver. Both are
emulated, and their figures are no speed."""
import os
import pathlib
import unittest
from unittest import mock

from support import BUILD, BenchTest

SMALL = ["--case", "^(tanh|layer_norm|batch_norm-train)/L1/", "--rounds", "1", "--round-ms", "0.1"]


class Devices(BenchTest):
    def check(self, device):
        found = self.results()
        self.assertTrue(found["complete"])
        self.assertEqual({r["op"] for r in found["rows"]}, {"tanh", "layer_norm", "batch_norm"})
        for row in found["rows"]:
            with self.subTest(row["case"]):
                names = {c["name"] for c in row["implementations"]}
                self.assertEqual(names - {f"kiln/fast/{device}"}, {"copy/device", f"kiln/exact/{device}"})
                self.assertEqual({c["obtained"] for c in row["implementations"]}, {"emulated"})
        return found

    def test_opencl(self):
        try:
            self.run_bench("--device", "opencl", small=SMALL)
        except AssertionError as e:
            if "device: opencl: " in str(e):
                self.skipTest("no OpenCL device")
            raise
        self.assertIn("(opencl)", self.check("opencl")["machine"]["cpu"])

    def test_cuda(self):
        simulator = pathlib.Path(BUILD) / "tests/cuda_simulator/libcuda.so.1"
        with mock.patch.dict(os.environ, KILN_CUDA_DRIVER=str(simulator)):
            self.run_bench("--device", "cuda", small=["--case", "^(tanh|layer_norm|batch_norm-train)/L1/contiguous", *SMALL[2:]])
        self.assertIn("not a GPU", self.check("cuda")["machine"]["cpu"])

    def test_none(self):
        with mock.patch.dict(os.environ, KILN_CUDA_DRIVER="/nowhere/libcuda.so"):
            self.assertIn("device: cuda: the driver's library could not be opened",
                          self.run_bench("--device", "cuda", small=SMALL, status=2))
        self.assertIn("neither --counts nor --isa", self.run_bench("--device", "opencl", "--isa", "avx2", status=2))


if __name__ == "__main__":
    unittest.main()
