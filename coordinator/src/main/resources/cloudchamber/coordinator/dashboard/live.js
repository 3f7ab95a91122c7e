/* The API: one-time reads, and streams of server-sent events that end with the component that asked. */
import { useEffect, useState } from '/dashboard/vendor/preact-htm.js';

/** A request that was refused: the API's own sentence. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code;
  }
}

/** The JSON document at `path`. */
export async function read(path, options = {}) {
  const headers = { Accept: 'application/json', ...options.headers };
  if (options.method && options.method !== 'GET') {
    const token = csrfToken();
    if (token) headers['X-CSRF-Token'] = token;
  }
  const response = await fetch(path, { ...options, headers, credentials: 'same-origin' });
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) dispatchEvent(new Event('refused'));
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

function csrfToken() {
  const cookie = document.cookie.split('; ').find(part => part.startsWith('cloudchamber-csrf='));
  return cookie ? decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)) : null;
}

/** Deletes what is at `path`. */
export const remove = path => read(path, { method: 'DELETE' });

/** Sends `body` as JSON, or nothing. */
export const send = (path, body) => read(path, {
  method: 'POST',
  headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
  body: body === undefined ? undefined : JSON.stringify(body),
});

/**
 * A document, read when the component appears and again whenever `stamp` changes.
 * @returns [document or null, failure or null]
 */
export function useDocument(path, stamp) {
  const [state, setState] = useState({ path: null, document: null, failure: null });
  useEffect(() => {
    if (!path) return undefined;
    let wanted = true;
    read(path).then(
      document => wanted && setState({ path, document, failure: null }),
      failure => wanted && setState({ path, document: null, failure }));
    return () => { wanted = false; };
  }, [path, stamp]);
  return state.path === path ? [state.document, state.failure] : [null, null];
}

/*
 * Streams. Events are gathered and shown at most once a frame: a burst of rounds is one redraw. A browser
 * opens a broken stream again by itself and says in Last-Event-ID where it was; what comes twice is dropped by
 * its id by whoever folds the events.
 */

/**
 * Follows a stream for as long as the component is shown.
 * @param fold (state, {type, data, atMillis}) => state; pure
 * @param start what the fold starts from
 * @returns {state, connected}
 */
export function useStream(path, types, fold, start) {
  const [shown, setShown] = useState({ path: null, state: start, connected: false });
  useEffect(() => {
    if (!path) return undefined;
    let state = start;
    let frame = 0;
    let connected = false;
    const show = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        setShown({ path, state, connected });
      });
    };
    const source = new EventSource(path);
    const take = event => {
      let data;
      try {
        data = JSON.parse(event.data);
      } catch {
        return;
      }
      state = fold(state, { type: event.type, data, atMillis: Date.now() });
      if (state.over) source.close();
      show();
    };
    types.forEach(type => source.addEventListener(type, take));
    source.onopen = () => { connected = true; show(); };
    source.onerror = () => {
      connected = false;
      // A browser does not open a stream again that was refused, nor does it say why.
      if (source.readyState === EventSource.CLOSED) read('/api/v1/session').catch(() => {});
      show();
    };
    return () => {
      source.close();
      cancelAnimationFrame(frame);
    };
  }, [path]);
  return shown.path === path ? shown : { state: start, connected: false };
}
