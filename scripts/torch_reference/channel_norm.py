"""batch_norm and instance_norm."""
from .hard_rows import hard_cases
from .tensors import INF, MAX, NAN, SUB, affine, case, full, poke, positive, rand, rows, running


def batch_norm_cases():
    x, y = rand(4, 3), rand(2, 3, 2, 2)
    train = dict(training=True)
    wrong = [("weight", 2), ("weight", 4), ("bias", 2), ("running_mean", 2), ("running_mean", 4),
             ("running_var", 2), ("running_var", 1)]
    return [
        case("defaults", y, **running(3)),
        case("eval-affine", y, **running(3), **affine(3), training=False),
        case("train-no-statistics", y, **train),
        case("train-affine-no-statistics", y, **affine(3), **train),
        case("train-statistics", y, **running(3), **train),
        case("train-all", y, **running(3), **affine(3), **train, momentum=0.1, eps=1e-5),
        case("train-weight-only", y, weight=rand(3), **running(3), **train),
        case("train-bias-only", y, bias=rand(3), **running(3), **train),
        case("eval-weight-only", y, weight=rand(3), **running(3)),
        case("eval-bias-only", y, bias=rand(3), **running(3)),
        *[case(f"{'train' if t else 'eval'}-{n}", rand(*shape), **running(shape[1]),
               **affine(shape[1]), training=t) for t in (True, False)
          for n, shape in {"two-dim": (4, 3), "three-dim": (2, 3, 5), "five-dim": (2, 2, 2, 1, 3),
                           "one-in-batch": (1, 3, 2, 3), "one-channel": (3, 1, 2, 2),
                           "one-in-space": (5, 3, 1, 1), "two-values": (2, 3, 1),
                           "one-value": (1, 3, 1), "one-value-two-dim": (1, 3)}.items()],
        case("train-long-channel", rand(1, 1, 131, mean=5), **running(1), **train),
        *[case(f"momentum-{m:g}", x, **running(3), **train, momentum=m)
          for m in (0.0, 0.5, 1.0, 1.5, -0.5, NAN)],
        case("momentum-1-special-statistics", x, running_mean=rows(NAN, INF, 0),
             running_var=rows(INF, NAN, -1), **train, momentum=1.0),
        case("momentum-0-special-statistics", x, running_mean=rows(NAN, INF, 0),
             running_var=rows(INF, NAN, -1), **train, momentum=0.0),
        case("error-train-one-dim-no-statistics", rand(3), **train),
        *[case(f"{'train' if t else 'eval'}-eps-{e:g}", x, **running(3), training=t, eps=e)
          for t in (True, False) for e in (0.0, 1e-12, 0.5, INF, -1e-5, NAN)],
        case("eval-negative-variance", x, running_mean=rand(3), running_var=rows(-1, -1e-6, -0.0)),
        case("eval-zero-variance-eps-0", x, running_mean=rand(3), running_var=full(0, 3), eps=0.0),
        case("eval-special-statistics", rand(2, 6), running_mean=rows(NAN, INF, 0, 0, 0, MAX),
             running_var=rows(1, 1, INF, NAN, -INF, MAX)),
        case("eval-special-input", poke(rand(3, 4), {0: NAN, 5: INF, 10: -INF}), **running(4)),
        case("eval-huge-and-tiny", rows([1e30, MAX, 1e-30, SUB], [-1e30, -MAX, 1e-40, -SUB]),
             running_mean=rows(2e30, -MAX / 2, 1e-31, 0), running_var=rows(1, MAX, 1e-36, SUB),
             eps=0.0),
        case("train-special-weight", x, weight=rows(NAN, INF, 0), bias=rows(0, 1, -INF), **train),
        *hard_cases(lambda n: (1, n, 8), "huge tiny large", 1e-60, **train,
                    running_mean=rand, running_var=lambda n: positive(n)),
        case("train-constant-affine", full(0.1, 4, 3), **running(3), **affine(3), **train),
        case("train-empty-batch", full(0, 0, 3, 2), **running(3), **affine(3), **train),
        case("train-empty-batch-no-statistics", full(0, 0, 3), **train),
        case("train-empty-space", full(0, 2, 3, 0), **running(3), **train),
        case("train-no-channels", full(0, 2, 0, 3), **train),
        case("eval-empty-batch", full(0, 0, 3, 2), **running(3)),
        case("eval-empty-space", full(0, 2, 3, 0), **running(3)),
        case("eval-no-channels", full(0, 2, 0, 3), **running(0)),
        case("error-eval-no-statistics", x),
        case("error-eval-mean-only", x, running_mean=rand(3)),
        case("error-eval-var-only", x, running_var=positive(3)),
        case("error-train-mean-only", x, running_mean=rand(3), **train),
        case("error-train-var-only", x, running_var=positive(3), **train),
        *[case(f"error-{'train' if t else 'eval'}-{k.replace('_', '-')}-length-{n}", x,
               **{**running(3), k: rand(n)}, training=t) for t in (True, False) for k, n in wrong],
        case("weight-two-dim", x, weight=rand(1, 3), **running(3)),
        case("error-running-mean-dims", x, running_mean=rand(3, 1), running_var=positive(3)),
        *[case(f"error-{'train' if t else 'eval'}-{n}", full(1, *shape), **running(3), training=t)
          for t in (True, False) for n, shape in {"zero-dim": (), "one-dim": (3,)}.items()],
    ]


def instance_norm_cases():
    x = rand(2, 2, 3)
    fixed = dict(use_input_stats=False)
    wrong = [("weight", 1), ("weight", 4), ("bias", 3), ("running_mean", 1), ("running_mean", 4),
             ("running_var", 3), ("running_var", 1)]
    return [
        case("defaults", x),
        case("affine", x, **affine(2)),
        case("weight-only", x, weight=rand(2)),
        case("bias-only", x, bias=rand(2)),
        case("running-statistics", x, **running(2)),
        case("all", x, **running(2), **affine(2), use_input_stats=True, momentum=0.1, eps=1e-5),
        case("fixed", x, **running(2), **fixed),
        case("fixed-affine", x, **running(2), **affine(2), **fixed),
        *[case(f"{'fixed' if f else 'input'}-{n}", rand(*shape), **running(shape[1]),
               **affine(shape[1]), use_input_stats=not f) for f in (False, True)
          for n, shape in {"four-dim": (2, 3, 2, 2), "five-dim": (2, 2, 2, 1, 3),
                           "one-in-batch": (1, 3, 5), "one-channel": (3, 1, 4),
                           "two-in-space": (2, 3, 2), "one-in-space": (2, 3, 1, 1),
                           "two-dim": (2, 3)}.items()],
        case("one-in-space-no-statistics", rand(2, 3, 1)),
        case("long-plane", rand(1, 1, 131, mean=5), **running(1)),
        *[case(f"momentum-{m:g}", x, **running(2), momentum=m) for m in (0.0, 0.5, 1.0, NAN)],
        *[case(f"{'fixed' if f else 'input'}-eps-{e:g}", x, **running(2), use_input_stats=not f,
               eps=e) for f in (False, True) for e in (0.0, 1e-12, 0.5, INF, -1e-5, NAN)],
        case("fixed-negative-variance", x, running_mean=rand(2), running_var=rows(-1, 0),
             **fixed),
        *hard_cases(lambda n: (1, n, 8), "constant huge tiny", 0.0, running_mean=rand,
                    running_var=lambda n: positive(n)),
        case("special-in-one-plane", poke(x, {0: NAN, 10: INF}), **running(2), **affine(2)),
        case("special-weight", x, weight=rows(NAN, INF), bias=rows(0, -INF)),
        case("empty-batch", full(0, 0, 3, 2)),
        case("empty-batch-statistics", full(0, 0, 3, 2), **running(3)),
        case("fixed-empty-batch", full(0, 0, 3, 2), **running(3), **fixed),
        case("empty-space", full(0, 2, 3, 0)),
        case("empty-space-statistics", full(0, 2, 3, 0), **running(3)),
        case("fixed-empty-space", full(0, 2, 3, 0), **running(3), **fixed),
        case("no-channels", full(0, 2, 0, 3)),
        case("error-fixed-no-statistics", x, **fixed),
        case("error-fixed-mean-only", x, running_mean=rand(2), **fixed),
        case("error-fixed-var-only", x, running_var=positive(2), **fixed),
        case("error-mean-only", x, running_mean=rand(2)),
        case("error-var-only", x, running_var=positive(2)),
        *[case(f"error-{'fixed' if f else 'input'}-{k.replace('_', '-')}-length-{n}", x,
               **{**running(2), k: rand(n)}, use_input_stats=not f)
          for f in (False, True) for k, n in wrong],
        *[case(f"error-{'fixed' if f else 'input'}-{n}", full(1, *shape), **running(3),
               use_input_stats=not f) for f in (False, True)
          for n, shape in {"zero-dim": (), "one-dim": (3,)}.items()],
    ]
