"""What a candidate is worth: the ratios of its times to those of one reference, which never changes within a study."""
import math
import statistics

LOSS = 1.03  # ratio that no case may exceed
WEIGHT = 4  # power of a loss that is more than noise, in a value
SURE = 1.64  # standard deviations: one side of 95 %


def mean(ratios):
    """Their geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def medians(rounds):
    """The ratio of each case, from rounds: [[ratio a case] a round]."""
    return [statistics.median(case) for case in zip(*rounds)]


def at_least(ratios):
    """What the median of what they were drawn from exceeds 19 times in 20, whatever their distribution: an order statistic,
    by the binomial distribution of how many lie below the median."""
    return sorted(ratios)[max(0, math.floor((len(ratios) - SURE * math.sqrt(len(ratios))) / 2))]


def of_ratios(ratios, loss=None):
    """The mean and the worst ratio count alike; a loss in one case weighs more. `loss`: the largest ratio that is more than
    noise, where that is not the worst one."""
    worst = max(ratios)
    return math.sqrt(mean(ratios) * worst) * max(1.0, (worst if loss is None else loss) / LOSS) ** WEIGHT


def of(rounds):
    """1 for a candidate that is the reference, less for a better one."""
    return of_ratios(medians(rounds), max(at_least(case) for case in zip(*rounds)))


def loses(ratios):
    return max(ratios) > LOSS
