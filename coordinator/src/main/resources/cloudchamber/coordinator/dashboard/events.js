/*
 * What the streams of the API say, folded into what the pages show. Pure: a fold takes a state and an event and gives
 * a new state. Rounds may come twice (after a broken connection); a round's number says which is which.
 */

/* ---- one problem: GET /api/v1/jobs/{job}/problems/{problem}/events */

export const PROBLEM_EVENTS = ['opened', 'round', 'ended'];

/** @typedef rounds one entry for each chain in each round, in order; tree a Map from node id to its step */
export const NO_PROBLEM = { rounds: [], tree: new Map(), status: null, best: null, chosen: null, over: false, lastRound: -1 };

export function foldProblem(state, { type, data }) {
  switch (type) {
    case 'opened':
      return { ...state, status: data.status };
    case 'round': {
      if (data.round <= state.lastRound) return state;
      const tree = new Map(state.tree);
      data.nodes.forEach(node => tree.set(node.id, node));
      const rounds = data.chains.map(chain => ({ round: data.round, ...chain }));
      return { ...state, tree, rounds: [...state.rounds, ...rounds], lastRound: data.round,
        status: 'running', best: data.best?.answer ?? state.best };
    }
    case 'ended':
      return { ...state, status: data.status, chosen: data.selected, over: true };
    default:
      return state;
  }
}

/* ---- one job: GET /api/v1/jobs/{job}/events */

export const JOB_EVENTS = ['job', 'problem', 'round', 'ended'];

/** @typedef version changes when the job's document is worth reading again */
export const NO_JOB = { version: 0, over: false };

export function foldJob(state, { type }) {
  switch (type) {
    case 'ended':
      return { version: state.version + 1, over: true };
    case 'job':
    case 'problem':
      return { ...state, version: state.version + 1 };
    default:
      return state;
  }
}

/* ---- the cluster: GET /api/v1/events */

export const OVERVIEW_EVENTS = ['overview'];
const KEPT = 240;

/** @typedef tokens what uPlot takes: [seconds since 1970], [tokens a second] */
export const NO_OVERVIEW = { now: null, seconds: 0, tokens: [[], []] };

export function foldOverview(state, { data }) {
  const seconds = data.atMillis / 1000;
  const [times, values] = state.tokens;
  return {
    now: data,
    seconds,
    tokens: [[...times.slice(1 - KEPT), seconds], [...values.slice(1 - KEPT), data.tokensPerSecond]],
  };
}
