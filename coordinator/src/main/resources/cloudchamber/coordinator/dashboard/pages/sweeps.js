/** Every sweep, the youngest first. */
import { html } from '/dashboard/vendor/preact-htm.js';
import { useDocument } from '/dashboard/live.js';
import { Failure, Progress, Status } from '/dashboard/parts.js';
import { visible } from '/dashboard/text.js';

export function Sweeps() {
  const [list, failure] = useDocument('/api/v1/sweeps', null);
  return html`<h1>Sweeps</h1><${Failure} failure=${failure} />
    ${list && list.sweeps.length === 0 && html`<p class="waiting">No sweep yet. Run one on this server:
      <code>./cloudchamber sweep deploy/examples/bundled-small.yaml --url ${location.origin}</code></p>`}
    ${list && list.sweeps.length > 0 && html`<div class="scroll"><table>
      <thead><tr><th>sweep</th><th>name</th><th>status</th><th class="number">cells</th><th>problems of all jobs</th><th>accepted</th></tr></thead>
      <tbody>${list.sweeps.map(sweep => html`<tr key=${sweep.id}>
        <td><a href=${`#/sweeps/${encodeURIComponent(sweep.id)}`}>${sweep.id}</a></td><td>${visible(sweep.name)}</td>
        <td><${Status} status=${sweep.status} /></td><td class="number">${sweep.cells}</td>
        <td><${Progress} ...${sweep.counts} /> ${sweep.counts.succeeded + sweep.counts.failed} of ${sweep.counts.total}</td>
        <td>${new Date(sweep.acceptedAt).toLocaleString()}</td></tr>`)}</tbody></table></div>`}`;
}
