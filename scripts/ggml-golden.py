#!/usr/bin/env python3
"""Writes blocks of ggml's types with the values that the package gguf decodes them to, as a fixture of the tests.

    python3 -m venv .build/gguf && .build/gguf/bin/pip install gguf
    .build/gguf/bin/python scripts/ggml-golden.py > Tests/QPFormatsTests/Fixtures/ggml-blocks.json
"""

import importlib.metadata
import json

import gguf
import numpy

# Where a block's half-precision scales lie: any bits but those of an infinity or a NaN.
SCALES = {"Q8_0": [0], "Q4_0": [0], "Q4_K": [0, 2], "Q6_K": [208]}


def main():
    rng = numpy.random.default_rng(1)
    cases = {}
    for name, places in SCALES.items():
        kind = gguf.GGMLQuantizationType[name]
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = rng.integers(0, 256, size=(2 if elements == 256 else 5, size), dtype=numpy.uint8)
        for block in blocks:
            for place in places:
                scale = numpy.float16(rng.normal() * 10 ** rng.uniform(-7, 2))
                block[place:place + 2] = numpy.frombuffer(scale.tobytes(), numpy.uint8)
        values = gguf.quants.dequantize(blocks, kind).astype("<f4")
        cases[name.lower().replace("_k", "_K")] = {"bytes": blocks.tobytes().hex(), "values": values.tobytes().hex()}
    print(json.dumps({"gguf": importlib.metadata.version("gguf"), "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
