/* The dashboard: one page, whose part after # says what is shown. */
import { html, render, useEffect, useState } from '/dashboard/vendor/preact-htm.js';
import { read, Refused, remove, send } from '/dashboard/live.js';
import { Overview } from '/dashboard/pages/overview.js';
import { Jobs } from '/dashboard/pages/jobs.js';
import { Job } from '/dashboard/pages/job.js';
import { Problem } from '/dashboard/pages/problem.js';
import { Sweeps } from '/dashboard/pages/sweeps.js';
import { Sweep } from '/dashboard/pages/sweep.js';
import { Cluster } from '/dashboard/pages/cluster.js';
import { ApiPage } from '/dashboard/pages/api.js';

/*
 * #/, #/jobs, #/jobs/JOB, #/jobs/JOB/problems/PROBLEM[?with=JOB/PROBLEM], #/sweeps, #/sweeps/SWEEP, #/cluster, #/api, #/api/SCHEMA. Ids are decoded here, once, and
 * encoded where a path is built from them.
 */
function page(hash) {
  const [path, query] = hash.replace(/^#/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const wanted = new URLSearchParams(query ?? '');
  if (parts.length === 0) return html`<${Overview} />`;
  if (parts[0] === 'jobs' && parts.length === 1) return html`<${Jobs} />`;
  if (parts[0] === 'jobs' && parts.length === 2) return html`<${Job} key=${hash} job=${parts[1]} />`;
  if (parts[0] === 'jobs' && parts[2] === 'problems' && parts.length === 4) {
    const other = wanted.get('with')?.split('/').map(decodeURIComponent);
    return html`<${Problem} key=${hash} job=${parts[1]} problem=${parts[3]} other=${other} />`;
  }
  if (parts[0] === 'sweeps' && parts.length === 1) return html`<${Sweeps} />`;
  if (parts[0] === 'sweeps' && parts.length === 2) return html`<${Sweep} key=${hash} sweep=${parts[1]} />`;
  if (parts[0] === 'cluster') return html`<${Cluster} />`;
  if (parts[0] === 'api' && parts.length <= 2) return html`<${ApiPage} schema=${parts[1]} />`;
  return html`<h1>Nothing here</h1><p>The address ${hash} names no page. <a href="#/">Overview</a></p>`;
}

const SECTIONS = [['#/', 'Overview'], ['#/jobs', 'Jobs'], ['#/sweeps', 'Sweeps'], ['#/cluster', 'Cluster'], ['#/api', 'API']];

function Login({ done }) {
  const [failure, setFailure] = useState(null);
  const submit = async event => {
    event.preventDefault();
    try {
      await send('/api/v1/session', { key: new FormData(event.target).get('key') });
      done();
    } catch (refused) {
      setFailure(refused.message);
    }
  };
  return html`<main><form class="panel" onSubmit=${submit}><h1>Log in</h1>
    <p><label>API key <input name="key" type="password" autocomplete="current-password" required autofocus /></label>
    <button>Log in</button></p>${failure && html`<p class="failure" role="alert">${failure}</p>`}
    <p class="hint">A key is made with <code>./cloudchamber keys create</code>.</p></form></main>`;
}

function App() {
  const [hash, setHash] = useState(location.hash || '#/');
  const [access, setAccess] = useState('unknown');
  const [session, setSession] = useState(null);
  useEffect(() => {
    const changed = () => {
      setHash(location.hash || '#/');
      scrollTo(0, 0);
    };
    const refused = () => setAccess('closed');
    addEventListener('hashchange', changed);
    addEventListener('refused', refused);
    return () => {
      removeEventListener('hashchange', changed);
      removeEventListener('refused', refused);
    };
  }, []);
  useEffect(() => {
    if (access === 'closed') return;
    read('/api/v1/session').then(
      who => {
        setSession(who);
        setAccess('open');
      },
      failure => setAccess(failure instanceof Refused && failure.status === 401 ? 'closed' : 'open'));
  }, [access === 'asking']);
  const logOut = () => remove('/api/v1/session').then(() => setAccess('closed'), () => setAccess('asking'));
  if (access === 'closed') return html`<${Login} done=${() => setAccess('asking')} />`;
  const section = SECTIONS.findLast(([target]) => hash.startsWith(target));
  return html`<header class="bar"><a class="name" href="#/"><img src="/dashboard/icon.svg" width="22" height="22" alt="" />Cloudchamber</a>
    <nav class="row" aria-label="Pages">${SECTIONS.map(each => html`<a href=${each[0]}
      aria-current=${each === section ? 'page' : undefined}>${each[1]}</a>`)}</nav>
    ${session?.keyId && html`<span class="who">${session.tenant}, ${session.role} <button onClick=${logOut}>Log out</button></span>`}
    </header><main>${access === 'unknown' ? html`<p class="waiting">Loading …</p>` : page(hash)}</main>`;
}

const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} />`, root);
