/*
 * The dashboard in a headless browser. Usage: node dashboard.mjs URL FOLDER
 * URL is a running server with the bundled models and no keys; screenshots and figures go to FOLDER. Prints one line a
 * check and exits with 1 at the first that fails. ONLY=TEXT runs the checks whose name contains it.
 */
import { strict as assert } from 'node:assert';
import { mkdir, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [url, folder] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const figures = {};

/** A page that remembers everything it must never do: dialogs, foreign requests, CSP reports, errors. */
async function newPage(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.sins = [];
  page.asked = [];
  page.on('dialog', dialog => { page.sins.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  page.on('pageerror', error => page.sins.push(`error ${error}`));
  page.on('console', message => {
    if (/Content Security Policy|Refused to/.test(message.text())) page.sins.push(message.text());
  });
  page.on('request', request => {
    page.asked.push(request.url());
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) page.sins.push(`foreign ${request.url()}`);
  });
  return page;
}

async function check(name, body) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) return;
  const begun = Date.now();
  await body();
  console.log(`ok ${name} (${Date.now() - begun} ms)`);
}

async function submit(job) {
  const response = await fetch(`${url}/api/v1/jobs`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(job),
  });
  assert.equal(response.status, 202, await response.clone().text());
  return (await response.json()).id;
}

const QUESTION = 'Evaluate 17 + 26 - 9 + 31 - 8.';
const problemPath = (job, problem) => `${url}/#/jobs/${job}/problems/${problem}`;

/** Answers the stream and the view of one made-up problem, whatever the server has. */
async function pretend(page, events, view) {
  const { question, answer } = view;
  events[0][1] = { job: 'job', problem: 'made-up', question, status: 'running', method: { id: 'particle-filter', essThreshold: 0.5 },
    policy: 'made-up', prm: 'made-up', seed: 1 };
  Object.assign(events.at(-1)[1], { answer, posterior: [{ answer, weight: 1 }], noEvidence: null, logEvidence: -1, cost: view.cost });
  await page.route('**/problems/made-up/events', route => route.fulfill({
    contentType: 'text/event-stream',
    body: events.map(([type, data], id) => `event: ${type}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`).join(''),
  }));
  await page.route('**/problems/made-up', route => route.fulfill({
    contentType: 'application/json', body: JSON.stringify(view),
  }));
}

const view = (question, answer) => ({
  id: 'made-up', status: 'succeeded', question, answer, posterior: [{ answer, weight: 1 }], logEvidence: -1, noEvidence: null,
  rounds: [], particles: [], failure: null,
  cost: { policyCalls: 1, prmCalls: 1, promptTokens: 1, cachedTokens: 0, completionTokens: 1, prmTokens: 1, wastedTokens: 0, wallMillis: 5 },
});

/** A made-up run: every particle descends from one of the few before it, as after systematic resampling. */
function run(particles, rounds, text) {
  const events = [['snapshot', {}]];
  for (let round = 0; round < rounds; round++) {
    const first = round * particles + 1;
    const nodes = Array.from({ length: particles }, (_, lane) => ({
      id: first + lane, parent: round === 0 ? 0 : first - particles + lane - lane % 3, depth: round + 1,
      text: text(round, lane), cut: false, logOdds: Math.sin(lane * 12.9898 + round * 78.233) * 3, end: round === rounds - 1 ? 'END' : 'STEP',
    }));
    events.push(['round', {
      round, nodes, best: null, cost: {},
      chains: [{ chain: 0, iteration: 0, nodes: nodes.map(node => node.id), weights: nodes.map(() => 1 / particles),
        temperature: 1, ess: particles * (0.4 + 0.5 * Math.abs(Math.sin(round))), resampled: round % 2 === 0,
        ancestors: nodes.map((_, lane) => lane - lane % 3), logEvidence: -round, finished: 0 }],
    }]);
  }
  events.push(['end', { status: 'succeeded', particles: [], selected: (rounds - 1) * particles + 1, stopped: null, failure: null }]);
  return events;
}

await check('the overview shows pools and figures', async () => {
  const page = await newPage();
  await page.goto(`${url}/`);
  await page.getByText('tokens a second').first().waitFor();
  await page.getByText('slots busy').first().waitFor();
  await page.screenshot({ path: `${folder}/overview.png` });
  assert.deepEqual(page.sins, []);
});

await check('a running problem changes between two rounds, and nothing polls', async () => {
  const page = await newPage();
  await page.goto(`${url}/`);
  const job = await submit({ problems: Array.from({ length: 40 }, (_, i) => ({ id: `p${i + 1}`, question: QUESTION })),
    method: { id: 'particle-filter', particles: 64 }, seed: 3 });
  await page.goto(problemPath(job, 'p40'));
  const rounds = page.locator('.scrubber span');
  await rounds.waitFor({ timeout: 60000 });
  const before = await rounds.textContent();
  await page.waitForFunction(text => document.querySelector('.scrubber span')?.textContent !== text, before, { timeout: 60000 });
  await page.locator('.status.succeeded').waitFor({ timeout: 120000 });
  await page.locator('canvas').hover({ position: { x: 200, y: 200 } });
  await page.screenshot({ path: `${folder}/problem.png`, fullPage: true });
  const asked = page.asked.length;
  await page.waitForTimeout(3000);
  assert.equal(page.asked.length, asked, `requests while nothing happened: ${page.asked.slice(asked)}`);
  await page.goto(`${url}/#/jobs/${job}`);
  await page.getByText('of problems over').waitFor();
  await page.screenshot({ path: `${folder}/job.png` });
  assert.deepEqual(page.sins, []);
});

await check('two runs of one problem stand side by side', async () => {
  const page = await newPage({ viewport: { width: 1500, height: 900 } });
  const jobs = [];
  for (const method of [{ id: 'particle-filter', particles: 8 }, { id: 'beam-search' }]) {
    jobs.push(await submit({ problems: [{ id: 'p1', question: QUESTION }], method, seed: 5 }));
  }
  await page.goto(`${problemPath(jobs[0], 'p1')}?with=${jobs[1]}/p1`);
  await page.locator('canvas').nth(1).waitFor({ timeout: 60000 });
  await page.locator('.status.succeeded').nth(1).waitFor({ timeout: 60000 });
  await page.screenshot({ path: `${folder}/side-by-side.png` });
  assert.deepEqual(page.sins, []);
});

await check('jobs are listed, and a job leads to its problems', async () => {
  const page = await newPage();
  await page.goto(`${url}/#/jobs`);
  await page.locator('tbody a').first().click();
  await page.getByRole('heading', { name: 'Problems' }).waitFor();
  await page.locator('tbody a').first().click();
  await page.getByText('Posterior over answers').waitFor();
  assert.deepEqual(page.sins, []);
});

/** Registers a few sums and submits a sweep over them. */
async function sweep(id, name, more = {}) {
  const lines = Array.from({ length: 12 }, (_, i) => JSON.stringify({ id: `p${i + 1}`, question: `Evaluate ${i} + ${2 * i} - 3.`, answer: String(3 * i - 3) }));
  const stored = await fetch(`${url}/api/v1/datasets?name=browser-sums`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: lines.join('\n'),
  });
  assert.equal(stored.status, 200, await stored.clone().text());
  const accepted = await fetch(`${url}/api/v1/sweeps`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ id, name, dataSets: ['browser-sums'], methods: ['particle-filter', 'best-of-n', 'self-consistency'],
      budgets: [1, 4, 16], seeds: [0, 1], references: [{ name: '<b>a paper</b>', accuracy: 0.9, source: 'made up' }], ...more }),
  });
  assert.equal(accepted.status, 202, await accepted.clone().text());
}

await check('a sweep draws its curves while it runs, and nothing polls', async () => {
  const page = await newPage();
  const name = '<img src=x onerror=alert(1)> \u202Esums';
  await sweep('browser', name);
  await page.goto(`${url}/#/sweeps`);
  await page.getByRole('link', { name: 'browser', exact: true }).click();
  await page.locator('table.grid b').filter({ hasText: /^[01]\.\d{3}$/ }).first().waitFor({ timeout: 120000 });
  await page.locator('h1 .status.ended').waitFor({ timeout: 180000 });
  assert.ok((await page.locator('h1').textContent()).includes('<img src=x onerror=alert(1)> ⟨202e⟩sums'), 'the name is not shown as text');
  assert.equal(await page.locator('#app img[src=x]').count(), 0);
  const fields = await page.locator('table.grid td b').allTextContents();
  assert.equal(fields.length, 9);
  assert.ok(fields.every(text => /^[01]\.\d{3}$/.test(text)), `not every field has an accuracy: ${fields}`);
  await page.locator('.chart canvas').waitFor();
  await page.screenshot({ path: `${folder}/sweep.png`, fullPage: true });
  const asked = page.asked.length;
  await page.waitForTimeout(2500);
  assert.equal(page.asked.length, asked, `requests while nothing happened: ${page.asked.slice(asked)}`);
  await page.locator('table.grid a').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Problems' }).waitFor();
  assert.deepEqual(page.sins, []);
});

await check('a sweep is paused, goes on, and is cancelled by buttons the keyboard reaches', async () => {
  const page = await newPage({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
  await sweep('buttons', 'buttons', { budgets: [16, 64], seeds: [0, 1, 2, 3, 4, 5] });
  await page.goto(`${url}/#/sweeps/buttons`);
  await page.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('h1 .status.paused').waitFor({ timeout: 60000 });
  await page.getByRole('button', { name: 'Resume' }).press('Enter');
  await page.locator('h1 .status.running').waitFor({ timeout: 60000 });
  const [inner, wide] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
  assert.ok(wide <= inner, `the page is ${wide} wide on a screen of ${inner}`);
  await page.screenshot({ path: `${folder}/sweep-phone-dark.png`, fullPage: true });
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await page.locator('h1 .status.cancelled').waitFor({ timeout: 60000 });
  assert.equal(await page.getByRole('button').count(), 0);
  assert.deepEqual(page.sins, []);
});

await check('the cluster lists nodes and workers', async () => {
  const page = await newPage();
  await page.goto(`${url}/#/cluster`);
  await page.getByRole('button', { name: 'Drain' }).first().waitFor();
  await page.screenshot({ path: `${folder}/cluster.png` });
  assert.deepEqual(page.sins, []);
});

await check('keys walk along the tracks', async () => {
  const page = await newPage();
  await pretend(page, run(8, 5, (round, lane) => `step ${round}/${lane}`), view('made up', '1'));
  await page.goto(problemPath('job', 'made-up'));
  await page.locator('canvas').focus();
  await page.keyboard.press('ArrowLeft');
  await page.locator('section.particle h3').filter({ hasText: 'Round 3' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.locator('section.particle h3').filter({ hasText: 'particle 1' }).waitFor();
});

await check('it fits a phone and the dark', async () => {
  const page = await newPage({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
  await pretend(page, run(16, 8, (round, lane) => `$${round} + ${lane} = ${round + lane}$`), view('made up', '1'));
  await page.goto(problemPath('job', 'made-up'));
  await page.locator('canvas').waitFor();
  const [inner, wide] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
  assert.ok(wide <= inner, `the page is ${wide} wide on a screen of ${inner}`);
  await page.screenshot({ path: `${folder}/phone-dark.png` });
  assert.deepEqual(page.sins, []);
});

await check('1,000 particles over 50 rounds do not stutter', async () => {
  const page = await newPage();
  await pretend(page, run(1000, 50, () => 'a'), view('made up', '1'));
  await page.goto(problemPath('job', 'made-up'));
  await page.getByText('50 of 50 rounds').waitFor({ timeout: 60000 });
  const times = await page.evaluate(async () => {
    const slider = document.querySelector('.scrubber input');
    const found = [];
    for (let round = 1; round <= 50; round++) {
      slider.value = round;
      const begun = performance.now();
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
      found.push(performance.now() - begun);
    }
    return found.sort((a, b) => a - b);
  });
  figures.redrawMillis = { median: times[25], p95: times[47], max: times[49], particles: 1000, rounds: 50 };
  await page.screenshot({ path: `${folder}/thousand.png` });
  assert.ok(times[47] < 1000, `redraws took ${times[47]} ms`);
});

const HOSTILE = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<svg/onload=alert`1`>', '"><script>alert(1)</script>',
  "'-alert(1)-'", '<iframe src=javascript:alert(1)>', '<a href="javascript:alert(1)">x</a>', 'javascript:alert(1)', '<body onload=alert(1)>',
  '<style>*{display:none}</style>', '<link rel=stylesheet href=//evil.example/x.css>', '<base href=//evil.example/>', '<meta http-equiv=refresh content="0;url=//evil.example">',
  '<form action=//evil.example><input name=a></form>', '<object data=//evil.example></object>', '<embed src=//evil.example>', '<video src=//evil.example onerror=alert(1)>',
  '<math><mtext></mtext><script>alert(1)</script></math>', '<template><script>alert(1)</script></template>', '{{constructor.constructor("alert(1)")()}}', '${alert(1)}',
  '\\href{javascript:alert(1)}{x} and $\\href{javascript:alert(1)}{x}$', '$\\includegraphics{//evil.example/x.png}$', '$\\htmlStyle{position:fixed}{x}$', '$\\htmlClass{status}{x}$',
  '$\\url{javascript:alert(1)}$', '$\\def\\a{\\a\\a}\\a$', '$' + '{'.repeat(400) + '$', '\\boxed{<img src=x onerror=alert(1)>}', '\u202Eevil\u202C reversed', '\u2066isolated\u2069',
  'zero\u200Bwidth', '\u0000null', '\u001b[31mred\u001b[0m', '\u0007bell', 'line\u2028separator', '\uD800lone surrogate', '&lt;script&gt;alert(1)&lt;/script&gt;', 'x'.repeat(1_000_000),
];

await check(`${HOSTILE.length} hostile texts are shown as text`, async () => {
  const page = await newPage();
  for (const text of HOSTILE) {
    await page.unrouteAll();
    await pretend(page, run(1, 1, () => text), view(text, text));
    await page.goto('about:blank');
    await page.goto(problemPath('job', 'made-up'));
    await page.locator('canvas').waitFor();
    await page.locator('canvas').focus();
    await page.locator('canvas').hover({ position: { x: 600, y: 100 } });
    await page.keyboard.press('ArrowDown');
    await page.locator('.answer').waitFor();
    const foreign = await page.evaluate(() =>
      document.querySelectorAll('#app script, #app iframe, #app object, #app embed, #app base, #app style, #app form[action], #app video, #app a[href^="javascript"]').length);
    assert.equal(foreign, 0, `elements came out of ${text.slice(0, 60)}`);
    if (/^[ -~]{1,80}$/.test(text) && !/[$\\]/.test(text)) {
      assert.ok((await page.locator('.answer').textContent()).includes(text), `not shown as it is: ${text}`);
    }
  }
  page.sins = page.sins.filter(sin => !sin.startsWith('foreign about:blank'));
  assert.deepEqual(page.sins, []);
});

await writeFile(`${folder}/figures.json`, JSON.stringify(figures, null, 2));
console.log(JSON.stringify(figures));
await browser.close();
