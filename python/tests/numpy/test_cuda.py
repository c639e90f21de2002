"""Arrays on a CUDA device, in the simulator of NVIDIA's driver (KILN_CUDA_SIMULATOR): memory, and the producer's stream."""
import ctypes
import os
import unittest

SIMULATOR = os.environ.get("KILN_CUDA_SIMULATOR")
if SIMULATOR:
    os.environ["KILN_CUDA_DRIVER"] = SIMULATOR  # before the library opens a driver

from exchanged import Exchanged
from producers import CUDA, Producer
from support import *
import numpy as np

NON_BLOCKING = 1


class Counts(ctypes.Structure):  # kilnsim_counts of simulator.h
    _fields_ = [("counts", ctypes.c_uint64 * 13), ("last_stream", ctypes.c_void_p), ("last_shape", ctypes.c_uint32 * 7)]


class Driver:
    """What the tests need of the driver."""

    def __init__(self):
        self.library = ctypes.CDLL(SIMULATOR)
        self.call("cuInit", 0)
        context = ctypes.c_void_p()
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
        self.call("cuCtxSetCurrent", context)

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status:
            raise RuntimeError(f"{name}: {status}")

    def memory(self, array):
        address = ctypes.c_uint64()
        self.call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(array.nbytes, 1)))
        self.call("cuMemcpyHtoD_v2", address, array.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(array.nbytes))
        return address.value

    def read(self, address, like):
        found = np.empty_like(like)
        self.call("cuMemcpyDtoH_v2", found.ctypes.data_as(ctypes.c_void_p), ctypes.c_uint64(address), ctypes.c_size_t(found.nbytes))
        return found

    def stream(self):
        made = ctypes.c_void_p()
        self.call("cuStreamCreate", ctypes.byref(made), NON_BLOCKING)
        return made.value


class OnDevice(Producer):
    """An array of a library that works on a stream of its own."""

    def __init__(self, driver, array, stream=None, **settings):
        array = np.ascontiguousarray(array)
        super().__init__(array, device=(CUDA, 0), address=driver.memory(array), **settings)
        self.driver = driver
        if stream is not None:
            self.__cuda_array_interface__ = {"version": 3, "stream": stream}

    def fetch(self):
        return self.driver.read(self.address, self.array)


@unittest.skipUnless(SIMULATOR, "KILN_CUDA_SIMULATOR names no simulator")
class OnCuda(KilnTest):
    @classmethod
    def setUpClass(cls):
        cls.driver = Driver()

    def on_device(self, array, stream=None, **settings):
        return OnDevice(self.driver, array, stream, **settings)

    def test_results(self):
        for dtype in (np.float32, np.float16):
            x, w, b = values((3, 40), dtype), values(40, dtype, 1), values(40, dtype, 2)
            out = self.on_device(np.zeros_like(x))
            kiln.silu(self.on_device(x), out=out)
            self.assert_same_bits(out.fetch(), kiln.silu(x))
            kiln.layer_norm(self.on_device(x), 40, self.on_device(w), self.on_device(b), out=out)
            self.assert_same_bits(out.fetch(), kiln.layer_norm(x, 40, w, b))

    def test_the_producers_stream(self):
        """Work is enqueued there, and nowhere else: the stream is one that waits for no other."""
        x = values((3, 40))
        stream = self.driver.stream()
        given, out = self.on_device(x, stream), self.on_device(np.zeros_like(x), stream)
        kiln.silu(given, out=out)
        self.assertEqual([each.asked for each in (given, out)], [[{"max_version": (1, 1), "stream": stream}]] * 2)
        self.assertEqual(self.last_stream(), stream)
        self.driver.call("cuStreamSynchronize", ctypes.c_void_p(stream))
        self.assert_same_bits(out.fetch(), kiln.silu(x))

    def test_the_first_arrays_stream_is_the_calls(self):
        x = values((3, 40))
        streams = [self.driver.stream(), self.driver.stream()]
        given, weight = self.on_device(x, streams[0]), self.on_device(x[0], streams[1])
        out = self.on_device(np.zeros_like(x), streams[1])
        kiln.rms_norm(given, 40, weight, out=out)
        self.assertEqual({each.asked[0]["stream"] for each in (given, weight, out)}, {streams[0]})
        self.assertEqual(self.last_stream(), streams[0])

    def test_the_default_stream(self):
        x = values((3, 40))
        for stream in (None, 1):
            given, out = self.on_device(x, stream), self.on_device(np.zeros_like(x))
            kiln.silu(given, out=out)
            self.assertEqual([given.asked[0]["stream"], out.asked[0]["stream"]], [1, 1])
            self.assertIsNone(self.last_stream())

    def test_the_stream_by_the_table_of_c_functions(self):
        x = values((3, 40))
        stream = Exchanged.stream = self.driver.stream()
        given, out = (Exchanged(each, device=(CUDA, 0), address=self.driver.memory(each)) for each in (x, np.zeros_like(x)))
        kiln.silu(given, out=out)
        self.assertEqual(self.last_stream(), stream)
        self.driver.call("cuStreamSynchronize", ctypes.c_void_p(stream))
        self.assert_same_bits(self.driver.read(out.address, x), kiln.silu(x))

    def test_settings_hold_on_streams(self):
        x = values((40, 40), scale=4.0)
        stream = self.driver.stream()
        with kiln.options(accuracy="fast"):
            out = self.on_device(np.zeros_like(x), stream)
            kiln.tanh(self.on_device(x, stream), out=out)
            self.driver.call("cuStreamSynchronize", ctypes.c_void_p(stream))
            self.assert_same_bits(out.fetch(), kiln.tanh(x))
        self.assertFalse(np.array_equal(out.fetch(), kiln.tanh(x)))

    def test_memory_of_two_devices(self):
        x = values((3, 40))
        self.refuse(ValueError, ["kiln_silu: output: ", "cuda"], kiln.silu, self.on_device(x), out=np.zeros_like(x))
        self.refuse(ValueError, ["kiln_layer_norm: weight: ", "cpu"], kiln.layer_norm, self.on_device(x), 40, x[0],
                    out=self.on_device(x))

    def last_stream(self):
        counters = self.driver.library.kilnsim_counters
        counters.restype = Counts
        return counters().last_stream


if __name__ == "__main__":
    unittest.main()
