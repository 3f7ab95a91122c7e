"""A Llama network, small enough for one thread: interleaved rotary embedding, grouped queries, tied embeddings."""

import math

import torch
from torch import nn
from torch.nn import functional

import vocabulary

WIDTH, HEADS, KV_HEADS, FEED_FORWARD, CONTEXT = 128, 4, 2, 352, 512
HEAD = WIDTH // HEADS
EPSILON, THETA = 1e-5, 10000.0


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON) * self.weight


def rotated(x, cosine, sine):
    """x: batch, heads, time, HEAD; neighbouring pairs turn together, as llama.cpp's NORM kind has it."""
    pairs = x.unflatten(-1, (HEAD // 2, 2))
    even, odd = pairs[..., 0], pairs[..., 1]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


class Block(nn.Module):
    """q, k and v are one matrix here, gate and up another; the export takes them apart."""

    def __init__(self):
        super().__init__()
        self.attention_norm = Norm()
        self.qkv = nn.Linear(WIDTH, WIDTH + 2 * KV_HEADS * HEAD, bias=False)
        self.output = nn.Linear(WIDTH, WIDTH, bias=False)
        self.feed_norm = Norm()
        self.gate_up = nn.Linear(WIDTH, 2 * FEED_FORWARD, bias=False)
        self.down = nn.Linear(FEED_FORWARD, WIDTH, bias=False)

    def forward(self, x, cosine, sine, mask, cache=None, positions=None):
        batch, time, _ = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).split((WIDTH, KV_HEADS * HEAD, KV_HEADS * HEAD), -1)
        q = rotated(q.view(batch, time, HEADS, HEAD).transpose(1, 2), cosine, sine)
        k = rotated(k.view(batch, time, KV_HEADS, HEAD).transpose(1, 2), cosine, sine)
        v = v.view(batch, time, KV_HEADS, HEAD).transpose(1, 2)
        if cache is not None:
            rows, seen = torch.arange(batch)[:, None], mask.shape[-1]
            keys, values = cache
            keys[rows, :, positions] = k.transpose(1, 2)
            values[rows, :, positions] = v.transpose(1, 2)
            k, v = keys[:, :, :seen], values[:, :, :seen]
        group = HEADS // KV_HEADS
        q = q.reshape(batch, KV_HEADS, group * time, HEAD)
        scores = torch.matmul(q, k.transpose(-1, -2)) * (1 / math.sqrt(HEAD))
        scores = scores.view(batch, HEADS, time, -1) + mask
        mixed = torch.matmul(functional.softmax(scores, -1).view(batch, KV_HEADS, group * time, -1), v)
        mixed = mixed.view(batch, HEADS, time, HEAD).transpose(1, 2).reshape(batch, time, WIDTH)
        x = x + self.output(mixed)
        gate, up = self.gate_up(self.feed_norm(x)).split(FEED_FORWARD, -1)
        return x + self.down(functional.silu(gate) * up)


class Llama(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary.SIZE, WIDTH)
        self.blocks = nn.ModuleList([Block() for _ in range(layers)])
        self.norm = Norm()
        angles = torch.outer(torch.arange(CONTEXT).float(), THETA ** (-torch.arange(0, HEAD, 2).float() / HEAD))
        self.register_buffer("cosine", angles.cos(), persistent=False)
        self.register_buffer("sine", angles.sin(), persistent=False)
        future = torch.full((CONTEXT, CONTEXT), float("-inf")).triu(1)
        self.register_buffer("mask", future, persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                residual = name.endswith(("output.weight", "down.weight"))
                nn.init.normal_(parameter, 0, 0.02 / (math.sqrt(2 * layers) if residual else 1))

    def hidden(self, tokens):
        """The state after the last block, not normalised."""
        time = tokens.shape[1]
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, self.cosine[:time], self.sine[:time], self.mask[:time, :time])
        return x

    def logits(self, states):
        return functional.linear(self.norm(states), self.embedding.weight)

    def forward(self, tokens):
        return self.logits(self.hidden(tokens))

    def caches(self, batch, time):
        shape = (batch, KV_HEADS, time, HEAD)
        return [(torch.zeros(shape), torch.zeros(shape)) for _ in self.blocks]

    def read(self, tokens, positions, caches):
        """The state of each token, read at its row's position (batch, time) into the caches."""
        seen = torch.arange(int(positions.max()) + 1)
        mask = torch.zeros(()).masked_fill(seen > positions[..., None], float("-inf"))[:, None]
        cosine, sine = self.cosine[positions][:, None], self.sine[positions][:, None]
        x = self.embedding(tokens)
        for block, cache in zip(self.blocks, caches):
            x = block(x, cosine, sine, mask, cache, positions)
        return x


def load(path):
    state = torch.load(path, map_location="cpu")
    network = Llama(state["layers"])
    network.load_state_dict(state["weights"])
    return network


def save(network, path):
    torch.save({"layers": len(network.blocks), "weights": network.state_dict()}, path)
