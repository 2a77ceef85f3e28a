"""What a koan may change is as it was afterwards, on each version of torch."""

import torch

from torchkoans import restoring


def test_a_default_device_that_was_set_is_gone_afterwards():
    with restoring.everything():
        torch.set_default_device("meta")
        assert torch.ones(1).device.type == "meta"
    assert torch.ones(1).device.type == "cpu"


def test_where_torch_trips_over_its_own_none_the_default_device_can_still_be_asked(monkeypatch):
    """torch 2.3: after set_default_device(None), get_default_device() raises AttributeError."""
    said = ["cpu"]

    def get():
        if said[-1] is None:
            raise AttributeError("'NoneType' object has no attribute 'device'")
        return torch.device(said[-1])

    monkeypatch.setattr(torch, "set_default_device", said.append)
    monkeypatch.setattr(torch, "get_default_device", get)
    with restoring.everything():
        torch.set_default_device("meta")
    assert torch.get_default_device() == torch.device("cpu")
