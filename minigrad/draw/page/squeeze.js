// Squeezing: where a folded module has left room, the drawing closes up.

const MOST = 44;  // the widest gap that stays between two boxes
const MARGINS = 100;  // what frames and titles around the boxes may take before it is squeezed

/** A monotone map of one axis that makes every gap between the spans at most MOST wide. */
function closing(spans) {
  const corners = [];  // where the slope of the map changes: [before, after]
  let end = -Infinity, after = 0;
  for (const [low, high] of spans.sort((a, b) => a[0] - b[0])) {
    if (low > end) {
      after = end === -Infinity ? low : after + Math.min(low - end, MOST);
      corners.push([low, after]);
      end = low;
    }
    if (high > end) {
      after += high - end;
      end = high;
      corners.push([end, after]);
    }
  }
  return (value) => {
    const next = corners.findIndex(([before]) => before >= value);
    if (next < 1) {
      const [before, mapped] = corners.at(next);  // beyond the first or the last one
      const far = Math.abs(value - before), near = Math.min(far, MARGINS + (far - MARGINS) / 50);
      return mapped + Math.sign(value - before) * near;
    }
    const [[a, fa], [b, fb]] = [corners[next - 1], corners[next]];
    return fa + (value - a) * (fb - fa) / (b - a || 1);
  };
}

/** Maps of both axes that close the gaps between rectangles. */
export function squeezing(rectangles) {
  return {
    x: closing(rectangles.map(({ x, width }) => [x - 6, x + width + 6])),
    y: closing(rectangles.map(({ y, height }) => [y - 6, y + height + 6])),
  };
}

const PAIR = /(-?[\d.]+(?:e-?\d+)?),(-?[\d.]+(?:e-?\d+)?)/g;

/** The numbers of a path or of a polygon, mapped. */
export const squeezed = (text, { x, y }) => text.replace(PAIR,
  (_, a, b) => `${x(Number(a)).toFixed(1)},${y(Number(b)).toFixed(1)}`);

/** A polygon that keeps its form: it moves as its first point does. */
export function carried(text, maps) {
  const [a, b] = text.trim().split(/[\s,]+/).map(Number);
  const dx = maps.x(a) - a, dy = maps.y(b) - b;
  return text.replace(PAIR, (_, c, d) => `${(Number(c) + dx).toFixed(1)},${(Number(d) + dy).toFixed(1)}`);
}
