#!/usr/bin/env python3
"""Write tests/data/torch/<operator>.json: what torch.nn.functional gives, for the tests.

    python3 -m venv /tmp/torch-venv
    /tmp/torch-venv/bin/pip install torch numpy
    /tmp/torch-venv/bin/python scripts/make_torch_reference.py [--out DIR] [OPERATOR...]

The data in the repository were made by torch 2.15.0 (the wheel from PyPI, on an x86-64 CPU with
AVX-512) and numpy 2.4.6.
torch_reference/ has the cases. Every input is seeded by the names of its operator and case, so a
second run writes the same bytes, and a new case changes no other.

One file: {"operator", "torch", "places", "cases": [...]}, one case a line:
  name       short-kebab-case
  arguments  what was passed, by PyTorch's names; what is missing was left to PyTorch's default.
             Infinities and NaN are the strings "inf", "-inf", "nan"; None is null
  inputs     tensors by PyTorch's names; an optional tensor that is missing was None
  outputs    output:         computed by PyTorch in float64 from the float32 inputs, then rounded; of a gradient, by autograd
             output_float32: computed by PyTorch in float32 (for where NaN and infinity go; its
                             last digits may depend on the CPU)
             running_mean, running_var: after the call, only where updated; as output
  words      {"float16": hex} or {"bfloat16": hex}, 4 digits an element: the output for the input rounded to
             that type, parameters and statistics in float32. At most `places` last places from
             PyTorch's float64 result; none where PyTorch is not so near (torch_reference/narrow.py)
  error      in the place of outputs and words, where PyTorch raises: the first line of the message
Of a normalization's gradient, <operator>_backward, outputs are grad_input, grad_weight and grad_bias by autograd, in float64: 16
digits an element. An error of theirs is at most `tolerance` of the sum of magnitudes of a result's terms.
A tensor is {"shape": [...], "data": hex}, 8 lower-case digits for each float32 bit pattern, in C
order. Every NaN of an output is written as 7fc00000; inputs keep their bits. Words of NaN are any.
"""
import argparse
import json
import pathlib
import sys

import torch

from operator_table import table
from torch_reference import gradients
from torch_reference.call import run
from torch_reference.cases import cases_of
from torch_reference.narrow import places_of

ROOT = pathlib.Path(__file__).resolve().parent.parent


def gradient_text(operator):
    """Of a normalization."""
    cases = [gradients.run(operator, *case) for case in gradients.CASES[operator.name](operator)]
    return file_text('"operator": "%s_backward", "torch": "%s"' % (operator.name, torch.__version__), cases)


def operator_text(operator):
    wanted = cases_of(operator)
    if not wanted:
        sys.exit(f"make_torch_reference: add cases of {operator.name} to scripts/torch_reference/cases.py")
    cases = [run(operator, *case, turn) for turn, case in enumerate(wanted)]
    return file_text('"operator": "%s", "torch": "%s", "places": %g' % (operator.name, torch.__version__, places_of(operator)), cases)


def file_text(head, cases):
    names = [c["name"] for c in cases]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    print(f"{len(cases)} cases, {sum('error' in c for c in cases)} of them errors, "
          f"{sum(bool(c.get('words')) for c in cases)} with words of 16 bits")
    return "{%s, \"cases\": [\n" % head + ",\n".join(json.dumps(c) for c in cases) + "\n]}\n"


def main():
    rows = table.load(ROOT / "operators.toml", table.stages_of(ROOT / "stages.def"))
    texts = {op.name: (operator_text, op) for op in rows if op.direction == "forward" or op.elementwise}
    texts |= {f"{op.name}_backward": (gradient_text, op) for op in rows if op.name in gradients.CASES}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "tests/data/torch")
    parser.add_argument("operators", nargs="*", metavar="OPERATOR", help="default: all")
    options = parser.parse_args()
    if unknown := set(options.operators) - set(texts):
        parser.error(f"unknown operator: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.operators or texts:
        print(name, end=": ")
        make, operator = texts[name]
        (options.out / f"{name}.json").write_text(make(operator))


if __name__ == "__main__":
    main()
