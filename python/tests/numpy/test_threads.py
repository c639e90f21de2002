"""Calls from many threads, and the interpreter's lock, which a call does not hold."""
import concurrent.futures
import threading
import time
import unittest

from support import *
import numpy as np


class Threads(KilnTest):
    def test_the_lock_is_free_during_a_call(self):
        """Another thread takes turns while a call runs. With the lock it would have none from begin to end."""
        x = np.ones((1, 256, 512, 512), np.float32)  # 0.2 s and more on one thread
        out = np.empty_like(x)
        times = {}

        def work():
            with kiln.options(threads=1):
                times["begin"] = time.monotonic()
                kiln.mish(x, out=out)
                times["end"] = time.monotonic()

        for _ in range(5):
            turns = []
            thread = threading.Thread(target=work)
            thread.start()
            while thread.is_alive():
                turns.append(time.monotonic())
                time.sleep(0.002)
            thread.join()
            length = times["end"] - times["begin"]
            # Not at the ends, where the other thread may have the lock.
            within = [t for t in turns if times["begin"] + 0.1 * length < t < times["end"] - 0.1 * length]
            if len(within) >= 3:
                return
        self.fail(f"{len(within)} turns in a call of {length:.3f} s")

    def test_calls_at_once(self):
        x, all_calls = values(SHAPE), list(every_call())
        want = [getattr(kiln, name)(x, **arguments) for name, arguments in all_calls]

        def work(seed):
            with kiln.options(threads=seed % 3):
                return [name for (name, arguments), result in zip(all_calls, want)
                        if not np.array_equal(bits(getattr(kiln, name)(x, **arguments)), bits(result))]

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual([wrong for wrong in pool.map(work, range(40)) if wrong], [])

    def test_errors_are_each_threads_own(self):
        def work(n):
            try:
                kiln.layer_norm(values((2, 3)), n)
            except ValueError as error:
                return f"got ({n},)" in str(error)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertTrue(all(pool.map(work, range(4, 400))))


if __name__ == "__main__":
    unittest.main()
