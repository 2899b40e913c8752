// Medians and percentiles.

export function median(values) {
  return percentile(values, 50);
}

/** Between two values, in proportion. NaN of nothing. */
export function percentile(values, percent) {
  const sorted = Float64Array.from(values).sort();
  const at = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}
