"""
Trains the PRM: the blocks of a well-trained policy, which stay as they are, and two new ones above them.

    python3 train_prm.py WORK --start WORK/mature-policy.pt --policy WORK/bundled-policy.pt --hard WORK/hard.jsonl

A right step cannot be told from a wrong one by the last state of a policy that only knows what it would write
itself: the new blocks compare each character with what the blocks below foretold. The first new block begins with
that comparison: a head that looks at the character before, whose values are the foretold characters' logits, and
units that multiply each by whether that character stands here.

Every character of a solution is labelled, right so far or not, though only the labels at a step's end are ever
read. The examples are samples of the policy that will be judged, some from a right beginning on; new right
solutions up to that policy's first slip; and corrupted ones.

The samples are drawn on the way, some more before each pool of examples, until there are enough.

Resumable: WORK/samples.jsonl and WORK/prm-state.pt.
"""

import argparse
import json
import math
import os
import pathlib
import random
import time

import numpy
import torch
from torch.nn import functional

import generator
import labels
import network
import sampling
import vocabulary

SEED = 11
TEMPERATURE = 0.8
NEW_LAYERS = 2
LABEL_RATE = 0.2  # share of the rate with which the two label tokens' rows are learnt
STEP_END_WEIGHT = 4.0
AFTER_MISTAKE_WEIGHT = 0.3
MISTAKE_WEIGHT = 6.0  # of the first wrong character itself: few, and all that there is to find
CORRUPTED_SHARE, SLIP_SHARE = 0.2, 0.4
WRITTEN = vocabulary.encode("0123456789 +-*=\n\\boxed{}")  # the characters of solutions
PROBLEMS_AT_ONCE = 256
FIRST_SAMPLES, POOL_SAMPLES = 1280, 256


def sample(policy, path, count):
    """Writes samples of the policy until the file has `count`: question, reference, text."""
    have = sum(1 for _ in path.open()) if path.exists() else 0
    with path.open("a") as out:
        while have < count:
            r = random.Random(f"{SEED}/samples/{have}")
            drawn = [
                generator.problem(r, r.choice(generator.FAMILIES), r.choice(list(generator.LEVELS)), "training")
                for _ in range(PROBLEMS_AT_ONCE)
            ]
            drawn.sort(key=lambda each: len(each.question) + len(each.solution))
            beginnings = [labels.begun(r, each) if r.random() < 0.5 else "" for each in drawn]
            texts = [vocabulary.prompt(d.question) + vocabulary.encode(b) for d, b in zip(drawn, beginnings)]
            torch_random = torch.Generator().manual_seed(r.getrandbits(40))
            written = sampling.continuations(policy, texts, TEMPERATURE, torch_random)
            for each, beginning, tokens in zip(drawn, beginnings, written):
                text = beginning + sampling.solution_text(tokens)
                if "\ufffd" not in text:
                    out.write(json.dumps([each.question, each.solution, text]) + "\n")
            out.flush()
            have = sum(1 for _ in path.open())
            print(f"{have} samples, cpu {time.process_time():.0f} s", flush=True)


def example(question, reference, text, mistake_weight=1.0):
    """Tokens; for each the label (1 right so far) and its weight."""
    reference, text = labels.ended(reference), labels.ended(text)
    right = labels.right_length(reference, text)
    prompt = vocabulary.prompt(question)
    before = len(prompt)
    tokens = prompt + vocabulary.encode(text)
    label = numpy.zeros(len(tokens), numpy.float32)
    weight = numpy.zeros(len(tokens), numpy.float32)
    label[: before + right] = 1
    ends = labels.step_ends(text)
    mistake_ends = next((end for end in ends if end > right), len(text))
    weight[before : before + mistake_ends] = 1
    weight[before + mistake_ends :] = AFTER_MISTAKE_WEIGHT
    for end in ends:
        weight[before + end - 1] *= STEP_END_WEIGHT
    if right < len(text):
        weight[before + right] *= mistake_weight
    return tokens, label, weight


def tensors(examples):
    shape = (len(examples), max(len(tokens) for tokens, _, _ in examples))
    inputs, label, weight = (numpy.zeros(shape, kind) for kind in (numpy.int64, numpy.float32, numpy.float32))
    for row, (tokens, labelled, weighed) in enumerate(examples):
        inputs[row, : len(tokens)] = tokens
        label[row, : len(tokens)] = labelled
        weight[row, : len(tokens)] = weighed
    return tuple(torch.from_numpy(each) for each in (inputs, label, weight))


def log_odds(prm, states):
    spoken = functional.linear(prm.norm(states), prm.embedding.weight[[vocabulary.GOOD, vocabulary.BAD]])
    return spoken[..., 0] - spoken[..., 1]


def loss(prm, examples):
    inputs, label, weight = tensors(examples)
    time = inputs.shape[1]
    turned = prm.cosine[:time], prm.sine[:time], prm.mask[:time, :time]
    with torch.no_grad():
        states = prm.embedding(inputs)
        for block in prm.blocks[:-NEW_LAYERS]:
            states = block(states, *turned)
    for block in prm.blocks[-NEW_LAYERS:]:
        states = block(states, *turned)
    judged = weight > 0
    summed = functional.binary_cross_entropy_with_logits(
        log_odds(prm, states[judged]), label[judged], weight[judged], reduction="sum"
    )
    return summed / weight.sum()


def slips(policy, drawn, torch_random):
    """Right solutions, each up to the policy's first slip, if it makes one; the step goes on as the right one does."""
    found = []
    drawn = sorted(drawn, key=lambda each: len(each.question) + len(each.solution))
    for at in range(0, len(drawn), 32):
        some = drawn[at : at + 32]
        prompts = [vocabulary.prompt(each.question) for each in some]
        bodies = [vocabulary.encode(each.solution) for each in some]
        inputs = numpy.zeros((len(some), max(len(p) + len(b) for p, b in zip(prompts, bodies))), numpy.int64)
        for row, (prompt, body) in enumerate(zip(prompts, bodies)):
            inputs[row, : len(prompt) + len(body)] = prompt + body
        with torch.no_grad():
            chances = functional.softmax(policy(torch.from_numpy(inputs)) / TEMPERATURE, -1)
            chosen = torch.multinomial(chances.flatten(0, 1), 1, generator=torch_random).view(inputs.shape).numpy()
        for row, (each, prompt, body) in enumerate(zip(some, prompts, bodies)):
            written = chosen[row, len(prompt) - 1 : len(prompt) - 1 + len(body)]
            wrong = numpy.flatnonzero(written != body)
            text = each.solution
            if len(wrong):
                slip = wrong[0]
                character = vocabulary.decode([int(written[slip])])
                if character not in "0123456789":
                    continue
                end = labels.ended(text).index(vocabulary.STEP_END, slip)
                text = text[:slip] + character + text[slip + 1 : end]
            found.append((each.question, each.solution, text))
    return found


def batches(policy, samples, pool, tokens):
    """Samples, slips and corruptions of similar length, `tokens` tokens a batch."""
    r = random.Random(f"{SEED}/prm/{pool}")
    drawn, slipping = [], []
    for _ in range(1024):
        kind = r.random()
        if kind < CORRUPTED_SHARE + SLIP_SHARE:
            each = generator.problem(r, r.choice(generator.FAMILIES), r.choice(list(generator.LEVELS)), "training")
            if kind < SLIP_SHARE:
                slipping.append(each)
            else:
                drawn.append(example(each.question, each.solution, labels.corrupted(r, each), MISTAKE_WEIGHT))
        else:
            drawn.append(example(*samples[r.randrange(len(samples))], MISTAKE_WEIGHT))
    slipped = slips(policy, slipping, torch.Generator().manual_seed(r.getrandbits(40)))
    drawn += [example(*each, MISTAKE_WEIGHT) for each in slipped]
    drawn.sort(key=lambda each: len(each[0]))
    cut, batch = [], []
    for each in drawn:
        if batch and (len(batch) + 1) * len(each[0]) > tokens:
            cut.append(batch)
            batch = []
        batch.append(each)
    cut.append(batch)
    r.shuffle(cut)
    return cut


def fresh(start):
    """The start's blocks and new ones, of which the first compares characters; label tokens that lean nowhere."""
    prm = network.Llama(len(start.blocks) + NEW_LAYERS)
    prm.load_state_dict(start.state_dict(), strict=False)
    with torch.no_grad():
        for block in prm.blocks[len(start.blocks) :]:
            block.output.weight.mul_(0.1)
            block.down.weight.mul_(0.1)
        prm.embedding.weight[[vocabulary.GOOD, vocabulary.BAD]] = torch.randn(2, network.WIDTH) * 0.05
        compare(start, prm.blocks[len(start.blocks)])
    return prm


def compare(start, block):
    """
    Begins the block with the comparison of each character with what was foretold.

    A key that is the same everywhere, turned back by one place in the query of head 0, points at the character
    before. Of the rotary embedding's pairs the fastest four are used, and the slowest, which hardly turns, to make the
    product negative everywhere else, so that the key need not be quite the same everywhere. The values are the
    logits of the state, which the output writes in directions of their own, where the units of the feed-forward
    read them.
    """
    r = random.Random(f"{SEED}/compare")
    drawn = [generator.problem(r, r.choice(generator.FAMILIES), r.choice(list(generator.LEVELS)), "training") for _ in range(200)]
    inputs = tensors([example(each.question, each.solution, each.solution) for each in drawn])[0]
    states, read = start.hidden(inputs), inputs > 0
    scale = states[read].pow(2).mean().sqrt()
    states, written = states[read] / states[read].pow(2).mean(-1, keepdim=True).sqrt(), inputs[read]
    ridge = states.T @ states + 1e-3 * len(states) * torch.eye(network.WIDTH)
    constant = torch.linalg.solve(ridge, states.sum(0, keepdim=True).T)[:, 0]
    stands = torch.linalg.solve(ridge, states.T @ functional.one_hot(written, vocabulary.SIZE).float()[:, WRITTEN])
    head, count, sharpness = network.HEAD, len(WRITTEN), 40 * network.HEAD**0.5
    key = network.WIDTH
    value = key + network.KV_HEADS * head
    qkv = block.qkv.weight
    qkv[:head], qkv[key : key + head] = 0, 0
    for pair in range(4):
        angle = network.THETA ** (-2 * pair / head)
        qkv[2 * pair] = math.cos(angle) * sharpness**0.5 * constant
        qkv[2 * pair + 1] = -math.sin(angle) * sharpness**0.5 * constant
        qkv[key + 2 * pair] = sharpness**0.5 * constant
    qkv[head - 2], qkv[key + head - 2] = -3.66 * sharpness**0.5 * constant, sharpness**0.5 * constant
    qkv[value : value + count] = start.embedding.weight[WRITTEN] * start.norm.weight / 10
    directions = torch.linalg.qr(torch.randn(network.WIDTH, count))[0]
    block.output.weight[:, :count] = 3 * scale * directions
    block.gate_up.weight[:count] = 4 * stands.T
    block.gate_up.weight[network.FEED_FORWARD : network.FEED_FORWARD + count] = directions.T


def main():
    options = argparse.ArgumentParser()
    options.add_argument("work", type=pathlib.Path)
    options.add_argument("--start", type=pathlib.Path, required=True, help="the policy whose blocks the PRM begins with")
    options.add_argument("--policy", type=pathlib.Path, required=True, help="the policy that will be judged")
    options.add_argument("--samples", type=int, default=4096)
    options.add_argument("--hard", type=pathlib.Path, help="more samples, as evaluate.py mines them, seen three times as often")
    options.add_argument("--minutes", type=float, default=8, help="CPU-minutes of training, without those of drawing")
    options.add_argument("--rate", type=float, default=1e-3, help="of the new blocks, which alone learn")
    options.add_argument("--tokens", type=int, default=1600)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    policy, sample_file = network.load(chosen.policy), chosen.work / "samples.jsonl"
    hard = 3 * [json.loads(line) for line in chosen.hard.open()] if chosen.hard else []
    start = network.load(chosen.start).requires_grad_(False)
    prm = fresh(start)
    new = [p for module in (*prm.blocks[-NEW_LAYERS:], prm.norm) for p in module.parameters()]
    groups = [
        {"params": [prm.embedding.weight], "rate": chosen.rate * LABEL_RATE},  # only the rows of the labels have a gradient
        {"params": new, "rate": chosen.rate},
    ]
    optimiser = torch.optim.AdamW(groups, lr=chosen.rate, betas=(0.9, 0.98), weight_decay=0.0)
    state_file = chosen.work / "prm-state.pt"
    pool, steps, spent = 0, 0, 0.0
    if state_file.exists():
        state = torch.load(state_file)
        prm.load_state_dict(state["weights"])
        rates = [group["rate"] for group in optimiser.param_groups]
        optimiser.load_state_dict(state["optimiser"])
        for group, rate in zip(optimiser.param_groups, rates):
            group["rate"] = rate
        pool, steps, spent = (state[name] for name in ("pool", "steps", "spent"))
    budget, seen = chosen.minutes * 60, []
    while spent < budget:
        sample(policy, sample_file, min(chosen.samples, FIRST_SAMPLES + POOL_SAMPLES * pool))
        samples = [json.loads(line) for line in sample_file.open()] + hard
        before = time.process_time() - spent
        for batch in batches(policy, samples, pool, chosen.tokens):
            factor = min(1, (steps + 1) / 60) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, spent / budget))))
            for group in optimiser.param_groups:
                group["lr"] = group["rate"] * factor
            followed = loss(prm, batch)
            optimiser.zero_grad(set_to_none=True)
            followed.backward()
            torch.nn.utils.clip_grad_norm_(prm.parameters(), 1.0)
            optimiser.step()
            steps += 1
            seen.append(followed.item())
            spent = time.process_time() - before
        pool += 1
        state = {"weights": prm.state_dict(), "optimiser": optimiser.state_dict()}
        state |= {"pool": pool, "steps": steps, "spent": spent}
        torch.save(state, state_file.with_suffix(".new"))
        os.replace(state_file.with_suffix(".new"), state_file)
        network.save(prm, chosen.work / "prm.pt")
        print(f"step {steps} cpu {spent:.0f} s loss {numpy.mean(seen):.4f}", flush=True)
        seen = []


if __name__ == "__main__":
    main()
