"""The operators of kiln.hpp: arguments without default are parameters, the others members of <Operator>Options."""
from .rows import Tensor, number
from .c_api import formula_text
from .text import call, note


def literal(argument):
    """PyTorch's default as C++ writes it."""
    if argument.type == "boolean":
        return "true" if argument.default else "false"
    if argument.type == "dims":
        return "{" + ", ".join(map(str, argument.default)) + "}"
    return number(argument.default)


def options_name(operator):
    return "".join(word.capitalize() for word in operator.name.split("_")) + "Options"


def member_note(item):
    if isinstance(item, Tensor):
        says = {"statistics": f"writable where {item.written_when}", "moment": "absent: found again",
                "parameter": f"read where not {item.written_when}" if item.written_when else f"absent: {number(item.identity)}"}
        return f"{item.doc.partition(',')[0]}; {says.get(item.role, 'written; absent: not computed')}."
    if item.may_be_null:
        return f"{item.doc}; absent: the machine epsilon of float32."
    return item.doc + ("; empty: all dimensions." if item.type == "dims" else ".")


def member(item):
    if isinstance(item, Tensor):
        return f"std::optional<{'View' if item.is_result else 'ConstView'}> {item.name} = {{}};"
    if item.may_be_null:
        return f"std::optional<double> {item.name} = {{}};"
    if item.type == "dims":
        return f"std::vector<int64_t> {item.name} = {literal(item)};"
    kind = {"boolean": "bool", "integer": "int64_t", "real": "double"}[item.type]
    return f"{kind} {item.name} = {literal(item)};"


def optional(item):
    """Whether it is a member of the options. The output is a parameter, or absent."""
    if isinstance(item, Tensor):
        return item.optional and item.role != "output"
    return item.default is not None


def members(operator):
    return "".join(f"{note(member_note(item), '  ')}  {member(item)}\n" for item in operator.takes if optional(item))


def required(operator):
    """Parameters between the first tensor and the last one."""
    kinds = {"boolean": "bool {}", "integer": "int64_t {}", "real": "double {}", "extents": "const Integers &{}",
             "dims": "const Integers &{}"}
    return ["const ConstView &" + item.name if isinstance(item, Tensor) else kinds[item.type].format(item.name)
            for item in operator.takes[1:] if not optional(item) and getattr(item, "role", "") != "output"]


def argument(item):
    return f"o.{item.name}" if optional(item) else item.name


def passed(item):
    """What the C function gets for an item."""
    value = argument(item)
    if isinstance(item, Tensor):
        return [f"detail::Argument({value}).{'written' if item.is_written else 'input'}()"]
    if item.may_be_null:
        return [f"{value} ? &*{value} : nullptr"]
    if item.type in ("extents", "dims"):
        values = value if optional(item) else f"{value}.values()"
        return [f"{values}.data()", f"static_cast<int>({values}.size())"]
    return [value]


def checks(operator):
    """What the C function cannot see: why a view was not made, and statistics that it writes into memory that is const."""
    made = [f"detail::made({argument(item)})" for item in operator.takes if isinstance(item, Tensor)]
    return made + [f'detail::writable("kiln_{operator.name}: {item.name}", o.{item.name}, o.{item.written_when})'
            for item in operator.statistics]


def function(operator, parameters, context):
    arguments = ["raw"] + [text for item in operator.takes for text in passed(item)]
    before = checks(operator)
    end = ", {\n      " + ",\n      ".join(before) + "}" if before else ""
    first, last = operator.tensors[0].name, operator.tensors[-1]
    output = "const std::optional<View> &" if last.optional else "const View &"
    return (note(f"kiln_{operator.name}: {formula_text(operator)}.") +
            call(f"inline Result {operator.name}", [f"const ConstView &{first}", *required(operator), output + last.name,
                                                    *parameters], " {") +
            f"  return detail::call({context}, [&](const kiln_context *raw) {{\n" +
            call(f"    return kiln_{operator.name}", arguments, ";") + f"  }}{end});\n}}\n")


def elementwise(operator):
    name, names = operator.name, [tensor.name for tensor in operator.tensors]
    views = [f"const ConstView &{tensor}" for tensor in names[:-1]] + [f"const View &{names[-1]}"]
    return (function(operator, ["const Context *context = nullptr"], "context") +
            note(f"kiln_{name} with this context.") +
            call(f"inline Result {name}", [*views, "const Context &context"], " {") +
            f"  return {name}({', '.join(names)}, &context);\n}}\n")


def with_options(operator, others):
    """`others` has the options' members of the operators before, by their names."""
    name = options_name(operator)
    own = members(operator) + f"{note('How the call is carried out.', '  ')}  const Context *context = nullptr;\n"
    same = [other for other, text in others.items() if text == own]
    others[name] = own
    struct = f"using {name} = {same[0]};\n" if same else f"struct {name} {{\n{own}}};\n"
    return note(f"What kiln::{operator.name} takes besides, as PyTorch has it by default.") + struct + function(operator, [f"const {name} &o = {{}}"], "o.context")


def functions(operators):
    others = {}
    texts = [elementwise(op) if op.elementwise else with_options(op, others) for op in operators]
    if "LayerNormOptions" in others:
        texts.append(note("Weight, bias and eps.") + "using AffineOptions = LayerNormOptions;\n")
    return "\n".join(texts)


GETTERS = {"boolean": "boolean", "integer": "integer", "real": "real", "extents": "integers", "dims": "integers"}


def given(item):
    return f'given.{"tensor" if isinstance(item, Tensor) else GETTERS[item.type]}("{item.name}")'


def call_by_name(operator):
    """A function that calls the operator's with what `given` has under the names of the table."""
    parts = ["input", *(given(item) + (".value()" if isinstance(item, Tensor) else "")
                        for item in operator.takes[1:-1] if not optional(item)), "output"]
    options = "".join(f"  o.{item.name} = {given(item)};\n" for item in operator.takes if optional(item))
    if not operator.elementwise:
        options, parts = f"  {options_name(operator)} o;\n{options}", [*parts, "o"]
    unused = "given" if "given." in options + str(parts) else "/*given*/"
    return (f"template <class Given>\nvoid call_{operator.name}(const ConstView &input, const View &output, "
            f"const Given &{unused}) "
            f"{{\n{options}" + call(f"  kiln::{operator.name}", parts, ";") + "}\n")


def calls_by_name(operators):
    """cpp_calls.inc: every function of kiln.hpp that has an output alone as one, for the test of all."""
    operators = [op for op in operators if not any(tensor.is_result for tensor in op.tensors)]
    rows = "".join(f'    {{"{op.name}", call_{op.name}<Given>}},\n' for op in operators)
    return ("// Made by the build from operators.toml.\n" + "\n".join(map(call_by_name, operators)) +
            "\ntemplate <class Given>\nconst std::map<std::string, void (*)(const ConstView &, const View &, const Given &)> "
            f"calls_by_name = {{\n{rows}}};\n")
