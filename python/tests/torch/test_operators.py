"""torch.ops.kiln as PyTorch's machinery takes it: registrations, shapes without values, compiled and exported."""
import torch
from support import FORWARD, OPERATORS, TorchTest, cases, floating, function_arguments, of_each_case, one_case, with_gradients
from torch.fx.experimental.proxy_tensor import make_fx

from kiln.torch import functional


class Registrations(TorchTest):
    """torch.library.opcheck: schema, autograd, shapes, and a graph of forward and backward of dynamic shapes."""

    def check(self, call, arguments):
        torch.library.opcheck(call, (), arguments)

    @of_each_case()
    def test_forward(self, case):
        if 0 in case.shape:
            return
        packet = getattr(torch.ops.kiln, case.op.name)
        given, _ = with_gradients(case.arguments())
        self.check(packet.default, given)
        self.check(packet.untracked, case.arguments())
        if f"{case.op.name}_with_statistics" in OPERATORS:
            given, _ = with_gradients(case.arguments())
            self.check(getattr(torch.ops.kiln, f"{case.op.name}_with_statistics").default, given)

    @of_each_case()
    def test_backward(self, case):
        names = [item.name for item in OPERATORS[f"{case.op.name}_backward"].takes]
        given = {name: value for name, value in case.arguments().items() if name in names}
        self.check(getattr(torch.ops.kiln, f"{case.op.name}_backward").default,
                   {"grad_output": torch.ones_like(given["input"]), **given})


class Shapes(TorchTest):
    @of_each_case()
    def test_layouts_are_what_is_said_without_values(self, case):
        from torch._subclasses.fake_tensor import FakeTensorMode

        def layouts(x):
            yield x
            if 0 in x.shape:
                return  # of which PyTorch says one thing with values and another without
            yield x.transpose(0, -1).contiguous().transpose(0, -1) if x.dim() else x
            yield x.unsqueeze(-1).expand(*x.shape, 2)[..., 0]
            yield x.repeat([2] * x.dim())[tuple(slice(None, None, 2) for _ in x.shape)]
            yield x[:1].expand_as(x) if x.dim() and x.shape[0] else x

        for input in layouts(case.arguments()["input"]):
            given = {**case.arguments(), "input": input}
            made = getattr(torch.ops.kiln, case.op.name)(**given)
            with FakeTensorMode() as mode:
                fake = getattr(torch.ops.kiln, case.op.name)(**{
                    name: mode.from_tensor(value) if isinstance(value, torch.Tensor) else value for name, value in given.items()})
            self.assertEqual((made.shape, made.stride(), made.dtype), (fake.shape, fake.stride(), fake.dtype))
            self.assertEqual(made.stride(), torch.empty_like(input).stride())
            dense = getattr(torch.ops.kiln, case.op.name)(**{**given, "input": input.contiguous()})
            self.assert_same_bits(made, dense)


class Compiled(TorchTest):
    def test_functions_compile_to_one_graph_with_the_same_bits(self):
        """Forward and backward, by the whole of torch.compile."""
        for op in FORWARD:
            case = one_case(op.name)
            torch._dynamo.reset()  # each compiles the same function anew
            with self.subTest(str(case)):
                function = getattr(functional, op.torch)

                def step(function=function, **given):
                    return function(**given)

                found = []
                for call in (function, torch.compile(step, fullgraph=True)):
                    given, tracked = with_gradients(case.arguments())
                    output = call(**function_arguments(given))
                    output.backward(torch.ones_like(output))
                    found.append([output.detach(), *(value.grad for value in tracked.values()),
                                  *(value for name, value in floating(given).items() if name.startswith("running"))])
                for compiled, eager in zip(*found):
                    self.assert_same_bits(compiled, eager)

    def test_without_gradients(self):
        for op in FORWARD:
            case = one_case(op.name)
            torch._dynamo.reset()
            with self.subTest(str(case)), torch.no_grad():
                function = getattr(functional, op.torch)
                given = function_arguments(case.arguments())
                compiled = torch.compile(lambda function=function, **given: function(**given), fullgraph=True)
                self.assert_same_bits(compiled(**function_arguments(case.arguments())), function(**given))

    def test_shapes_that_change_are_compiled_once(self):
        torch._dynamo.reset()
        graphs = []

        def count(graph, inputs):
            graphs.append(graph)
            return graph.forward

        compiled = torch.compile(lambda x: functional.silu(functional.layer_norm(x, (8,))), backend=count, fullgraph=True,
                                 dynamic=True)
        for rows in (3, 4, 7, 9):
            x = torch.randn(rows, 8)
            self.assert_same_bits(compiled(x), functional.silu(functional.layer_norm(x, (8,))))
        self.assertEqual(len(graphs), 1)

    def test_a_graph_names_the_operators(self):
        graph = make_fx(lambda x: functional.layer_norm(functional.tanh(x), (8,)))(torch.randn(2, 8))
        called = [node.target for node in graph.graph.nodes if node.op == "call_function"]
        self.assertEqual(called, [torch.ops.kiln.tanh.untracked, torch.ops.kiln.layer_norm.untracked])

    def test_a_model_is_exported(self):
        class Block(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.norm = torch.nn.BatchNorm2d(4)

            def forward(self, x):
                return functional.silu(self.norm(x))

        import kiln.torch

        model = Block().eval()
        kiln.torch.replace(model)
        x = torch.randn(2, 4, 3, 3)
        exported = torch.export.export(model, (x,))
        self.assert_same_bits(exported.module()(x), model(x))
        targets = {str(node.target) for node in exported.graph.nodes}
        self.assertTrue(any(target.startswith("kiln.batch_norm") for target in targets), targets)


class Cases(TorchTest):
    def test_every_operator_has_cases(self):
        for op in FORWARD:
            self.assertGreaterEqual(len(cases(op.name)), 2, op.name)
