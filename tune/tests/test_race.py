"""The race on a noisy machine: the best of 200 candidates is among the last three, whatever the seed."""
import itertools
import math
import random
import unittest

from tune import race, values
from tune.tests import noisy

CASES = 4
STUDIES = 100


class Toy:
    """200 candidates from five numbers. A value of a number costs the same share of time whatever the others are, more or less of
    it in each case; the next best value of any number costs at least 1.5 % in the mean."""
    SIZES = (2, 4, 5, 5)
    LEAST, MOST = 1.015, 1.30

    def __init__(self, seed):
        self.random = random.Random(seed)
        costs = [[1.0, self.LEAST, *(self.random.uniform(self.LEAST, self.MOST) for _ in range(size - 2))] for size in self.SIZES]
        for cost in costs:
            self.random.shuffle(cost)
        self.seconds = {point: self.times(math.prod(cost[at] for cost, at in zip(costs, point)))
                        for point in itertools.product(*map(range, self.SIZES))}
        self.best = min(self.seconds, key=lambda point: values.mean(self.seconds[point]))
        self.reference = self.random.choice([point for point in self.seconds if point != self.best])
        self.machine = noisy.Machine(seed, noise=self.random.uniform(0.03, 0.05))

    def times(self, cost):
        """Of the cases, whose sizes differ: what a candidate costs weighs more in some."""
        return [1e-3 * cost ** weight for weight in (0.8, 0.9, 1.1, 1.2)]

    def measure(self, point, count):
        return noisy.ratios(self.machine, self.seconds[point], self.seconds[self.reference], count)

    def last(self):
        """The last three of a study of all points, in an order of their own."""
        order = [point for point in self.seconds if point != self.reference]
        self.random.shuffle(order)
        store = {point: self.measure(point, race.FIRST) for point in order}
        while lacking := race.due(store):
            for point, count in lacking:
                store[point] += self.measure(point, count)
        return race.ranking(store)[:race.LAST]


class OnANoisyMachine(unittest.TestCase):
    def test_the_best_of_200_is_among_the_last_three(self):
        found = 0
        for seed in range(STUDIES):
            toy = Toy(seed)
            self.assertEqual(len(toy.seconds), 200)
            found += toy.best in toy.last()
        self.assertGreaterEqual(found, 95)

    def test_drift_alone_changes_no_value(self):
        machine = noisy.Machine(1, noise=0, spikes=0, drift=0.4, period=1)
        for _ in range(20):
            rounds = noisy.ratios(machine, [1e-3, 2e-3], [2e-3, 2e-3], 4)
            for found, expected in zip(values.medians(rounds), (0.5, 1)):
                self.assertAlmostEqual(found / expected, 1, delta=0.01)


class Rungs(unittest.TestCase):
    def test_a_third_goes_on_until_three_are_left(self):
        self.assertEqual(race.rungs(200), [(200, 4), (67, 12), (23, 36), (8, 108)])
        self.assertEqual(race.rungs(9), [(9, 4)])
        self.assertEqual(race.rungs(2), [(2, 4)])

    def test_rounds_are_those_that_are_lacking(self):
        store = {i: [[1 + i / 100]] * race.FIRST for i in range(12)}
        self.assertEqual(race.due(store), [(i, 8) for i in range(4)])
        self.assertEqual(race.due(store, also=[11, 50]), [(i, 8) for i in (0, 1, 2, 3, 11)])
        store[2] = store[2] + [[1.02]] * 3
        self.assertEqual(race.due(store), [(0, 8), (1, 8), (2, 5), (3, 8)])
        for i in range(4):
            store[i] = [[1 + i / 100]] * 12
        self.assertEqual(race.due(store), [])

    def test_the_first_rung_comes_first(self):
        self.assertEqual(race.due({0: [[1]] * 4, 1: [[1]] * 3}), [(1, 1)])


class Values(unittest.TestCase):
    def test_the_worst_case_counts_as_the_mean_does(self):
        even, uneven = values.of([[0.9, 0.9]] * 5), values.of([[0.81, 1.0]] * 5)
        self.assertAlmostEqual(even, 0.9)
        self.assertAlmostEqual(uneven, math.sqrt(0.9))

    def test_a_loss_outweighs_what_the_mean_gains(self):
        self.assertLess(values.of([[0.7, 1.02]] * 5), 1)
        self.assertGreater(values.of([[0.7, 1.2]] * 5), 1)
        self.assertTrue(values.loses([0.5, 1.031]))
        self.assertFalse(values.loses([0.5, 1.029]))

    def test_one_round_far_off_changes_little(self):
        rounds = [[0.9, 1.0]] * 6
        self.assertAlmostEqual(values.of(rounds + [[2.7, 3.0]]), values.of(rounds))

    def test_what_the_median_exceeds(self):
        generator, misses = random.Random(1), 0
        for _ in range(2000):
            misses += values.at_least([math.exp(generator.gauss(0, 0.05)) for _ in range(12)]) > 1
        self.assertLess(misses / 2000, 0.1)
        self.assertGreater(misses / 2000, 0.01)
        self.assertEqual(values.at_least([4, 3, 2, 1]), 1)


if __name__ == "__main__":
    unittest.main()
