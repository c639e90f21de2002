"""What kiln.torch.functional refuses: with the function, the argument, what was expected and what came, and with the exceptions
of Kiln's functions of NumPy's arrays."""
import torch
from support import FORWARD, TorchTest, function_arguments, one_case

import kiln.torch
from kiln.torch import functional

X = torch.randn(2, 4)


class Refused(TorchTest):
    def refuse(self, kind, text, function, *args, **kwargs):
        with self.subTest(text), self.assertRaises(kind) as error:
            function(*args, **kwargs)
        self.assertIs(type(error.exception), kind)
        self.assertIn(text, str(error.exception))


class Tensors(Refused):
    def test_what_is_no_tensor(self):
        for tracks in (True, False):
            with torch.set_grad_enabled(tracks):
                for other in ([1.0], 1.0, "x", None, object()):
                    text = f"kiln_tanh: input: expected a tensor, got {type(other).__name__}"
                    self.refuse(TypeError, text, functional.tanh, other)
                self.refuse(TypeError, "kiln_silu: input: expected a tensor, got list", functional.silu, [1.0], inplace=True)
                self.refuse(TypeError, "kiln_layer_norm: weight: expected a tensor, got list", functional.layer_norm, X, 4, [1.0])
                self.refuse(TypeError, "kiln_batch_norm: running_mean: expected a tensor, got int", functional.batch_norm, X, 0, 1)
        self.refuse(TypeError, "kiln_normalize: out: expected a tensor, got int", functional.normalize, X, out=3)

    def test_every_function_names_its_input(self):
        for op in FORWARD:
            given = {**function_arguments(one_case(op.name).arguments()), "input": [1.0]}
            self.refuse(TypeError, f"kiln_{op.name}: input: expected a tensor, got list", getattr(functional, op.torch), **given)

    def test_element_types(self):
        for dtype in (torch.float64, torch.int64, torch.bool, torch.complex64):
            name = str(dtype).removeprefix("torch.")
            text = f"kiln_tanh: input: expected element type float32, float16 or bfloat16, got {name}"
            self.refuse(TypeError, text, functional.tanh, torch.ones(3).to(dtype))
            text = f"kiln_layer_norm: weight: expected element type float32, got {name}"
            self.refuse(TypeError, text, functional.layer_norm, X, 4, torch.ones(4).to(dtype))
        self.refuse(TypeError, "kiln_rms_norm: weight: expected element type float32 or float16, got bfloat16", functional.rms_norm,
                    X.half(), 4, torch.ones(4).bfloat16())

    def test_layouts(self):
        self.refuse(TypeError, "kiln_tanh: input: expected a dense tensor, got torch.sparse_coo", functional.tanh, X.to_sparse())
        nested = torch.nested.nested_tensor([X, X[:1]])
        self.refuse(TypeError, "kiln_tanh: input: expected a dense tensor, got a nested one", functional.tanh, nested)
        self.assertEqual(functional.tanh(torch.empty(2, 3, device="meta")).device.type, "meta")

    def test_the_largest_rank(self):
        self.assertEqual(functional.tanh(torch.ones([1] * 64)).dim(), 64)


class Arguments(Refused):
    def test_kinds(self):
        for other in (None, "a", 1j):
            text = f"expected a number, got {type(other).__name__}"
            for tracks in (True, False):
                x = X.clone().requires_grad_(tracks)
                running = torch.zeros(4), torch.ones(4)
                self.refuse(TypeError, f"kiln_batch_norm: momentum: {text}", functional.batch_norm, x, *running, training=True,
                            momentum=other)
                self.refuse(TypeError, f"kiln_layer_norm: eps: {text}", functional.layer_norm, x, 4, eps=other)
        self.refuse(TypeError, "kiln_normalize: p: expected a number, got str", functional.normalize, X, p="fro")
        self.refuse(TypeError, "kiln_group_norm: num_groups: expected an integer, got float", functional.group_norm, X, 2.0)
        self.refuse(TypeError, "kiln_batch_norm: training: expected True or False, got str", functional.batch_norm, X, None, None,
                    training="yes")
        for bad in (3.0, "3", None, [1.5], (None,)):
            self.refuse(TypeError, "kiln_layer_norm: normalized_shape: expected an integer, or a tuple of integers, got ",
                        functional.layer_norm, X, bad)
        self.refuse(ValueError, "kiln_group_norm: num_groups: expected an integer of 64 bits, got", functional.group_norm, X, 2**64)

    def test_values(self):
        for text, function, *args in (
                ("kiln_layer_norm: normalized_shape: expected", functional.layer_norm, X, (3,)),
                ("kiln_layer_norm: eps: expected 0 or more", functional.layer_norm, X, (4,), None, None, -1.0),
                ("kiln_batch_norm: running_mean", functional.batch_norm, X, None, None),
                ("kiln_group_norm: num_groups", functional.group_norm, X, 3),
                ("kiln_softplus: beta: expected 1, got 2", functional.softplus, X, 2),
                ("kiln_normalize: dim", functional.normalize, X, 2.0, 2),
                ("kiln_layer_norm: weight: expected", functional.layer_norm, X, (4,), torch.ones(3))):
            self.refuse(ValueError, text, function, *args)

    def test_the_function_is_named_where_it_measures(self):
        x = X.clone().requires_grad_()
        self.refuse(ValueError, "kiln_layer_norm: normalized_shape: expected", functional.layer_norm, x, (3,))
        self.refuse(ValueError, "kiln_group_norm: num_groups: expected", functional.group_norm, x, 3)

    def test_one_extent_may_be_a_number(self):
        for function in (functional.layer_norm, functional.rms_norm):
            self.assert_same_bits(function(X, 4), function(X, (4,)))
            self.assert_same_bits(function(X, range(4, 5)), function(X, (4,)))
            tracked = X.clone().requires_grad_()
            compiled = torch.compile(lambda x, function=function: function(x, x.shape[-1]), fullgraph=True, dynamic=True,
                                     backend="aot_eager")
            self.assert_same_bits(compiled(tracked).detach(), function(X, 4))
            compiled(tracked).sum().backward()
            self.assertEqual(tracked.grad.shape, X.shape)

    def test_statistics_stay_where_a_call_fails(self):
        mean, var = torch.zeros(4), torch.ones(4)
        self.refuse(ValueError, "kiln_batch_norm: eps", functional.batch_norm, X, mean, var, training=True, eps=-1.0)
        self.assertEqual((mean.tolist(), var.tolist()), ([0.0] * 4, [1.0] * 4))


class Others(Refused):
    def test_an_operator_raises_kilns_text_too(self):
        """PyTorch's C ABI hands on no other exception than RuntimeError."""
        with self.assertRaisesRegex(RuntimeError, "kiln_layer_norm: normalized_shape: expected"):
            torch.ops.kiln.layer_norm(X, (3,))

    def test_errors_of_pytorch_stay_its_own(self):
        with self.assertRaisesRegex(RuntimeError, "leaf Variable"):
            functional.silu(X.clone().requires_grad_(), inplace=True)
        with self.assertRaisesRegex(NotImplementedError, "no forward mode"):
            torch.func.jvp(functional.tanh, (X,), (X,))

    def test_accuracy(self):
        with self.assertRaisesRegex(ValueError, 'kiln.torch.accuracy: expected "exact" or "fast", got 5'), kiln.torch.accuracy(5):
            pass
