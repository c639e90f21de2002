"""Who is timed again: all candidates a few rounds, the leading third of them more, and so on until three are left. This is
successive halving (K. Jamieson and A. Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization,
2016), with thirds. Rounds of all rungs count: each is a ratio to the same reference, whenever it was taken."""
from . import values

FIRST = 4  # rounds of every candidate
GROWTH = 3  # times as many rounds, from rung to rung
SHARE = 3  # one of so many candidates comes to the next rung
LAST = 3  # candidates that are left


def survivors(count):
    """Of so many candidates, those that come to the next rung."""
    return max(LAST, -(-count // SHARE))


def rungs(count):
    """[(candidates, rounds that each of them has at the end)]"""
    found = [(count, FIRST)]
    while survivors(count) > LAST:
        count = survivors(count)
        found.append((count, found[-1][1] * GROWTH))
    return found


def ranking(store):
    """Points by value, best first. `store`: {point: its rounds, [[ratio a case] a round]}."""
    of = {point: values.of(rounds) for point, rounds in store.items()}
    return sorted(of, key=of.get)


def fields(store, also):
    """[(points, rounds that each of them needs)], a rung each, as the ranking is now."""
    ranked = ranking(store)
    for count, rounds in rungs(len(ranked)):
        yield ranked[:count] + [point for point in also if point in store and point not in ranked[:count]], rounds


def due(store, also=()):
    """[(point, rounds that it lacks)] of the first rung that is not done; empty where the race is over. `also`: points that
    stay to the end whatever their value."""
    for field, rounds in fields(store, also):
        lacking = [(point, rounds - len(store[point])) for point in field if len(store[point]) < rounds]
        if lacking:
            return lacking
    return []


def left(store, also=()):
    """Rounds until the race is over."""
    needed = {point: rounds for field, rounds in fields(store, also) for point in field}
    return sum(max(0, rounds - len(store[point])) for point, rounds in needed.items())


def cost(count):
    """Rounds after the first ones, of so many candidates."""
    every = rungs(count)
    return sum(field * (rounds - before) for (field, rounds), (_, before) in zip(every[1:], every))
