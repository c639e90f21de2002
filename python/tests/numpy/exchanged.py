"""Arrays of a library that has DLPack's table of C functions, DLPackExchangeAPI, made by hand as DLPack 1.3 says."""
import ctypes

import numpy as np

from producers import CPU, DELETER, DLTensor, DTYPES, ManagedVersioned, NEW, Producer

TYPES = {names: dtype for dtype, names in DTYPES.items()}
MANAGED = ctypes.POINTER(ManagedVersioned)
ALLOCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(DLTensor), ctypes.POINTER(MANAGED), ctypes.c_void_p, ctypes.c_void_p)
MANAGED_OF = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(MANAGED))
OBJECT_OF = ctypes.CFUNCTYPE(ctypes.c_int, MANAGED, ctypes.POINTER(ctypes.c_void_p))
TENSOR_OF = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(DLTensor))
STREAM_OF = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int32, ctypes.c_int32, ctypes.POINTER(ctypes.c_void_p))


class Table(ctypes.Structure):
    _fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("previous", ctypes.c_void_p), ("allocate", ALLOCATE),
                ("managed_of", MANAGED_OF), ("object_of", OBJECT_OF), ("tensor_of", TENSOR_OF), ("stream_of", STREAM_OF)]


class Exchanged(Producer):
    """Counts what it is asked for by the table; alive has the managed tensors that nobody has given back."""
    asked_in_c = []
    made = {}
    stream = None

    def __dlpack__(self, **_):
        raise AssertionError("the table goes before __dlpack__")

    def managed(self):
        def give_back(_):
            self.alive -= 1

        self.alive += 1
        managed = ManagedVersioned(1, 3, None, DELETER(give_back), int(self.read_only), self._tensor())
        self._held.append(managed)
        return managed


def allocate(prototype, out, *_):
    like = prototype[0]
    array = np.empty([like.shape[d] for d in range(like.ndim)], TYPES[like.code, like.bits])
    made = Exchanged(array, device=(like.device_type, like.device_id))
    out[0] = ctypes.pointer(made.managed())
    Exchanged.made[ctypes.addressof(out[0].contents)] = made
    Exchanged.asked_in_c.append("allocate")
    return 0


def managed_of(array, out):
    out[0] = ctypes.pointer(array.managed())
    Exchanged.asked_in_c.append("managed_of")
    return 0


def object_of(managed, out):
    made = Exchanged.made.pop(ctypes.addressof(managed.contents))
    made.alive -= 1  # its memory is NumPy's
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(made))
    out[0] = id(made)
    Exchanged.asked_in_c.append("object_of")
    return 0


def tensor_of(array, out):
    ctypes.memmove(out, ctypes.byref(array._tensor()), ctypes.sizeof(DLTensor))
    Exchanged.asked_in_c.append("tensor_of")
    return 0


def stream_of(device, number, out):
    assert device != CPU, "a CPU has no streams"
    out[0] = Exchanged.stream
    Exchanged.asked_in_c.append("stream_of")
    return 0


def table(major=1, previous=None):
    made = Table(major, 3, previous, ALLOCATE(allocate), MANAGED_OF(managed_of), OBJECT_OF(object_of), TENSOR_OF(tensor_of), STREAM_OF(stream_of))
    kept.append(made)
    return made


def capsule(made):
    return NEW(ctypes.addressof(made), b"dlpack_exchange_api", None)


kept = []
Exchanged.__dlpack_c_exchange_api__ = capsule(table())
