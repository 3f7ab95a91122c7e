/** How numbers and times are written. Pure functions. */

/** A share of one as a percentage. */
export const percent = value => value == null ? '–' : `${(100 * value).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;

/** A number with at most `digits` decimals, or a dash. */
export const number = (value, digits = 2) =>
  value == null || !Number.isFinite(value) ? '–' : value.toLocaleString('en', { maximumFractionDigits: digits });

/** Milliseconds as people say them. */
export function duration(millis) {
  if (millis == null) return '–';
  if (millis < 1000) return `${Math.round(millis)} ms`;
  const seconds = millis / 1000;
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  const minutes = seconds / 60;
  return minutes < 90 ? `${minutes.toFixed(1)} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** The probability whose log-odds these are, in [0, 1]. */
export const probability = logOdds => 1 / (1 + Math.exp(-logOdds));

/** Milliseconds since 1970 as a local time of day. */
export const clock = millis => millis == null ? '–' : new Date(millis).toLocaleTimeString();

/** At most `length` characters, with an ellipsis where something was left out. */
export const shortened = (text, length) => text.length <= length ? text : `${text.slice(0, length - 1)}…`;
