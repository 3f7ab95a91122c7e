// Drives a server with the official client: plain, streamed, refused, broken off. Prints what it saw as JSON.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2] + "/v1", apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: "Evaluate 3 + 4." }];
const seen = { models: (await client.models.list()).data.map((model) => model.id) };

const plain = await client.chat.completions.create({
  model: "bundled", messages, seed: 1, n: 2, budget: 8, return_response_only: false,
});
seen.plain = plain.choices[0].message.content;
seen.finish = plain.choices[0].finish_reason;
seen.tokens = plain.usage.total_tokens;
seen.weights = plain.metadata.weights.length;

seen.streamed = "";
seen.rounds = 0;
for await (const chunk of await client.chat.completions.create({
  model: "bundled", messages, seed: 1, stream: true, budget: 8,
})) {
  seen.rounds += chunk.its ? 1 : 0;
  seen.streamed += chunk.choices[0].delta.content ?? "";
}

try {
  await client.chat.completions.create({ model: "nobody", messages });
} catch (refused) {
  seen.error = refused.code;
}

const stream = await client.chat.completions.create({ model: "bundled", messages, stream: true, budget: 1024 });
for await (const chunk of stream) {
  seen.aborted = chunk.id;
  break;
}
console.log(JSON.stringify(seen));
