import { runs } from "./runs";

interface Props {
  /** One for each step of time, undefined where there is none: the line has a gap there. */
  points: (number | undefined)[];
  /** What the line shows, for those who do not see it. */
  words: string;
  /** The value at the upper edge; else the highest. */
  top?: number;
}

const wide = 220;
const high = 44;
const edge = 4;

/** A small line beside a number. It begins at zero, so that it does not make little look like much. */
export function Line({ points, words, top }: Props) {
  const most = Math.max(top ?? 1, ...points.map((p) => p ?? 0));
  const x = (i: number) => edge + (i * (wide - 2 * edge)) / Math.max(1, points.length - 1);
  const y = (value: number) => high - edge - (value * (high - 2 * edge)) / most;
  const pieces = runs(points);
  const last = pieces.at(-1)?.at(-1);
  return (
    <svg className="line" viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={words}>
      <line className="base" x1={0} y1={high - 1} x2={wide} y2={high - 1} />
      {pieces.map((piece) =>
        piece.length > 1 ? (
          <polyline key={piece[0]?.at} points={piece.map((p) => `${x(p.at)},${y(p.value)}`).join(" ")} />
        ) : (
          piece.map((p) => <circle key={p.at} cx={x(p.at)} cy={y(p.value)} r={2} />)
        ),
      )}
      {last && <circle className="last" cx={x(last.at)} cy={y(last.value)} r={3.5} />}
    </svg>
  );
}
