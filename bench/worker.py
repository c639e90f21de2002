"""The worker with Python peers: answers the requests of native/session.h and one more, {"do": "peers"}; in "measure" it
takes "peers", a list of names, and gives each implementation's error. One case after another in this process; bench/workers.py
starts it anew when a peer takes it down. usage: worker.py LIBRARY"""
import dataclasses
import json
import os
import sys

import numpy as np

from . import cases, elements, peers, reference, table
from .errors import BenchError
from .library import Library, RequestError, Session, placed


@dataclasses.dataclass
class PeerCase:
    """A case as the peers see it."""
    op: str
    shape: list
    layout: str
    dtype: str
    arguments: dict  # every one that the operator takes
    tensors: dict  # {name: array, as elements.py has them} of those that are read besides the first, but for statistics of gradients

    @property
    def direction(self):
        return table.operator(self.op).direction

    @property
    def channels_last(self):
        return self.layout == "channels_last"


def peer_case(request, session):
    op = request["op"]
    arguments = table.arguments(op, request.get("arguments", {}))
    tensors = {}
    shape, layout = request["shape"], request.get("layout", "contiguous")
    for tensor in table.operator(op).tensors[1:-1]:
        memory = None if tensor.role in ("result", "measured", "moment") else session.memory(tensor.name)
        if memory is not None and tensor.role == "operand":
            tensors[tensor.name] = placed(memory, shape, cases.output_layout(layout))
        elif memory is not None:
            # Its shape is one value per channel, or that of an argument.
            tensors[tensor.name] = memory.copy().reshape(arguments.get(tensor.shape, -1))
    return PeerCase(op, shape, layout, session.dtype, arguments, tensors)


def written(case, session):
    """{name: memory} of what a call of Kiln writes."""
    memories = {tensor.name: session.memory(tensor.name) for tensor in table.results(case.op) if tensor.role != "measured"}
    return {name: placed(memory, case.shape, cases.output_layout(case.layout)) if name in reference.WHOLE else memory
            for name, memory in memories.items() if memory is not None}


def bind_peers(session, case, x, request):
    """{name: a function that returns the peer's result}; what cannot be bound goes into session.failures."""
    results = {}
    for name in request.get("peers", []):
        try:
            peer = peers.find(name)(request.get("threads", 1))
            takes = case.layout in peer.layouts and case.dtype in peer.dtypes and case.direction in peer.directions
            bound = peer.bind(case, x) if takes else None
            if bound:
                call, results[name] = bound
                call()
                session.add(name, call)
        except Exception as e:
            session.failures[name] = f"{type(e).__name__}: {e}"
    return results


def errors(session, case, x, results, measured):
    exact, mine = reference.evaluate(case, x), written(case, session)
    found = {}
    for name in measured:
        if name.startswith(("copy", "bare", "plain", "float32/")):
            continue
        if name in results:
            value = results[name]() if results[name] else None
        else:
            for memory in mine.values():
                memory[...] = elements.ELEMENTS[case.dtype].nan
            value = mine if session.call(name) else None
        if value is not None:
            value = value if isinstance(value, dict) else {"output": np.asarray(value)}
            found[name] = {"error": reference.error_of(case, value, exact), "error_kind": reference.kind_of(case)}
    return found


def measure(library, request):
    with Session(library, request) as session:
        case = peer_case(request["case"], session)
        x = placed(session.memory(table.operator(case.op).tensors[0].name), case.shape, case.layout)
        results = bind_peers(session, case, x, request)
        rows = session.measure()
        measured = [r["name"] for r in rows]
        for name in results:
            if name not in measured:
                session.failures.setdefault(name, "a call failed after the first")
        found = errors(session, case, x, results, measured)
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
        except (RequestError, BenchError, ValueError, KeyError, TypeError, AttributeError) as e:
            reply = {"error": str(e)}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    main()
