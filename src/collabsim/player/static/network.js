// One partnership as a picture that stays put: who trusts whom, how much, and who they are.

import { clamp, hundredths, svgEl } from "./words.js";
import { BAD, GOOD, look, shapePath, trustShade } from "./palette.js";

const FAINTEST = 0.12; // contact below which a tie is not drawn: they hardly see each other
const PAPER = document.createElement("canvas").getContext("2d");
const SHADES = 40; // a tie has one of so many shades, so that few change from month to month

// How wide words are drawn, in pixels.
function widthOf(words, size, weight = 400) {
  PAPER.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return PAPER.measureText(words).width;
}

export class Network {
  constructor(svg, onPick) {
    this.svg = svg;
    this.onPick = onPick;
    this.frame = -1;
    this.selected = null;
    this.meetings = false;
    this.at = 0;
    svg.setAttribute("role", "group");
    svg.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.resize()).observe(svg);
  }

  setRun(run, names) {
    this.run = run;
    this.names = names;
    this.trajectory = run.trajectory;
    this.at = clamp(this.at, 0, this.trajectory.organisations.length - 1);
    this.draw();
  }

  resize() {
    const { width, height } = this.svg.getBoundingClientRect();
    if (this.run && width > 0 && (width !== this.width || height !== this.height)) this.draw();
  }

  draw() {
    const { width, height } = this.svg.getBoundingClientRect();
    if (width === 0) return;
    this.width = width;
    this.height = height;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("aria-label", `${this.run.label}: a network of organisations`);
    this.svg.replaceChildren();
    this.place();
    this.tieLayer = this.svg.appendChild(svgEl("g", { class: "ties", fill: "none" }));
    this.meetLayer = this.svg.appendChild(svgEl("g", { class: "met", fill: "none" }));
    this.nodeLayer = this.svg.appendChild(svgEl("g", { class: "nodes" }));
    this.drawHeadings();
    this.drawTies();
    this.drawNodes();
    const frame = Math.max(0, this.frame);
    this.frame = -1;
    this.show(Math.min(frame, this.trajectory.months));
  }

  place() {
    const people = this.trajectory.organisations;
    const lines = Math.max(...[-1, 1].map((side) => people.filter((one) => one.x * side > 0).length), 1) + 3;
    const line = this.height / lines;
    this.font = clamp(line * 0.66, 5.5, this.width > 620 ? 14.5 : 12.5);
    this.radius = clamp(line * 0.34, 3, people.length < 6 ? 20 : 11);
    const margin = clamp(this.width * 0.25, 84, this.font * 13.5);
    const [cx, cy] = [this.width / 2, this.height / 2];
    const rx = Math.max(40, this.width / 2 - margin - 18);
    const ry = Math.max(40, this.height / 2 - 4);
    this.centre = [cx, cy];
    // The width of a tie of full trust, in pixels: what many ties leave room for.
    this.widest = clamp(62 / Math.sqrt(2 * this.run.pairs.length), 2.4, 9) * clamp(this.height / 400, 0.8, 1.5);
    this.calm = clamp(9 / Math.sqrt(this.run.pairs.length), 0.5, 0.95);
    this.svg.dataset.widest = this.widest;
    this.spot = (x, y) => [cx + rx * x, cy + ry * y];
    this.nodes = people.map((one) => {
      const [x, y] = this.spot(one.x, one.y);
      const r = this.radius * clamp(0.66 + 0.13 * Math.log10(one.size), 0.72, 1.2);
      return { x, y, r, side: one.x < 0 ? -1 : 1 };
    });
  }

  drawHeadings() {
    for (const heading of this.trajectory.partnership.headings) {
      const [x, y] = this.spot(heading.x, heading.y);
      const side = heading.x < 0 ? -1 : 1;
      const title = this.trajectory.sectors[heading.sector].title.toUpperCase();
      const from = x + side * (this.radius + 8);
      const room = side < 0 ? from : this.width - from;
      const wide = (words) => widthOf(words, this.font * 0.84, 700) * 1.13; // letters are spaced
      const lines = wide(title) > room && title.includes(" ") && this.font > 9 ? [title.slice(0, title.lastIndexOf(" ")), title.slice(title.lastIndexOf(" ") + 1)] : [title];
      const size = this.font * 0.84 * Math.min(1, room / Math.max(...lines.map(wide)));
      const text = svgEl("text", {
        class: "sector", "font-size": size,
        "text-anchor": side < 0 ? "end" : "start", fill: look(heading.sector).colour,
      });
      lines.forEach((words, k) => {
        const line = text.appendChild(svgEl("tspan", { x: from, y: y + (k - (lines.length - 1) / 2) * size * 1.05, dy: "0.36em" }));
        line.textContent = words;
      });
      this.nodeLayer.append(text);
    }
  }

  curve(i, j) {
    const [a, b] = [this.nodes[i], this.nodes[j]];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length = Math.hypot(dx, dy) || 1;
    const lane = clamp(length * 0.06, 4, 15); // the two directions of a pair part, each on its own side
    const [mx, my] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
    const pull = 0.16;
    const qx = mx + (this.centre[0] - mx) * pull - (dy / length) * lane;
    const qy = my + (this.centre[1] - my) * pull + (dx / length) * lane;
    const out = Math.hypot(qx - a.x, qy - a.y) || 1;
    const into = Math.hypot(b.x - qx, b.y - qy) || 1;
    const start = [a.x + ((qx - a.x) / out) * (a.r + 5), a.y + ((qy - a.y) / out) * (a.r + 5)];
    const tip = [b.x - ((b.x - qx) / into) * (b.r + 6), b.y - ((b.y - qy) / into) * (b.r + 6)];
    const [ux, uy] = [(b.x - qx) / into, (b.y - qy) / into];
    const size = clamp(this.widest * 2.1, 4.2, 15);
    const neck = [tip[0] - ux * size, tip[1] - uy * size];
    const p = (point) => `${point[0].toFixed(1)},${point[1].toFixed(1)}`;
    return {
      line: `M${p(start)}Q${p([qx, qy])} ${p(neck)}`,
      head: `M${p(tip)}L${p([neck[0] - uy * size * 0.55, neck[1] + ux * size * 0.55])}L${p([
        neck[0] + uy * size * 0.55, neck[1] - ux * size * 0.55])}Z`,
    };
  }

  drawTies() {
    this.drawn = [];
    this.run.pairs.forEach((ends, pair) => {
      for (const side of [0, 1]) {
        const [i, j] = side === 0 ? ends : [ends[1], ends[0]];
        const curve = this.curve(i, j);
        const group = svgEl("g", { class: "tie", "data-from": i, "data-to": j });
        const line = group.appendChild(svgEl("path", { d: curve.line, stroke: "currentColor" }));
        group.append(svgEl("path", { d: curve.head, fill: "currentColor", class: "head" }));
        group.addEventListener("click", () => this.onPick({ kind: "tie", from: i, to: j }));
        this.tieLayer.append(group);
        this.drawn.push({ group, line, pair, side, i, j, curve, opacity: -1, width: -1, shade: -1 });
      }
    });
  }

  drawNodes() {
    this.glyphs = this.trajectory.organisations.map((one, row) => {
      const node = this.nodes[row];
      const { colour, shape } = look(one.sector);
      const ring = node.r + 3.6;
      const group = svgEl("g", {
        class: "node", transform: `translate(${node.x.toFixed(1)},${node.y.toFixed(1)})`, role: "button",
        tabindex: row === this.at ? 0 : -1,
      });
      const reach = Math.max(12, ring + 3);
      group.append(svgEl("circle", { r: reach, fill: "transparent", class: "reach" }));
      group.append(svgEl("circle", { r: ring, class: "track" }));
      const arc = group.appendChild(svgEl("circle", {
        r: ring, class: "arc", transform: "rotate(-90)", pathLength: 100, "stroke-dasharray": "0 100",
      }));
      group.append(svgEl("path", { d: shapePath(shape, node.r), fill: colour, class: "shape" }));
      const core = group.appendChild(svgEl("circle", { r: 0, class: "core" }));
      const text = group.appendChild(svgEl("text", {
        "font-size": this.font, class: "name", "text-anchor": node.side < 0 ? "end" : "start",
      }));
      this.write(text, this.names(row), node, node.side * (ring + 6));
      group.addEventListener("click", () => {
        this.move(row, false);
        this.onPick({ kind: "organisation", row });
      });
      this.nodeLayer.append(group);
      return { group, arc, core, text, most: node.r * 0.62 };
    });
  }

  // Writes a name in one line or two, cut where even these have not the room (the panel has it whole).
  write(text, name, node, x) {
    const room = (node.side < 0 ? node.x : this.width - node.x) - Math.abs(x) - 2;
    const fits = (words, font) => widthOf(words, font) <= room;
    const cut = (words, font) => {
      if (fits(words, font)) return words;
      let letters = words.length - 1;
      while (letters > 3 && !fits(`${words.slice(0, letters)}…`, font)) letters -= 1;
      return `${words.slice(0, letters).trimEnd()}…`;
    };
    let lines = [name];
    let font = this.font;
    if (!fits(name, font) && this.font > 9 && name.includes(" ")) {
      font = this.font * 0.88;
      const words = name.split(" ");
      const halves = words.slice(1).map((_, k) => [words.slice(0, k + 1).join(" "), words.slice(k + 1).join(" ")]);
      const longer = (half) => Math.max(half[0].length, half[1].length);
      lines = halves.reduce((best, half) => (longer(half) < longer(best) ? half : best));
    }
    text.setAttribute("font-size", font);
    lines.forEach((words, k) => {
      const line = text.appendChild(svgEl("tspan", { x, y: lines.length > 1 ? (k - 0.5) * font * 1.02 : 0, dy: "0.36em" }));
      line.textContent = cut(words, font);
    });
  }

  show(frame) {
    if (!this.drawn || frame === this.frame) return;
    this.frame = frame;
    const { run, selected } = this;
    for (const tie of this.drawn) {
      const contact = run.known(frame, tie.pair) ? run.shared("contact", frame, tie.pair) / 100 : 0;
      const mine = !selected || (selected.kind === "tie"
        ? (selected.from === tie.i && selected.to === tie.j) || (selected.from === tie.j && selected.to === tie.i)
        : selected.row === tie.i || selected.row === tie.j);
      let opacity = contact < FAINTEST ? 0 : clamp(0.08 + 0.82 * contact ** 1.5, 0, 1);
      if (selected) opacity = mine ? Math.max(opacity, 0.25) : opacity * 0.1;
      else opacity *= this.calm;
      opacity = Math.round(opacity * 50) / 50;
      if (opacity !== tie.opacity) {
        tie.opacity = opacity;
        // of strokes and fills, not of the group: that would be put together apart for each of hundreds
        tie.group.setAttribute("stroke-opacity", opacity);
        tie.group.setAttribute("fill-opacity", opacity);
        tie.group.setAttribute("display", opacity < 0.02 ? "none" : "inline");
      }
      const trust = run.trust(frame, tie.pair, tie.side);
      const shade = Math.round(SHADES * trust);
      if (shade !== tie.shade) {
        tie.shade = shade;
        tie.group.style.color = trustShade(shade / SHADES);
      }
      const width = this.widest * trust;
      if (Math.abs(width - tie.width) > 1e-9) {
        tie.width = width;
        tie.line.setAttribute("stroke-width", width.toFixed(4));
      }
    }
    this.showNodes(frame);
    this.showMeetings(frame);
  }

  showNodes(frame) {
    const { run, selected } = this;
    this.glyphs.forEach((glyph, row) => {
      const accountability = run.state("accountability", frame, row);
      if (glyph.accountability !== accountability) {
        glyph.accountability = accountability;
        glyph.arc.setAttribute("stroke-dasharray", `${accountability} 100`);
      }
      const leading = (run.state("courage", frame, row) + run.state("systems_view", frame, row)) / 200;
      if (glyph.leading !== leading) {
        glyph.leading = leading;
        glyph.core.setAttribute("r", (glyph.most * Math.sqrt(leading)).toFixed(2));
      }
      const chosen = selected && (selected.row === row || selected.from === row || selected.to === row);
      glyph.group.classList.toggle("chosen", Boolean(chosen));
      glyph.group.classList.toggle("dim", Boolean(selected) && !chosen);
    });
  }

  // Labels for those who do not see the picture; written when it stands still.
  label() {
    if (!this.glyphs) return;
    this.glyphs.forEach((glyph, row) => {
      const one = this.trajectory.organisations[row];
      const state = (name) => hundredths(this.run.state(name, this.frame, row));
      glyph.group.setAttribute("aria-label",
        `${this.names(row)}, ${this.trajectory.sectors[one.sector].title}: accountability ` +
        `${state("accountability")}, courage ${state("courage")}, systems view ${state("systems_view")}`);
    });
  }

  showMeetings(frame) {
    this.meetLayer.replaceChildren();
    if (!this.meetings || frame < 1) return;
    const met = new Map(this.run.meetings[frame - 1].map((meeting) => [meeting.pair, meeting]));
    for (const tie of this.drawn) {
      const meeting = met.get(tie.pair);
      if (!meeting || tie.side !== 0) continue;
      this.meetLayer.append(svgEl("path", {
        d: tie.curve.line, stroke: meeting.joint ? GOOD : BAD, "stroke-width": meeting.joint ? 2.6 : 1.6,
        "stroke-dasharray": meeting.joint ? null : "5 4", opacity: 0.8,
      }));
    }
  }

  select(selected) {
    this.selected = selected;
    this.refresh();
  }

  refresh() {
    const frame = this.frame;
    this.frame = -1;
    if (this.drawn) this.show(frame);
  }

  // Where the picture is entered by Tab, arrows lead from organisation to organisation round the ring.
  onKey(event) {
    const order = this.ringOrder();
    const place = order.indexOf(this.at);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) this.move(order[(place + step + order.length) % order.length], true);
    else if (event.key === "Enter" || event.key === " ") this.onPick({ kind: "organisation", row: this.at });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  ringOrder() {
    const angle = (row) => {
      const one = this.trajectory.organisations[row];
      return (Math.atan2(one.x, -one.y) + 2 * Math.PI) % (2 * Math.PI);
    };
    return this.trajectory.organisations.map((_, row) => row).sort((a, b) => angle(a) - angle(b));
  }

  move(row, focus) {
    this.glyphs[this.at].group.setAttribute("tabindex", -1);
    this.at = row;
    this.glyphs[row].group.setAttribute("tabindex", 0);
    if (focus) this.glyphs[row].group.focus();
  }
}
