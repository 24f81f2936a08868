/** A month, with its figure unless too few people are behind it. */
export interface Point {
  month: string;
  value: number | undefined;
}

/** The newest month that has a figure. */
export function latest(points: readonly Point[]): { month: string; value: number } | undefined {
  const p = points.findLast((one) => one.value !== undefined);
  return p && p.value !== undefined ? { month: p.month, value: p.value } : undefined;
}
