"""kiln.options: what is in force, where, and for whom."""
import asyncio
import contextvars
import os
import platform
import threading
import unittest

from support import *
import numpy as np

ISAS = {"x86_64": ["baseline", "avx2", "avx512"], "aarch64": ["neon"]}[platform.machine()]


def runs(isa):
    try:
        kiln.options(isa=isa)
    except ValueError:
        return False
    return True


class Settings(KilnTest):
    def test_threads(self):
        outside = kiln.num_threads()
        with kiln.options(threads=3):
            self.assertEqual(kiln.num_threads(), 3)
            with kiln.options(threads=5):
                self.assertEqual(kiln.num_threads(), 5)
            self.assertEqual(kiln.num_threads(), 3)
            with kiln.options(threads=0):
                self.assertEqual(kiln.num_threads(), outside)
        self.assertEqual(kiln.num_threads(), outside)

    def test_isa(self):
        found = [isa for isa in ISAS if runs(isa)]
        self.assertEqual(kiln.isa(), os.environ.get("KILN_ISA", found[-1]))
        for isa in found:
            with kiln.options(isa=isa):
                self.assertEqual(kiln.isa(), isa)

    def test_accuracy_changes_results_and_nothing_else_does(self):
        x = values((64, 257), scale=4.0)
        exact = kiln.tanh(x)
        with kiln.options(accuracy="fast"):
            fast = kiln.tanh(x)
            with kiln.options(accuracy="exact"):
                self.assert_same_bits(kiln.tanh(x), exact)
        self.assertFalse(np.array_equal(fast, exact))
        self.assertTrue(np.allclose(fast, exact, rtol=1e-6, atol=0))
        for settings in [{"threads": 1}, {"threads": 7}, *({"isa": isa} for isa in ISAS if runs(isa))]:
            for name, arguments in every_call():
                want = getattr(kiln, name)(values(SHAPE), **arguments)
                with kiln.options(**settings):
                    self.assert_same_bits(getattr(kiln, name)(values(SHAPE), **arguments), want, (name, settings))

    def test_an_inner_block_leaves_the_rest_as_it_is(self):
        x = values(1000)
        with kiln.options(accuracy="fast"):
            fast = kiln.tanh(x)
            with kiln.options(threads=1):
                self.assert_same_bits(kiln.tanh(x), fast)
                self.assertEqual(kiln.num_threads(), 1)

    def test_what_is_refused(self):
        self.refuse(ValueError, "kiln.options: accuracy: expected exact or fast, got exactly", kiln.options, accuracy="exactly")
        self.refuse(ValueError, ["kiln.options: isa: expected one of ", ISAS[0], "avx9"], kiln.options, isa="avx9")
        self.refuse(ValueError, "kiln.options: isa: ", kiln.options, isa="x" * 100)
        for count in (-1, 2**31, 2**70):
            self.refuse(ValueError, f"kiln.options: threads: expected 0 to 2147483647, got {count}", kiln.options, threads=count)
        for name, value, text in (("threads", "2", "an integer, got str"), ("threads", 1.5, "an integer, got float"),
                                  ("isa", 2, "a string, got int"), ("accuracy", 1, "a string, got int")):
            self.refuse(TypeError, f"kiln.options: {name}: expected {text}", kiln.options, **{name: value})
        with self.assertRaises(TypeError):
            kiln.options(thread=1)
        with self.assertRaises(TypeError):
            kiln.options(2)


class Blocks(KilnTest):
    def test_an_exception_ends_a_block(self):
        outside = kiln.num_threads()
        with self.assertRaises(KeyError), kiln.options(threads=4):
            raise KeyError
        self.assertEqual(kiln.num_threads(), outside)

    def test_one_object_for_many_blocks(self):
        one, outside = kiln.options(threads=9), kiln.num_threads()
        with one, one:
            with kiln.options(threads=8), one:
                self.assertEqual(kiln.num_threads(), 9)
            self.assertEqual(kiln.num_threads(), 9)
        self.assertEqual(kiln.num_threads(), outside)

    def test_a_decorator(self):
        @kiln.options(threads=6)
        def decorated():
            return kiln.num_threads()

        self.assertEqual(decorated(), 6)

    def test_what_is_not_decorated(self):
        self.refuse_to_decorate(kiln.options(threads=6), "kiln.options(threads=6)")

    def test_other_threads_are_not_concerned(self):
        outside, seen = kiln.num_threads(), []
        with kiln.options(threads=11):
            for target in (lambda: seen.append(kiln.num_threads()),
                           lambda context=contextvars.copy_context(): seen.append(context.run(kiln.num_threads))):
                thread = threading.Thread(target=target, **({"context": contextvars.Context()} if hasattr(threading.Thread, "context") else {}))
                thread.start()
                thread.join()
        self.assertEqual(seen, [outside, 11])

    def test_tasks_have_their_own(self):
        async def task(count, ready, all_ready):
            with kiln.options(threads=count):
                ready.append(count)
                if len(ready) == 3:
                    all_ready.set()
                await all_ready.wait()
                return kiln.num_threads()

        async def main():
            ready, all_ready = [], asyncio.Event()
            return await asyncio.gather(*(task(count, ready, all_ready) for count in (2, 3, 4)))

        self.assertEqual(asyncio.run(main()), [2, 3, 4])

    def test_text(self):
        self.assertEqual(repr(kiln.options(threads=2, isa=ISAS[0])), f"kiln.options(threads=2, isa='{ISAS[0]}')")


if __name__ == "__main__":
    unittest.main()
