"""Which operators assert in a CUDA kernel, and for which values: the rules that `poison` asks.

They were read off PyTorch's own source, CUDA_KERNEL_ASSERT in the files of
aten/src/ATen/native/cuda that are named in the table; no run on a GPU has shown them. A few kernels
check nothing and reach outside of the tensor, which is as bad.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from torchkoans.devices import CPU

Arguments = Mapping[str, Any]  # of one call of an op, by the names of its schema
Rule = Callable[[Arguments], bool]  # whether the kernel would assert


class Watch(TorchDispatchMode):
    """Looks at the arguments of each op on its way to the kernels.

    Of one that would assert, it tells `note` the name, and whether it is on the CPU.
    """

    def __init__(self, note: Callable[[str, bool], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._note = note

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """PyTorch asks; False saves the seconds that it takes to import torch._dynamo."""
        return False

    def __torch_dispatch__(
        self, func: OpOverload, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        rule = _rule(func)
        if rule and _holds(rule, _named(func, args, kwargs)):
            self._note(str(func), _is_on_cpu(args, kwargs))
        return func(*args, **kwargs)


def _is_on_cpu(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    given = tree_leaves((args, dict(kwargs)))
    return all(one.device.type == CPU for one in given if isinstance(one, torch.Tensor))


def are_bad_classes(tensor: Any, num_classes: Any) -> bool:
    """Whether one_hot() is given classes that are negative, or more than it was told."""
    return _holds(_bad_classes, {"self": tensor, "num_classes": num_classes})


@cache
def _rule(op: OpOverload) -> Rule | None:
    """What says whether a call of this op asserts on the device; None for ops that never do."""
    namespace, name = op._schema.name.split("::")
    return _RULES.get(name.removesuffix("_")) if namespace == "aten" else None


def _named(op: OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    names = (argument.name for argument in op._schema.arguments)
    return {**dict(zip(names, args, strict=False)), **kwargs}


def _holds(rule: Rule, given: Arguments) -> bool:
    try:
        return rule(given)
    except Exception:  # not even the question makes sense: the host refuses such a call
        return False


def _outside(index: torch.Tensor, low: int, high: int) -> bool:
    """Whether an index is below `low`, or `high` or above; floats are refused by the host."""
    if not index.numel() or index.dtype.is_floating_point:
        return False
    lowest, highest = torch.aminmax(index)
    return bool(lowest < low or highest >= high)


def _bad_indices(given: Arguments) -> bool:
    """`t[i, j]`, with tensors or lists: each index counts from either end of its own dim.

    A mask covers as many dims as it has, and its shape is compared by the host.
    """
    dim = 0
    for index in given["indices"]:
        is_mask = index is not None and index.dtype in (torch.bool, torch.uint8)
        if index is not None and not is_mask:
            size = given["self"].shape[dim]
            if _outside(index, -size, size):
                return True
        dim += index.ndim if is_mask else 1
    return False


def _bad_along_dim(given: Arguments) -> bool:
    return _outside(given["index"], 0, _size(given))


def _bad_along_dim_from_either_end(given: Arguments) -> bool:
    return _outside(given["index"], -_size(given), _size(given))


def _size(given: Arguments) -> int:
    tensor: torch.Tensor = given["self"]
    return tensor.shape[given["dim"]] if tensor.ndim else 1


def _bad_place(given: Arguments) -> bool:
    """take() and put() count through all elements, from either end."""
    count = given["self"].numel()
    return _outside(given["index"], -count, count)


def _bad_rows(given: Arguments) -> bool:
    weight = given["weight"] if "weight" in given else given["self"]
    return _outside(given["indices"], 0, weight.shape[0])


def _bad_targets(given: Arguments) -> bool:
    """Classes of a loss: those of the second dim, or of the only one."""
    scores, target = given["self"], given["target"]
    classes = scores.shape[min(1, scores.ndim - 1)]
    if "ignore_index" in given:
        target = target[target != given["ignore_index"]]
    return _outside(target, 0, classes)


def _bad_target_lists(given: Arguments) -> bool:
    """Of multilabel_margin_loss, whose lists end with a -1."""
    return _outside(given["target"], -1, given["self"].shape[-1])


def _bad_classes(given: Arguments) -> bool:
    """Of one_hot: -1 for the number of classes means as many as it takes."""
    classes, many = given["num_classes"], torch.iinfo(torch.int64).max
    return _outside(given["self"], 0, many if classes == -1 else classes)


def _bad_pool_indices(given: Arguments) -> bool:
    return _outside(given["indices"], 0, torch.Size(given["output_size"]).numel())


def _bad_probabilities(given: Arguments) -> bool:
    """Of bernoulli(); a plain number for `p` is looked at by the host."""
    p = given.get("p", given["self"])
    return isinstance(p, torch.Tensor) and not _is_share(p)


def _bad_shares(given: Arguments) -> bool:
    return not (_is_share(given["self"]) and _is_share(given["target"]))


def _is_share(values: torch.Tensor) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())  # nan is none


def _bad_weights(given: Arguments) -> bool:
    """Of multinomial(): they are finite and not negative, and a row has one above 0."""
    weights: torch.Tensor = given["self"]
    fine = weights.isfinite().all() & (weights >= 0).all() & (weights.sum(-1) > 0).all()
    return weights.numel() > 0 and not fine


def _any_negative(name: str) -> Rule:
    return lambda given: not bool((given[name] >= 0).all())


def _too_few(given: Arguments) -> bool:
    """Of masked_scatter(): fewer values than places."""
    places = given["mask"].expand_as(given["self"]).sum()
    return bool(places > given["source"].numel())


def _is_false(given: Arguments) -> bool:
    return not bool(given["self"])


# By the name of the op without its overload. An op in place has the rule of its twin.
_RULES: dict[str, Rule] = {
    # IndexKernel.cu
    "index": _bad_indices,
    "index_put": _bad_indices,
    "_index_put_impl": _bad_indices,
    "index_copy": _bad_along_dim,
    "index_fill": _bad_along_dim_from_either_end,
    "take": _bad_place,
    "put": _bad_place,
    "masked_scatter": _too_few,
    # ScatterGatherKernel.cu; take_along_dim, and one_hot on CUDA, come down to these
    "gather": _bad_along_dim,
    "scatter": _bad_along_dim,
    "scatter_add": _bad_along_dim,
    "scatter_reduce": _bad_along_dim,
    # Indexing.cu; index_add does not check that an index is not negative
    "index_select": _bad_along_dim,
    "index_add": _bad_along_dim,
    "index_reduce": _bad_along_dim,
    # Embedding.cu (the lookup is index_select; renorm checks nothing), EmbeddingBag.cu
    "embedding": _bad_rows,
    "embedding_renorm": _bad_rows,
    "_embedding_bag": _bad_rows,
    "_embedding_bag_forward_only": _bad_rows,
    # Loss.cu, NLLLoss2d.cu, MultiMarginLoss.cu, MultiLabelMarginCriterion.cu (checks nothing);
    # cross_entropy is log_softmax and nll_loss
    "nll_loss_forward": _bad_targets,
    "nll_loss2d_forward": _bad_targets,
    "multi_margin_loss": _bad_targets,
    "multilabel_margin_loss_forward": _bad_target_lists,
    "binary_cross_entropy": _bad_shares,
    # DistributionTemplates.h, Distributions.cu, MultinomialKernel.cu, TensorCompare.cu (by which
    # newer versions check multinomial)
    "bernoulli": _bad_probabilities,
    "poisson": _any_negative("self"),
    "multinomial": _bad_weights,
    "_assert_async": _is_false,
    # Repeat.cu, MaxUnpooling.cu
    "repeat_interleave": _any_negative("repeats"),
    "max_unpool2d": _bad_pool_indices,
    "max_unpool3d": _bad_pool_indices,
}
