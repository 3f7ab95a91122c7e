/*
 * The tracks of the particles: columns are rounds, lanes are particles, a line goes from each particle to the one it
 * descends from. `columns` and `place` are pure; `Genealogy` draws on a canvas, so that 1,000 particles over 50 rounds
 * stay smooth. The order of lanes is the sampler's own: parents stand in the order of their children, so few lines
 * cross.
 */
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '/dashboard/vendor/preact-htm.js';
import { number, percent, probability } from '/dashboard/format.js';
import { Step } from '/dashboard/text.js';

const STRIP = 46;
const TOP = STRIP + 16;
const SIDE = 28;
const COLOURS = 17;

/**
 * The rounds of one sweep of one chain, each particle with the lane it came from and whether it has living
 * descendants in the last round.
 *
 * @param rounds [{round, chain, iteration, ess, resampled, logEvidence, nodes, weights, ancestors}], in order
 * @param chosen the node that ends the chosen answer's path, or null
 * @param tree Map from node id to {parent, text, logOdds, end}
 */
export function columns(rounds, tree, chosen) {
  const path = new Set();
  for (let node = chosen; node != null && node !== 0; node = tree.get(node)?.parent) path.add(node);
  const found = rounds.map((round, index) => {
    const before = index > 0 ? rounds[index - 1].ancestors : null;
    const total = round.nodes.length;
    return {
      ...round,
      particles: round.nodes.map((node, lane) => ({
        node,
        lane,
        weight: round.weights?.[lane] ?? 1 / total,
        parent: before ? before[lane] ?? null : null,
        chosen: path.has(node),
        alive: false,
      })),
    };
  });
  for (let index = found.length - 1; index >= 0; index--) {
    const next = found[index + 1];
    for (const particle of found[index].particles) particle.alive ||= !next;
    next?.particles.forEach(child => {
      const parent = child.parent == null ? null : found[index].particles[child.parent];
      if (parent && child.alive) parent.alive = true;
    });
  }
  return found;
}

/** Where a particle is drawn in a picture of this size, in pixels. */
export function place(count, lanes, width, height) {
  const across = count > 1 ? (width - 2 * SIDE) / (count - 1) : 0;
  const down = (height - TOP - 14) / Math.max(1, lanes);
  return {
    x: column => count > 1 ? SIDE + column * across : width / 2,
    y: lane => TOP + (lane + 0.5) * down,
    radius: weight => Math.max(1.2, Math.min(down * 0.48, across ? across * 0.3 : 20, 3 + 14 * Math.sqrt(weight))),
    at: (x, y) => ({
      column: across ? Math.max(0, Math.min(count - 1, Math.round((x - SIDE) / across))) : 0,
      lane: Math.floor((y - TOP) / down),
    }),
  };
}

/** The colour of a score in [0, 1]: orange below one half, blue above, grey at even odds. */
export function colour(score, dark) {
  if (score == null) return dark ? '#8a94a3' : '#8b95a1';
  const strength = Math.min(1, Math.abs(score - 0.5) * 2);
  const [hue, light] = score < 0.5 ? [24, dark ? 58 : 48] : [211, dark ? 62 : 42];
  return `hsl(${hue} ${Math.round(12 + 78 * strength)}% ${light}%)`;
}

const score = node => node?.logOdds == null ? null : probability(node.logOdds);
const bin = value => value == null ? COLOURS : Math.min(COLOURS - 1, Math.floor(value * COLOURS));

/*
 * The whole picture is painted once, off the screen; the scrubber shows its left part, and a selection is a ring laid
 * over it. Where there are more particles than rows of pixels, what would fall on the same pixels is painted once.
 */
function paint(found, tree, width, height, threshold) {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const ratio = devicePixelRatio || 1;
  const picture = document.createElement('canvas');
  picture.width = Math.max(1, width * ratio);
  picture.height = Math.max(1, height * ratio);
  const pen = picture.getContext('2d');
  pen.scale(ratio, ratio);
  const lanes = most(found);
  const at = place(found.length, lanes, width, height);
  const coarse = lanes > (height - TOP);
  paintStrip(pen, found, at, width, threshold, dark);

  const lines = { extinct: new Path2D(), living: new Path2D(), chosen: new Path2D() };
  found.forEach((column, index) => {
    const seen = new Set();
    column.particles.forEach(particle => {
      const parent = index > 0 && particle.parent != null ? found[index - 1].particles[particle.parent] : null;
      if (!parent) return;
      const kind = particle.chosen && parent.chosen ? 'chosen' : particle.alive ? 'living' : 'extinct';
      const [x0, y0, x1, y1] = [at.x(index - 1), at.y(parent.lane), at.x(index), at.y(particle.lane)];
      if (coarse && kind !== 'chosen') {
        const pixels = `${kind} ${Math.round(y0)} ${Math.round(y1)}`;
        if (seen.has(pixels)) return;
        seen.add(pixels);
      }
      lines[kind].moveTo(x0, y0);
      if (coarse) lines[kind].lineTo(x1, y1);
      else lines[kind].bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
    });
  });
  pen.lineWidth = 1;
  pen.strokeStyle = dark ? 'rgba(140,150,165,.22)' : 'rgba(90,100,115,.2)';
  pen.stroke(lines.extinct);
  pen.strokeStyle = dark ? 'rgba(143,211,255,.6)' : 'rgba(30,90,150,.5)';
  pen.stroke(lines.living);
  pen.lineWidth = 3;
  pen.strokeStyle = dark ? '#ffd166' : '#d08700';
  pen.stroke(lines.chosen);

  for (const alive of [false, true]) {
    const dots = Array.from({ length: COLOURS + 1 }, () => new Path2D());
    found.forEach((column, index) => column.particles.forEach(particle => {
      if (particle.alive !== alive) return;
      const dot = dots[bin(score(tree.get(particle.node)))];
      const [x, y, radius] = [at.x(index), at.y(particle.lane), at.radius(particle.weight)];
      if (radius < 2) {
        dot.rect(x - radius, y - radius, 2 * radius, 2 * radius);
      } else {
        dot.moveTo(x + radius, y);
        dot.arc(x, y, radius, 0, 7);
      }
    }));
    pen.globalAlpha = alive ? 1 : 0.35;
    dots.forEach((dot, index) => {
      pen.fillStyle = colour(index === COLOURS ? null : (index + 0.5) / COLOURS, dark);
      pen.fill(dot);
    });
  }
  pen.globalAlpha = 1;
  if (lanes <= 128) {
    pen.lineWidth = 1.5;
    pen.strokeStyle = dark ? '#d7dde5' : '#1c2733';
    found.forEach((column, index) => column.particles.forEach(particle => {
      if (tree.get(particle.node)?.end !== 'END') return;
      pen.beginPath();
      pen.arc(at.x(index), at.y(particle.lane), at.radius(particle.weight) + 2, 0, 7);
      pen.stroke();
    }));
  }
  return { picture, at, dark, ratio, width, height };
}

function paintStrip(pen, found, at, width, threshold, dark) {
  pen.font = '11px system-ui, sans-serif';
  pen.fillStyle = dark ? '#8a94a3' : '#5b6673';
  pen.fillText('ESS / N', 2, 10);
  const barWidth = Math.max(2, Math.min(18, (width - 2 * SIDE) / Math.max(1, found.length) - 3));
  found.forEach((column, index) => {
    const share = column.ess / column.particles.length;
    pen.fillStyle = column.resampled ? (dark ? '#ffb454' : '#c46a00') : '#5b8fb5';
    pen.fillRect(at.x(index) - barWidth / 2, STRIP - share * (STRIP - 14), barWidth, share * (STRIP - 14));
  });
  if (threshold == null) return;
  pen.strokeStyle = dark ? '#5a6572' : '#aab3bd';
  pen.setLineDash([4, 4]);
  pen.beginPath();
  pen.moveTo(SIDE / 2, STRIP - threshold * (STRIP - 14));
  pen.lineTo(width - SIDE / 2, STRIP - threshold * (STRIP - 14));
  pen.stroke();
  pen.setLineDash([]);
}

/** Lays the first `shown` columns of a painted picture and the selection on the screen. */
function show(canvas, { picture, at, dark, ratio, width, height }, found, shown, selected) {
  canvas.width = picture.width;
  canvas.height = picture.height;
  const pen = canvas.getContext('2d');
  const right = shown < found.length ? Math.min(width, at.x(shown - 1) + 10) : width;
  pen.drawImage(picture, 0, 0, right * ratio, picture.height, 0, 0, right * ratio, picture.height);
  const particle = selected && selected.column < shown && found[selected.column]?.particles[selected.lane];
  if (!particle) return;
  pen.scale(ratio, ratio);
  pen.lineWidth = 2;
  pen.strokeStyle = dark ? '#ffffff' : '#000000';
  pen.beginPath();
  pen.arc(at.x(selected.column), at.y(selected.lane), at.radius(particle.weight) + 4, 0, 7);
  pen.stroke();
}

const most = found => Math.max(1, ...found.map(column => column.particles.length));

/** What one particle is: its score, weight, and the steps that led to it. */
function Particle({ column, particle, tree }) {
  const steps = [];
  for (let id = particle.node; id != null && id !== 0; id = tree.get(id)?.parent) {
    const node = tree.get(id);
    if (!node) break;
    steps.unshift({ id, ...node });
  }
  return html`<section class="particle" aria-live="polite">
    <h3>Round ${column.round}, particle ${particle.lane}${particle.chosen ? ' · on the chosen path' : ''}</h3>
    <p>weight ${percent(particle.weight)}${particle.alive ? '' : ' · no descendants in the last round'}</p>
    <ol class="steps">${steps.map(step => html`<li key=${step.id}>
      <span class="score" style=${{ background: colour(score(step), false) }}>${
        step.logOdds == null ? '–' : percent(score(step))}</span>
      <${Step} text=${step.text} thoughts=${step.thoughts} /></li>`)}</ol></section>`;
}

/** The picture, with a scrubber, the keyboard, and the step under the pointer. */
export function Genealogy({ rounds, tree, chosen, threshold, label }) {
  const sweeps = useMemo(() => {
    const seen = new Map();
    rounds.forEach(round => seen.set(`${round.chain}.${round.iteration}`, [round.chain, round.iteration]));
    return [...seen.values()];
  }, [rounds]);
  const [sweep, setSweep] = useState(null);
  const [chain, iteration] = sweep ?? sweeps[sweeps.length - 1] ?? [0, 0];
  const found = useMemo(
    () => columns(rounds.filter(round => round.chain === chain && round.iteration === iteration), tree, chosen),
    [rounds, tree, chosen, chain, iteration]);
  const [until, setUntil] = useState(null);
  const [playing, setPlaying] = useState(false);
  const [selected, setSelected] = useState(null);
  const canvas = useRef(null);
  const shown = until ?? found.length;
  const lanes = most(found);
  const painted = useRef(null);
  const [size, setSize] = useState('');

  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    const changed = () => setSize(`${canvas.current?.clientWidth} ${matchMedia('(prefers-color-scheme: dark)').matches}`);
    changed();
    const sizes = new ResizeObserver(changed);
    sizes.observe(canvas.current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', changed);
    return () => {
      sizes.disconnect();
      scheme.removeEventListener('change', changed);
    };
  }, [found.length > 0]);

  useLayoutEffect(() => {
    if (canvas.current) {
      const { clientWidth, clientHeight } = canvas.current;
      painted.current = paint(found, tree, clientWidth, clientHeight, threshold);
    }
  }, [found, tree, size, threshold]);

  useLayoutEffect(() => {
    if (canvas.current && painted.current) show(canvas.current, painted.current, found, shown, selected);
  }, [found, tree, size, threshold, shown, selected]);

  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => setUntil(now => {
      const next = (now ?? 0) + 1;
      if (next >= found.length) {
        setPlaying(false);
        return null;
      }
      return next;
    }), 500);
    return () => clearInterval(timer);
  }, [playing, found.length]);

  const point = event => {
    const box = canvas.current.getBoundingClientRect();
    const at = place(found.length, lanes, box.width, box.height).at(event.clientX - box.left, event.clientY - box.top);
    if (found[at.column]?.particles[at.lane] && at.column < shown) setSelected(at);
  };
  const key = event => {
    const now = selected ?? { column: shown - 1, lane: 0 };
    const moves = {
      ArrowLeft: { column: now.column - 1, lane: found[now.column]?.particles[now.lane]?.parent ?? now.lane },
      ArrowRight: { column: now.column + 1,
        lane: Math.max(0, found[now.column + 1]?.particles.findIndex(child => child.parent === now.lane) ?? 0) },
      ArrowUp: { ...now, lane: now.lane - 1 },
      ArrowDown: { ...now, lane: now.lane + 1 },
    };
    const next = moves[event.key];
    if (next && found[next.column]?.particles[next.lane]) {
      event.preventDefault();
      setSelected(next);
    }
  };
  if (found.length === 0) return html`<p class="waiting">No round has closed yet.</p>`;
  const column = selected && selected.column < shown ? found[selected.column] : null;
  const particle = column?.particles[selected.lane];
  return html`<figure class="genealogy">
    ${sweeps.length > 1 && html`<label>Chain and iteration
      <select onChange=${event => { setSweep(sweeps[event.target.selectedIndex]); setSelected(null); }}>
        ${sweeps.map(([c, i]) => html`<option selected=${c === chain && i === iteration}>${c} / ${i}</option>`)}
      </select></label>`}
    <canvas ref=${canvas} tabindex="0" role="img" onPointerMove=${point} onPointerDown=${point} onKeyDown=${key}
      aria-label=${`Genealogy of ${label}: ${found.length} rounds of ${lanes} particles. Arrow keys walk along the tracks.`}
      style=${{ height: `${Math.min(640, TOP + 20 + Math.max(8, Math.min(lanes, 64)) * (lanes > 24 ? 9 : 22))}px` }}></canvas>
    <div class="scrubber">
      <button onClick=${() => { setUntil(playing ? until : 0); setPlaying(!playing); }}>${playing ? 'Pause' : 'Replay'}</button>
      <input type="range" min="1" max=${found.length} value=${shown} aria-label="Rounds shown"
        onInput=${event => { setPlaying(false); setUntil(+event.target.value >= found.length ? null : +event.target.value); }} />
      <span>${shown} of ${found.length} rounds · ESS ${number(found[Math.max(0, shown - 1)]?.ess, 1)}</span>
    </div>
    <figcaption class="legend"><span class="swatch low"></span>PRM doubts <span class="swatch mid"></span>even
      <span class="swatch high"></span>PRM agrees · size is weight · faded tracks died out · ring: finished ·
      bold: the chosen path · orange bar: resampled</figcaption>
    ${particle
      ? html`<${Particle} column=${column} particle=${particle} tree=${tree} />`
      : html`<p class="hint">Point at a particle, or walk with the arrow keys, to read its steps.</p>`}
    <details><summary>As a table</summary><div class="scroll"><table>
      <thead><tr><th>round</th><th>particles</th><th>ESS</th><th>resampled</th><th>distinct parents</th><th>log-evidence</th></tr></thead>
      <tbody>${found.map(each => html`<tr key=${each.round}><td>${each.round}</td><td>${each.particles.length}</td>
        <td>${number(each.ess, 2)}</td><td>${each.resampled ? 'yes' : 'no'}</td>
        <td>${new Set(each.ancestors).size}</td><td>${number(each.logEvidence, 3)}</td></tr>`)}</tbody></table></div></details>
  </figure>`;
}
