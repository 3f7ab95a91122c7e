"""
Writes a network as a GGUF v3 file with Q8_0 matrices.

    python3 export.py policy WORK/bundled-policy.pt ../bundled-policy.gguf
    python3 export.py prm WORK/prm.pt ../bundled-prm.gguf
"""

import hashlib
import pathlib
import struct
import sys

import numpy

import network
import vocabulary

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32, Q8_0 = 0, 8
BLOCK, ALIGNMENT = 32, 32


def _string(text):
    spelled = text.encode()
    return struct.pack("<Q", len(spelled)) + spelled


def _entry(key, kind, value):
    return _string(key) + struct.pack("<I", kind) + value


def _number(key, value):
    return _entry(key, UINT32, struct.pack("<I", value))


def _real(key, value):
    return _entry(key, FLOAT32, struct.pack("<f", value))


def _flag(key, value):
    return _entry(key, BOOL, struct.pack("<?", value))


def _text(key, value):
    return _entry(key, STRING, _string(value))


def _list(key, kind, values):
    return _entry(key, ARRAY, struct.pack("<IQ", kind, len(values)) + b"".join(values))


def entries(kind, layers):
    spellings = vocabulary.spellings()
    written = [
        _text("general.architecture", "llama"),
        _text("general.name", f"cloudchamber-bundled-{kind}"),
        _text("general.license", "Apache-2.0"),
        _number("general.file_type", 7),
        _number("general.quantization_version", 2),
        _number("general.alignment", ALIGNMENT),
        _number("llama.vocab_size", vocabulary.SIZE),
        _number("llama.context_length", network.CONTEXT),
        _number("llama.embedding_length", network.WIDTH),
        _number("llama.block_count", layers),
        _number("llama.feed_forward_length", network.FEED_FORWARD),
        _number("llama.attention.head_count", network.HEADS),
        _number("llama.attention.head_count_kv", network.KV_HEADS),
        _real("llama.attention.layer_norm_rms_epsilon", network.EPSILON),
        _number("llama.rope.dimension_count", network.HEAD),
        _real("llama.rope.freq_base", network.THETA),
        _text("tokenizer.ggml.model", "llama"),
        _list("tokenizer.ggml.tokens", STRING, [_string(text) for text, _ in spellings]),
        _list("tokenizer.ggml.scores", FLOAT32, [struct.pack("<f", 0.0)] * len(spellings)),
        _list("tokenizer.ggml.token_type", INT32, [struct.pack("<i", each) for _, each in spellings]),
        _number("tokenizer.ggml.bos_token_id", vocabulary.BEGIN),
        _number("tokenizer.ggml.eos_token_id", vocabulary.END),
        _number("tokenizer.ggml.unknown_token_id", vocabulary.UNKNOWN),
        _flag("tokenizer.ggml.add_space_prefix", False),
        _flag("tokenizer.ggml.add_bos_token", True),
        _flag("tokenizer.ggml.add_eos_token", False),
        _text("cloudchamber.kind", kind),
        _text("cloudchamber.template", "question"),
        _text("cloudchamber.step_delimiter", vocabulary.STEP_END),
    ]
    if kind == "prm":
        good, bad = (spellings[token][0] for token in (vocabulary.GOOD, vocabulary.BAD))
        written += [_text("cloudchamber.label.good", good), _text("cloudchamber.label.bad", bad)]
    return written


def quantised(matrix):
    """Blocks of 32 signed bytes, each after its scale as a half: the scale is the largest magnitude / 127."""
    blocks = matrix.reshape(-1, BLOCK)
    scales = numpy.abs(blocks).max(1, keepdims=True) / 127
    inverse = numpy.divide(1, scales, out=numpy.zeros_like(scales), where=scales > 0)
    written = numpy.empty(len(blocks), numpy.dtype([("scale", "<f2"), ("values", "i1", BLOCK)]))
    written["scale"] = scales[:, 0]
    written["values"] = numpy.round(blocks * inverse)
    return written.tobytes()


def dequantised(matrix):
    blocks = numpy.frombuffer(quantised(matrix), numpy.dtype([("scale", "<f2"), ("values", "i1", BLOCK)]))
    return (blocks["scale"].astype(numpy.float32)[:, None] * blocks["values"]).reshape(matrix.shape)


def tensors(model):
    """Names as llama.cpp has them; q, k, v and gate, up taken apart."""
    kv = network.KV_HEADS * network.HEAD
    yield "token_embd.weight", model.embedding.weight
    for index, block in enumerate(model.blocks):
        q, k, v = block.qkv.weight.split((network.WIDTH, kv, kv))
        gate, up = block.gate_up.weight.split(network.FEED_FORWARD)
        named = {
            "attn_norm": block.attention_norm.weight,
            "attn_q": q,
            "attn_k": k,
            "attn_v": v,
            "attn_output": block.output.weight,
            "ffn_norm": block.feed_norm.weight,
            "ffn_gate": gate,
            "ffn_up": up,
            "ffn_down": block.down.weight,
        }
        for name, weight in named.items():
            yield f"blk.{index}.{name}.weight", weight
    yield "output_norm.weight", model.norm.weight


def write(kind, model, path):
    directory, data = b"", b""
    count = 0
    for name, weight in tensors(model):
        values = weight.detach().numpy().astype(numpy.float32)
        stored = Q8_0 if values.ndim == 2 else F32
        directory += _string(name) + struct.pack("<I", values.ndim)
        directory += b"".join(struct.pack("<Q", size) for size in reversed(values.shape))
        directory += struct.pack("<IQ", stored, len(data))
        data += quantised(values) if stored == Q8_0 else values.astype("<f4").tobytes()
        data += bytes(-len(data) % ALIGNMENT)
        count += 1
    written = entries(kind, len(model.blocks))
    head = b"GGUF" + struct.pack("<IQQ", 3, count, len(written)) + b"".join(written) + directory
    head += bytes(-len(head) % ALIGNMENT)
    path.write_bytes(head + data)
    print(f"{path.name} {len(head + data)} bytes, SHA-256 {hashlib.sha256(head + data).hexdigest()}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("policy", "prm"):
        sys.exit(__doc__)
    write(sys.argv[1], network.load(sys.argv[2]), pathlib.Path(sys.argv[3]))
