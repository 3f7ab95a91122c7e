/** One job: how far it is, what it waits for, its problems. */
import { html, useState } from '/dashboard/vendor/preact-htm.js';
import { foldJob, JOB_EVENTS, NO_JOB } from '/dashboard/events.js';
import { duration, shortened } from '/dashboard/format.js';
import { send, useDocument, useStream } from '/dashboard/live.js';
import { Card, Failure, Progress, Status } from '/dashboard/parts.js';
import { visible } from '/dashboard/text.js';

const PAGE = 100;

/** Milliseconds the rest will take, at the rate so far; null before anything has ended. */
function remaining(job, now) {
  const over = job.counts.succeeded + job.counts.failed + job.counts.cancelled;
  return over > 0 ? (now - Date.parse(job.acceptedAt)) / over * (job.counts.total - over) : null;
}

export function Job({ job }) {
  const path = `/api/v1/jobs/${encodeURIComponent(job)}`;
  const { state } = useStream(`${path}/events`, JOB_EVENTS, foldJob, NO_JOB);
  const [asked, setAsked] = useState(0);
  const [document, failure] = useDocument(path, `${state.version} ${asked}`);
  const [listed, listFailure] = useDocument(`${path}/problems`, `${state.version} ${asked}`);
  const [known, setKnown] = useState(null);
  const [from, setFrom] = useState(0);
  const [refusal, setRefusal] = useState(null);
  if (document && document !== known) setKnown(document);
  const shown = document ?? known;
  if (failure) return html`<h1>${job}</h1><${Failure} failure=${failure} />`;
  if (!shown) return html`<h1>${job}</h1><p class="waiting">Loading …</p>`;
  const cancel = () => send(`${path}/cancel`).then(() => setAsked(asked + 1), setRefusal);
  const over = shown.endedAt != null;
  return html`<h1>${job} <${Status} status=${shown.status} /></h1>
    <p class="row">${shown.method.id ?? shown.method} · policy ${shown.policy} · PRM ${shown.prm} · seed ${shown.seed}
      ${!over && html`<button class="danger" onClick=${cancel}>Cancel</button>`}</p>
    <${Failure} failure=${refusal} />
    ${shown.waitingFor?.length > 0 && html`<p class="failure" role="status">Waits for a worker that serves ${shown.waitingFor.join(', ')}.</p>`}
    <div class="cards"><${Card} name="of problems over" value=${`${shown.counts.succeeded + shown.counts.failed + shown.counts.cancelled} / ${shown.counts.total}`} />
      <${Card} name="running" value=${shown.counts.running} /><${Card} name="failed" value=${shown.counts.failed} />
      <${Card} name=${over ? 'taken' : 'left, about'} value=${duration(over ? Date.parse(shown.endedAt) - Date.parse(shown.acceptedAt) : remaining(shown, Date.now()))} /></div>
    <${Progress} ...${shown.counts} />
    <h2>Problems</h2><${Failure} failure=${listFailure} />
    ${(listed ?? state.lastList)?.problems && html`<${Problems} job=${job} problems=${listed.problems} from=${from} setFrom=${setFrom} />`}`;
}

function Problems({ job, problems, from, setFrom }) {
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
