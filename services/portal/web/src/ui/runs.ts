export interface Spot {
  at: number;
  value: number;
}

/** The values without their gaps: a list for each stretch that has none. */
export function runs(points: readonly (number | undefined)[]): Spot[][] {
  const out: Spot[][] = [];
  points.forEach((value, at) => {
    if (value === undefined) return;
    const run = out.at(-1);
    if (run && run.at(-1)?.at === at - 1) run.push({ at, value });
    else out.push([{ at, value }]);
  });
  return out;
}
