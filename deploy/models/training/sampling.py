"""Drawing solutions from a policy, many at once: as the engine does, by paragraphs and at a temperature."""

import torch

import vocabulary

MOST_TOKENS = 230  # of a solution; the longest right one has 170
ROWS = 256  # sequences read at once


class Reader:
    """Many sequences of different lengths, each with its own place in the caches."""

    def __init__(self, model, texts, room):
        self.model = model
        self.lengths = torch.tensor([len(text) for text in texts])
        longest = int(self.lengths.max())
        tokens = torch.zeros((len(texts), longest), dtype=torch.long)
        for row, text in enumerate(texts):
            tokens[row, : len(text)] = torch.tensor(text)
        self.caches = model.caches(len(texts), longest + room)
        positions = torch.arange(longest).expand(len(texts), longest)
        states = model.read(tokens, positions, self.caches)
        self.last = states[torch.arange(len(texts)), self.lengths - 1]

    def logits(self):
        return self.model.logits(self.last)

    def append(self, tokens):
        self.last = self.model.read(tokens[:, None], self.lengths[:, None], self.caches)[:, 0]
        self.lengths = self.lengths + 1

    def keep(self, rows):
        """Row i becomes what row rows[i] was."""
        self.lengths, self.last = self.lengths[rows], self.last[rows]
        self.caches = [(keys[rows], values[rows]) for keys, values in self.caches]


def continuations(policy, texts, temperature, random, most=MOST_TOKENS, stop=None):
    """
    What the policy writes after each text: token lists, the end of the text included where it was drawn.

    `stop` ends a continuation too once its last two tokens are these.
    """
    written = []
    with torch.no_grad():
        for begin in range(0, len(texts), ROWS):
            written += _continued(policy, texts[begin : begin + ROWS], temperature, random, most, stop)
    return written


def _continued(policy, texts, temperature, random, most, stop):
    reader = Reader(policy, texts, most)
    written = [[] for _ in texts]
    rows = list(range(len(texts)))  # whose text each sequence of the reader is
    going = set(rows)
    for _ in range(most):
        tokens = torch.multinomial(torch.softmax(reader.logits() / temperature, -1), 1, generator=random)[:, 0]
        for row, token in zip(rows, tokens.tolist()):
            if row in going:
                written[row].append(token)
                if token == vocabulary.END or written[row][-2:] == stop:
                    going.remove(row)
        if not going:
            break
        if len(going) < 0.8 * len(rows):
            places = [place for place, row in enumerate(rows) if row in going]
            reader.keep(torch.tensor(places))
            tokens, rows = tokens[places], [rows[place] for place in places]
        reader.append(tokens)
    return written


def solution_text(tokens):
    """The text of a continuation without the token that ends it."""
    return vocabulary.decode(token for token in tokens if token != vocabulary.END)
