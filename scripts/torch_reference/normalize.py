"""local_response_norm and normalize."""
from .tensors import INF, MAX, NAN, case, full, poke, rand, reshape, rows


def local_response_norm_cases():
    x = rand(1, 6, 2, std=3)
    special = poke(rand(1, 9, 3), {0: NAN, 13: INF, 14: -INF})
    return [
        case("defaults", x, size=5),
        *[case(f"size-{s}", x, size=s, alpha=0.5) for s in (1, 2, 3, 4, 5, 6, 7, 11, 12, 20)],
        *[case(f"beta-{b:g}", x, size=3, alpha=0.5, beta=b)
          for b in (0.0, 0.25, 0.5, 0.6, 0.75, 1.0, 1.5, 2.0, 4.0, 10.0, -0.75, -1.0, INF, NAN)],
        *[case(f"k-{k:g}", x, size=3, alpha=0.5, k=k) for k in (0.0, 1e-3, 2.0, -1.0, INF, NAN)],
        case("k-negative-beta-1", x, size=3, alpha=0.5, beta=1.0, k=-1.0),
        *[case(f"alpha-{a:g}", x, size=3, alpha=a) for a in (0.0, 1.0, 1e4, -0.1, INF, NAN)],
        case("alpha-negative-beta-2", x, size=3, alpha=-1.0, beta=2.0),
        case("k-0-zero-channels", poke(rand(1, 5, 1), {0: 0, 1: 0, 2: -0.0}), size=3, k=0.0),
        case("k-0-zero-channels-beta-0", full(0, 1, 5, 1), size=3, k=0.0, beta=0.0),
        case("four-dim", rand(2, 5, 2, 2), size=5, alpha=1.0, beta=0.75, k=2.0),
        case("five-dim", rand(1, 4, 2, 1, 3), size=3, alpha=1.0),
        case("six-dim", rand(1, 4, 2, 1, 2, 1), size=3, alpha=1.0),
        case("one-channel", rand(2, 1, 4), size=5, alpha=1.0),
        case("one-in-space", rand(2, 5, 1, 1), size=3, alpha=1.0),
        case("special-channels", special, size=3),
        case("special-channels-size-4", special, size=4, alpha=1.0),
        case("special-channels-four-dim", reshape(special, 1, 9, 1, 3), size=2, beta=0.5),
        case("special-channels-beta-0", special, size=3, beta=0.0),
        *[case(f"huge-beta-{b:g}", rand(1, 5, 4, std=1e30), size=3, beta=b) for b in (.5, .75, 1)],
        case("max", full(MAX, 1, 4, 1), size=3, alpha=1.0),
        *[case(f"tiny-k-0-beta-{b:g}", rand(1, 5, 4, std=1e-30), size=3, k=0.0, beta=b)
          for b in (0.5, 0.75, 1.0)],
        case("subnormal", rand(1, 5, 3, std=1e-40), size=3),
        case("subnormal-k-0", rand(1, 5, 3, std=1e-40), size=3, alpha=1.0, beta=0.5, k=0.0),
        *[case(f"empty-{n}", full(0, *shape), size=3) for n, shape in
          {"batch": (0, 4, 3), "channels": (2, 0, 3), "space": (2, 4, 0, 3)}.items()],
        case("empty-size-0", full(0, 0, 4, 3), size=0),
        *[case(f"error-size-{s}", x, size=s) for s in (0, -1, -2, -5)],
        *[case(f"error-size-{s}-four-dim", rand(1, 4, 2, 2), size=s) for s in (0, -1)],
        *[case(f"error-{n}", full(1, *shape), size=3) for n, shape in
          {"two-dim": (2, 4), "one-dim": (4,), "zero-dim": (), "empty-two-dim": (0, 4)}.items()],
    ]


def normalize_cases():
    x, y = rand(2, 3, 4), rand(2, 2, 3)
    powers = (2.0, 1.0, 3.0, 0.5, 0.0, INF, -INF, -1.0, -2.5, -0.5, 1.5, 4.0, 0.1, 16.0, -16.0,
              30.0)
    mixed = poke(rand(7, 5), {6: 0, 8: -0.0, **dict.fromkeys(range(10, 15), 0), 17: NAN, 22: INF,
                              28: -INF, 29: NAN, 31: 0, 32: INF})
    reductions = (2.0, 1.0, 0.0, INF, -INF, -1.0, 3.0)
    return [
        case("defaults", x),
        case("explicit-defaults", x, p=2.0, dim=1, eps=1e-12),
        *[case(f"p-{p:g}", rand(2, 5), p=p) for p in powers],
        *[case(f"p-{p:g}-mixed-rows", mixed, p=p) for p in powers],
        *[case(f"p-{p:g}-huge", rand(2, 6, std=1e30), p=p) for p in (2.0, 1.0, 3.0, .5, INF, -1.0)],
        *[case(f"p-{p:g}-max", full(MAX, 1, 3), p=p) for p in (2.0, 1.0, INF)],
        *[case(f"p-{p:g}-tiny-eps-0", rand(2, 6, std=1e-30), p=p, eps=0.0)
          for p in (2.0, 1.0, 3.0, .5, INF, -1.0)],
        *[case(f"p-{p:g}-subnormal-eps-0", rand(2, 6, std=1e-40), p=p, eps=0.0)
          for p in (2.0, 1.0, 3.0, .5, INF, -1.0)],
        case("p-nan", x, p=NAN),
        case("subnormal", rand(2, 6, std=1e-40)),
        *[case(f"eps-{e:g}", poke(rand(3, 3), {3: 0, 4: 0, 5: 0}), eps=e)
          for e in (0.0, 1e-40, 1.0, 100.0, INF, -1.0, NAN)],
        case("zero-in-row-p-negative-eps-0", rows([0, 1, -2], [3, 1, 2]), p=-1.0, eps=0.0),
        *[case(f"dim-{d}", x, dim=d) for d in (0, 1, 2, -1, -2, -3)],
        *[case("dims-" + "-".join(map(str, d)), x, dim=d)
          for d in ((0,), (0, 1), (2, 0), (1, -1), (0, 1, 2))],
        *[case(f"dim-none-p-{p:g}", y, p=p, dim=None) for p in reductions],
        *[case(f"dims-empty-p-{p:g}", y, p=p, dim=()) for p in reductions],
        *[case(f"dims-0-2-p-{p:g}", y, p=p, dim=(0, 2)) for p in reductions],
        case("one-dim-dim-0", rand(5), dim=0),
        case("four-dim", rand(2, 3, 2, 2)),
        case("five-dim-dims-2-4", rand(2, 1, 2, 2, 3), p=3.0, dim=(2, 4)),
        case("one-channel", rand(2, 1, 3)),
        case("long-row", rand(1, 131)),
        *[case(f"zero-dim-dim-{n}", full(-2.5), dim=d) for n, d in
          {"0": 0, "-1": -1, "none": None, "empty": (), "tuple": (0,)}.items()],
        *[case(f"zero-dim-zero-p-{p:g}", full(0), dim=0, p=p) for p in (2.0, 0.0, -1.0)],
        *[case(f"empty-no-rows-p-{p:g}", full(0, 0, 3), p=p) for p in reductions],
        *[case(f"empty-rows-p-{p:g}", full(0, 3, 0), p=p) for p in reductions],
        *[case(f"empty-dim-none-p-{p:g}", full(0, 0, 3), p=p, dim=None) for p in reductions],
        case("error-one-dim-default-dim", rand(5)),
        case("error-zero-dim-default-dim", full(1)),
        *[case(f"error-dim-{d}", x, dim=d) for d in (3, -4)],
        *[case(f"error-dims-{'twice' if len(set(d)) < 2 else '-'.join(map(str, d))}", x, dim=d)
          for d in ((1, 1), (0, -3), (0, 3))],
    ]
