"""kiln.jax.options: threads, accuracy, instruction set."""
import threading

from shared import *


class Options(JaxTest):
    def setUp(self):
        self.x = values((64, 257))
        self.exact = kiln.tanh(self.x)
        with kiln.options(accuracy="fast"):
            self.fast = kiln.tanh(self.x)
        self.assertFalse(np.array_equal(self.exact, self.fast))

    def test_accuracy(self):
        for call in (kj.tanh, jax.jit(kj.tanh), jax.vmap(kj.tanh)):
            self.assert_bits(call(self.x), self.exact)
            with kj.options(accuracy="fast"):
                self.assert_bits(call(self.x), self.fast)
                with kj.options(accuracy="exact"):
                    self.assert_bits(call(self.x), self.exact)
                with kj.options(threads=1):
                    self.assert_bits(call(self.x), self.fast)
            self.assert_bits(call(self.x), self.exact)

    def test_a_gradient_has_that_of_its_function(self):
        with kiln.options(accuracy="fast"):
            want = kiln.backward.tanh(self.x, self.x)
        with kj.options(accuracy="fast"):
            _, back = jax.vjp(kj.tanh, self.x)
        self.assert_bits(back(self.x)[0], want)
        self.assertFalse(np.array_equal(want, kiln.backward.tanh(self.x, self.x)))

    def test_threads_and_instruction_sets_change_no_bit(self):
        x, weight = values((512, 1024)), values(1024, seed=1)
        want = kiln.layer_norm(x, 1024, weight)
        isas = [isa for isa in ("baseline", "avx2", "avx512", "neon") if self.runs(isa)]
        self.assertTrue(isas)
        for threads in (1, 2, 5):
            for isa in isas:
                with kj.options(threads=threads, isa=isa):
                    self.assert_bits(kj.layer_norm(x, 1024, weight), want)
                    text = jax.jit(lambda x: kj.layer_norm(x, 1024)).lower(x).as_text()
                    self.assertIn(f'isa = "{isa}"', text)
                    self.assertIn(f"threads = {threads} : i64", text)

    @staticmethod
    def runs(isa):
        try:
            return bool(kiln.options(isa=isa))
        except ValueError:
            return False

    def test_a_decorator(self):
        @kj.options(accuracy="fast")
        def block(x):
            return kj.tanh(x)

        self.assert_bits(block(self.x), self.fast)
        self.assert_bits(jax.jit(block)(self.x), self.fast)
        self.assertEqual(repr(kj.options(accuracy="fast", threads=2)), "kiln.jax.options(threads=2, accuracy='fast')")

    def test_what_is_not_decorated(self):
        self.refuse_to_decorate(kj.options(threads=6), "kiln.jax.options(threads=6)")

    def test_a_block_is_its_threads_own(self):
        found = []
        with kj.options(accuracy="fast"):
            other = threading.Thread(target=lambda: found.append(kj.tanh(self.x)))
            other.start()
            other.join()
        self.assert_bits(found[0], self.exact)

    def test_a_block_ends_with_an_exception(self):
        with self.assertRaises(KeyError), kj.options(accuracy="fast"):
            raise KeyError
        self.assert_bits(kj.tanh(self.x), self.exact)

    def test_what_is_refused(self):
        self.refuse(ValueError, 'isa: expected one of', kj.options, isa="sse9")
        self.refuse(ValueError, 'isa: expected one of', kj.options, isa="x" * 100)
        self.refuse(ValueError, "kiln.jax.options: threads: expected 0 to 2147483647, got -1", kj.options, threads=-1)
        self.refuse(ValueError, "accuracy: expected exact or fast, got fastest", kj.options, accuracy="fastest")

    def test_one_object_in_two_threads(self):
        """Each leaves what it has entered."""
        one, results = kj.options(threads=1), {}
        entered, within, left = threading.Event(), threading.Event(), threading.Event()

        def first():
            with one:
                entered.set()
                within.wait(60)
            results["outside"] = kj.tanh(self.x)
            left.set()

        def second():
            entered.wait(60)
            with kj.options(accuracy="fast"):
                with one:
                    within.set()
                    left.wait(60)
                results["fast"] = kj.tanh(self.x)

        threads = [threading.Thread(target=each) for each in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assert_bits(results["outside"], self.exact)
        self.assert_bits(results["fast"], self.fast)

    def test_many_threads_call_at_once(self):
        x, weight = values((64, 128)), values(128, seed=1)
        want, wrong = kiln.layer_norm(x, 128, weight), []

        def work(threads):
            for _ in range(50):
                with kj.options(threads=threads):
                    if not np.array_equal(kj.layer_norm(x, 128, weight), want):
                        wrong.append(threads)

        workers = [threading.Thread(target=work, args=(1 + i % 3,)) for i in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
