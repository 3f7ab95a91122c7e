"""Drives a server with the official client: plain, streamed, refused, broken off. Prints what it saw as JSON."""
import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none", max_retries=0)
question = [{"role": "user", "content": "Evaluate 3 + 4."}]
seen = {"models": [model.id for model in client.models.list()]}

plain = client.chat.completions.create(
    model="bundled", messages=question, seed=1, n=2,
    extra_body={"budget": 8, "return_response_only": False})
seen["plain"] = plain.choices[0].message.content
seen["finish"] = plain.choices[0].finish_reason
seen["tokens"] = plain.usage.total_tokens
seen["weights"] = len(plain.metadata["weights"])

text, rounds = "", 0
for chunk in client.chat.completions.create(
        model="bundled", messages=question, seed=1, stream=True, extra_body={"budget": 8}):
    rounds += 1 if "its" in (chunk.model_extra or {}) else 0
    text += chunk.choices[0].delta.content or ""
seen["streamed"] = text
seen["rounds"] = rounds

try:
    client.chat.completions.create(model="nobody", messages=question)
except openai.NotFoundError as refused:
    seen["error"] = refused.code

stream = client.chat.completions.create(
    model="bundled", messages=question, stream=True, extra_body={"budget": 1024})
seen["aborted"] = next(iter(stream)).id
stream.close()
client.close()
print(json.dumps(seen))
