/** One problem, or two runs of one side by side: question, posterior, the tracks of its particles. */
import { html, useState } from '/dashboard/vendor/preact-htm.js';
import { foldProblem, NO_PROBLEM, PROBLEM_EVENTS } from '/dashboard/events.js';
import { duration, number, percent } from '/dashboard/format.js';
import { Genealogy } from '/dashboard/genealogy.js';
import { useDocument, useStream } from '/dashboard/live.js';
import { Card, Failure, Status } from '/dashboard/parts.js';
import { Prose, visible } from '/dashboard/text.js';

const MAX_ANSWERS = 12;

export function Problem({ job, problem, other }) {
  const [text, setText] = useState('');
  const compare = event => {
    event.preventDefault();
    const with_ = text.includes('/') ? text : `${text}/${problem}`;
    location.hash = `#/jobs/${encodeURIComponent(job)}/problems/${encodeURIComponent(problem)}?${new URLSearchParams({ with: with_ })}`;
  };
  return html`<p class="row"><a href=${`#/jobs/${encodeURIComponent(job)}`}>← ${job}</a>
      <form class="row" onSubmit=${compare}><label>Beside <input placeholder="JOB or JOB/PROBLEM" value=${text}
        onInput=${event => setText(event.target.value)} /></label><button disabled=${!text}>Compare</button></form></p>
    <div class=${other ? 'columns' : ''}><${Run} job=${job} problem=${problem} />
      ${other && html`<${Run} job=${other[0]} problem=${other[1] ?? problem} />`}</div>`;
}

function Run({ job, problem }) {
  const path = `/api/v1/jobs/${encodeURIComponent(job)}/problems/${encodeURIComponent(problem)}`;
  const { state } = useStream(`${path}/events`, PROBLEM_EVENTS, foldProblem, NO_PROBLEM);
  const [, failure] = useDocument(path, null);
  if (failure) return html`<section><h1>${job} / ${problem}</h1><${Failure} failure=${failure} /></section>`;
  const { head, end } = state;
  if (!head) return html`<section><h1>${problem} <small>of ${job}</small></h1><p class="waiting">Loading …</p></section>`;
  return html`<section><h1>${problem} <small>of ${job}</small> <${Status} status=${
      end?.status ?? (state.rounds.length > 0 ? 'running' : head.status)} /></h1>
    <p class="hint">${head.method.id} · policy ${head.policy} · PRM ${head.prm} · seed ${head.seed}</p>
    <div class="panel"><${Prose} text=${head.question} /></div>
    ${end?.failure && html`<p class="failure" role="alert">${visible(end.failure)}</p>`}
    ${end?.status === 'succeeded' && html`<p>Answer <span class="answer">${
      end.answer == null ? 'none' : html`<${Prose} text=${end.answer} />`}</span></p>`}
    ${!end && state.best && html`<p>Best so far <span class="answer"><${Prose} text=${state.best.answer} /></span> with weight ${percent(state.best.weight)}</p>`}
    ${end?.posterior.length > 0 && html`<${Posterior} posterior=${end.posterior} elected=${end.answer} />`}
    <${Genealogy} rounds=${state.rounds} tree=${state.tree} chosen=${end?.selected ?? null}
      threshold=${head.method.essThreshold ?? null} label=${problem} />
    ${end && html`<div class="cards"><${Card} name="rounds" value=${state.lastRound + 1} note=${end.stopped ?? ''} />
      <${Card} name="log-evidence" value=${number(end.logEvidence, 3)} note=${end.noEvidence ?? ''} />
      <${Card} name="tokens written" value=${number(end.cost.completionTokens, 0)} note=${`${number(end.cost.wastedTokens, 0)} wasted`} />
      <${Card} name="PRM calls" value=${number(end.cost.prmCalls, 0)} />
      <${Card} name="taken" value=${duration(end.cost.wallMillis)} /></div>`}</section>`;
}

function Posterior({ posterior, elected }) {
  return html`<div class="panel"><h3>Posterior over answers</h3><div class="posterior">${posterior.slice(0, MAX_ANSWERS).map(each => html`
    <span>${each.answer == null ? html`<i>no answer</i>` : html`<${Prose} text=${each.answer} />`}</span>
    <span class=${`track${each.answer === elected ? ' elected' : ''}`}><i style=${{ width: `${100 * each.weight}%` }}></i></span>
    <span>${percent(each.weight)}</span>`)}</div>
    ${posterior.length > MAX_ANSWERS && html`<p class="hint">and ${posterior.length - MAX_ANSWERS} more</p>`}</div>`;
}
