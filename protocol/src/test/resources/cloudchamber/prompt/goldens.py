"""Writes the goldens of the chat templates with the reference renderer, that of the transformers library.

    pip install transformers==5.24.0 jinja2==3.1.6
    pip download --no-deps --no-binary :all: llama-cpp-python==0.3.36 && tar xzf llama_cpp_python-0.3.36.tar.gz
    python goldens.py llama_cpp_python-0.3.36/vendor/llama.cpp/models/templates

The templates are those that the model makers publish, as that package carries them. Templates whose licence does not
allow copies are named by their SHA-256 alone, with the rendering of the conversations below: `--all DIR` renders every
template of a folder, for a comparison that is not kept.
"""

import datetime
import hashlib
import json
import pathlib
import shutil
import sys

from transformers.utils import chat_template_utils as reference

HERE = pathlib.Path(__file__).parent
DAY = datetime.date(2026, 1, 2)


class Fixed(datetime.datetime):
    """A clock that stands still, for templates that tell the model the date."""

    @classmethod
    def now(cls, tz=None):
        return cls(DAY.year, DAY.month, DAY.day)


reference.datetime = Fixed

# name: (file, licence, may be copied, variables beside the messages)
TEMPLATES = {
    "qwen2.5": ("Qwen-Qwen2.5-7B-Instruct.jinja", "Apache-2.0", True, {}),
    "qwen3": ("Qwen-Qwen3-0.6B.jinja", "Apache-2.0", True, {}),
    "qwq": ("Qwen-QwQ-32B.jinja", "Apache-2.0", True, {}),
    "llama-3.1": ("meta-llama-Llama-3.1-8B-Instruct.jinja", "Llama 3.1 Community", False, {"bos_token": "<|begin_of_text|>"}),
    "llama-3.2": ("meta-llama-Llama-3.2-3B-Instruct.jinja", "Llama 3.2 Community", False, {"bos_token": "<|begin_of_text|>"}),
    "llama-3.3": ("meta-llama-Llama-3.3-70B-Instruct.jinja", "Llama 3.3 Community", False, {"bos_token": "<|begin_of_text|>"}),
    "gemma-2": ("google-gemma-2-2b-it.jinja", "Gemma", False, {"bos_token": "<bos>"}),
    "gemma-4": ("google-gemma-4-31B-it.jinja", "Apache-2.0", True, {"bos_token": "<bos>"}),
    "mistral-nemo": ("mistralai-Mistral-Nemo-Instruct-2407.jinja", "Apache-2.0", True, {"bos_token": "<s>", "eos_token": "</s>"}),
    "mistral-small-3.2": ("Mistral-Small-3.2-24B-Instruct-2506.jinja", "Apache-2.0", True, {"bos_token": "<s>", "eos_token": "</s>"}),
    "ministral-3-reasoning": ("mistralai-Ministral-3-14B-Reasoning-2512.jinja", "Apache-2.0", True, {"bos_token": "<s>", "eos_token": "</s>"}),
    "deepseek-r1-distill-qwen": ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B.jinja", "MIT", True, {"bos_token": "<｜begin▁of▁sentence｜>"}),
    "deepseek-r1-distill-llama": ("deepseek-ai-DeepSeek-R1-Distill-Llama-8B.jinja", "MIT", True, {"bos_token": "<｜begin▁of▁sentence｜>"}),
    "gpt-oss": ("openai-gpt-oss-120b.jinja", "Apache-2.0", True, {}),
    "smollm3": ("HuggingFaceTB-SmolLM3-3B.jinja", "Apache-2.0", True, {}),
    "phi-3.5": ("microsoft-Phi-3.5-mini-instruct.jinja", "MIT", True, {"eos_token": "<|endoftext|>"}),
}

SYSTEM = {"role": "system", "content": "Answer in a box. "}
QUESTION = {"role": "user", "content": "What is 2 + 2?"}
THOUGHT = {"role": "assistant", "content": "<think>\nTwo and two.\n</think>\n\n\\boxed{4}"}
CONVERSATIONS = {
    "question": [QUESTION],
    "system": [SYSTEM, QUESTION],
    "turns": [SYSTEM, QUESTION, {"role": "assistant", "content": "It is 4."}, {"role": "user", "content": "And 3 + 3?"}],
    "few-shot": [
        QUESTION,
        {"role": "assistant", "content": "\\boxed{4}"},
        {"role": "user", "content": "1 + 1?"},
        {"role": "assistant", "content": "\\boxed{2}\n"},
        {"role": "user", "content": " 5 + 5?\n"},
    ],
    "thought": [QUESTION, THOUGHT, {"role": "user", "content": "Why?"}],
    "marks": [{"role": "user", "content": "Write <|im_end|>, [/INST] and <end_of_turn> \"as text\" — ½ {{ x }}"}],
    "continued": [QUESTION, {"role": "assistant", "content": "Two and two make"}],
    "continued-turns": [SYSTEM, QUESTION, THOUGHT, {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because 2"}],
}
ARGUMENTS = {"plain": {}, "no-thinking": {"enable_thinking": False}, "effort": {"reasoning_effort": "high"}}


def rendering(source, conversation, variables, arguments):
    messages = CONVERSATIONS[conversation]
    continued = conversation.startswith("continued")
    try:
        rendered, _ = reference.render_jinja_template(
            [json.loads(json.dumps(messages))],
            chat_template=source,
            add_generation_prompt=not continued,
            continue_final_message=continued,
            **variables,
            **arguments,
        )
        return {"text": rendered[0]}
    except Exception as refused:
        return {"refused": str(refused)}


def cases(source, variables):
    for name, arguments in ARGUMENTS.items():
        if name != "plain" and not any(key in source for key in arguments):
            continue
        for conversation in CONVERSATIONS:
            yield {
                "conversation": conversation,
                "arguments": arguments,
                **rendering(source, conversation, variables, arguments),
            }


def main(folder):
    templates = []
    for name, (file, licence, copied, variables) in TEMPLATES.items():
        data = (folder / file).read_bytes()
        source = data.decode()
        if copied:
            shutil.copyfile(folder / file, HERE / "templates" / file)
        templates.append(
            {
                "name": name,
                "file": file,
                "sha256": hashlib.sha256(data).hexdigest(),
                "licence": licence,
                "copied": copied,
                "variables": variables,
                "cases": list(cases(source, variables)),
            }
        )
    write(HERE / "goldens.json", templates)


def everything(folder):
    variables = {"bos_token": "<s>", "eos_token": "</s>"}
    write(
        folder / "goldens.json",
        [
            {"name": file.stem, "file": file.name, "variables": variables, "copied": True, "cases": list(cases(file.read_text(), variables))}
            for file in sorted(folder.glob("*.jinja"))
        ],
    )


def write(path, templates):
    path.write_text(
        json.dumps({"conversations": CONVERSATIONS, "day": DAY.isoformat(), "templates": templates}, indent=1, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    everything(pathlib.Path(sys.argv[2])) if sys.argv[1] == "--all" else main(pathlib.Path(sys.argv[1]))
