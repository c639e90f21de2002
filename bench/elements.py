"""Element types of tensors in NumPy, which has none for bfloat16: an array of it holds words of 16 bits."""
import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Element:
    stored: type  # as arrays have it
    fraction: int  # bits
    least_exponent: int  # of a normal number
    nan: object  # an element that is none

    @property
    def bytes(self):
        return np.dtype(self.stored).itemsize

    @property
    def epsilon(self):
        """From 1 to the next number."""
        return 2.0 ** -self.fraction


ELEMENTS = {
    "float32": Element(np.float32, 23, -126, np.nan),
    "float16": Element(np.float16, 10, -14, np.nan),
    "bfloat16": Element(np.uint16, 7, -126, 0x7fc0),
}


def floats(array, dtype):
    """As float32, which has the numbers of every type."""
    if dtype == "bfloat16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float32, copy=False)


def of_floats(array, dtype):
    """The nearest numbers of the type, as its arrays have them."""
    if dtype == "bfloat16":
        words = array.astype(np.float32).view(np.uint32)
        return ((words + 0x7fff + (words >> 16 & 1)) >> 16).astype(np.uint16)
    return array.astype(ELEMENTS[dtype].stored)


def last_place(values, dtype):
    """The distance of numbers of the type around each of `values`, of float64."""
    element = ELEMENTS[dtype]
    return np.ldexp(1.0, np.maximum(np.frexp(values)[1] - 1, element.least_exponent) - element.fraction)
