"""The tokens of the bundled models: one a printable ASCII character, and bytes for everything else."""

UNKNOWN, BEGIN, END, GOOD, BAD = range(5)
FIRST_BYTE = 5
NEWLINE = FIRST_BYTE + 256
SPACE = NEWLINE + 1
FIRST_PRINTABLE = SPACE + 1
SIZE = 384  # padded, so that the embedding's rows are a multiple of 32 in number

STEP_END = "\n\n"

_CHARACTERS = {"\n": NEWLINE, " ": SPACE} | {chr(c): FIRST_PRINTABLE + c - 33 for c in range(33, 127)}
_TEXTS = {token: character for character, token in _CHARACTERS.items()}


def encode(text):
    return [_CHARACTERS[character] for character in text]


def decode(tokens):
    """Tokens that stand for no character become U+FFFD, which no right step contains."""
    return "".join(_TEXTS.get(token, "\ufffd") for token in tokens)


def prompt(question):
    """As the engine's template `question` writes it."""
    return [BEGIN] + encode(question + STEP_END)


def spellings():
    """The text of every token and its type in the file: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte."""
    tokens = [("<unk>", 2), ("<s>", 3), ("</s>", 3), ("<+>", 4), ("<->", 4)]
    tokens += [(f"<0x{byte:02X}>", 6) for byte in range(256)]
    tokens += [("\n", 1), ("\u2581", 1)] + [(chr(c), 1) for c in range(33, 127)]
    return tokens + [(f"[PAD{index}]", 5) for index in range(len(tokens), SIZE)]
