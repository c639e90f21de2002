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


def due(store, also=()):
    """[(point, rounds that it lacks)] of the first rung that is not done; empty where the race is over. `also`: points that
    stay to the end whatever their value."""
    field = ranking(store)
    for count, rounds in rungs(len(field)):
        field = field[:count]
        everyone = field + [point for point in also if point in store and point not in field]
        lacking = [(point, rounds - len(store[point])) for point in everyone if len(store[point]) < rounds]
        if lacking:
            return lacking
    return []
