/** The nodes of the cluster and its workers. */
import { html, useState } from '/dashboard/vendor/preact-htm.js';
import { foldOverview, NO_OVERVIEW, OVERVIEW_EVENTS } from '/dashboard/events.js';
import { number, percent } from '/dashboard/format.js';
import { send, useDocument, useStream } from '/dashboard/live.js';
import { Failure } from '/dashboard/parts.js';
import { visible } from '/dashboard/text.js';

/** What is kept on the disk. */
function Storage() {
  const [storage] = useDocument('/api/v1/storage', '');
  if (!storage) return null;
  const size = bytes => `${number(bytes / 2 ** 20, 1)} MiB`;
  const days = storage.retentionSeconds == null ? 'for ever' : `${number(storage.retentionSeconds / 86400, 1)} days`;
  return html`<h2>Storage</h2><p>${storage.database}: ${size(storage.bytes)}, ${size(storage.reusableBytes)} of it free for new jobs;
    ${storage.freeBytes == null ? '' : ` ${size(storage.freeBytes)} free on the disk;`} jobs are kept ${days}</p>`;
}

export function Cluster() {
  const { state } = useStream('/api/v1/events', OVERVIEW_EVENTS, foldOverview, NO_OVERVIEW);
  const [asked, setAsked] = useState(0);
  const [known, setKnown] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [document, failure] = useDocument('/api/v1/cluster', `${state.version} ${asked}`);
  if (document && document !== known) setKnown(document);
  const shown = document ?? known;
  if (!shown) return html`<h1>Cluster</h1><${Failure} failure=${failure} />`;
  const drain = worker => send(`/api/v1/workers/${encodeURIComponent(worker.workerId)}/drain`)
    .then(() => setAsked(asked + 1), setRefusal);
  return html`<h1>Cluster</h1><${Failure} failure=${failure ?? refusal} />
    <div class="scroll"><table><thead><tr><th>node</th><th>roles</th><th>status</th></tr></thead>
      <tbody>${shown.members.map(member => html`<tr key=${member.uid}><td>${member.address}</td><td>${member.roles.join(', ')}</td>
        <td>${member.status}${member.reachable ? '' : html` <span class="failure">unreachable</span>`}</td></tr>`)}</tbody></table></div>
    <h2>Workers</h2><div class="scroll"><table><thead><tr><th>worker</th><th>role</th><th>model</th><th>numerics class</th>
      <th class="number">slots</th><th class="number">running</th><th class="number">done</th><th class="number">cached</th><th>last error</th><th></th></tr></thead>
      <tbody>${shown.workers.map(worker => html`<tr key=${worker.workerId}><td>${worker.workerId}<br /><small>${worker.node}</small></td>
        <td>${worker.role}</td><td>${worker.model}</td><td><small>${worker.numericsClass}</small></td>
        <td class="number">${worker.slots}</td><td class="number">${worker.running}</td><td class="number">${number(worker.completed, 0)}</td>
        <td class="number">${percent(worker.tokens.cached / Math.max(1, worker.tokens.cached + worker.tokens.prompt))}</td>
        <td>${worker.silent && html`<span class="failure">silent </span>`}${worker.lastError ? visible(worker.lastError) : ''}</td>
        <td>${worker.draining ? 'draining' : html`<button onClick=${() => drain(worker)}>Drain</button>`}</td></tr>`)}</tbody></table></div>
    <${Storage} />
    ${shown.waiting.length > 0 && html`<h2>Work that waits</h2><ul>${shown.waiting.map(each => html`<li>${each.works} for ${each.role} ${each.model}</li>`)}</ul>`}`;
}
