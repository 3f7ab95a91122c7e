/** Every job, newest first. */
import { html, useState } from '/dashboard/vendor/preact-htm.js';
import { useDocument } from '/dashboard/live.js';
import { Failure, Progress, Status } from '/dashboard/parts.js';

const STATUSES = ['', 'queued', 'running', 'succeeded', 'failed', 'cancelled'];

export function Jobs() {
  const [status, setStatus] = useState('');
  const [cursors, setCursors] = useState(['']);
  const query = new URLSearchParams({ limit: '50' });
  if (status) query.set('status', status);
  if (cursors.at(-1)) query.set('after', cursors.at(-1));
  const [page, failure] = useDocument(`/api/v1/jobs?${query}`, null);
  return html`<h1>Jobs</h1>
    <p class="row"><label>Status <select onChange=${event => { setStatus(event.target.value); setCursors(['']); }}>
      ${STATUSES.map(each => html`<option value=${each} selected=${each === status}>${each || 'any'}</option>`)}</select></label></p>
    <${Failure} failure=${failure} />
    ${page && page.jobs.length === 0 && html`<p class="waiting">No job yet. Submit one:
      <code>curl localhost:8080/api/v1/jobs -H 'Content-Type: application/json' -d '{"problems":[{"question":"Evaluate 3 + 4."}]}'</code></p>`}
    ${page && page.jobs.length > 0 && html`<div class="scroll"><table>
      <thead><tr><th>job</th><th>status</th><th>method</th><th>models</th><th>progress</th><th>accepted</th></tr></thead>
      <tbody>${page.jobs.map(job => html`<tr key=${job.id}>
        <td><a href=${`#/jobs/${encodeURIComponent(job.id)}`}>${job.id}</a></td>
        <td><${Status} status=${job.status} /></td><td>${job.method.id}</td><td>${job.policy} · ${job.prm}</td>
        <td><${Progress} ...${job.counts} /> ${job.counts.succeeded + job.counts.failed} of ${job.counts.total}</td>
        <td>${new Date(job.acceptedAt).toLocaleString()}</td></tr>`)}</tbody></table></div>
      <p class="row"><button disabled=${cursors.length < 2} onClick=${() => setCursors(cursors.slice(0, -1))}>Newer</button>
        <button disabled=${!page.hasMore} onClick=${() => setCursors([...cursors, page.lastId])}>Older</button></p>`}`;
}
