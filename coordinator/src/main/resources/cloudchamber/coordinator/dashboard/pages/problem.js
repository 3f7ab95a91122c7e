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
  const [view, failure] = useDocument(path, state.over);
  if (failure) return html`<section><h1>${job} / ${problem}</h1><${Failure} failure=${failure} /></section>`;
  return html`<section><h1>${problem} <small>of ${job}</small> <${Status} status=${state.status ?? view?.status ?? 'queued'} /></h1>
    <div class="panel"><${Prose} text=${view?.question ?? ''} /></div>
    ${view?.failure && html`<p class="failure" role="alert">${visible(view.failure)}</p>`}
    ${view?.status === 'succeeded' && html`<p>Answer <span class="answer">${view.answer == null ? 'none' : html`<${Prose} text=${view.answer} />`}</span></p>`}
    ${!state.over && state.best != null && html`<p>Best so far <span class="answer"><${Prose} text=${state.best} /></span></p>`}
    ${view?.posterior?.length > 0 && html`<${Posterior} posterior=${view.posterior} elected=${view.answer} />`}
    <${Genealogy} rounds=${state.rounds} tree=${state.tree} chosen=${state.chosen} label=${problem} />
    ${view && html`<div class="cards"><${Card} name="rounds" value=${new Set(state.rounds.map(round => round.round)).size} />
      <${Card} name="log-evidence" value=${number(view.logEvidence, 3)} note=${view.noEvidence ?? ''} />
      <${Card} name="tokens written" value=${number(view.cost.completionTokens, 0)} note=${`${number(view.cost.wastedTokens, 0)} wasted`} />
      <${Card} name="PRM calls" value=${number(view.cost.prmCalls, 0)} />
      <${Card} name="taken" value=${duration(view.cost.wallMillis)} /></div>`}</section>`;
}

function Posterior({ posterior, elected }) {
  return html`<div class="panel"><h3>Posterior over answers</h3><div class="posterior">${posterior.slice(0, MAX_ANSWERS).map(each => html`
    <span>${each.answer == null ? html`<i>no answer</i>` : html`<${Prose} text=${each.answer} />`}</span>
    <span class=${`track${each.answer === elected ? ' elected' : ''}`}><i style=${{ width: `${100 * each.weight}%` }}></i></span>
    <span>${percent(each.weight)}</span>`)}</div>
    ${posterior.length > MAX_ANSWERS && html`<p class="hint">and ${posterior.length - MAX_ANSWERS} more</p>`}</div>`;
}
