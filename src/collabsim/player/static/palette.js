// Colours that the colour-blind tell apart (Okabe and Ito), each with a shape that survives in grey.

export const INK = "#1d2530";
export const WITH = "#0b5394";
export const WITHOUT = "#6f6a60";
export const GOOD = "#0072b2";
export const BAD = "#c2410c";

const LOOKS = [
  { colour: "#0072b2", shape: "circle" },
  { colour: "#d55e00", shape: "square" },
  { colour: "#3d3d3d", shape: "diamond" },
  { colour: "#00805e", shape: "triangle" },
  { colour: "#b0558f", shape: "pentagon" },
  { colour: "#a87400", shape: "cross" },
  { colour: "#4a90c2", shape: "wedge" },
  { colour: "#7a6a00", shape: "hexagon" },
];

export function look(sector) {
  return LOOKS[sector % LOOKS.length];
}

function polygon(corners, radius, turn) {
  const points = [];
  for (let k = 0; k < corners; k += 1) {
    const angle = turn + (2 * Math.PI * k) / corners;
    points.push(`${(radius * Math.sin(angle)).toFixed(2)},${(-radius * Math.cos(angle)).toFixed(2)}`);
  }
  return `M${points.join("L")}Z`;
}

// The path of a sector's shape round 0, 0, all of about the same area.
export function shapePath(shape, r) {
  switch (shape) {
    case "square":
      return polygon(4, r * 1.22, Math.PI / 4);
    case "diamond":
      return polygon(4, r * 1.25, 0);
    case "triangle":
      return polygon(3, r * 1.38, 0);
    case "wedge":
      return polygon(3, r * 1.38, Math.PI);
    case "pentagon":
      return polygon(5, r * 1.14, 0);
    case "hexagon":
      return polygon(6, r * 1.1, 0);
    case "cross": {
      const [a, b] = [r * 0.48, r * 1.12];
      return `M${-a},${-b}H${a}V${-a}H${b}V${a}H${a}V${b}H${-a}V${a}H${-b}V${-a}H${-a}Z`;
    }
    default:
      return `M${-r},0A${r},${r} 0 1 1 ${r},0A${r},${r} 0 1 1 ${-r},0Z`;
  }
}

// How a tie of some trust is drawn: pale where there is little, deep blue where there is much.
const SHADE = d3.scaleLinear([0.2, 0.5, 0.7, 0.95], ["#cbbfae", "#a9b3ba", "#3f82b5", "#083a68"]).clamp(true)
  .interpolate(d3.interpolateLab);

export function trustShade(trust) {
  return SHADE(trust);
}
