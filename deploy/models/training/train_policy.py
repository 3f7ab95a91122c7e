"""
Trains the policy from nothing on right solutions, saving checkpoints on the way.

    python3 train_policy.py WORK --minutes 16

Resumable: WORK/policy-state.pt holds weights, optimiser, and the number of steps; the data of a step follow
from the seed and the step's pool alone.
"""

import argparse
import math
import os
import pathlib
import random
import time

import numpy
import torch
from torch.nn import functional

import generator
import network
import vocabulary

SEED = 1
POOL = 2048  # problems drawn at once, then sorted by length and cut into batches
# Copying numbers from the question is learnt soon on drills, and hardly at all on everything at once.
DRILL_POOLS = 6
CURRICULUM = (  # until which pool, with which shares of the levels and the families
    (10, (0.5, 0.5, 0, 0, 0), (1, 0, 0, 0)),
    (14, (0.5, 0.3, 0.2, 0, 0), (0.34, 0.22, 0.22, 0.22)),
)
LEVEL_SHARES = (0.36, 0.2, 0.18, 0.14, 0.12)
FAMILY_SHARES = (0.34, 0.22, 0.22, 0.22)


def shares(pool):
    """Of the levels and of the families."""
    for until, levels, families in CURRICULUM:
        if pool < until:
            return levels, families
    return LEVEL_SHARES, FAMILY_SHARES


def drill(r):
    """Some numbers, to be written again."""
    numbers = " ".join(str(r.randint(0, generator.LARGEST)) for _ in range(r.randint(3, 8)))
    return vocabulary.prompt(numbers), vocabulary.encode(numbers) + [vocabulary.END]


def example(r, pool):
    if pool < DRILL_POOLS:
        return drill(r)
    levels, families = shares(pool)
    level = r.choices(list(generator.LEVELS), levels)[0]
    family = r.choices(generator.FAMILIES, families)[0]
    drawn = generator.problem(r, family, level, "training")
    prompt = vocabulary.prompt(drawn.question)
    return prompt, vocabulary.encode(drawn.solution) + [vocabulary.END]


def batches(pool, tokens):
    """The batches of the pool of that number: sequences of similar length, `tokens` tokens each."""
    r = random.Random(f"{SEED}/policy/{pool}")
    drawn = sorted((example(r, pool) for _ in range(POOL)), key=lambda each: len(each[0]) + len(each[1]))
    cut, batch = [], []
    for each in drawn:
        if batch and (len(batch) + 1) * (len(each[0]) + len(each[1])) > tokens:
            cut.append(batch)
            batch = []
        batch.append(each)
    cut.append(batch)
    r.shuffle(cut)
    return cut


def tensors(batch):
    """Inputs, and the tokens to foretell; -100 where nothing is asked: in the question and the padding."""
    length = max(len(prompt) + len(solution) for prompt, solution in batch) - 1
    inputs = numpy.zeros((len(batch), length), numpy.int64)
    targets = numpy.full((len(batch), length), -100, numpy.int64)
    for row, (prompt, solution) in enumerate(batch):
        text = prompt + solution
        inputs[row, : len(text) - 1] = text[:-1]
        targets[row, len(prompt) - 1 : len(text) - 1] = solution
    return torch.from_numpy(inputs), torch.from_numpy(targets)


QUESTION_WEIGHT = 0.1


def solution_loss(policy, batch):
    """The mean loss over the solutions' tokens, which is reported, and the loss that is followed down."""
    inputs, targets = tensors(batch)
    states = policy.hidden(inputs)
    asked = targets >= 0
    solution = functional.cross_entropy(policy.logits(states[asked]), targets[asked])
    question = ~asked[:, :-1] & (inputs[:, 1:] > 0)
    foretold = functional.cross_entropy(policy.logits(states[:, :-1][question]), inputs[:, 1:][question])
    return solution, solution + QUESTION_WEIGHT * foretold, inputs.numel()


def greedy_exact(policy, drawn):
    """The share of problems of each level whose every token is the likeliest one."""
    exact = {}
    with torch.no_grad():
        for level in generator.LEVELS:
            batch = [
                (vocabulary.prompt(each.question), vocabulary.encode(each.solution) + [vocabulary.END])
                for each in drawn
                if each.level == level
            ]
            inputs, targets = tensors(batch)
            right = (policy(inputs).argmax(-1) == targets) | (targets < 0)
            exact[level] = right.all(1).float().mean().item()
    return exact


def main():
    options = argparse.ArgumentParser()
    options.add_argument("work", type=pathlib.Path)
    options.add_argument("--minutes", type=float, default=16, help="CPU-minutes in all, after which the rate has sunk")
    options.add_argument("--rate", type=float, default=1e-3)
    options.add_argument("--tokens", type=int, default=800, help="tokens a step")
    options.add_argument("--every", type=float, default=20, help="CPU-seconds between checkpoints")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    chosen.work.mkdir(parents=True, exist_ok=True)
    policy = network.Llama(4)
    matrices = [p for p in policy.parameters() if p.dim() > 1]
    vectors = [p for p in policy.parameters() if p.dim() == 1]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0}], lr=chosen.rate, betas=(0.9, 0.98)
    )
    state_file = chosen.work / "policy-state.pt"
    pool, steps, tokens, spent = 0, 0, 0, 0.0
    if state_file.exists():
        state = torch.load(state_file)
        policy.load_state_dict(state["weights"])
        optimiser.load_state_dict(state["optimiser"])
        pool, steps, tokens, spent = (state[name] for name in ("pool", "steps", "tokens", "spent"))
    print(f"{sum(p.numel() for p in policy.parameters())} parameters, torch {torch.__version__}", flush=True)
    tuning = generator.problems(2, "tuning", 2)
    before = time.process_time() - spent
    budget, saved, losses = chosen.minutes * 60, spent, []
    while spent < budget:
        for batch in batches(pool, chosen.tokens):
            rate = chosen.rate * min(1, (steps + 1) / 100) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, spent / budget))))
            for group in optimiser.param_groups:
                group["lr"] = rate
            loss, followed, read = solution_loss(policy, batch)
            optimiser.zero_grad()
            followed.backward()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimiser.step()
            steps, tokens = steps + 1, tokens + read
            losses.append(loss.item())
            spent = time.process_time() - before
            if spent - saved > chosen.every:
                saved = spent
                network.save(policy, chosen.work / f"policy-{steps:05d}.pt")
                exact = " ".join(f"{share:.2f}" for share in greedy_exact(policy, tuning).values())
                print(
                    f"step {steps} cpu {spent:.0f} s tokens {tokens / 1e6:.2f} M"
                    f" loss {sum(losses) / len(losses):.4f} greedy by level {exact}",
                    flush=True,
                )
                losses = []
        pool += 1
        state = {"weights": policy.state_dict(), "optimiser": optimiser.state_dict()}
        state |= {"pool": pool, "steps": steps, "tokens": tokens, "spent": spent}
        torch.save(state, state_file.with_suffix(".new"))
        os.replace(state_file.with_suffix(".new"), state_file)
    network.save(policy, chosen.work / "policy-final.pt")


if __name__ == "__main__":
    main()
