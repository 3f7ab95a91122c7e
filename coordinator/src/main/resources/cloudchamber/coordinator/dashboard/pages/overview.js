/** What the cluster is doing now. */
import { html } from '/dashboard/vendor/preact-htm.js';
import { foldOverview, NO_OVERVIEW, OVERVIEW_EVENTS } from '/dashboard/events.js';
import { number } from '/dashboard/format.js';
import { useStream } from '/dashboard/live.js';
import { Card, Chart, Pool } from '/dashboard/parts.js';

export function Overview() {
  const { state, connected } = useStream('/api/v1/events', OVERVIEW_EVENTS, foldOverview, NO_OVERVIEW);
  const now = state.now;
  if (!now) return html`<h1>Overview</h1><p class="waiting">${connected ? 'Waiting for the first figures …' : 'Connecting …'}</p>`;
  return html`<h1>Overview</h1>
    <div class="cards">
      <${Card} name="jobs running" value=${number(now.jobs.running, 0)} note=${now.jobs.queued ? `${now.jobs.queued} queued` : ''} />
      <${Card} name="problems running" value=${number(now.problems.running, 0)} note=${`${number(now.problems.ended.succeeded, 0)} done`} />
      <${Card} name="problems a second" value=${number(now.problemsPerSecond, 2)} />
      <${Card} name="tokens a second" value=${number(now.tokensPerSecond, 0)} />
    </div>
    <${Chart} title="Tokens a second" data=${state.tokens} names=${['tokens/s']} />
    <h2>Pools</h2>
    ${now.pools.length === 0 ? html`<p class="waiting">No worker has joined. Start one with <code>./cloudchamber start --role policy --join …</code></p>`
      : now.pools.map(pool => html`<${Pool} key=${`${pool.role} ${pool.model}`} ...${pool} />`)}`;
}
