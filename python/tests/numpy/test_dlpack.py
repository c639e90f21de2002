"""Anything with __dlpack__, the array interface or a buffer: read where it lies, and the result of its kind."""
import array
import gc
import unittest

from exchanged import Exchanged, capsule, ctypes, table
from producers import CUDA, Namespace, OfNamespace, Producer
from support import *
import numpy as np


class Read(KilnTest):
    def test_every_operator(self):
        for dtype in (np.float32, np.float16):
            x = values(SHAPE, dtype)
            for name, arguments in every_call(dtype):
                others = {key: Producer(value) if isinstance(value, np.ndarray) else value for key, value in arguments.items()}
                with self.subTest(name, dtype=dtype):
                    result = getattr(kiln, name)(Producer(x), **others)
                    self.assert_same_bits(result, getattr(kiln, name)(x, **arguments))

    def test_versions(self):
        x = values((3, 4))
        for version in (None, (1, 0), (1, 9)):
            for given in (x, x.T, x[::-1, ::2]):
                producer = Producer(given, version=version)
                self.assert_same_bits(kiln.tanh(producer), kiln.tanh(np.ascontiguousarray(given)))
                self.assertEqual((producer.exported, producer.alive), (1, 0))
        self.assertEqual(producer.asked[-1], {"max_version": (1, 1)})
        self.refuse(TypeError, "kiln_tanh: input: expected DLPack 1, got version 2", kiln.tanh, Producer(x, version=(2, 0)))

    def test_dense_tensors_and_offsets(self):
        x = values((3, 4))
        self.assert_same_bits(kiln.tanh(Producer(x, dense=True)), kiln.tanh(x))
        self.assert_same_bits(kiln.tanh(Producer(x, offset=64)), kiln.tanh(x))

    def test_bfloat16(self):
        x = values((3, 4))
        words = (x.view(np.uint32) >> 16).astype(np.uint16)
        out = np.zeros_like(words)
        kiln.tanh(Producer(words), out=Producer(out))
        result = (out.astype(np.uint32) << 16).view(np.float32)
        self.assertLess(np.abs(result - np.tanh((words.astype(np.uint32) << 16).view(np.float32))).max(), 4e-3)

    def test_numpys_own_capsules(self):
        class Other:
            def __init__(self, array):
                self.array = array

            def __dlpack__(self, **arguments):
                return self.array.__dlpack__(**arguments)

            def __dlpack_device__(self):
                return self.array.__dlpack_device__()

        x = values((3, 4))
        self.assert_same_bits(kiln.tanh(Other(x.T)), kiln.tanh(x.T.copy()))
        x.flags.writeable = False
        self.assert_same_bits(kiln.tanh(Other(x)), kiln.tanh(x))

    def test_a_producer_that_changes_what_was_read(self):
        """The call is of what the arrays are when all of them are read."""
        for kind in (np.asarray, Exchanged):
            weight = values(8)

            class Changing(Producer):
                def __dlpack__(self, **arguments):
                    x = given if kind is np.asarray else given.array
                    x.shape = (2, 2, 8)
                    self.rest = [np.broadcast_to(np.float32(0), (50000, 8)) for _ in range(50)]  # where the shape was
                    return super().__dlpack__(**arguments)

            given = kind(values((4, 8)))
            result = kiln.layer_norm(given, 8, weight=Changing(weight), out=np.zeros((2, 2, 8), np.float32))
            self.assert_same_bits(result, kiln.layer_norm(values((2, 2, 8)), 8, weight=weight))
            given = kind(values((4, 8)))
            self.refuse(ValueError, "kiln_layer_norm: output: ", kiln.layer_norm, given, 8, weight=Changing(weight),
                        out=np.zeros((50000, 8), np.float32))

    def test_capsules_that_are_none(self):
        class Bad:
            def __init__(self, capsule):
                self.capsule = capsule

            def __dlpack_device__(self):
                return 1, 0

            def __dlpack__(self, **_):
                return self.capsule

        used = values(3).__dlpack__()
        np.from_dlpack(Bad(used))
        for capsule in (None, 3, used):
            self.refuse(TypeError, "kiln_tanh: input: expected a DLPack capsule that nothing has used, got", kiln.tanh, Bad(capsule))

    def test_what_a_producer_refuses(self):
        x = values(3)
        for error in (BufferError("not now"), RuntimeError("no gradients"), ValueError("no"), TypeError("none")):
            self.refuse(TypeError, ["kiln_tanh: input: expected an array that DLPack can export, got Producer: ", str(error)],
                        kiln.tanh, Producer(x, fails=error))
        self.refuse(TypeError, ["kiln_tanh: input: ", "device"], kiln.tanh, Producer(x, device=(17, 0)), out=x)
        self.refuse(TypeError, "float64", kiln.tanh, Producer(np.ones(3)))

    def test_all_is_given_back_after_an_error(self):
        x, w = Producer(values((2, 3))), Producer(values(4))
        for _ in range(3):
            self.assertRaises(ValueError, kiln.layer_norm, x, 3, w)
        gc.collect()
        self.assertEqual((x.exported, x.alive, w.exported, w.alive), (3, 0, 3, 0))


class Written(KilnTest):
    def test_out(self):
        x = values((3, 4))
        for version in (None, (1, 0)):
            y = np.zeros((4, 3), np.float32).T
            out = Producer(y, version=version)
            self.assertIs(kiln.tanh(x, out=out), out)
            self.assert_same_bits(y, kiln.tanh(x))
            self.assertEqual(out.alive, 0)

    def test_read_only(self):
        x, y = values((3, 4)), np.zeros((3, 4), np.float32)
        self.assert_same_bits(kiln.tanh(Producer(x, read_only=True)), kiln.tanh(x))
        self.refuse(ValueError, ["kiln_tanh: out: ", "read-only"], kiln.tanh, x, out=Producer(y, read_only=True))
        self.assertFalse(y.any())
        mean, var = np.zeros(4, np.float32), np.ones(4, np.float32)
        self.refuse(ValueError, ["running_var: ", "read-only"], kiln.batch_norm, x, Producer(mean), Producer(var, read_only=True), training=True)
        kiln.batch_norm(x, Producer(mean), Producer(var), training=True)
        self.assertTrue(mean.any())


class Kinds(KilnTest):
    def test_of_the_array_api(self):
        x, w = values((2, 4, 3), np.float16), values(4)
        result = kiln.tanh(OfNamespace(x))
        self.assertIs(type(result), OfNamespace)
        self.assert_same_bits(result.array, kiln.tanh(x))
        got = kiln.group_norm_with_statistics(OfNamespace(x), 2, OfNamespace(w))
        for each, want in zip(got, kiln.group_norm_with_statistics(x, 2, w)):
            self.assert_same_bits(each.array, want)
        got = kiln.backward.group_norm(OfNamespace(x), x, 2, w)
        for each, want in zip(got, kiln.backward.group_norm(x, x, 2, w)):
            self.assert_same_bits(each.array, want)
        self.assertIs(Namespace, result.__array_namespace__())

    def test_the_first_array_decides(self):
        x, w = values((2, 3)), values(3)
        self.assertIs(type(kiln.layer_norm(x, 3, OfNamespace(w))), np.ndarray)
        self.assertIs(type(kiln.layer_norm(OfNamespace(x), 3, w)), OfNamespace)

    def test_others_are_numpys(self):
        x = values((2, 3))
        self.assert_same_bits(kiln.tanh(Producer(x)), kiln.tanh(x))

        class Interface:
            def __init__(self, array):
                self.__array_interface__ = array.__array_interface__

        self.assert_same_bits(kiln.tanh(Interface(x)), kiln.tanh(x))
        self.assert_same_bits(kiln.tanh(memoryview(x)), kiln.tanh(x))
        buffer = array.array("f", [0.5, -2.0])
        self.assert_same_bits(kiln.tanh(buffer), kiln.tanh(np.array(buffer)))
        out = array.array("f", [0.0, 0.0])
        self.assertIs(kiln.tanh(buffer, out=out), out)
        self.assertEqual(list(out), list(kiln.tanh(buffer)))
        self.refuse(ValueError, ["out: ", "read-only"], kiln.tanh, buffer, out=memoryview(bytes(8)).cast("f"))

    def test_a_result_on_a_device_that_nobody_makes(self):
        x = values(3)
        self.refuse(TypeError, "kiln_tanh: out: ", kiln.tanh, Producer(x, device=(CUDA, 0), address=4096))


class InC(KilnTest):
    """The table of C functions that a type may have."""

    def setUp(self):
        Exchanged.asked_in_c.clear()

    def test_every_operator(self):
        for dtype in (np.float32, np.float16):
            x = values(SHAPE, dtype)
            for name, arguments in every_call(dtype):
                others = {key: Exchanged(value) if isinstance(value, np.ndarray) else value for key, value in arguments.items()}
                result = getattr(kiln, name)(Exchanged(x), **others)
                self.assertIs(type(result), Exchanged)
                self.assert_same_bits(result.array, getattr(kiln, name)(x, **arguments), name)
                self.assertFalse(any(each.alive for each in (result, *others.values()) if isinstance(each, Exchanged)), name)
        self.assertEqual(set(Exchanged.asked_in_c), {"tensor_of", "allocate", "object_of", "managed_of"})

    def test_results_of_several_shapes(self):
        x, w = values((2, 4, 3)), values(4)
        got = kiln.backward.group_norm(Exchanged(x), Exchanged(x), 2, Exchanged(w), grad_bias=False)
        for each, want in zip(got[:2], kiln.backward.group_norm(x, x, 2, w)):
            self.assert_same_bits(each.array, want)

    def test_out(self):
        x, y = values((3, 4)), np.zeros((3, 4), np.float32)
        out = Exchanged(y)
        self.assertIs(kiln.tanh(Exchanged(x), out=out), out)
        self.assert_same_bits(y, kiln.tanh(x))
        self.assertEqual(out.alive, 0)
        self.refuse(ValueError, ["kiln_tanh: out: ", "read-only"], kiln.tanh, x, out=Exchanged(y, read_only=True))

    def test_what_requires_a_gradient(self):
        """It goes the way of Python, which knows what to say."""
        x = Exchanged(values(3))
        x.requires_grad = True
        self.assertRaises(AssertionError, kiln.tanh, x)

    def test_older_tables(self):
        class Newer(Exchanged):
            __dlpack_c_exchange_api__ = capsule(table(2, ctypes.addressof(table(1))))

        class TooNew(Producer):
            __dlpack_c_exchange_api__ = capsule(table(2))

        x = values(3)
        self.assert_same_bits(kiln.tanh(Newer(x)).array, kiln.tanh(x))
        self.assert_same_bits(kiln.tanh(TooNew(x)), kiln.tanh(x))

    def test_many_types(self):
        x = values(3)
        for _ in range(20):
            kind = type("Kind", (Exchanged,), {})
            self.assert_same_bits(kiln.tanh(kind(x)).array, kiln.tanh(x))

    def test_ranks(self):
        """What Kiln refuses is refused by it, whatever the kind."""
        for kind in (Producer, Exchanged):
            class Deep(kind):
                def _tensor(self):
                    tensor = super()._tensor()
                    tensor.ndim = 65
                    return tensor

            self.refuse(ValueError, "kiln_tanh: input: expected a rank of 0 to 64, got 65", kiln.tanh, Deep(values((1,) * 8)))


if __name__ == "__main__":
    unittest.main()
