"""Arrays of other libraries than NumPy: how they are read, on which CUDA stream, and how results of their kind are made."""
import sys

import numpy as np

HOST = (1, 3, 11)  # DLPack's devices that the CPU computes: kDLCPU, kDLCUDAHost, kDLROCMHost
CUDA = (2, 13)  # kDLCUDA, kDLCUDAManaged
LEGACY_DEFAULT_STREAM = 1  # as DLPack and the CUDA array interface number it; 2 is the default stream of each thread
DLPACK = (1, 1)  # the newest version that the binding reads


def _of(module, name, array):
    """The module that has `array`'s type, where it has been imported and `array` is one of its `name`s."""
    found = sys.modules.get(module)
    return found if found is not None and isinstance(array, getattr(found, name, ())) else None


def read(array, stream, place, writes):
    """(A DLPack capsule or NumPy array of `array`, the CUDA stream that the call works on, or None on a CPU).

    `stream` is that of the call's arrays before this one; its first array on a device decides.
    """
    if torch := _of("torch", "Tensor", array):
        array = _memory_of(torch, array, place, writes)
    elif _of("jax.core", "Tracer", array):
        raise TypeError(f"{place}: expected an array, got one that JAX traces: take the function of kiln.jax")
    elif writes and _of("jax", "Array", array):
        raise ValueError(f"{place}: expected an array that may be written, got one of JAX")
    if not hasattr(type(array), "__dlpack__"):
        return _as_numpy(array, place), stream
    try:
        device, number = array.__dlpack_device__()
        if device in HOST:
            return _capsule(array, {}), stream
        if device in CUDA:
            stream = _stream_of(array, number) if stream is None else stream
            return _capsule(array, {"stream": stream or LEGACY_DEFAULT_STREAM}), stream
        return _capsule(array, {}), stream  # of which Kiln says whether it has the device
    except (AttributeError, BufferError, RuntimeError, TypeError, ValueError) as error:
        reason, *_ = str(error).splitlines() or [""]
        if _of("torch", "Tensor", array):
            reason += ": take the function of kiln.torch"
        raise TypeError(f"{place}: expected an array that DLPack can export, got {type(array).__name__}: {reason}") from error


def _memory_of(torch, tensor, place, writes):
    """A tensor that is what its memory says, and that autograd need not know of."""
    if tensor.requires_grad:
        if torch.is_grad_enabled():
            raise TypeError(f"{place}: expected a tensor that requires no gradient: detach() it, or take the function of kiln.torch")
        tensor = tensor.detach()
    if tensor.is_neg():
        if writes:
            raise TypeError(f"{place}: expected a tensor that may be written, got one with the negative bit: take its resolve_neg()")
        tensor = tensor.resolve_neg()
    return tensor


def written(array):
    """A call has written `array`: autograd learns that what it has kept of it is no more."""
    if (torch := _of("torch", "Tensor", array)) and not array.is_inference():
        torch.autograd.graph.increment_version(array)


def _as_numpy(array, place):
    """By the array interface or the buffer protocol; lists and numbers are no arrays."""
    if not hasattr(array, "__array_interface__"):
        try:
            array = memoryview(array)
        except TypeError:
            raise TypeError(f"{place}: expected an array, got {type(array).__name__}") from None
    return np.asarray(array)


def _capsule(array, stream):
    """Versioned where the producer knows of versions, so that read-only arrays are exported, and known as such."""
    try:
        return array.__dlpack__(max_version=DLPACK, **stream)
    except TypeError:
        return array.__dlpack__(**stream)


def _stream_of(array, device):
    """The producer's stream, as cudaStream_t: PyTorch's current one, or what the CUDA array interface says; else the default."""
    if torch := _of("torch", "Tensor", array):
        return torch.cuda.current_stream(device).cuda_stream
    stream = getattr(array, "__cuda_array_interface__", {}).get("stream")
    return 0 if stream in (None, LEGACY_DEFAULT_STREAM) else stream


def make(like, shape, dtype, same, place):
    """(Memory for a result of `like`'s kind, what makes the result of it when it is written, or None).

    `same`: shape and element type are those of `like`, and so may be the order in memory.
    """
    if torch := _of("torch", "Tensor", like):
        if same:
            return torch.empty_like(like, requires_grad=False), None
        return torch.empty(shape, dtype=getattr(torch, dtype), device=like.device), None
    if jax := _of("jax", "Array", like):
        if like.__dlpack_device__()[0] not in HOST:
            raise TypeError(f"{place}: JAX's arrays on a device are written by functions of kiln.jax alone")
        return np.empty(shape, _numpy_type(dtype)), jax.numpy.asarray
    if hasattr(like, "__array_namespace__"):
        namespace = like.__array_namespace__()
        if same:
            return namespace.empty_like(like), None
        return namespace.empty(shape, dtype=_type_of(namespace, dtype, like), device=like.device), None
    if hasattr(type(like), "__dlpack_device__") and like.__dlpack_device__()[0] not in HOST:
        raise TypeError(f"{place}: expected an array: none can be made like {type(like).__name__}")
    return np.empty(shape, _numpy_type(dtype)), None


def _numpy_type(name):
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def _type_of(namespace, name, like):
    return getattr(namespace, name, None) or (like.dtype if str(like.dtype).endswith(name) else _numpy_type(name))
