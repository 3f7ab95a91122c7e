"""
Measures a policy and a PRM as their files will have them (Q8_0), on problems that no training batch held.

    python3 evaluate.py policy WORK/policy-01234.pt --each 4               pass@1 on the tuning part
    python3 evaluate.py pair WORK/bundled-policy.pt WORK/prm.pt            everything, on the tuning part
    python3 evaluate.py pair POLICY PRM --data ../bundled.jsonl            once, at the end
    python3 evaluate.py mine POLICY PRM --out WORK/hard.jsonl              hard negatives, from the training part

The particle filter is measured with Cloudchamber itself: deploy/models/README.md has the commands.
"""

import argparse
import json
import pathlib
import random
import re
from collections import Counter, defaultdict

import numpy
import torch

import export
import generator
import labels
import network
import sampling
import vocabulary

SAMPLES = 16
TEMPERATURE = 0.8
BOOTSTRAPS = 2000
BINS = 10


def loaded(path):
    """The network as its file has it."""
    model = network.load(path)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.copy_(torch.from_numpy(export.dequantised(parameter.numpy())))
    return model


def answer(text):
    found = re.findall(r"\\boxed\{(\d+)\}", text)
    return found[-1] if found else None


def draw(policy, drawn, samples, seed):
    """For each problem its samples' texts."""
    order = sorted(range(len(drawn)), key=lambda index: len(drawn[index].question))
    prompts = [vocabulary.prompt(drawn[index].question) for index in order for _ in range(samples)]
    written = sampling.continuations(policy, prompts, TEMPERATURE, torch.Generator().manual_seed(seed))
    texts = [None] * len(drawn)
    for place, index in enumerate(order):
        texts[index] = [sampling.solution_text(each) for each in written[place * samples : (place + 1) * samples]]
    return texts


def scores(prm, question, texts):
    """The log-odds after each step of each text."""
    prompt = vocabulary.prompt(question)
    bodies = [labels.ended(text) for text in texts]
    length = len(prompt) + max(len(body) for body in bodies)
    inputs = torch.zeros((len(texts), length), dtype=torch.long)
    for row, body in enumerate(bodies):
        tokens = prompt + [vocabulary.encode(c)[0] if c != "\ufffd" else vocabulary.UNKNOWN for c in body]
        inputs[row, : len(tokens)] = torch.tensor(tokens)
    with torch.no_grad():
        logits = prm(inputs)
    odds = (logits[..., vocabulary.GOOD] - logits[..., vocabulary.BAD]).double().numpy()
    return [
        [odds[row, len(prompt) + end - 1] for end in labels.step_ends(body)] for row, body in enumerate(bodies)
    ]


def won(good, bad):
    """Pairs in which the right one scores higher, ties as halves; and all pairs."""
    if not len(good) or not len(bad):
        return 0.0, 0
    difference = numpy.subtract.outer(numpy.array(good), numpy.array(bad))
    return float((difference > 0).sum() + 0.5 * (difference == 0).sum()), difference.size


def interval(values, statistic, r):
    """95 % by resampling problems."""
    drawn = [statistic([values[i] for i in r.integers(0, len(values), len(values))]) for _ in range(BOOTSTRAPS)]
    low, high = numpy.nanpercentile(drawn, (2.5, 97.5))
    return f"[{low:.3f}, {high:.3f}]"


def mean_of(name, values, r):
    print(f"  {name:28s} {numpy.mean(values):.3f} {interval(values, numpy.mean, r)}")


def ratio(pairs):
    wins, total = sum(p[0] for p in pairs), sum(p[1] for p in pairs)
    return wins / total if total else float("nan")


def best_of(n, texts, odds, right, r):
    """The chance that the best-scored of n of the samples is right, over groups of n."""
    order = r.permutation(len(texts))
    groups = [order[at : at + n] for at in range(0, len(texts) - n + 1, n)]
    return numpy.mean([right[max(group, key=lambda index: odds[index][-1])] for group in groups])


def elected(texts, weights):
    votes = defaultdict(float)
    for text, weight in zip(texts, weights):
        if answer(text) is not None:
            votes[answer(text)] += weight
    return max(votes, key=votes.get) if votes else None


def report(name, problems, r):
    """problems: (problem, texts, log-odds or None)."""
    print(f"{name}: {len(problems)} problems, {len(problems[0][1])} samples each")
    rights = [[answer(text) == problem.answer for text in texts] for problem, texts, _ in problems]
    mean_of("pass@1", [numpy.mean(right) for right in rights], r)
    for level in generator.LEVELS:
        mine = [numpy.mean(right) for right, each in zip(rights, problems) if each[0].level == level]
        if mine:
            mean_of(f"  level {level}", mine, r)
    for family in generator.FAMILIES + (generator.UNTUNED,):
        mine = [numpy.mean(right) for right, each in zip(rights, problems) if each[0].family == family]
        if mine:
            mean_of(f"  {family}", mine, r)
    if problems[0][2] is None:
        return
    mean_of("coverage of the samples", [float(any(right)) for right in rights], r)
    mean_of("self-consistency", [float(elected(t, [1] * len(t)) == p.answer) for p, t, _ in problems], r)
    for n in (1, 4, 16):
        mean_of(f"best-of-{n}", [best_of(n, t, o, right, r) for (_, t, o), right in zip(problems, rights)], r)
    weighted = [float(elected(t, [1 / (1 + numpy.exp(-x[-1])) for x in o]) == p.answer) for p, t, o in problems]
    mean_of("weighted best-of-16", weighted, r)
    within(problems, r)


def within(problems, r):
    labelled = [
        [(labels.step_labels(problem.solution, text), odds) for text, odds in zip(texts, scored)]
        for problem, texts, scored in problems
    ]
    positions = defaultdict(list)
    pairs, good, bad = [], [], []
    for samples in labelled:
        wins = total = 0
        for position in range(max(len(steps) for steps, _ in samples)):
            right = [odds[position] for steps, odds in samples if len(steps) > position and steps[position]]
            wrong = [odds[position] for steps, odds in samples if len(steps) > position and not steps[position]]
            good += right
            bad += wrong
            won_here, pairs_here = won(right, wrong)
            positions[position].append((won_here, pairs_here))
            wins, total = wins + won_here, total + pairs_here
        pairs.append((wins, total))
    print(f"  within-problem AUC           {ratio(pairs):.3f} {interval(pairs, ratio, r)}, {sum(t for _, t in pairs)} pairs")
    wins, total = won(good, bad)
    print(f"  pooled AUC                   {wins / total:.3f}")
    for position, found in sorted(positions.items()):
        if sum(total for _, total in found) >= 100:
            print(f"    step {position + 1:2d}  {ratio(found):.3f} {interval(found, ratio, r)}, {sum(t for _, t in found)} pairs")
    print("  calibration: P(good) said, share right, steps")
    said = 1 / (1 + numpy.exp(-numpy.array(good + bad)))
    truth = numpy.array([1] * len(good) + [0] * len(bad))
    for low in range(BINS):
        inside = (said >= low / BINS) & ((said < (low + 1) / BINS) | (low == BINS - 1))
        if inside.any():
            print(f"    {said[inside].mean():.3f}  {truth[inside].mean():.3f}  {inside.sum()}")


def mine(policy, prm, count, seed, out):
    """The best-scored wrong and the worst-scored right sample of every problem that has both."""
    r = random.Random(seed)
    drawn = [
        generator.problem(r, r.choice(generator.FAMILIES), r.choice(list(generator.LEVELS)), "training") for _ in range(count)
    ]
    found = Counter()
    with out.open("w") as file:
        for each, texts in zip(drawn, draw(policy, drawn, SAMPLES, seed)):
            odds = scores(prm, each.question, texts)
            whole = [(o[-1], labels.step_labels(each.solution, text)[-1], text) for o, text in zip(odds, texts)]
            whole = [(o, right, text) for o, right, text in whole if "\ufffd" not in text]
            wrong = sorted((w for w in whole if not w[1]), reverse=True)[:2]
            right = sorted(w for w in whole if w[1])[:1]
            for _, kind, text in wrong + right:
                found[kind] += 1
                file.write(json.dumps([each.question, each.solution, text]) + "\n")
    print(f"{found[False]} wrong, {found[True]} right")


def from_data(path):
    """The problems of the bundled data set, drawn again by the generator, which alone knows their steps."""
    known = {each.question: each for each in generator.data_set()}
    return [known[json.loads(line)["question"]] for line in path.open()]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("what", choices=("policy", "pair", "mine"))
    options.add_argument("policy", type=pathlib.Path)
    options.add_argument("prm", type=pathlib.Path, nargs="?")
    options.add_argument("--each", type=int, default=10, help="problems of each family and level")
    options.add_argument("--seed", type=int, default=2)
    options.add_argument("--data", type=pathlib.Path)
    options.add_argument("--count", type=int, default=250, help="problems to mine")
    options.add_argument("--out", type=pathlib.Path)
    options.add_argument("--texts", type=pathlib.Path, help="where the samples are kept: drawn once, used by every PRM")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    policy = loaded(chosen.policy)
    prm = loaded(chosen.prm) if chosen.prm else None
    if chosen.what == "mine":
        mine(policy, prm, chosen.count, chosen.seed, chosen.out)
        return
    drawn = from_data(chosen.data) if chosen.data else generator.problems(chosen.seed, "tuning", chosen.each)
    if chosen.texts and chosen.texts.exists():
        texts = json.loads(chosen.texts.read_text())
    else:
        texts = draw(policy, drawn, SAMPLES, chosen.seed)
        if chosen.texts:
            chosen.texts.write_text(json.dumps(texts))
    scored = [scores(prm, each.question, t) if prm else None for each, t in zip(drawn, texts)]
    r = numpy.random.default_rng(chosen.seed)
    problems = list(zip(drawn, texts, scored))
    tuned = [each for each in problems if each[0].family != generator.UNTUNED]
    report("families of training", tuned, r)
    untuned = [each for each in problems if each[0].family == generator.UNTUNED]
    if untuned:
        report(f"the family never tuned on, {generator.UNTUNED}", untuned, r)


if __name__ == "__main__":
    main()
