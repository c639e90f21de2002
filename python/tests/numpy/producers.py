"""Arrays of libraries that are not there: producers of DLPack's capsules, made by hand as its specification says."""
import ctypes

import numpy as np

CPU, CUDA = 1, 2
DTYPES = {np.dtype(np.float32): (2, 32), np.dtype(np.float16): (2, 16), np.dtype(np.float64): (2, 64), np.dtype(np.uint16): (4, 16)}


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32), ("ndim", ctypes.c_int32),
                ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)), ("byte_offset", ctypes.c_uint64)]


DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Managed(ctypes.Structure):
    _fields_ = [("tensor", DLTensor), ("context", ctypes.c_void_p), ("deleter", DELETER)]


class ManagedVersioned(ctypes.Structure):
    _fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("context", ctypes.c_void_p), ("deleter", DELETER),
                ("flags", ctypes.c_uint64), ("tensor", DLTensor)]


NEW = ctypes.pythonapi.PyCapsule_New
NEW.restype, NEW.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
IS_VALID = ctypes.pythonapi.PyCapsule_IsValid
IS_VALID.restype, IS_VALID.argtypes = ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]  # of one that ends
DESTRUCTOR = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Producer:
    """A view of NumPy memory, or of an address, as another library's array. uint16 is exported as bfloat16.

    exported counts its capsules, alive those that nobody has given back; asked has the arguments of each __dlpack__.
    """

    def __init__(self, array, *, device=(CPU, 0), address=None, version=(1, 1), read_only=False, dense=False, offset=0, fails=None):
        self.array, self.place, self.version, self.read_only, self.fails = array, device, version, read_only, fails
        self.address = array.ctypes.data if address is None else address
        self.offset, self.dense = offset, dense
        self.exported, self.alive, self.asked, self._held = 0, 0, [], []

    def __dlpack_device__(self):
        return self.place

    def _tensor(self):
        code, bits = DTYPES[self.array.dtype]
        ndim = self.array.ndim
        shape = (ctypes.c_int64 * ndim)(*self.array.shape)
        strides = (ctypes.c_int64 * ndim)(*(s // self.array.itemsize for s in self.array.strides))
        self._held += [shape, strides]
        return DLTensor(self.address - self.offset, *self.place, ndim, code, bits, 1, shape, None if self.dense else strides, self.offset)

    def _capsule(self, managed, name):
        """Whose end gives the tensor back, unless a consumer has renamed it."""
        def give_back(_):
            self.alive -= 1

        def ends(capsule):
            if IS_VALID(capsule, name):
                managed.deleter(ctypes.addressof(managed))

        managed.deleter, destructor = DELETER(give_back), DESTRUCTOR(ends)
        self._held += [managed, name, destructor]
        self.exported += 1
        self.alive += 1
        return NEW(ctypes.addressof(managed), name, ctypes.cast(destructor, ctypes.c_void_p))

    def __dlpack__(self, **arguments):
        self.asked.append(arguments)
        if self.fails:
            raise self.fails
        if self.version is None:
            if "max_version" in arguments:
                raise TypeError("__dlpack__() got an unexpected keyword argument 'max_version'")
            return self._capsule(Managed(self._tensor(), None), b"dltensor")
        managed = ManagedVersioned(*self.version, None, DELETER(), int(self.read_only), self._tensor())
        return self._capsule(managed, b"dltensor_versioned")


class Namespace:
    """A library of such arrays, as the array API standard has it."""
    float32, float16 = "mine.float32", "mine.float16"

    @staticmethod
    def empty_like(x):
        return OfNamespace(np.empty_like(x.array))

    @staticmethod
    def empty(shape, *, dtype, device):
        assert device == "mine"
        return OfNamespace(np.empty(shape, dtype.removeprefix("mine.")))


class OfNamespace(Producer):
    device = "mine"

    def __init__(self, array, **settings):
        super().__init__(array, **settings)
        self.shape, self.dtype = array.shape, f"mine.{array.dtype}"

    def __array_namespace__(self):
        return Namespace
