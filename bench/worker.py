"""The worker with Python peers: answers the requests of native/session.h and one more, {"do": "peers"}; in "measure" it
takes "peers", a list of names, and gives each implementation's error. One case after another in this process; bench/workers.py
starts it anew when a peer takes it down. usage: worker.py LIBRARY"""
import dataclasses
import json
import os
import sys

import numpy as np

from . import peers, reference
from .library import Library, RequestError, Session, placed


@dataclasses.dataclass
class Given:
    """A case as the peers see it."""
    op: str
    shape: list
    layout: str
    arguments: dict
    weights: dict

    @property
    def channels_last(self):
        return self.layout == "channels_last"

    def parameters(self):
        return self.weights


def bind_peers(session, given, x, request):
    """{name: a function that returns the peer's result}; what cannot be bound goes into session.failures."""
    results = {}
    for name in request.get("peers", []):
        try:
            bound = peers.find(name)(request.get("threads", 1)).bind(given, x)
            if bound:
                call, results[name] = bound
                call()
                session.add(name, call)
        except Exception as e:
            session.failures[name] = f"{type(e).__name__}: {e}"
    return results


def errors(session, given, x, y, results, measured):
    exact = reference.evaluate(given, x)
    found = {}
    for name in measured:
        if name.startswith(("copy", "bare")):
            continue
        if name in results:
            value = results[name]() if results[name] else None
        else:
            y[...] = np.nan
            value = y if session.call(name) else None
        if value is not None:
            found[name] = {"error": reference.error_of(given, np.asarray(value), exact), "error_kind": reference.kind_of(given)}
    return found


def measure(library, request):
    case = request["case"]
    with Session(library, request) as session:
        layout = case.get("layout", "contiguous")
        x, y = (placed(session.memory(n), case["shape"], layout) for n in ("x", "y"))
        weights = {n: session.memory(n).copy() for n in ("weight", "bias", "running_mean", "running_var")
                   if session.memory(n) is not None}
        if case["op"] == "layer_norm":
            weights = {n: w.reshape(case["arguments"]["normalized_shape"]) for n, w in weights.items()}
        given = Given(case["op"], case["shape"], layout, case.get("arguments", {}), weights)
        results = bind_peers(session, given, x, request)
        rows = session.measure()
        measured = [r["name"] for r in rows]
        for name in results:
            if name not in measured:
                session.failures.setdefault(name, "a call failed after the first")
        found = errors(session, given, x, y, results, measured)
        return {"implementations": [{**r, **found.get(r["name"], {})} for r in rows], "failures": session.failures}


def answer(library, request):
    if request["do"] == "peers":
        return dict(zip(("installed", "absent"), peers.installed()))
    if request["do"] == "measure":
        return measure(library, request)
    return library.ask(request)


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a peer prints is no reply
    library = Library(sys.argv[1])
    for line in sys.stdin:
        try:
            reply = answer(library, json.loads(line))
        except (RequestError, ValueError, KeyError, TypeError, AttributeError) as e:
            reply = {"error": str(e)}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    main()
