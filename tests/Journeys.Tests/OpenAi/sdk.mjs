// The official JavaScript client, unchanged, against a running server: LYCEUM_URL, LYCEUM_KEY, and models of the stub provider.
// Each line of output is one proved sentence; the first broken one ends the process with its reason.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const baseURL = `${process.env.LYCEUM_URL}/v1`;
const client = new OpenAI({ apiKey: process.env.LYCEUM_KEY, baseURL, maxRetries: 0 });
const [chat, embed] = [process.env.LYCEUM_CHAT_MODEL, process.env.LYCEUM_EMBEDDING_MODEL];
const question = [{ role: 'user', content: 'What is the answer?' }];

async function proves(sentence, work) {
  await work();
  console.log(`ok ${sentence}`);
}

async function refused(promise, type, status, code) {
  const fault = await promise.then(() => assert.fail('it was not refused'), (e) => e);
  assert.ok(fault instanceof type, `${fault.constructor.name}: ${fault.message}`);
  assert.equal(fault.status, status);
  assert.equal(fault.code, code);
  assert.ok(fault.requestID, 'the error does not name its request');
}

await proves('models are listed and found', async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes(chat) && ids.includes('lyceum-extractive'));
  assert.equal((await client.models.retrieve(chat)).id, chat);
});

await proves('a completion arrives whole', async () => {
  const answer = await client.chat.completions.create({ model: chat, messages: question, temperature: 0 });
  assert.ok(answer.choices[0].message.content.length > 0);
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  assert.ok(answer._request_id);
});

await proves('a completion arrives as a stream, with usage when asked for', async () => {
  const stream = await client.chat.completions.create({ model: chat, messages: question, stream: true, stream_options: { include_usage: true } });
  let [text, usage, finish] = ['', null, null];
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? '';
    finish = chunk.choices[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  assert.ok(text.length > 0 && usage.completion_tokens > 0);
  assert.equal(finish, 'stop');
});

await proves('the stream helper runs a tool and asks again', async () => {
  let asked = null;
  const runner = client.chat.completions.runTools({
    model: 'stub-tool', messages: question, stream: true,
    tools: [{ type: 'function', function: { name: 'weather', description: 'Tells the weather', parse: JSON.parse,
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      function: (args) => { asked = args; return 'Sunny, 21 degrees'; } } }],
  });
  assert.match(await runner.finalContent(), /Sunny, 21 degrees/);
  assert.ok(asked && 'city' in asked);
});

await proves('embeddings arrive as numbers although the client asked for base64', async () => {
  const answer = await client.embeddings.create({ model: embed, input: ['one', 'two'] });
  assert.equal(answer.data.length, 2);
  assert.ok(answer.data[1].embedding.length > 1 && answer.data[1].embedding.every(Number.isFinite));
  const plain = await client.embeddings.create({ model: embed, input: ['one', 'two'], encoding_format: 'float' });
  assert.deepEqual(answer.data[1].embedding.map(Math.fround), plain.data[1].embedding.map(Math.fround));
});

await proves('a stream that breaks raises an error of the client', async () => {
  const stream = await client.chat.completions.create({ model: 'stub-cut', messages: question, stream: true });
  await assert.rejects(async () => { for await (const chunk of stream) assert.ok(chunk.choices.length > 0); }, OpenAI.APIError);
});

await proves('each refusal has its class', async () => {
  const ask = (model, more) => client.chat.completions.create({ model, messages: question, ...more });
  await refused(ask('never-was'), OpenAI.NotFoundError, 404, 'model_not_found');
  await refused(ask(chat, { n: 3 }), OpenAI.BadRequestError, 400, 'unsupported_parameter');
  await refused(ask('stub-context'), OpenAI.BadRequestError, 400, 'context_length_exceeded');
  await refused(ask('stub-quota'), OpenAI.RateLimitError, 429, 'insufficient_quota');
  await refused(ask('stub-401'), OpenAI.InternalServerError, 502, 'provider_refused_key');
  const stranger = new OpenAI({ apiKey: 'sk-wrong', baseURL, maxRetries: 0 });
  await refused(stranger.chat.completions.create({ model: chat, messages: question }), OpenAI.AuthenticationError, 401, 'invalid_api_key');
});

for (const model of [process.env.LYCEUM_COLLECTION_MODEL, process.env.LYCEUM_AGENT_MODEL]) {
  await proves(`${model} answers with citations, whole and as a stream`, async () => {
    const asked = { model, messages: [{ role: 'user', content: 'How much may a hotel in Oslo cost?' }] };
    const { message } = (await client.chat.completions.create(asked)).choices[0];
    assert.match(message.content, /180 euros/);
    const cited = message.annotations[0].url_citation;
    assert.equal(message.content.slice(cited.start_index, cited.end_index), '[1]');
    assert.equal(cited.title, 'Travel');
    assert.match(message.x_citations[0].quote, /180 euros/);
    const stream = client.chat.completions.stream(asked);
    let last = null;
    for await (const chunk of stream) last = chunk;
    assert.equal(await stream.finalContent(), message.content);
    assert.equal(last.choices[0].delta.annotations[0].url_citation.url, cited.url);
  });
}
