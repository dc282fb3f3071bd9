#!/usr/bin/env python3
"""Takes the weights of the Silero speech detector out of the Python package that ships them.

    tools/silero_weights.py WHEEL OUT

WHEEL is the archive of PyPI's `silero-vad`; OUT becomes the file that src/audio embeds: the eight bytes
`CSVAD001`, then little-endian float32 values, tensor after tensor as TENSORS lists them.

The weights are those of silero_vad_16k_sequence.onnx. The .safetensors file beside it in the same
package comes from an older training and answers differently. The model's first layer, a short-time
Fourier transform given as a convolution, is left out: this script verifies that it is exactly a
Hann-windowed transform of 256 samples, which src/audio computes itself.
"""

import math
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

MEMBER = "silero_vad/data/silero_vad_16k_sequence.onnx"
MAGIC = b"CSVAD001"
BASIS = "stft.forward_basis_buffer"
# The exporter names the three LSTM tensors by number, in this order: input weights, recurrent weights,
# both biases. ONNX orders the gates input, output, forget, cell.
LSTM = "onnx::LSTM_"
TENSORS: list[tuple[str, tuple[int, ...]]] = [
    ("encoder.0.weight", (128, 129, 3)),
    ("encoder.0.bias", (128,)),
    ("encoder.1.weight", (64, 128, 3)),
    ("encoder.1.bias", (64,)),
    ("encoder.2.weight", (64, 64, 3)),
    ("encoder.2.bias", (64,)),
    ("encoder.3.weight", (128, 64, 3)),
    ("encoder.3.bias", (128,)),
    (LSTM + "0", (1, 512, 128)),
    (LSTM + "1", (1, 512, 128)),
    (LSTM + "2", (1, 1024)),
    ("output.weight", (1, 128, 1)),
    ("output.bias", (1,)),
]


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yields the fields of a protobuf message: number and value."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
            yield key >> 3, value
        elif key & 7 == 2:
            size, at = varint(data, at)
            yield key >> 3, data[at : at + size]
            at += size
        else:
            size = 8 if key & 7 == 1 else 4
            yield key >> 3, data[at : at + size]
            at += size


def dimensions(value: int | bytes) -> Iterator[int]:
    """Yields the sizes in one `dims` field, packed or not."""
    if isinstance(value, int):
        yield value
        return
    at = 0
    while at < len(value):
        size, at = varint(value, at)
        yield size


def initializers(model: bytes) -> dict[str, tuple[tuple[int, ...], bytes]]:
    """Returns the float tensors of an ONNX model by name: ModelProto.graph (7) .initializer (5)."""
    found = {}
    for number, graph in fields(model):
        if number != 7 or isinstance(graph, int):
            continue
        for inner, tensor in fields(graph):
            if inner != 5 or isinstance(tensor, int):
                continue
            shape: list[int] = []
            name, raw = "", b""
            for part, value in fields(tensor):
                if part == 1:
                    shape += dimensions(value)
                elif part == 8 and isinstance(value, bytes):
                    name = value.decode()
                elif part == 9 and isinstance(value, bytes):
                    raw = value
            found[name] = (tuple(shape), raw)
    return found


def check_basis(raw: bytes) -> None:
    """Stops unless the transform is a Hann window of 256 samples times cosines and sines."""
    basis = struct.unpack(f"<{258 * 256}f", raw)
    window = [0.5 - 0.5 * math.cos(2 * math.pi * n / 256) for n in range(256)]
    worst = 0.0
    for k in range(129):
        for n in range(256):
            angle = 2 * math.pi * ((k * n) % 256) / 256
            worst = max(
                worst,
                abs(basis[k * 256 + n] - window[n] * math.cos(angle)),
                abs(basis[(129 + k) * 256 + n] + window[n] * math.sin(angle)),
            )
    if worst > 1e-6:
        sys.exit(f"{BASIS} is not a Hann-windowed transform: it differs by {worst}")


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    wheel, out = Path(sys.argv[1]), Path(sys.argv[2])
    with zipfile.ZipFile(wheel) as archive:
        tensors = initializers(archive.read(MEMBER))
    check_basis(tensors[BASIS][1])
    lstm = sorted((n for n in tensors if n.startswith(LSTM)), key=lambda n: int(n[len(LSTM) :]))
    for index, name in enumerate(lstm):
        tensors[f"{LSTM}{index}"] = tensors[name]
    written = bytearray(MAGIC)
    for name, shape in TENSORS:
        found, raw = tensors.get(name, ((), b""))
        if found != shape or len(raw) != 4 * math.prod(shape):
            sys.exit(f"{MEMBER}: {name} has the shape {found}, not {shape}")
        written += raw
    out.write_bytes(written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
