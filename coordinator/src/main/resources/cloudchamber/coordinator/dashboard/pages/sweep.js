/** One sweep: its curves as results come, and the grid of its cells. */
import { html, useState } from '/dashboard/vendor/preact-htm.js';
import { Curves } from '/dashboard/curves.js';
import { foldSweep, NO_SWEEP, SWEEP_EVENTS } from '/dashboard/events.js';
import { duration, percent } from '/dashboard/format.js';
import { send, useDocument, useStream } from '/dashboard/live.js';
import { Card, Failure, Progress, Status } from '/dashboard/parts.js';
import { visible } from '/dashboard/text.js';

/** A sweep that goes on after its end is followed anew. */
export function Sweep({ sweep }) {
  const [times, setTimes] = useState(0);
  return html`<${Followed} key=${times} id=${sweep} again=${() => setTimes(times + 1)} />`;
}

function Followed({ id, again }) {
  const path = `/api/v1/sweeps/${encodeURIComponent(id)}`;
  const { state } = useStream(`${path}/events`, SWEEP_EVENTS, foldSweep, NO_SWEEP);
  const [, failure] = useDocument(path, null);
  const [refusal, setRefusal] = useState(null);
  const { sweep } = state;
  if (failure) return html`<h1>${id}</h1><${Failure} failure=${failure} />`;
  if (!sweep) return html`<h1>${id}</h1><p class="waiting">Loading …</p>`;
  const tell = what => () => send(`${path}/${what}`).then(() => {
    setRefusal(null);
    if (state.over) again();
  }, setRefusal);
  const { status, counts } = sweep;
  const over = counts.succeeded + counts.failed + counts.cancelled;
  const scores = [...state.cells.values()];
  const judged = scores.reduce((sum, score) => sum + score.over, 0);
  const right = scores.reduce((sum, score) => sum + score.right, 0);
  const series = [...new Set(state.places.map(place => place.series))];
  const goes = status === 'running' || status === 'paused';
  return html`<h1>${visible(sweep.name)} <${Status} status=${status} /></h1>
    <p class="row">${id} · ${sweep.dataSets.map(set => `${visible(set.name)}, ${set.problems} problems, SHA-256 ${set.sha256.slice(0, 12)}…`).join(' · ')}
      ${status === 'running' && html`<button onClick=${tell('pause')}>Pause</button>`}
      ${status === 'paused' && html`<button onClick=${tell('resume')}>Resume</button>`}
      ${counts.failed > 0 && status !== 'cancelled' && html`<button onClick=${tell('retry')}>Retry failed</button>`}
      ${goes && html`<button class="danger" onClick=${tell('cancel')}>Cancel</button>`}</p>
    <${Failure} failure=${refusal} />
    <div class="cards"><${Card} name="problems of all jobs over" value=${`${over} / ${counts.total}`} />
      <${Card} name="accuracy so far" value=${judged > 0 ? (right / judged).toFixed(3) : '–'} note=${`${judged} results`} />
      <${Card} name="failed" value=${counts.failed} />
      ${goes ? html`<${Card} name="left, about" value=${state.etaSeconds == null ? '–' : duration(1000 * state.etaSeconds)} />`
        : html`<${Card} name="taken" value=${duration(Date.parse(sweep.changedAt) - Date.parse(sweep.acceptedAt))} />`}</div>
    <${Progress} ...${counts} />
    <h2>Accuracy over budget</h2>
    <${Curves} series=${series} points=${state.points} references=${state.references} />
    <h2>Cells</h2><${Grid} series=${series} ...${state} />
    ${sweep.skipped.length > 0 && html`<details><summary>${sweep.skipped.length} combinations cannot run</summary><ul>${sweep.skipped.map(
      each => html`<li>${visible(each.method)} at ${each.budget}: ${visible(each.reason)}</li>`)}</ul></details>`}`;
}

/** A row for each series, a column for each budget; the runs of all seeds lie in one field, each with its job. */
function Grid({ series, places, sweep, jobs, cells, points }) {
  const budgets = [...new Set(places.map(place => place.budget))].sort((a, b) => a - b);
  const cellsById = new Map(sweep.cells.map(cell => [cell.id, cell]));
  const field = (name, budget) => places.filter(place => place.series === name && place.budget === budget)
    .map(place => cellsById.get(place.cell));
  return html`<div class="scroll"><table class="grid"><thead><tr><th scope="col">series</th>${
    budgets.map(budget => html`<th scope="col">${budget}</th>`)}</tr></thead>
    <tbody>${series.map(name => html`<tr key=${name}><th scope="row">${visible(name)}</th>${
      budgets.map(budget => html`<${Field} cells=${field(name, budget)} jobs=${jobs} scores=${cells} point=${points.get(name)?.get(budget)} />`)}</tr>`)}
    </tbody></table></div>`;
}

function Field({ cells, jobs, scores, point }) {
  if (cells.length === 0) return html`<td>–</td>`;
  const lines = cells.map(cell => jobs.get(cell.job)?.counts).filter(Boolean);
  const sum = what => lines.reduce((total, counts) => total + counts[what], 0);
  const judged = cells.reduce((total, cell) => total + (scores.get(cell.id)?.over ?? 0), 0);
  return html`<td>${point ? html`<b>${point.accuracy.toFixed(3)}</b><small>${percent(point.low)} – ${percent(point.high)}</small>` : html`<b>–</b>`}
    <${Progress} total=${sum('total')} succeeded=${judged} failed=${sum('failed')} running=${sum('running')} />
    <small>${judged} of ${sum('total')} · ${cells.map((cell, index) => html`${index > 0 ? ', ' : ''}<a
      href=${`#/jobs/${encodeURIComponent(cell.job)}`} title=${`job of seed ${cell.seed}`}>seed ${cell.seed}</a>`)}</small></td>`;
}
