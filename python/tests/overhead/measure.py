"""What a call from Python costs beside the C call, on small arrays of NumPy: rounds of both in turns, in one process.

    measure.py LIBRARY [--rounds N] [--calls N] [--most US]

LIBRARY is what the build makes of calls.c (python/tests/overhead of the build). Times are CPU time of the thread, so that other
processes do not count. --most fails where the least of all rounds costs more microseconds than that besides.
"""
import argparse
import ctypes
import statistics
import sys
import time

import numpy as np

import kiln

SHAPE = (2, 8)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("library")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=10000)
    parser.add_argument("--most", type=float)
    return parser.parse_args()


def from_python(function, count):
    def timed():
        begin = time.thread_time_ns()
        for _ in range(count):
            function()
        return (time.thread_time_ns() - begin) / count

    return timed


def address(array):
    return ctypes.c_void_p(array.ctypes.data)


def cases(library, count):
    """(what is called, its C calls, its Python calls), each a function that says how many ns one took."""
    for function in (library.tanh_calls, library.layer_norm_calls):
        function.restype = ctypes.c_double
    dtypes = [np.dtype(np.float32)]
    try:
        import ml_dtypes
        dtypes.append(np.dtype(ml_dtypes.bfloat16))
    except ImportError:
        pass
    for dtype in dtypes:
        x, y, w, b = (np.ones(shape, dtype) for shape in (SHAPE, SHAPE, SHAPE[1], SHAPE[1]))
        narrow, extents = int(dtype.itemsize == 2), [ctypes.c_int64(extent) for extent in SHAPE]

        def tanh(x=x, y=y, narrow=narrow, extents=extents):
            return library.tanh_calls(address(x), address(y), narrow, *extents, count)

        def layer_norm(x=x, y=y, w=w, b=b, narrow=narrow, extents=extents):
            return library.layer_norm_calls(address(x), address(w), address(b), address(y), narrow, *extents, count)

        yield f"tanh(x), {dtype}", tanh, from_python(lambda x=x: kiln.tanh(x), count)
        yield f"tanh(x, out=y), {dtype}", tanh, from_python(lambda x=x, y=y: kiln.tanh(x, out=y), count)
        yield (f"layer_norm(x, (8,), w, b), {dtype}", layer_norm,
               from_python(lambda x=x, w=w, b=b: kiln.layer_norm(x, (8,), w, b), count))
        yield (f"layer_norm(x, (8,), w, b, out=y), {dtype}", layer_norm,
               from_python(lambda x=x, w=w, b=b, y=y: kiln.layer_norm(x, (8,), w, b, out=y), count))


def in_options(timed):
    def inside():
        with kiln.options(threads=1):
            return timed()

    return inside


def main():
    args = parse()
    library = ctypes.CDLL(args.library)
    loop = from_python(lambda: None, args.calls)
    print(f"ns a call, least and median of {args.rounds} rounds of {args.calls} calls; beside the C call, and less Python's own loop")
    worst = 0.0
    rows = list(cases(library, args.calls))
    rows.append((f"{rows[2][0]}, in kiln.options", rows[2][1], in_options(rows[2][2])))
    for name, in_c, in_python in rows:
        pairs = [(in_c(), in_python(), loop()) for _ in range(args.rounds)]
        if min(c for c, _, _ in pairs) < 0:
            sys.exit(f"measure.py: {name}: a C call failed")
        least = min(p - empty for _, p, empty in pairs) - min(c for c, _, _ in pairs)
        median = statistics.median(p - empty - c for c, p, empty in pairs)
        worst = max(worst, least)
        print(f"{name:52} C {min(c for c, _, _ in pairs):6.0f}  Python {min(p for _, p, _ in pairs):6.0f}  besides: least {least:5.0f}  median {median:5.0f}")
    if args.most is not None and worst > 1000 * args.most:
        sys.exit(f"measure.py: expected at most {args.most} us besides the C call, got {worst / 1000:.2f}")


if __name__ == "__main__":
    main()
