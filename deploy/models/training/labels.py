"""
Which steps of a solution are right, and the PRM's training examples.

A solution's text is right for as long as it is the beginning of the right solution. That is stricter than
the answer: a slip that a later slip repairs stays a slip. Every family has one order of solving, so hardly any
right step is called wrong.
"""

import generator
import vocabulary


def right_length(reference, text):
    """How many characters of the text are right; both end with a step's end."""
    for place, (wanted, written) in enumerate(zip(reference, text)):
        if wanted != written:
            return place
    return min(len(reference), len(text))


def ended(text):
    return text if text.endswith(vocabulary.STEP_END) else text + vocabulary.STEP_END


def step_ends(text):
    """The place after each step's end, in characters."""
    places, at = [], 0
    while (found := text.find(vocabulary.STEP_END, at)) >= 0:
        at = found + len(vocabulary.STEP_END)
        places.append(at)
    return places


def step_labels(reference, text):
    """For each step of the text whether it and all before it are right."""
    right = right_length(ended(reference), ended(text))
    return [place <= right for place in step_ends(ended(text))]


def corrupted(r, drawn):
    """The right solution up to a step that is wrong: in its result, a side, the operator, or as a whole."""
    paragraphs = list(drawn.paragraphs)
    place = r.randrange(len(paragraphs))
    good, kind = paragraphs[place], r.random()
    numbers = [index for index, part in enumerate(good.split(" ")) if part.isdigit()]
    if place == len(paragraphs) - 1:
        wrong = f"\\boxed{{{_near(r, int(drawn.answer))}}}"
    elif kind < 0.15:
        wrong = f"\\boxed{{{good.rsplit(' ', 1)[1]}}}"
    elif kind < 0.25 and place + 2 < len(paragraphs):
        wrong = paragraphs[place + 1]
    else:
        parts = good.split(" ")
        changed = numbers[-1] if kind < 0.7 else r.choice(numbers[:-1])
        parts[changed] = str(_near(r, int(parts[changed])))
        if changed != numbers[-1]:
            left, operator, right = int(parts[0]), parts[1], int(parts[2])
            value = left + right if operator == "+" else left - right if operator == "-" else left * right
            parts[4] = str(min(generator.LARGEST, abs(value)))
        wrong = " ".join(parts)
    return vocabulary.STEP_END.join(paragraphs[:place] + [wrong])


def _near(r, number):
    while True:
        other = number + r.choice((1, -1, 2, -2, 10, -10, 9, -9, 11, -11, 20, -20))
        if 0 <= other <= generator.LARGEST:
            return other


def begun(r, drawn):
    """A right beginning of the solution, of any number of steps but the last, to be continued by a policy."""
    kept = r.randrange(len(drawn.paragraphs))
    return "".join(paragraph + vocabulary.STEP_END for paragraph in drawn.paragraphs[:kept])
