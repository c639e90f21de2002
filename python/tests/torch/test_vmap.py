"""torch.vmap and torch.func: as calls for each example, to the bit."""
import itertools

import torch
from support import FORWARD, TorchTest, cases, function_arguments, of_each_case, one_case
from torch.func import functional_call, grad, jacrev, stack_module_state

import kiln.torch
from kiln.torch import functional

SIZE = 3


def examples(case, seed):
    return [case.arguments(seed=seed + i) for i in range(SIZE)]


def batched(given, own, dims):
    """Arguments in which those named in `own` are each example's, along one of their dimensions."""
    stacked, in_dims = {}, {}
    for name, value in given[0].items():
        is_own = name in own and isinstance(value, torch.Tensor)
        dim = min(dims, value.dim()) if is_own else None
        stacked[name] = torch.stack([other[name] for other in given], dim) if is_own else value
        in_dims[name] = dim
    return stacked, in_dims


def choices(case):
    """Which tensors are an example's own: each by itself, all of them, and all at another dimension."""
    names = [name for name, value in case.arguments().items() if isinstance(value, torch.Tensor)]
    yield from ([name] for name in names if not name.startswith("running"))
    yield names


def frozen(case, given):
    """The same without running statistics that the call would update."""
    written = {item.name: None for item in case.op.statistics if given[item.written_when]}
    return {**given, **written}


class Batches(TorchTest):
    @of_each_case()
    def test_functions_have_the_bits_of_each_example(self, case):
        for own, dims in itertools.product(choices(case), (0, 1)):
            given = examples(case, 7)
            stacked, in_dims = batched(given, own, dims)
            statistics = case.op.statistics and stacked[case.op.statistics[0].name] is not None
            updates = statistics and stacked[case.op.statistics[0].written_when]
            if updates and case.op.statistics[0].name not in own:
                continue  # one statistic of many examples: refused, as below
            names = list(stacked)

            def call(*values, names=names):
                return getattr(functional, case.op.torch)(**function_arguments(dict(zip(names, values))))

            got = torch.vmap(call, in_dims=tuple(in_dims.values()))(*stacked.values())
            for i, other in enumerate(given):
                alone = {name: other[name] if name in own else given[0][name] for name in names}
                self.assert_same_bits(got[i], call(*alone.values()))
                for item in case.op.statistics if updates else []:
                    self.assert_same_bits(stacked[item.name].select(in_dims[item.name], i), alone[item.name])

    def test_statistics_that_examples_share_are_not_updated(self):
        for op in ("batch_norm", "instance_norm"):
            x, mean, var = torch.randn(SIZE, 4, 2, 5), torch.zeros(2), torch.ones(2)
            with self.subTest(op), self.assertRaises(RuntimeError):
                torch.vmap(lambda x, op=op, mean=mean, var=var: getattr(functional, op)(x, mean, var, None, None, True))(x)


class Gradients(TorchTest):
    @of_each_case()
    def test_gradients_of_each_example(self, case):
        """torch.func's, of the input and of each parameter, beside torch.autograd's of one example."""
        if 0 in case.shape:
            return
        given = [frozen(case, example) for example in examples(case, 11)]
        names = [name for name, value in given[0].items() if isinstance(value, torch.Tensor) and not name.startswith("running")]
        weights = torch.randn(case.shape, generator=torch.Generator().manual_seed(5))

        def loss(tracked):
            output = getattr(functional, case.op.torch)(**function_arguments({**given[0], **tracked}))
            return (output * weights).sum()

        for own in (["input"], names):
            alone = [{name: (example if name in own else given[0])[name] for name in names} for example in given]
            stacked, in_dims = batched(alone, own, 0)
            found = torch.vmap(grad(loss), in_dims=(in_dims,))(stacked)
            for i, example in enumerate(alone):
                tracked = {name: value.clone().requires_grad_() for name, value in example.items()}
                loss(tracked).backward()
                for name, value in tracked.items():
                    self.assert_same_bits(found[name][i], value.grad)

    def test_gradients_of_a_vmap(self):
        """The other way round: torch.func's and torch.autograd's gradient of all examples together."""
        for op in FORWARD:
            case = next(case for case in cases(op.name) if 0 not in case.shape)
            with self.subTest(str(case)):
                given = frozen(case, case.arguments())
                x = torch.stack([example["input"] for example in examples(case, 3)])

                def call(input, given=given, op=op):
                    return getattr(functional, op.torch)(**function_arguments({**given, "input": input})).square()

                alone = torch.stack([grad(lambda input, call=call: call(input).sum())(example) for example in x])
                self.assert_same_bits(grad(lambda x, call=call: torch.vmap(call)(x).sum())(x), alone)
                x.requires_grad_()
                torch.vmap(call)(x).sum().backward()
                self.assert_same_bits(x.grad, alone)

    def test_a_gradient_outside_of_torch_func(self):
        """Of a tensor that torch.func's own gradient holds constant."""
        x, scale = torch.randn(4, 8), torch.randn(8, requires_grad=True)
        for op in FORWARD:
            if op.elementwise:
                function = getattr(functional, op.torch)
                inner = grad(lambda x, scale, function=function: (x * function(scale)).sum())
                inner(x, scale).sum().backward()
                found, scale.grad = scale.grad, None
                (function(scale).expand(4, 8)).sum().backward()
                self.assert_same_bits(found, scale.grad)
                scale.grad = None

    def test_jacobians(self):
        for op in FORWARD:
            case = next(case for case in cases(op.name) if 0 not in case.shape)
            with self.subTest(str(case)):
                given = frozen(case, case.arguments())

                def call(input, given=given, op=op):
                    return getattr(functional, op.torch)(**function_arguments({**given, "input": input}))

                expected = torch.autograd.functional.jacobian(call, given["input"])
                self.assert_same_bits(jacrev(call)(given["input"]), expected)

    def test_an_ensemble_of_models(self):
        def model():
            return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.LayerNorm(8), torch.nn.SiLU(), torch.nn.Linear(8, 2))

        models = [model() for _ in range(SIZE)]
        for one in models:
            kiln.torch.replace(one)
        parameters, buffers = stack_module_state(models)
        x = torch.randn(5, 6)
        together = torch.vmap(lambda p, b: functional_call(models[0], (p, b), (x,)))(parameters, buffers)
        for i, one in enumerate(models):
            torch.testing.assert_close(together[i], one(x), rtol=1e-5, atol=1e-6)  # the products are another kernel's


class Shapes(TorchTest):
    def test_wrong_arguments_are_refused_with_kilns_text(self):
        x = torch.randn(SIZE, 2, 4)
        for call, text in ((lambda x: functional.layer_norm(x, (3,)), "kiln_layer_norm.*: normalized_shape"),
                           (lambda x: functional.normalize(x, dim=2), "kiln_normalize: dim"),
                           (lambda x: functional.group_norm(x[0], 2), "kiln_group_norm.*: input")):
            with self.subTest(text), self.assertRaisesRegex(ValueError, text):
                torch.vmap(call)(x)

    def test_vmap_within_vmap(self):
        x = torch.randn(2, SIZE, 4, 6)
        for op in FORWARD:
            if op.family in ("elementwise", "row_norm"):
                extra = ((6,),) if op.family == "row_norm" else ()
                with self.subTest(op.name):
                    twice = torch.vmap(torch.vmap(lambda x, op=op, extra=extra: getattr(functional, op.torch)(x, *extra)))(x)
                    self.assert_same_bits(twice, getattr(functional, op.torch)(x, *extra))

    def test_a_compiled_vmap(self):
        case = one_case("layer_norm")
        x = torch.randn(SIZE, *case.shape)
        call = torch.vmap(lambda x: functional.layer_norm(x, case.shape[-1:]))
        self.assert_same_bits(torch.compile(call, fullgraph=True)(x), call(x))
