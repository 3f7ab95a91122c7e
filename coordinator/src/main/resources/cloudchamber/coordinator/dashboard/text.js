/*
 * What a model or a user wrote. It is never read as HTML: plain text goes into text nodes, and mathematics
 * through katex.render, which builds DOM nodes, with trust off. Control and bidirectional characters, which
 * could make text look like something else, are shown as their code.
 */
import { html, useEffect, useRef } from '/dashboard/vendor/preact-htm.js';

const MAX_SHOWN = 20000;
const MAX_FORMULA = 2000;
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const FORMULA = /\\\[([\s\S]{1,2000}?)\\\]|\\\(([\s\S]{1,2000}?)\\\)|\$\$([^$]{1,2000})\$\$|\$([^$\n]{1,500})\$|(\\boxed\{[^{}]{0,500}\})/g;

/** The text with characters nobody can see made visible. */
export function visible(text) {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text;
  return shown.replace(HIDDEN, character => `⟨${character.codePointAt(0).toString(16).padStart(4, '0')}⟩`);
}

/** Text and formulas in turn: [{text}] and [{formula, display}]. */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(FORMULA)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    const formula = match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5];
    found.push({ formula, display: match[1] != null || match[3] != null, source: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

function Formula({ formula, display, source }) {
  const place = useRef(null);
  useEffect(() => {
    if (formula.length > MAX_FORMULA || !globalThis.katex) {
      place.current.textContent = source;
      return;
    }
    try {
      globalThis.katex.render(formula, place.current, {
        displayMode: display, trust: false, throwOnError: true, maxSize: 10, maxExpand: 100, output: 'html',
      });
    } catch {
      place.current.textContent = source;
    }
  }, [formula, display]);
  return html`<span ref=${place}></span>`;
}

/** Text and thoughts in turn: [{text, thought}], by where the thoughts stand. */
export function stretches(text, thoughts) {
  const found = [];
  let at = 0;
  for (const { start, end } of thoughts ?? []) {
    if (start > at) found.push({ text: text.slice(at, start), thought: false });
    if (start < text.length) found.push({ text: text.slice(start, end), thought: true });
    at = Math.min(end, text.length);
  }
  if (at < text.length) found.push({ text: text.slice(at), thought: false });
  return found;
}

/** The text of a step, its thoughts folded. */
export function Step({ text, thoughts }) {
  return html`${stretches(text ?? '', thoughts).map((part, index) => part.thought
    ? html`<details key=${index} class="thought"><summary>thought, ${part.text.length} characters</summary>
        <${Prose} text=${part.text} /></details>`
    : html`<${Prose} key=${index} text=${part.text} />`)}`;
}

/** Text of unknown origin, its formulas set as such. */
export function Prose({ text }) {
  return html`<span class="prose">${pieces(visible(text ?? '')).map(
    piece => piece.formula == null ? piece.text : html`<${Formula} ...${piece} />`)}</span>`;
}
