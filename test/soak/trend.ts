// Whether figures rise: a straight line through them, and how sure its slope is.

export interface Trend {
  /** Per unit of `x`. */
  readonly slope: number;
  /** The slope lies within, 19 times of 20, as far as the figures vary by chance. */
  readonly least: number;
  readonly most: number;
}

/** Least squares; with 30 figures and more, two standard errors hold 95 of 100 slopes. */
export function trendOf(points: readonly (readonly [x: number, y: number])[]): Trend {
  const count = points.length;
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / count;
  const [middleX, middleY] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = mean(([x]) => (x - middleX) ** 2) * count;
  const slope = (mean(([x, y]) => (x - middleX) * (y - middleY)) * count) / spread;
  const residue = mean(([x, y]) => (y - middleY - slope * (x - middleX)) ** 2) * count;
  const error = 2 * Math.sqrt(residue / Math.max(1, count - 2) / spread);
  return { slope, least: slope - error, most: slope + error };
}
