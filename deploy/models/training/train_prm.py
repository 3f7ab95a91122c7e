"""
Trains the PRM: the blocks of a well-trained policy and two new ones above them.

    python3 train_prm.py WORK --start WORK/policy-final.pt --policy WORK/bundled-policy.pt --minutes 20

A right step cannot be told from a wrong one by the last state of a policy that only knows what it would write
itself: the new blocks compare each character with what the blocks below foretold. So every character of a
solution is labelled, right so far or not, though only the labels at a step's end are ever read. The examples are
samples of the policy that will be judged, some from a right beginning on, and corrupted right solutions.
Next characters are foretold on right text only.

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
STEP_END_WEIGHT = 4.0
AFTER_MISTAKE_WEIGHT = 0.3
MISTAKE_WEIGHT, MISTAKE_FROM_POOL = 10.0, 12  # of the first wrong character itself: few, and all that there is to find
CORRUPTED_SHARE = 0.3
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
    """Tokens; for each the label (1 right so far), its weight, and the right next token or -100."""
    reference, text = labels.ended(reference), labels.ended(text)
    right = labels.right_length(reference, text)
    prompt = vocabulary.prompt(question)
    before = len(prompt)
    tokens = prompt + vocabulary.encode(text)
    label = numpy.zeros(len(tokens), numpy.float32)
    weight = numpy.zeros(len(tokens), numpy.float32)
    following = numpy.full(len(tokens), -100, numpy.int64)
    label[: before + right] = 1
    ends = labels.step_ends(text)
    mistake_ends = next((end for end in ends if end > right), len(text))
    weight[before : before + mistake_ends] = 1
    weight[before + mistake_ends :] = AFTER_MISTAKE_WEIGHT
    for end in ends:
        weight[before + end - 1] *= STEP_END_WEIGHT
    if right < len(text):
        weight[before + right] *= mistake_weight
    wanted = vocabulary.encode(reference)
    for place in range(min(right + 1, len(wanted))):
        following[before - 1 + place] = wanted[place]
    return tokens, label, weight, following


def tensors(examples):
    length = max(len(tokens) for tokens, _, _, _ in examples)
    shape = (len(examples), length)
    inputs, following = numpy.zeros(shape, numpy.int64), numpy.full(shape, -100, numpy.int64)
    label, weight = numpy.zeros(shape, numpy.float32), numpy.zeros(shape, numpy.float32)
    for row, (tokens, labelled, weighed, next_tokens) in enumerate(examples):
        inputs[row, : len(tokens)] = tokens
        label[row, : len(tokens)] = labelled
        weight[row, : len(tokens)] = weighed
        following[row, : len(tokens)] = next_tokens
    return tuple(torch.from_numpy(each) for each in (inputs, label, weight, following))


def log_odds(prm, states):
    spoken = functional.linear(prm.norm(states), prm.embedding.weight[[vocabulary.GOOD, vocabulary.BAD]])
    return spoken[..., 0] - spoken[..., 1]


def losses(prm, examples):
    inputs, label, weight, following = tensors(examples)
    states = prm.hidden(inputs)
    judged = weight > 0
    label_loss = functional.binary_cross_entropy_with_logits(
        log_odds(prm, states[judged]), label[judged], weight[judged], reduction="sum"
    ) / weight.sum()
    foretold = following >= 0
    next_loss = functional.cross_entropy(prm.logits(states[foretold]), following[foretold])
    return label_loss, next_loss


def batches(samples, pool, tokens):
    """Samples and corruptions of similar length, `tokens` tokens a batch."""
    r = random.Random(f"{SEED}/prm/{pool}")
    drawn, mistake = [], MISTAKE_WEIGHT if pool >= MISTAKE_FROM_POOL else 1.0
    for _ in range(1024):
        if r.random() < CORRUPTED_SHARE:
            each = generator.problem(r, r.choice(generator.FAMILIES), r.choice(list(generator.LEVELS)), "training")
            drawn.append(example(each.question, each.solution, labels.corrupted(r, each), mistake))
        else:
            drawn.append(example(*samples[r.randrange(len(samples))], mistake))
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
    """The start's blocks and new ones, which change little at first; label tokens that lean nowhere."""
    prm = network.Llama(len(start.blocks) + NEW_LAYERS)
    prm.load_state_dict(start.state_dict(), strict=False)
    with torch.no_grad():
        for block in prm.blocks[len(start.blocks) :]:
            block.output.weight.mul_(0.1)
            block.down.weight.mul_(0.1)
        prm.embedding.weight[[vocabulary.GOOD, vocabulary.BAD]] = torch.randn(2, network.WIDTH) * 0.02
    return prm


def main():
    options = argparse.ArgumentParser()
    options.add_argument("work", type=pathlib.Path)
    options.add_argument("--start", type=pathlib.Path, required=True, help="the policy whose blocks the PRM begins with")
    options.add_argument("--policy", type=pathlib.Path, required=True, help="the policy that will be judged")
    options.add_argument("--samples", type=int, default=4096)
    options.add_argument("--hard", type=pathlib.Path, help="more samples, as evaluate.py mines them, seen three times as often")
    options.add_argument("--minutes", type=float, default=8, help="CPU-minutes of training, without those of drawing")
    options.add_argument("--rate", type=float, default=1e-3, help="of the new blocks")
    options.add_argument("--trunk", type=float, default=0.2, help="the other blocks' share of the rate")
    options.add_argument("--foretelling", type=float, default=0.3, help="weight of foretelling the next character of right text")
    options.add_argument("--tokens", type=int, default=1600)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    policy, sample_file = network.load(chosen.policy), chosen.work / "samples.jsonl"
    hard = 3 * [json.loads(line) for line in chosen.hard.open()] if chosen.hard else []
    start = network.load(chosen.start)
    prm = fresh(start)
    new = {id(p) for block in prm.blocks[len(start.blocks) :] for p in block.parameters()}
    groups = [
        {"params": [p for p in prm.parameters() if id(p) not in new], "rate": chosen.rate * chosen.trunk},
        {"params": [p for p in prm.parameters() if id(p) in new], "rate": chosen.rate},
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
        for batch in batches(samples, pool, chosen.tokens):
            factor = min(1, (steps + 1) / 60) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, spent / budget))))
            for group in optimiser.param_groups:
                group["lr"] = group["rate"] * factor
            label_loss, next_loss = losses(prm, batch)
            optimiser.zero_grad()
            (label_loss + chosen.foretelling * next_loss).backward()
            torch.nn.utils.clip_grad_norm_(prm.parameters(), 1.0)
            optimiser.step()
            steps += 1
            seen.append((label_loss.item(), next_loss.item()))
            spent = time.process_time() - before
        pool += 1
        state = {"weights": prm.state_dict(), "optimiser": optimiser.state_dict()}
        state |= {"pool": pool, "steps": steps, "spent": spent}
        torch.save(state, state_file.with_suffix(".new"))
        os.replace(state_file.with_suffix(".new"), state_file)
        network.save(prm, chosen.work / "prm.pt")
        label_mean, next_mean = numpy.mean(seen, 0)
        print(f"step {steps} cpu {spent:.0f} s label loss {label_mean:.4f} next loss {next_mean:.4f}", flush=True)
        seen = []


if __name__ == "__main__":
    main()
