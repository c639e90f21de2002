"""The operators that a row makes besides its own: the gradient of its formula, and of a normalization the operator that
writes its statistics, too."""
import dataclasses

from . import items

ELEMENTWISE_KEYS = {"doc": str, "takes": list}
SHARED_KEYS = {"before": list, "after": list}
KEYS = {"formula": str, "takes": list, "statistics": list, "statistics_shape": str, "doc": str, "kernels": list}


def of_elementwise(place, operator, gradients):
    """What a derivative makes."""
    place.at(f"operator.{operator.name}", "derivative").expect(operator.family == "elementwise", "of an elementwise operator")
    place = place.at("gradient.elementwise")
    row = gradients.get("elementwise")
    place.expect(row, "expected, and not there")
    place.expect_keys(row, ELEMENTWISE_KEYS)
    takes = tuple(items.read(place.at("takes"), item, {}) for item in row.get("takes", ()))
    return dataclasses.replace(
        operator, name=f"{operator.name}_backward", family="elementwise_backward", derivative="", formula=operator.derivative,
        doc=row.get("doc", ""), takes=takes, inplace=False, direction="backward")


class Normalization:
    """What the table [operator.<name>.gradient] makes."""

    def __init__(self, place, operator, row, gradients, shared):
        self.place = place.at(f"operator.{operator.name}.gradient")
        self.place.expect_keys(row, KEYS)
        for key in ("formula", "takes", "kernels"):
            self.place.expect(row.get(key), f"{key}: expected, and not there")
        self.operator, self.row, self.shared = operator, row, shared
        common = place.at("gradient.normalization")
        common.expect("normalization" in gradients, "expected, and not there")
        common.expect_keys(gradients["normalization"], SHARED_KEYS)
        self.before, self.after = ([items.read(common.at(key), item, {}) for item in gradients["normalization"].get(key, ())]
                                   for key in SHARED_KEYS)

    def backward(self):
        input_, (grad_output, *operands) = self.operator.tensors[0], self.before
        grad_output = dataclasses.replace(grad_output, least_rank=input_.least_rank, doc=input_.doc)
        of_parameters = tuple(self.of_parameters())
        after = (dataclasses.replace(item, optional=bool(of_parameters)) for item in self.after)
        takes = (grad_output, *operands, *map(self.taken, self.row["takes"]), *self.statistics("moment"), *after, *of_parameters)
        return dataclasses.replace(
            self.operator, name=f"{self.operator.name}_backward", family=f"{self.operator.family}_backward",
            formula=self.row["formula"], doc=self.row.get("doc", ""), takes=takes, kernels=tuple(self.row["kernels"]),
            errors=(*self.operator.errors, *self.statistics_errors()), accuracies=("exact",), direction="backward")

    def statistics_errors(self):
        names = self.row.get("statistics", ())
        return [f"one of {' and '.join(names)} is given without the other"] if len(names) > 1 else []

    def with_statistics(self):
        """None where there is nothing to write."""
        if not self.row.get("statistics"):
            return None
        kernels = dict.fromkeys((*self.operator.kernels, *(k for k in self.row["kernels"] if not k.startswith("gradient_"))))
        return dataclasses.replace(
            self.operator, name=f"{self.operator.name}_with_statistics", family=f"{self.operator.family}_with_statistics",
            takes=(*self.operator.takes, *self.statistics("measured")), kernels=tuple(kernels), direction="with_statistics")

    def taken(self, name):
        """One of the operator's own items; statistics are read alone."""
        found = [item for item in self.operator.takes if item.name == name]
        self.place.at("takes").expect(found, f"{self.operator.name} takes no {name!r}")
        if getattr(found[0], "role", "") == "statistics":
            return dataclasses.replace(found[0], role="parameter")
        if getattr(found[0], "type", "") == "boolean":  # nothing about what the operator writes
            return dataclasses.replace(found[0], doc=found[0].doc.partition(",")[0])
        return found[0]

    def statistics(self, role):
        shape = self.row.get("statistics_shape", "")
        for name in self.row.get("statistics", ()):
            self.place.at("statistics").expect(name in self.shared, f"there is no [shared.{name}]")
            yield items.read(self.place, {"name": name, "like": name, "shape": shape, "role": role, "optional": True}, self.shared)

    def of_parameters(self):
        for item in self.operator.takes:
            if getattr(item, "role", "") == "parameter":
                yield dataclasses.replace(item, name=f"grad_{item.name}", role="result", optional=True, identity=0.0,
                                          doc=f"Gradient of {item.name}" + ", of shape normalized_shape" * (item.shape == "normalized_shape"))
