/*
 * The dashboard's log in, in a headless browser. Usage: node login.mjs URL KEYFILE KEYID
 * URL is a running server that asks for keys, KEYFILE has one of the role admin with the id KEYID, which is revoked at the
 * end. Prints one line a check and exits with 1 at the first that fails.
 */
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [url, keyFile, keyId] = process.argv.slice(2);
const key = (await readFile(keyFile, 'utf8')).trim();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const context = await browser.newContext();
const page = await context.newPage();
const sins = [];
page.on('pageerror', error => sins.push(`error ${error}`));
page.on('console', message => {
  if (/Content Security Policy/.test(message.text())) sins.push(message.text());
});
page.setDefaultTimeout(60_000);

async function check(name, body) {
  await body();
  console.log(`ok ${name}`);
}

const logIn = async text => {
  await page.fill('input[name=key]', text);
  await page.click('button:has-text("Log in")');
};

await check('a stranger is asked for a key', async () => {
  await page.goto(`${url}/#/jobs`);
  await page.waitForSelector('h1:has-text("Log in")');
});

await check('a key that is none is refused in words', async () => {
  await logIn('cck_' + 'x'.repeat(43));
  await page.waitForSelector('[role=alert]:has-text("this is none")');
});

await check('a key opens the page that was asked for', async () => {
  await logIn(key);
  await page.waitForSelector('header.bar .who:has-text("default, admin")');
  await page.waitForSelector('h1:has-text("Jobs")');
});

await check('no script can read the session', async () => {
  const seen = await page.evaluate(() => document.cookie);
  assert.match(seen, /cloudchamber-csrf=/);
  assert.doesNotMatch(seen, /cloudchamber-session/);
  const cookie = (await context.cookies()).find(each => each.name === 'cloudchamber-session');
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  assert.ok(!(await page.content()).includes(key));
});

await check('a request without the token changes nothing', async () => {
  const status = await page.evaluate(() => fetch('/api/v1/jobs', { method: 'POST', body: '{}' }).then(answer => answer.status));
  assert.equal(status, 403);
});

await check('who logs out is a stranger', async () => {
  await page.click('button:has-text("Log out")');
  await page.waitForSelector('h1:has-text("Log in")');
  await page.reload();
  await page.waitForSelector('h1:has-text("Log in")');
});

await check('a session ends with its key, and the page says so', async () => {
  await page.goto(`${url}/#/`);
  await logIn(key);
  await page.waitForSelector('header.bar .who');
  const revoked = await fetch(`${url}/api/v1/keys/${keyId}/revoke`, {
    method: 'POST', headers: { Authorization: `Bearer ${key}` },
  });
  assert.equal(revoked.status, 200);
  await page.waitForSelector('h1:has-text("Log in")');
});

assert.deepEqual(sins, []);
await browser.close();
