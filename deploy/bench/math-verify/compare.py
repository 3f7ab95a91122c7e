"""Compares the grader `math` with Math-Verify, pair by pair, and writes where they disagree.

    python3 -m venv venv && venv/bin/pip install math-verify==0.9.0 antlr4-python3-runtime==4.13.2
    venv/bin/python compare.py pairs --cases strict.txt second.txt --texts texts.txt --data /path/to/datasets > pairs.jsonl
    java -cp 'deploy/bench/target/classes:deploy/target/lib/*' cloudchamber.bench.GradingVerdicts pairs.jsonl > ours.jsonl
    venv/bin/python compare.py verify pairs.jsonl > theirs.jsonl
    venv/bin/python compare.py disagreements pairs.jsonl ours.jsonl theirs.jsonl --notes notes.tsv > disagreements.jsonl

The pairs are: every case of the tables, the answers of the data sets against themselves and their rewritings, and
20,000 pairs of unlike answers drawn with a fixed seed. A pair's `same` is what is right where that is known: the
table's word, true for rewritings; for the drawn pairs it is null, since two writings may have one value.
"""

import argparse
import collections
import decimal
import itertools
import json
import os
import random
import re
import sys

SEED = 20261128
UNLIKE_PAIRS = 20_000


NUMBER = re.compile(r"-?\d+")
FRACTION = re.compile(r"\\d?frac\{(-?\d+)\}\{(\d+)\}")
FULL_WIDTH = str.maketrans("0123456789.,()=-/", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0e\uff0c\uff08\uff09\uff1d\uff0d\uff0f")
ARABIC = str.maketrans("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669")


def rewritings(gold):
    """Other ways to write an answer that do not change it."""
    yield "itself", gold
    bare = gold.rstrip(".").strip("$")
    if bare != gold and "$" not in bare:
        yield "no dollars", bare
        gold = bare
    yield "dollars", f"${gold}$"
    yield "parentheses and backslash", f"\\({gold}\\)"
    yield "braces", "{" + gold + "}"
    yield "blanks", " " + gold.replace(" ", "  ") + " "
    yield "full stop", gold + "."
    if "\\frac" in gold or "\\dfrac" in gold:
        yield "dfrac", gold.replace("\\dfrac", "\\frac").replace("\\frac", "\\dfrac")
    if "\\left" in gold:
        yield "no left and right", gold.replace("\\left", "").replace("\\right", "")
    elif "(" in gold and "text" not in gold:
        yield "left and right", gold.replace("(", "\\left(").replace(")", "\\right)").replace("]", "\\right]").replace("[", "\\left[")
    if "+" in gold or "=" in gold:
        yield "wide signs", gold.replace("+", " + ").replace("=", " = ")
    if "\\text" in gold:
        yield "mbox", gold.replace("\\text{", "\\mbox{")
    if "-" in gold and "text" not in gold:
        yield "unicode minus", gold.replace("-", "\u2212")
    for command, sign in (("\\pi", "\u03c0"), ("\\infty", "\u221e"), ("\\cup", "\u222a"), ("\\le", "\u2264"), ("\\cdot", "\u00b7"), ("\\pm", "\u00b1"), ("\\theta", "\u03b8")):
        if re.search(re.escape(command) + r"(?![A-Za-z])", gold):
            yield "sign " + sign, re.sub(re.escape(command) + r"(?![A-Za-z])", lambda _: sign, gold)
    if re.fullmatch(FRACTION, gold.lstrip("-")):
        above, below = re.fullmatch(FRACTION, gold.lstrip("-")).groups()
        minus = "-" if gold.startswith("-") else ""
        yield "slash", f"{minus}{above}/{below}"
        yield "not in lowest terms", f"{minus}\\frac{{{3 * int(above)}}}{{{3 * int(below)}}}"
        yield "tfrac", f"{minus}\\tfrac{{{above}}}{{{below}}}"
        rest = int(below)
        while rest % 2 == 0:
            rest //= 2
        while rest % 5 == 0:
            rest //= 5
        if rest == 1:
            yield "decimal", minus + str(decimal.Decimal(above) / decimal.Decimal(below))
        if int(above) > int(below):
            yield "mixed", f"{minus}{int(above) // int(below)}\\frac{{{int(above) % int(below)}}}{{{below}}}"
    if re.search(r"\\sqrt\{\d+\}", gold):
        yield "sqrt of a program", re.sub(r"\\sqrt\{(\d+)\}", r" sqrt(\1)", gold).strip()
        yield "power of one half", re.sub(r"\\sqrt\{(\d+)\}", r"{\1}^{1/2}", gold)
        yield "sign of a root", re.sub(r"\\sqrt\{(\d+)\}", "\u221a\\1", gold)
    if NUMBER.fullmatch(gold):
        value = int(gold)
        yield "point zero", f"{value}.0"
        yield "named", f"x = {gold}"
        yield "text", f"\\text{{{gold}}}"
        yield "bold", f"\\mathbf{{{gold}}}"
        yield "code", f"`{gold}`"
        yield "full width", gold.translate(FULL_WIDTH)
        yield "Arabic digits", gold.translate(ARABIC)
        yield "units", f"{gold} \\text{{ units}}"
        yield "counted", f"{gold} apples"
        yield "degrees", f"{gold}^\\circ"
        yield "power zero", f"{gold} \\times 10^0"
        yield "exponent", f"{value / 10 ** (len(gold.lstrip('-')) - 1)}e{len(gold.lstrip('-')) - 1}" if len(gold) < 12 else gold
        yield "price", f"\\${gold}" if value >= 0 else gold
        yield "twice a half", f"\\frac{{{2 * value}}}{{2}}"
        if abs(value) >= 1000:
            yield "commas", f"{value:,}"
            yield "commas in braces", f"{value:,}".replace(",", "{,}")
            yield "commas and thin blanks", f"{value:,}".replace(",", ",\\!")
            yield "apostrophes", f"{value:,}".replace(",", "'")
        if value and value % 100 == 0:
            yield "times a power of ten", f"{value // 100} \u00d7 10^2"
    if "pmatrix" in gold:
        yield "bmatrix", gold.replace("pmatrix", "bmatrix")
    if re.fullmatch(r"[^(){}\[\]|=<>]*", gold) and gold.count(",") == 1 and "!" not in gold and not re.search(r"\d,\d{3}(?!\d)", gold):
        first, second = gold.split(",")
        yield "other order", f"{second.strip()}, {first.strip()}"
        yield "and", f"{first.strip()} and {second.strip()}"
    if re.fullmatch(r"[A-Za-z0-9^{} ]+\+[A-Za-z0-9^{} ]+", gold) and "text" not in gold:
        first, second = gold.split("+")
        yield "other order of terms", f"{second.strip()}+{first.strip()}"
    if re.search(r"\d\\pi", gold):
        yield "times pi", re.sub(r"(\d)\\pi", r"\1 \\cdot \\pi", gold)
    if "^\\circ" in gold:
        yield "degrees in words", gold.replace("^\\circ", " degrees")
    if gold.endswith("\\%"):
        yield "percent in words", gold.removesuffix("\\%") + " percent"


def changes(gold):
    """Other answers that look much the same."""
    gold = gold.strip("$")
    numbers = list(NUMBER.finditer(gold))
    if not numbers or "text" in gold or "begin" in gold:
        return
    last = numbers[-1]
    value = int(last.group())
    yield "one more", gold[: last.start()] + str(value + 1) + gold[last.end() :]
    if value and "." not in gold:
        yield "a zero more", gold[: last.end()] + "0" + gold[last.end() :]
    if NUMBER.fullmatch(gold) and value:
        yield "other sign", str(-value)
        yield "a thousandth", f"{value}e-3"
        yield "its reciprocal", f"\\frac{{1}}{{{value}}}" if abs(value) > 1 else f"{value + 1}"
        yield "with i", f"{value}i"
        yield "to a power", f"{value}^{{3}}" if abs(value) > 1 else f"{value + 1}^2"
        yield "in a base", f"{value}_{{12}}" if value > 0 else f"{value - 1}"
        yield "two of them", f"{value}, {value + 1}"
        yield "at least", f"x \\ge {value}"
    if re.fullmatch(FRACTION, gold):
        above, below = re.fullmatch(FRACTION, gold).groups()
        if abs(int(above)) != int(below):
            yield "turned round", f"\\frac{{{below}}}{{{above}}}"
        yield "rounded", f"{int(above) / int(below) + 1e-3:.3f}"
    if re.search(r"\\sqrt\{\d+\}", gold):
        yield "root left out", re.sub(r"\\sqrt\{(\d+)\}", r"(\1)", gold)
    if re.search(r"\\pi(?![A-Za-z])", gold):
        yield "pi left out", re.sub(r"\\pi(?![A-Za-z])", "(1)", gold)
    if re.fullmatch(r"\\?(?:left)?\(-?\d+, ?-?\d+\\?(?:right)?\)", gold):
        first, second = NUMBER.findall(gold)
        if first != second:
            yield "other order", f"({second},{first})"
        yield "a set", f"\\{{{first},{second}\\}}"


def cases(path):
    kind = ""
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if not line.strip() or line.startswith("# "):
            continue
        same = " == " in line
        if not same and " != " not in line:
            kind = line[1:-1]
            continue
        first, second = line.split(" == " if same else " != ", 1)
        yield {"kind": "case: " + kind, "first": first, "second": second, "same": same}


def texts(path):
    """Whole texts and the answers in them, for the default rule; an answer that is empty is none."""
    heading = ""
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if not line.strip() or line.startswith("# "):
            continue
        if " => " not in line:
            heading = line[1:-1]
            continue
        said, answer = line.rsplit(" => ", 1)
        if heading.startswith("math standard") and answer:
            yield {"kind": "text: " + heading.split(": ")[1], "text": said.replace("\\n", "\n"), "second": answer, "same": True}


def text(value):
    """A published answer as text: 27.0 is 27, and a solution that ends in #### has its answer there."""
    if isinstance(value, list):
        return text(value[0])
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    value = str(value)
    return value.rsplit("####", 1)[1].strip() if "####" in value else value


def golds(directory):
    fields = {
        "math500.jsonl": "answer",
        "aime24.jsonl": "answer",
        "amc23.jsonl": "answer",
        "olympiadbench.jsonl": "final_answer",
        "gsm8k.jsonl": "answer",
    }
    for name, field in fields.items():
        for line in open(os.path.join(directory, name), encoding="utf-8"):
            yield name.removesuffix(".jsonl"), text(json.loads(line)[field])


def pairs(arguments):
    rows = list(itertools.chain.from_iterable(cases(path) for path in arguments.cases))
    rows += itertools.chain.from_iterable(texts(path) for path in arguments.texts)
    answers = collections.defaultdict(dict)
    for name, gold in golds(arguments.data):
        answers[name][gold] = None
    for name, distinct in answers.items():
        for gold in distinct:
            for how, rewritten in rewritings(gold):
                rows.append({"kind": f"{name}: {how}", "first": rewritten, "second": gold, "same": True})
            for how, changed in changes(gold):
                rows.append({"kind": f"{name}, changed: {how}", "first": changed, "second": gold, "same": False})
    pool = sorted({gold for distinct in answers.values() for gold in distinct})
    draw = random.Random(SEED)
    drawn = set()
    while len(drawn) < UNLIKE_PAIRS:
        first, second = draw.sample(pool, 2)
        drawn.add((min(first, second), max(first, second)))
    rows += [{"kind": "drawn", "first": a, "second": b, "same": None} for a, b in sorted(drawn)]
    for number, row in enumerate(rows):
        print(json.dumps({"id": number, **row}, ensure_ascii=False))


def verify(arguments):
    from math_verify import parse, verify as same

    read = {}

    def value(text):
        if text not in read:
            try:
                read[text] = parse(text, parsing_timeout=5)
            except Exception as failure:  # what it throws is a verdict of its own
                read[text] = failure
        return read[text]

    def boxed(answer):
        return value("\\boxed{" + answer + "}")

    for line in open(arguments.pairs, encoding="utf-8"):
        row = json.loads(line)
        gold = boxed(row["second"])
        answer = value(row["text"]) if "text" in row else boxed(row["first"])
        if isinstance(gold, Exception) or isinstance(answer, Exception):
            verdict = {"same": False, "failure": True}
        else:
            try:
                verdict = {"same": bool(same(gold, answer, timeout_seconds=5))}
            except Exception as failure:
                verdict = {"same": False, "failure": type(failure).__name__}
        print(json.dumps({"id": row["id"], **verdict}), flush=True)


def fits(pattern, text):
    """Whether a text is the pattern, or as it but for what a star at one of its ends stands for."""
    return (
        pattern == "*"
        or pattern == text
        or (pattern.startswith("*") and text.endswith(pattern[1:]))
        or (pattern.endswith("*") and text.startswith(pattern[:-1]))
    )


def disagreements(arguments):
    rows = [json.loads(line) for line in open(arguments.pairs, encoding="utf-8")]
    ours = {row["id"]: row["same"] for row in map(json.loads, open(arguments.ours, encoding="utf-8"))}
    theirs = {row["id"]: row["same"] for row in map(json.loads, open(arguments.theirs, encoding="utf-8"))}
    notes = []
    if arguments.notes:
        for line in open(arguments.notes, encoding="utf-8"):
            if line.strip() and not line.startswith("#"):
                notes.append(line.rstrip("\n").split("\t"))
    count = collections.Counter()
    unexplained = 0
    for row in rows:
        mine, other = ours[row["id"]], theirs.get(row["id"])
        known = "known" if row["same"] is not None else "open"
        count[known, "agree" if mine == other else "differ"] += 1
        if row["same"] is not None and mine != row["same"]:
            count["ours against what is known"] += 1
        if row["same"] is not None and other != row["same"]:
            count["theirs against what is known"] += 1
        if mine == other:
            continue
        seen = (row["kind"], str(mine).lower(), row.get("first", row.get("text")), row["second"])
        note = next((n for n in notes if all(fits(pattern, text) for pattern, text in zip(n, seen))), None)
        unexplained += note is None
        print(
            json.dumps(
                {
                    "kind": row["kind"],
                    "first": row.get("first", row.get("text")),
                    "second": row["second"],
                    "ours": mine,
                    "mathVerify": other,
                    "oursIs": note[4] if note else None,
                    "reason": note[5] if note else None,
                },
                ensure_ascii=False,
            )
        )
    for key, value in sorted(count.items(), key=str):
        print(key, value, file=sys.stderr)
    print("without a reason", unexplained, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("pairs")
    command.add_argument("--cases", nargs="*", default=[])
    command.add_argument("--texts", nargs="*", default=[])
    command.add_argument("--data", required=True)
    command.set_defaults(run=pairs)
    command = commands.add_parser("verify")
    command.add_argument("pairs")
    command.set_defaults(run=verify)
    command = commands.add_parser("disagreements")
    command.add_argument("pairs")
    command.add_argument("ours")
    command.add_argument("theirs")
    command.add_argument("--notes")
    command.set_defaults(run=disagreements)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
