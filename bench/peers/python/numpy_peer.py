"""A full training step in NumPy, by hand and in place: what OpenBLAS allows."""

from serve import decode, lacks, serve

try:
    import numpy as np
except ImportError as error:
    lacks(error)


def mlp(task):
    sizes, lr = task["sizes"], np.float32(task["lr"])
    batch = task["batch"]
    x = np.frombuffer(decode(task["images"]), np.float32).reshape(batch, sizes[0])
    labels = np.frombuffer(decode(task["labels"]), np.int32)
    weights = [np.frombuffer(decode(layer["w"]), np.float32).reshape(m, n).copy() for layer, m, n in zip(task["layers"], sizes, sizes[1:])]
    biases = [np.frombuffer(decode(layer["b"]), np.float32).copy() for layer in task["layers"]]

    outputs = [np.empty((batch, n), np.float32) for n in sizes[1:]]
    inputs = [x, *outputs[:-1]]
    logits = outputs[-1]
    cotangents = [np.empty_like(h) for h in inputs]
    gradients = [np.empty_like(w) for w in weights]
    rows = np.arange(batch)
    last = len(weights) - 1

    def step():
        for l, (w, b) in enumerate(zip(weights, biases)):
            z = np.matmul(inputs[l], w, out=outputs[l])
            z += b
            if l < last:
                np.maximum(z, 0, out=z)

        d = logits
        d -= d.max(axis=1, keepdims=True)
        np.exp(d, out=d)
        d /= d.sum(axis=1, keepdims=True)
        d[rows, labels] -= 1
        d /= batch

        for l in range(last, -1, -1):
            dw = np.matmul(inputs[l].T, d, out=gradients[l])
            db = d.sum(axis=0)
            if l > 0:
                d = np.matmul(d, weights[l].T, out=cotangents[l])
                d *= inputs[l] > 0
            dw *= lr
            weights[l] -= dw
            biases[l] -= lr * db

    return step, lambda: [array for layer in zip(weights, biases) for array in layer]


serve(np.__version__, {"mlp": mlp})
