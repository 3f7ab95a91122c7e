/** Small parts that several pages show. */
import { html, useEffect, useRef } from '/dashboard/vendor/preact-htm.js';
import { number } from '/dashboard/format.js';

/** A status in the colour of its kind. */
export const Status = ({ status }) => html`<span class=${`status ${status}`}>${status}</span>`;

/** A failed read, in the API's own words. */
export const Failure = ({ failure }) => failure && html`<p class="failure" role="alert">${failure.message}</p>`;

/** How far `total` problems are: ended well, failed, running. */
export function Progress({ total, succeeded, failed, running }) {
  const width = count => ({ width: `${100 * count / Math.max(1, total)}%` });
  return html`<div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax=${total} aria-valuenow=${succeeded + failed}>
    <i style=${width(succeeded)}></i><i class="failed" style=${width(failed)}></i><i class="running" style=${width(running)}></i></div>`;
}

/** One figure with its name. */
export const Card = ({ name, value, note }) => html`<div class="card"><b>${value}</b><span>${name}${note ? ` · ${note}` : ''}</span></div>`;

/** The slots of the workers of one model: busy, idle, or blocked because their worker drains or is silent. */
export function Pool({ role, model, slots, busy, idle, blocked, waiting, tokensPerSecond }) {
  const width = count => ({ width: `${100 * count / Math.max(1, slots)}%` });
  return html`<div class="panel"><h3>${role} ${model}: ${busy} of ${slots} slots busy${blocked ? `, ${blocked} blocked` : ''}${
    waiting ? ` · ${number(waiting, 0)} waiting` : ''} · ${number(tokensPerSecond, 0)} tokens/s</h3>
    <div class="pool" role="img" aria-label=${`${busy} busy, ${blocked} blocked, ${idle} idle`}>
      <i class="busy" style=${width(busy)}></i><i class="blocked" style=${width(blocked)}></i></div></div>`;
}

const WINDOW_SECONDS = 60;

/**
 * A chart of series over the last minute.
 * @param data [[seconds since 1970], [values] …]
 * @param names a name for each series of values
 */
export function Chart({ title, data, names }) {
  const place = useRef(null);
  const chart = useRef(null);
  useEffect(() => {
    const ink = getComputedStyle(document.documentElement).getPropertyValue('--quiet');
    const grid = { stroke: 'rgba(128,140,155,.2)', width: 1 };
    const axis = { stroke: ink, grid, ticks: grid };
    chart.current = new globalThis.uPlot({
      width: place.current.clientWidth, height: 170, title,
      series: [{}, ...names.map((label, index) => ({ label, stroke: ['#2f7fd1', '#d08700', '#1a7f4b'][index], width: 2 }))],
      axes: [axis, axis],
      scales: { x: { range: (_, low, high) => [high - WINDOW_SECONDS, high] }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1, high ?? 1)] } },
    }, data, place.current);
    const sizes = new ResizeObserver(() => chart.current.setSize({ width: place.current.clientWidth, height: 170 }));
    sizes.observe(place.current);
    return () => {
      sizes.disconnect();
      chart.current.destroy();
    };
  }, []);
  useEffect(() => chart.current?.setData(data), [data]);
  return html`<div class="panel"><div class="chart" ref=${place}></div></div>`;
}
