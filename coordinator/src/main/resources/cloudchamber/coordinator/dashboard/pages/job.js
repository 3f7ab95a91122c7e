/** One job: how far it is, what it waits for, its problems. */
import { html, useState } from '/dashboard/vendor/preact-htm.js';
import { foldJob, JOB_EVENTS, NO_JOB } from '/dashboard/events.js';
import { duration, shortened } from '/dashboard/format.js';
import { send, useDocument, useStream } from '/dashboard/live.js';
import { Card, Failure, Progress, Status } from '/dashboard/parts.js';
import { visible } from '/dashboard/text.js';

const PAGE = 100;

/** Milliseconds the rest will take, at the rate so far; null before anything has ended. */
function remaining(job, over, now) {
  return over > 0 ? (now - Date.parse(job.acceptedAt)) / over * (job.counts.total - over) : null;
}

export function Job({ job: id }) {
  const path = `/api/v1/jobs/${encodeURIComponent(id)}`;
  const { state } = useStream(`${path}/events`, JOB_EVENTS, foldJob, NO_JOB);
  const [known, failure] = useDocument(path, null);
  const [refusal, setRefusal] = useState(null);
  const job = state.job ?? known;
  if (failure) return html`<h1>${id}</h1><${Failure} failure=${failure} />`;
  if (!job) return html`<h1>${id}</h1><p class="waiting">Loading …</p>`;
  const { counts } = job;
  const over = counts.succeeded + counts.failed + counts.cancelled;
  const ended = job.endedAt != null;
  const numericsClasses = job.numericsClasses ?? known?.numericsClasses;
  const waiting = waits(job.waitingFor == null ? known : job);
  return html`<h1>${id} <${Status} status=${job.status} /></h1>
    <p class="row">${job.method.id} · policy ${job.policy} · PRM ${job.prm} · seed ${job.seed}
      ${!ended && html`<button class="danger" onClick=${() => send(`${path}/cancel`).catch(setRefusal)}>Cancel</button>`}</p>
    ${job.numericsFamily && html`<p>Numerics asked for: ${job.numericsFamily}</p>`}
    ${numericsClasses && html`<p><small>Numerics of the workers that served it: ${numericsClasses.join(', ')}</small></p>`}
    <${Failure} failure=${refusal} />
    ${!ended && waiting.map(each => html`<p class="failure" role="status" key=${each.for}>${waitingLine(each)}</p>`)}
    <div class="cards"><${Card} name="of problems over" value=${`${over} / ${counts.total}`} />
      <${Card} name="running" value=${counts.running} /><${Card} name="failed" value=${counts.failed} />
      <${Card} name=${ended ? 'taken' : 'left, about'} value=${duration(
        ended ? Date.parse(job.endedAt) - Date.parse(job.acceptedAt) : remaining(job, over, Date.now()))} /></div>
    <${Progress} ...${counts} />
    <h2>Problems</h2><${Problems} job=${id} problems=${[...state.problems.values()]} />`;
}

const WAITS_FOR = { places: 'Waits for a place among the problems that run', database: 'Waits for the database' };

function waits(job) {
  return job?.waiting ?? (job?.waitingFor ?? []).map(what => ({ for: what }));
}

function waitingLine({ for: what, since, reason }) {
  const line = WAITS_FOR[what] ?? `Waits for a worker that serves ${what}`;
  return `${line}${since ? ` since ${new Date(since).toLocaleTimeString()}` : ''}${reason ? `: ${shortened(reason, 300)}` : ''}.`;
}

function Problems({ job, problems }) {
  const [from, setFrom] = useState(0);
  return html`<div class="scroll"><table><thead><tr><th>problem</th><th>status</th><th>answer</th><th>question</th></tr></thead>
    <tbody>${problems.slice(from, from + PAGE).map(problem => html`<tr key=${problem.id}>
      <td><a href=${`#/jobs/${encodeURIComponent(job)}/problems/${encodeURIComponent(problem.id)}`}>${problem.id}</a></td>
      <td><${Status} status=${problem.status} /></td>
      <td>${problem.answer == null ? '' : visible(shortened(problem.answer, 60))}</td>
      <td>${visible(shortened(problem.question ?? '', 160))}</td></tr>`)}</tbody></table></div>
    ${problems.length > PAGE && html`<p class="row"><button disabled=${from === 0} onClick=${() => setFrom(from - PAGE)}>Before</button>
      ${from + 1}–${Math.min(problems.length, from + PAGE)} of ${problems.length}
      <button disabled=${from + PAGE >= problems.length} onClick=${() => setFrom(from + PAGE)}>After</button></p>`}`;
}
