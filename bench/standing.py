"""How Kiln stands beside its peers in a case, by two comparisons: with the fastest peer of any error, and with the fastest one
of no larger error class. Both are the peer's time over Kiln's: above 1 Kiln is ahead.

The class of exact Kiln: at most twice the error that Kiln promises, which are 2 ULP for activations and, for normalizations,
2e-6, absolute over max(1, |result|). Of types of 16 bits Kiln promises results that are rounded once: 1 ULP, and 2e-6 and an
epsilon of the type. Kiln's own error in that case where it is larger. The class of fast Kiln: its own error in that case."""
import dataclasses
import math

from . import results
from .cases import CLIFFS
from .elements import ELEMENTS

CLASS = {dtype: {"ulp": 2.0, "absolute": 2e-6} if dtype == "float32" else {"ulp": 1.0, "absolute": 2e-6 + element.epsilon}
         for dtype, element in ELEMENTS.items()}  # of exact Kiln, by the type and the kind of error
ACCURACIES = ("exact", "fast")
COMPARISONS = {"any": "the fastest peer", "class": "the fastest peer of no larger error"}
READING = "Times as fast: the peer's time over Kiln's; above 1 Kiln is ahead"


@dataclasses.dataclass
class Standing:
    kiln: dict  # the implementation
    peers: dict  # {comparison: the peer's implementation, None where no peer is of the class}

    def times(self, comparison):
        """As fast as that peer."""
        peer = self.peers[comparison]
        return peer["best"] / self.kiln["best"] if peer else None


@dataclasses.dataclass
class Summary:
    cases: int  # that have a peer of this comparison
    ahead: int  # of them
    mean: float  # geometric, of all


def largest_error(kiln, accuracy, dtype):
    """That a peer of the class may have; None where Kiln's own is not known, or is not finite."""
    own = kiln.get("error")
    if own is None:
        return None
    return max(own, CLASS[dtype][kiln["error_kind"]]) if accuracy == "exact" else own


def fastest(implementations):
    return min(implementations, key=lambda c: c["best"], default=None)


def of(row, accuracy="exact"):
    """The Standing of a row's fastest Kiln of this accuracy; None where it has none or no peer, or no times."""
    timed = [c for c in row.get("implementations", []) if c["unit"] == "seconds" and c["best"] > 0]
    kiln = fastest(c for c in timed if c["name"].startswith(f"kiln/{accuracy}/"))
    peers = [c for c in timed if results.is_peer(c)]
    if not kiln or not peers:
        return None
    limit = largest_error(kiln, accuracy, row["dtype"])
    alike = [c for c in peers if limit is not None and c.get("error") is not None and c["error"] <= limit]
    return Standing(kiln, {"any": fastest(peers), "class": fastest(alike)})


def summary(rows, accuracy, comparison):
    """None where no row has such a peer."""
    found = [s.times(comparison) for s in (of(r, accuracy) for r in rows) if s and s.peers[comparison]]
    if not found:
        return None
    return Summary(len(found), sum(t >= 1 for t in found), math.exp(sum(map(math.log, found)) / len(found)))


def words(rows, accuracy):
    """A summary of both comparisons in words; "" where there are no peers."""
    found = {comparison: summary(rows, accuracy, comparison) for comparison in COMPARISONS}
    return ", ".join(f"ahead of {peer} in {found[comparison].ahead} of {found[comparison].cases} cases "
                     f"(geometric mean {found[comparison].mean:.2f})" for comparison, peer in COMPARISONS.items() if found[comparison])


def groups(rows):
    """{what: its rows}, for summaries: layers and sizes apart, by element type and threads."""
    found = {}
    for row in rows:
        level = row["case"].split("/")[1]
        if level == CLIFFS or "implementations" not in row:
            continue
        what = "layers" if level == "layer" else "sizes"
        found.setdefault((what, list(ELEMENTS).index(row["dtype"]), row["dtype"], row["threads"]), []).append(row)
    return {f"{what}{results.dtype_words(dtype)}, {results.threads_words(threads)}": found[what, place, dtype, threads]
            for what, place, dtype, threads in sorted(found)}


def summaries(rows):
    """[(what and accuracy, a summary in words)] of all groups that have peers."""
    return [(f"{what}, {accuracy}", text) for what, group in groups(rows).items() for accuracy in ACCURACIES
            if (text := words(group, accuracy))]
