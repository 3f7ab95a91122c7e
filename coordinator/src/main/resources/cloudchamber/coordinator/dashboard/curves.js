/** Accuracy over budget: a curve for each series, upright lines for the intervals, dashed ones for what is known from elsewhere. */
import { html, useEffect, useRef, useState } from '/dashboard/vendor/preact-htm.js';
import { visible } from '/dashboard/text.js';

/** Told apart also by people who see fewer colours, on light and on dark. */
const COLOURS = ['#2f8fd8', '#e06a1b', '#1d9e78', '#c977a8', '#d99a00', '#58b4e9', '#8a8f98', '#9b6bd3'];
const HEIGHT = 360;
/** How far curves stand from one another, in doublings. */
const SHIFT = 0.04;
const DARK = matchMedia('(prefers-color-scheme: dark)');

function useDark() {
  const [dark, setDark] = useState(DARK.matches);
  useEffect(() => {
    const changed = () => setDark(DARK.matches);
    DARK.addEventListener('change', changed);
    return () => DARK.removeEventListener('change', changed);
  }, []);
  return dark;
}

/** What uPlot takes: log2 of the budgets, and the accuracies of each series, null where there is none. */
function table(series, points) {
  const budgets = [...new Set([...points.values()].flatMap(curve => [...curve.keys()]))].sort((a, b) => a - b);
  return [budgets.map(Math.log2), ...series.map(name => budgets.map(budget => points.get(name)?.get(budget)?.accuracy ?? null))];
}

/**
 * @param series the names, in order
 * @param points a Map from series to a Map from budget to {accuracy, low, high}
 * @param references [{name, accuracy, source}]
 */
export function Curves({ series, points, references }) {
  const place = useRef(null);
  const chart = useRef(null);
  const shown = useRef(points);
  shown.current = points;
  const dark = useDark();
  const key = JSON.stringify([series, references, dark]);
  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue('--quiet').trim();
    const grid = { stroke: 'rgba(128,140,155,.2)', width: 1 };
    const axis = { stroke: ink, grid, ticks: grid };
    chart.current = new globalThis.uPlot({
      width: place.current.clientWidth, height: HEIGHT,
      series: [{ label: 'budget', value: (_, x) => x == null ? '–' : String(Math.round(2 ** x)) },
        ...series.map((name, index) => ({ label: visible(name), stroke: COLOURS[index % COLOURS.length], width: 2, spanGaps: true,
          points: { show: true, size: 7 }, value: (_, y) => y == null ? '–' : y.toFixed(3) }))],
      axes: [{ ...axis, label: 'generations a problem', labelSize: 20, splits: plot => plot.data[0], values: (_, splits) => splits.map(x => Math.round(2 ** x)) },
        { ...axis, label: 'accuracy', labelSize: 20 }],
      scales: { x: { time: false, range: (_, low, high) => [(low ?? 0) - 0.3, (high ?? 1) + 0.3] }, y: { range: [0, 1] } },
      hooks: { draw: [plot => drawIntervals(plot, series, shown.current), plot => drawReferences(plot, references, ink)] },
    }, table(series, shown.current), place.current);
    const sizes = new ResizeObserver(() => chart.current.setSize({ width: place.current.clientWidth, height: HEIGHT }));
    sizes.observe(place.current);
    return () => {
      sizes.disconnect();
      chart.current.destroy();
    };
  }, [key]);
  useEffect(() => chart.current?.setData(table(series, points)), [points]);
  return html`<div class="panel"><div class="chart" role="img"
    aria-label="Accuracy over budget; the table below has the same figures" ref=${place}></div></div>`;
}

function drawIntervals(plot, series, points) {
  const { ctx } = plot;
  ctx.save();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  series.forEach((name, index) => {
    ctx.strokeStyle = COLOURS[index % COLOURS.length];
    for (const [budget, { low, high }] of points.get(name) ?? []) {
      const x = plot.valToPos(Math.log2(budget) + (index - (series.length - 1) / 2) * SHIFT, 'x', true);
      ctx.beginPath();
      ctx.moveTo(x, plot.valToPos(low, 'y', true));
      ctx.lineTo(x, plot.valToPos(high, 'y', true));
      ctx.stroke();
    }
  });
  ctx.restore();
}

function drawReferences(plot, references, ink) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ink;
  ctx.fillStyle = ink;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const { name, accuracy } of references) {
    const y = plot.valToPos(accuracy, 'y', true);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(visible(name), bbox.left + 6 * devicePixelRatio, y - 2 * devicePixelRatio);
  }
  ctx.restore();
}
