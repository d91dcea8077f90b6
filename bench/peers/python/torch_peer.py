"""A full training step in PyTorch, eager, as its tutorials have it."""

from serve import decode, lacks, serve

try:
    import numpy  # by which torch hands arrays over
    import torch
    from torch.nn.functional import conv2d, cross_entropy, linear, max_pool2d, relu
except ImportError as error:
    lacks(error)

torch.set_num_threads(1)


def tensor(array, shape, dtype=torch.float32):
    return torch.frombuffer(bytearray(decode(array)), dtype=dtype).reshape(shape)


def cnn(task):
    """Channels first, as PyTorch's own layers: kernels [out, in, 3, 3], the dense layer [10, channels * pixels]."""
    batch = task["batch"]
    x = tensor(task["images"], (batch, 1, 28, 28))
    labels = tensor(task["labels"], (batch,), torch.int32).long()
    first, second, out = task["layers"]
    k1 = tensor(first["w"], (3, 3, 1, 8)).permute(3, 2, 0, 1).contiguous().requires_grad_()
    k2 = tensor(second["w"], (3, 3, 8, 16)).permute(3, 2, 0, 1).contiguous().requires_grad_()
    w = tensor(out["w"], (49, 16, 10)).permute(2, 1, 0).reshape(10, 784).contiguous().requires_grad_()
    b1, b2, b = (tensor(layer["b"], (-1,)).requires_grad_() for layer in task["layers"])
    optimizer = torch.optim.SGD([k1, b1, k2, b2, w, b], lr=task["lr"])

    def step():
        h = max_pool2d(relu(conv2d(x, k1, b1, padding="same")), 2)
        h = max_pool2d(relu(conv2d(h, k2, b2, padding="same")), 2)
        loss = cross_entropy(linear(h.flatten(1), w, b), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def result():
        dense = w.detach().reshape(10, 16, 49).permute(2, 1, 0)
        kernels = [k.detach().permute(2, 3, 1, 0) for k in (k1, k2)]
        arrays = [kernels[0], b1.detach(), kernels[1], b2.detach(), dense, b.detach()]
        return [array.contiguous().numpy() for array in arrays]

    return step, result


serve(torch.__version__, {"cnn": cnn})
