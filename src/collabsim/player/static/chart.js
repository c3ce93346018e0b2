// The outcome over the months, with the programme and without, before a band of fifty worlds; and a line to
// predict it with, by mouse or by keyboard.

import { clamp, el, isShare, shown, shownDifference, svgEl } from "./words.js";
import { INK, WITH, WITHOUT } from "./palette.js";

export const POINTS = 7; // a predicted line is drawn through this many points
const MARGIN = { top: 16, right: 118, bottom: 24, left: 8 };

// The scale over time that chart, practices and scrubber share.
export function timeScale(months, width) {
  return d3.scaleLinear([0, months], [MARGIN.left, width - MARGIN.right]);
}

export class Chart {
  constructor(svg, handlers) {
    this.svg = svg;
    this.handlers = handlers;
    this.frame = 0;
    svg.setAttribute("role", "group");
    svg.addEventListener("pointerdown", (event) => this.onPointer(event));
    svg.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) this.onPointer(event);
    });
    new ResizeObserver(() => {
      const { width, height } = svg.getBoundingClientRect();
      if (this.given && width > 0 && (width !== this.width || height !== this.height)) this.draw();
    }).observe(svg);
  }

  // given: trajectory, outcome, worlds (or null), side (whether the second run is shown), drawing (or null:
  // {values, editable, hidden, classLines})
  set(given) {
    this.given = given;
    this.draw();
  }

  range() {
    const { trajectory, outcome, worlds, drawing, side } = this.given;
    const values = [];
    if (!drawing?.hidden) {
      for (const run of side ? trajectory.runs : trajectory.runs.slice(0, 1)) {
        values.push(...run.outcomes[outcome.name]);
        const place = trajectory.runs.indexOf(run);
        if (worlds) values.push(...worlds.runs[place][outcome.name].band.flat());
      }
    }
    const finite = values.filter((value) => value !== null);
    if (drawing || !finite.length) return [Math.min(0, outcome.low ?? 0), drawing?.top ?? outcome.high ?? 1];
    let [low, high] = d3.extent(finite);
    if (outcome.low === 0 && low < 0.6 * high) low = 0;
    if (high - low < 0.02) [low, high] = [low - 0.01, high + 0.01];
    return [low, high];
  }

  draw() {
    const { width, height } = this.svg.getBoundingClientRect();
    if (width === 0) return;
    const { trajectory, outcome } = this.given;
    [this.width, this.height] = [width, height];
    this.x = timeScale(trajectory.months, width);
    this.y = d3.scaleLinear(this.range(), [height - MARGIN.bottom, MARGIN.top]).nice(5);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("aria-label", `${outcome.title} over ${trajectory.months} months`);
    this.svg.replaceChildren();
    this.drawAxes();
    this.lines = [];
    const clip = svgEl("clipPath", { id: "so-far" });
    this.window = clip.appendChild(svgEl("rect", { x: 0, y: 0, width: 0, height }));
    this.svg.append(clip);
    if (!this.given.drawing?.hidden) this.drawRuns();
    this.cursor = this.svg.appendChild(svgEl("line", {
      y1: MARGIN.top - 8, y2: height - MARGIN.bottom, stroke: INK, "stroke-width": 1.2, class: "cursor",
    }));
    this.ends = this.svg.appendChild(svgEl("g", { class: "ends" }));
    if (this.given.drawing) this.drawPrediction();
    this.show(this.frame);
  }

  drawAxes() {
    const { trajectory, outcome } = this.given;
    const axes = this.svg.appendChild(svgEl("g", { class: "axes" }));
    const right = this.width - MARGIN.right;
    const decimals = this.y.ticks(4).some((value) => Math.abs(value * 10 - Math.round(value * 10)) > 1e-9) ? 2 : 1;
    for (const value of this.y.ticks(4)) {
      const y = this.y(value);
      axes.append(svgEl("line", { x1: MARGIN.left, x2: right, y1: y, y2: y, class: "grid" }));
      const text = svgEl("text", { x: MARGIN.left + 2, y: y - 3, class: "tick" });
      text.textContent = isShare(outcome) ? `${Math.round(100 * value)}%` : value.toFixed(decimals);
      axes.append(text);
    }
    const years = trajectory.months >= 24;
    const room = (right - MARGIN.left) / trajectory.months; // pixels a month
    const step = (years ? [12, 24, 36, 60, 120] : [1, 2, 3, 6, 12]).find((count) => count * room > 58) ?? trajectory.months;
    for (let t = 0; t <= trajectory.months; t += step) {
      const text = svgEl("text", { x: this.x(t), y: this.height - 6, class: "tick", "text-anchor": "middle" });
      text.textContent = t === 0 ? "start" : years ? `year ${t / 12}` : `month ${t}`;
      if (t === 0) text.setAttribute("text-anchor", "start");
      axes.append(svgEl("line", {
        x1: this.x(t), x2: this.x(t), y1: this.height - MARGIN.bottom, y2: this.height - MARGIN.bottom + 4,
        class: "mark",
      }), text);
    }
  }

  path(values) {
    return d3.line().defined((value) => value !== null).x((_, k) => this.x(k + 1)).y((value) => this.y(value))(values);
  }

  drawRuns() {
    const { trajectory, outcome, worlds, side } = this.given;
    const looks = [{ colour: WITH, width: 3, dash: null }, { colour: WITHOUT, width: 2.2, dash: "6 4" }];
    const shownRuns = side ? trajectory.runs : trajectory.runs.slice(0, 1);
    const so_far = svgEl("g", { "clip-path": "url(#so-far)" });
    if (worlds) {
      [...shownRuns.keys()].reverse().forEach((place) => {
        const { band } = worlds.runs[place][outcome.name];
        for (const [low, high, opacity] of [[0, 4, 0.1], [1, 3, 0.13]]) {
          const area = d3.area().defined((_, k) => band[low][k] !== null).x((_, k) => this.x(k + 1))
            .y0((_, k) => this.y(band[low][k])).y1((_, k) => this.y(band[high][k]));
          this.svg.append(svgEl("path", { d: area(band[low]), fill: looks[place].colour, opacity, class: "band" }));
        }
      });
    } else if (shownRuns.length > 1) {
      const [one, two] = shownRuns.map((run) => run.outcomes[outcome.name]);
      const between = d3.area().defined((_, k) => one[k] !== null && two[k] !== null).x((_, k) => this.x(k + 1))
        .y0((_, k) => this.y(two[k])).y1((_, k) => this.y(one[k]));
      so_far.append(svgEl("path", { d: between(one), fill: WITH, opacity: 0.1 }));
    }
    [...shownRuns.keys()].reverse().forEach((place) => {
      const { colour, width, dash } = looks[place];
      so_far.append(svgEl("path", {
        d: this.path(shownRuns[place].outcomes[outcome.name]), stroke: colour, "stroke-width": width, fill: "none",
        "stroke-dasharray": dash, "stroke-linejoin": "round", class: `run run-${place}`,
      }));
    });
    this.svg.append(so_far);
  }

  // Moves the cursor to a frame, or between two, and lets the lines grow to it.
  show(frame) {
    this.frame = frame;
    if (!this.cursor) return;
    const x = this.x(clamp(frame, 0, this.given.trajectory.months));
    this.window.setAttribute("width", x + 1.5);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    const whole = Math.floor(frame + 1e-6);
    if (whole !== this.ended || !this.ends.hasChildNodes()) this.showEnds(whole);
  }

  showEnds(frame) {
    this.ended = frame;
    this.ends.replaceChildren();
    const { trajectory, outcome, drawing, side, short } = this.given;
    if (drawing?.hidden || frame < 1) return;
    const runs = side ? trajectory.runs : trajectory.runs.slice(0, 1);
    const values = runs.map((run) => run.outcome(outcome.name, frame));
    const colours = [WITH, WITHOUT];
    const spots = values.map((value) => (value === null ? null : this.y(value)));
    if (spots.length > 1 && spots[0] !== null && spots[1] !== null && Math.abs(spots[0] - spots[1]) < 30) {
      const middle = clamp((spots[0] + spots[1]) / 2, MARGIN.top + 15, this.height - MARGIN.bottom - 15);
      const upper = spots[0] <= spots[1] ? 0 : 1;
      spots[upper] = middle - 15;
      spots[1 - upper] = middle + 15;
    }
    values.forEach((value, place) => {
      if (value === null) return;
      spots[place] = clamp(spots[place], MARGIN.top + 6, this.height - MARGIN.bottom - 14);
      const x = this.x(frame);
      this.ends.append(svgEl("circle", { cx: x, cy: this.y(value), r: 4.5, fill: colours[place] }));
      const text = svgEl("text", { x: x + 10, y: spots[place] + 1, fill: colours[place], class: "end" });
      const number = svgEl("tspan", { class: "number" });
      number.textContent = shown(outcome, value);
      const name = svgEl("tspan", { x: x + 10, dy: 14, class: "whose" });
      const whose = (short ?? runs.map((run) => run.label))[place];
      name.textContent = whose;
      text.append(number, name);
      this.ends.append(text);
      for (let letters = whose.length - 1; letters > 3 && name.getComputedTextLength() > MARGIN.right - 14; letters -= 1) {
        name.textContent = `${whose.slice(0, letters).trimEnd()}…`;
      }
    });
  }

  pointX(k) {
    return this.x((this.given.trajectory.months * k) / (POINTS - 1));
  }

  drawPrediction() {
    const { drawing, outcome, trajectory } = this.given;
    const layer = this.svg.appendChild(svgEl("g", { class: "prediction" }));
    const smooth = d3.line().x((_, k) => this.pointX(k)).y((value) => this.yOf(value)).curve(d3.curveMonotoneX);
    for (const line of drawing.classLines) {
      layer.append(svgEl("path", { d: smooth(line), class: "class-line" }));
    }
    if (!drawing.values.length) return;
    layer.append(svgEl("path", { d: smooth(drawing.values), class: "guess" }));
    if (!drawing.editable) return;
    drawing.values.forEach((value, k) => {
      const month = Math.round((trajectory.months * k) / (POINTS - 1));
      const handle = svgEl("circle", {
        cx: this.pointX(k), cy: this.yOf(value), r: 9, class: "handle", role: "slider", tabindex: 0,
        "aria-label": `Your prediction for month ${month}`, "aria-valuemin": 0, "aria-valuemax": 100,
        "aria-valuenow": value, "aria-valuetext": shown(outcome, this.valueOf(value)), "aria-orientation": "vertical",
        "data-point": k,
      });
      handle.addEventListener("keydown", (event) => {
        const step = { ArrowUp: 2, ArrowDown: -2, PageUp: 10, PageDown: -10, ArrowRight: 2, ArrowLeft: -2 }[event.key];
        const to = event.key === "Home" ? 0 : event.key === "End" ? 100 : step ? value + step : null;
        if (to === null) return;
        event.preventDefault();
        event.stopPropagation();
        this.handlers.onDrawn(drawing.values.map((old, place) => (place === k ? clamp(to, 0, 100) : old)));
        this.svg.querySelector(`[data-point="${k}"]`)?.focus();
      });
      layer.append(handle);
    });
  }

  // Points of a predicted line go from 0 to 100 over the height of the chart as it is when drawn.
  valueOf(point) {
    const [low, high] = [Math.min(0, this.given.outcome.low ?? 0), this.given.drawing.top];
    return low + ((high - low) * point) / 100;
  }

  yOf(point) {
    return this.y(this.valueOf(point));
  }

  onPointer(event) {
    const { drawing, trajectory } = this.given ?? {};
    if (!trajectory) return;
    const box = this.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (!drawing?.editable) {
      this.handlers.onSeek(clamp(Math.round(this.x.invert(x)), 0, trajectory.months));
      return;
    }
    event.preventDefault();
    const k = clamp(Math.round(((POINTS - 1) * this.x.invert(x)) / trajectory.months), 0, POINTS - 1);
    const low = Math.min(0, this.given.outcome.low ?? 0);
    const point = clamp(Math.round((100 * (this.y.invert(y) - low)) / (drawing.top - low)), 0, 100);
    this.handlers.onDrawn(drawing.values.map((old, place) => (place === k ? point : old)));
  }
}

// What stands beside the chart: which outcome, what it means, and its values now.
export function outcomeSide(outcomes, chosen, onChoose) {
  if (!outcomes) {
    return [el("p", { class: "small", text: "Outcome" }), el("p", { class: "outcome-name", text: chosen.title }),
      el("p", { class: "meaning", text: chosen.meaning }), el("p", { class: "difference", id: "difference" })];
  }
  const select = el("select", { id: "outcome", onchange: (event) => onChoose(event.target.value) });
  for (const outcome of outcomes) {
    select.append(el("option", { value: outcome.name, text: outcome.title, selected: outcome.name === chosen.name }));
  }
  return [
    el("label", { for: "outcome", class: "small", text: "Outcome" }),
    select,
    el("p", { class: "meaning", text: chosen.meaning }),
    el("p", { class: "difference", id: "difference" }),
  ];
}

export function differenceText(outcome, values, worlds, frame) {
  if (values.length < 2 || values[0] === null || values[1] === null) return "";
  const text = `Difference ${shownDifference(outcome, values[0] - values[1])}`;
  const higher = worlds?.runs[1]?.[outcome.name]?.first_higher?.[frame - 1];
  if (higher === undefined) return text;
  return `${text}; higher in ${higher} of ${worlds.worlds} worlds`;
}
