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

/* ---- one sweep: GET /api/v1/sweeps/{sweep}/events */

export const SWEEP_EVENTS = ['snapshot', 'progress', 'end'];

/**
 * @typedef sweep the snapshot's sweep with what has changed since
 * @typedef places the cells' places in the curves, in order
 * @typedef jobs a Map from id to how the job stands
 * @typedef cells a Map from id to {over, right}
 * @typedef points a Map from series to a Map from budget to {accuracy, low, high, runs, problems}
 */
export const NO_SWEEP = { sweep: null, places: [], references: [], jobs: new Map(), cells: new Map(), points: new Map(),
  etaSeconds: null, over: false };

export function foldSweep(state, { type, data }) {
  switch (type) {
    case 'snapshot':
      return { ...NO_SWEEP, sweep: data.sweep, places: data.places, references: data.references,
        jobs: new Map(data.sweep.jobs.map(job => [job.id, job])) };
    case 'progress': {
      const { status, counts, changedAt, etaSeconds } = data;
      const jobs = new Map(state.jobs);
      data.jobs.forEach(job => jobs.set(job.id, job));
      const cells = new Map(state.cells);
      data.cells.forEach(score => cells.set(score.cell, score));
      const points = data.points.length > 0 ? new Map(state.points) : state.points;
      data.points.forEach(point => points.set(point.series, new Map(points.get(point.series)).set(point.budget, point)));
      return { ...state, sweep: { ...state.sweep, status, counts, changedAt }, etaSeconds, jobs, cells, points };
    }
    case 'end':
      return { ...state, sweep: { ...state.sweep, ...data }, etaSeconds: null, over: true };
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
