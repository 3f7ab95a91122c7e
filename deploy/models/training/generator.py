"""
Problems of arithmetic with their solutions, one step a paragraph.

Every number lies in 0..99. A solution is a list of operations in the one order in which the families solve
themselves: from left to right, a bracket when it is reached. Which part of the data a problem belongs to
follows from a hash of its operations, so two wordings of one computation never stand on both sides.

    python3 generator.py check 20000       shows that the parts are disjoint
    python3 generator.py write             writes ../problems.jsonl and ../bundled.jsonl
"""

import hashlib
import json
import pathlib
import random
import sys
from dataclasses import dataclass

from vocabulary import STEP_END

FAMILIES = ("chain", "brackets", "word", "price")
UNTUNED = "mixed"  # in no training batch and in no choice: reported once, beside the others
LEVELS = {1: (1, 2), 2: (3, 3), 3: (4, 5), 4: (6, 7), 5: (8, 10)}
PARTS = ("training", "tuning", "heldout")
LARGEST = 99
FOLDER = pathlib.Path(__file__).resolve().parent.parent  # where the files lie

NAMES = ("Ann", "Ben", "Eva", "Leo", "Mia", "Tom")
THINGS = ("nuts", "pens", "cups", "figs", "keys", "caps")
GAINS = ("finds", "buys", "wins")
LOSSES = ("loses", "sells", "gives")


@dataclass(frozen=True)
class Problem:
    question: str
    steps: tuple  # "17 + 26 = 43", ...
    level: int
    family: str

    @property
    def answer(self):
        return self.steps[-1].rsplit(" ", 1)[1]

    @property
    def paragraphs(self):
        return self.steps + (f"\\boxed{{{self.answer}}}",)

    @property
    def solution(self):
        return STEP_END.join(self.paragraphs)

    @property
    def part(self):
        return part_of(self.steps)


def part_of(steps):
    """One computation in 16 is held out, one is for tuning, the others are for training."""
    first = hashlib.sha256("|".join(steps).encode()).digest()[0] % 16
    return "heldout" if first == 0 else "tuning" if first == 1 else "training"


class Working:
    """The operations done so far."""

    def __init__(self):
        self.steps = []

    def do(self, left, operator, right):
        value = left + right if operator == "+" else left - right if operator == "-" else left * right
        assert 0 <= value <= LARGEST, (left, operator, right)
        self.steps.append(f"{left} {operator} {right} = {value}")
        return value


def operation(r, value, largest=49):
    """An operator and its right side that keep the value in range."""
    plus = r.random() < 0.5
    if plus and value > LARGEST - 5 or not plus and value < 5:
        plus = not plus
    room = LARGEST - value if plus else value
    return ("+" if plus else "-"), r.randint(1, min(largest, room))


def left_to_right(r, working, value, operations):
    """The operators and right sides of a chain from `value`, and where it ends."""
    chain = []
    for _ in range(operations):
        operator, right = operation(r, value)
        value = working.do(value, operator, right)
        chain.append((operator, right))
    return chain, value


def expression(first, chain):
    return str(first) + "".join(f" {operator} {right}" for operator, right in chain)


def asked(r, expressed):
    return r.choice((f"Evaluate {expressed}.", f"What is {expressed}?"))


def spoken(chain):
    verbs = [f"{'add' if operator == '+' else 'subtract'} {right}" for operator, right in chain]
    return ", then ".join(verbs)


def chain(r, operations, working):
    first = r.randint(1, LARGEST)
    parts, _ = left_to_right(r, working, first, operations)
    if r.random() < 1 / 3:
        return f"Start with {first}, {spoken(parts)}. What do you get?"
    return asked(r, expression(first, parts))


def bracket(r, operations, working):
    """A bracket of `operations` operations, and its value."""
    inside = Working()
    first = r.randint(1, 49)
    parts, value = left_to_right(r, inside, first, operations)
    return f"({expression(first, parts)})", value, inside.steps


def brackets(r, operations, working):
    """Terms from left to right; each is a number, or a bracket, which costs the operations in it too."""
    if operations == 1:
        text, _, steps = bracket(r, 1, working)
        working.steps += steps
        return asked(r, text)
    left = operations
    text, value = str(r.randint(1, LARGEST)), None
    value = int(text)
    opened = False
    while left > 0:
        if left >= 2 and (not opened or r.random() < 0.4):
            inner = 2 if left >= 3 and r.random() < 0.4 else 1
            spelled, amount, steps = bracket(r, inner, working)
            if amount <= LARGEST - value and (amount > value or r.random() < 0.5):
                operator = "+"
            elif amount <= value:
                operator = "-"
            else:
                continue
            working.steps += steps
            opened = True
            left -= inner + 1
        else:
            operator, amount = operation(r, value)
            spelled = str(amount)
            left -= 1
        value = working.do(value, operator, amount)
        text += f" {operator} {spelled}"
    return asked(r, text)


def word(r, operations, working):
    """Things that come and go; from two operations on, sometimes a second person who has some more."""
    name, other = r.sample(NAMES, 2)
    things = r.choice(THINGS)
    together = operations >= 2 and r.random() < 0.4
    events = operations - 2 if together else operations
    first = r.randint(1, 45 if together and events == 0 else LARGEST)
    parts, value = left_to_right(r, working, first, events)
    text = f"{name} has {first} {things}."
    if parts:
        done = [f"{r.choice(GAINS if operator == '+' else LOSSES)} {right}" for operator, right in parts]
        listed = done[0] if len(done) == 1 else ", ".join(done[:-1]) + " and " + done[-1]
        text += f" {name} {listed}."
    if not together:
        return text + f" How many {things} does {name} have now?"
    if not 1 <= value <= 48:
        return None
    more = r.randint(1, LARGEST - 2 * value)
    theirs = working.do(value, "+", more)
    working.do(value, "+", theirs)
    return text + f" {other} has {more} more. How many {things} do they have together?"


def price(r, operations, working):
    """So many of each at so much: k items cost 2 k - 1 operations, and the change is one more."""
    items = operations // 2 if operations % 2 == 0 else (operations + 1) // 2
    total, listed = None, []
    for item in range(items):
        room = LARGEST - (total or 0) - 4 * (items - 1 - item)
        count = r.randint(2, min(9, room // 2))
        each = r.randint(2, min(9, room // count))
        cost = working.do(count, "*", each)
        total = cost if total is None else working.do(total, "+", cost)
        listed.append(f"{count} {r.choice(THINGS)} at {each}")
    text = listed[0] if items == 1 else ", ".join(listed[:-1]) + " and " + listed[-1]
    name = r.choice(NAMES)
    if operations % 2 == 1:
        return f"{name} buys {text}. What is the price?"
    coins = r.randint(total, LARGEST)
    working.do(coins, "-", total)
    return f"{name} has {coins} coins and buys {text}. How many coins are left?"


def mixed(r, operations, working):
    """A chain that begins written as an expression and goes on in words."""
    written = max(1, operations // 2)
    first = r.randint(1, LARGEST)
    parts, value = left_to_right(r, working, first, written)
    rest, _ = left_to_right(r, working, value, operations - written)
    if not rest:
        return f"Start with {expression(first, parts)}. What do you get?"
    return f"Start with {expression(first, parts)}, {spoken(rest)}. What do you get?"


_WRITERS = {"chain": chain, "brackets": brackets, "word": word, "price": price, "mixed": mixed}


def problem(r, family, level, part):
    """A problem of the family and level that belongs to the part, or to any if `part` is None."""
    while True:
        working = Working()
        try:
            question = _WRITERS[family](r, r.randint(*LEVELS[level]), working)
        except ValueError:  # an empty range: the numbers left no room
            continue
        if question is None:
            continue
        drawn = Problem(question, tuple(working.steps), level, family)
        if part is None or drawn.part == part:
            return drawn


def problems(seed, part, each, families=FAMILIES):
    """`each` different problems of every family and level, in the order of the levels."""
    r = random.Random(f"{seed}/{part}")
    drawn, seen = [], set()
    for level in LEVELS:
        for family in families:
            count = 0
            while count < each:
                candidate = problem(r, family, level, part)
                if candidate.question not in seen:
                    seen.add(candidate.question)
                    drawn.append(candidate)
                    count += 1
    return drawn


def record(identifier, drawn):
    return {
        "id": identifier,
        "question": drawn.question,
        "answer": drawn.answer,
        "level": drawn.level,
        "family": drawn.family,
    }


def demo():
    return problems(20, "heldout", 1)


def data_set():
    """Sixty held-out problems a level, 12 of each family, the untuned one included; none of the demo's."""
    used = {each.steps for each in demo()}
    drawn = problems(21, "heldout", 14, FAMILIES + (UNTUNED,))
    kept = []
    for level in LEVELS:
        for family in FAMILIES + (UNTUNED,):
            mine = [d for d in drawn if d.level == level and d.family == family and d.steps not in used]
            kept += mine[:12]
    return kept


def files():
    """The lines of the two files."""
    counts, records = {}, []
    for each in data_set():
        counts[each.level] = counts.get(each.level, 0) + 1
        records.append(record(f"l{each.level}-{counts[each.level]:02d}", each))
    return {
        "problems.jsonl": [record(f"b{i + 1}", each) for i, each in enumerate(demo())],
        "bundled.jsonl": records,
    }


def lines(records):
    return "".join(json.dumps(each) + "\n" for each in records)


def write(folder):
    for name, records in files().items():
        (folder / name).write_text(lines(records))


def check(count, folder):
    """Fails if `count` problems drawn as for training share a computation with the files, or a file is another."""
    r = random.Random(1)
    training = {problem(r, r.choice(FAMILIES), r.choice(list(LEVELS)), "training").steps for _ in range(count)}
    tuning = {each.steps for each in problems(2, "tuning", 10)}
    heldout = {each.steps for each in demo() + data_set()}
    print(f"computations: training {len(training)}, tuning {len(tuning)}, the files {len(heldout)}")
    shared = training & tuning | training & heldout | tuning & heldout
    print(f"shared: {len(shared)}")
    same = all((folder / name).read_text() == lines(records) for name, records in files().items())
    print(f"the files are as the generator writes them: {same}")
    sys.exit(0 if same and not shared else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(FOLDER)
    elif sys.argv[1:2] == ["check"]:
        check(int(sys.argv[2]) if len(sys.argv) > 2 else 20000, FOLDER)
    else:
        sys.exit(__doc__)
