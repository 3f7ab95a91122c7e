/*
 * What the streams of the API say, folded into what the pages show. Pure: a fold takes a state and an event and gives
 * a new state. Rounds may come twice (after a broken connection); a round's number says which is which.
 */

/* ---- one problem: GET /api/v1/jobs/{job}/problems/{problem}/events */

export const PROBLEM_EVENTS = ['snapshot', 'round', 'end'];

/**
 * @typedef head the stream's snapshot: question, status, method, models
 * @typedef rounds one entry for each chain in each round, in order
 * @typedef tree a Map from node id to its step
 * @typedef end how it ended; null until then
 */
export const NO_PROBLEM = { head: null, rounds: [], tree: new Map(), best: null, end: null, over: false, lastRound: -1 };

export function foldProblem(state, { type, data }) {
  switch (type) {
    case 'snapshot':
      return { ...NO_PROBLEM, head: data };
    case 'round': {
      if (data.round <= state.lastRound) return state;
      const tree = new Map(state.tree);
      data.nodes.forEach(node => tree.set(node.id, node));
      const rounds = data.chains.map(chain => ({ round: data.round, ...chain }));
      return { ...state, tree, rounds: [...state.rounds, ...rounds], lastRound: data.round, best: data.best ?? state.best };
    }
    case 'end':
      return { ...state, end: data, over: true };
    default:
      return state;
  }
}

/* ---- one job: GET /api/v1/jobs/{job}/events */

export const JOB_EVENTS = ['snapshot', 'problem', 'job', 'end'];

/** @typedef problems a Map from id to {id, status, question, answer} in the job's order */
export const NO_JOB = { job: null, problems: new Map(), over: false };

export function foldJob(state, { type, data }) {
  switch (type) {
    case 'snapshot':
      return { job: data.job, problems: new Map(data.problems.map(problem => [problem.id, problem])), over: false };
    case 'problem': {
      const problems = new Map(state.problems);
      problems.set(data.id, { ...problems.get(data.id), ...data });
      return { ...state, problems };
    }
    case 'job':
      return { ...state, job: { ...data, waitingFor: data.waitingFor ?? state.job?.waitingFor } };
    case 'end':
      return { ...state, job: data, over: true };
    default:
      return state;
  }
}

/* ---- the cluster: GET /api/v1/events */

export const OVERVIEW_EVENTS = ['overview'];
const KEPT = 240;

/** @typedef tokens what uPlot takes: [seconds since 1970], [tokens a second] */
export const NO_OVERVIEW = { now: null, version: 0, tokens: [[], []] };

export function foldOverview(state, { data, atMillis }) {
  const [times, values] = state.tokens;
  return {
    now: data,
    version: state.version + 1,
    tokens: [[...times.slice(1 - KEPT), atMillis / 1000], [...values.slice(1 - KEPT), data.tokensPerSecond]],
  };
}
