// Play, pause, step, scrub and speed: one clock for everything that moves.

import { clamp, el, svgEl } from "./words.js";

const SPEEDS = [1, 2, 4, 8, 16];
const ICONS = {
  play: "M5 3L14 9L5 15Z", pause: "M4.5 3H7.5V15H4.5ZM10.5 3H13.5V15H10.5Z", back: "M13 3.5L5.5 9L13 14.5Z",
  forward: "M5 3.5L12.5 9L5 14.5Z", first: "M4 3.5H6V14.5H4ZM14.5 3.5L7.5 9L14.5 14.5Z",
  again: "M9 3A6 6 0 1 0 15 9H13A4 4 0 1 1 9 5V8L13.5 4L9 0Z",
};

function icon(name) {
  const svg = svgEl("svg", { viewBox: "0 0 18 18", width: 18, height: 18, "aria-hidden": "true" });
  svg.append(svgEl("path", { d: ICONS[name], fill: "currentColor" }));
  return svg;
}

export class Playback {
  // show(frame, whole): draws a moment; `whole` says that a month has just been completed, or all is still
  constructor(holder, show, onChange) {
    this.show = show;
    this.onChange = onChange;
    this.months = 0;
    this.frame = 0;
    this.speed = 4;
    this.playing = false;
    this.build(holder);
  }

  build(holder) {
    const button = (id, look, label, onclick) => el("button", { type: "button", id, "aria-label": label, title: label, onclick }, icon(look));
    this.playButton = button("play", "play", "Play (space)", () => this.toggle());
    this.scrub = el("input", {
      type: "range", id: "scrub", min: 0, max: 1, step: 1, value: 0, "aria-label": "Month",
      oninput: () => this.seek(Number(this.scrub.value)),
    });
    this.clock = el("output", { id: "clock", for: "scrub" });
    this.speeds = el("select", { id: "speed", "aria-label": "Speed, in months a second", title: "Months a second", onchange: () => { this.speed = Number(this.speeds.value); } });
    for (const speed of SPEEDS) {
      this.speeds.append(el("option", { value: speed, text: `${speed}× `.trim(), selected: speed === 4 }));
    }
    holder.replaceChildren(
      el("div", { class: "buttons" },
        button("first", "first", "To the start (Home)", () => this.seek(0)),
        button("back", "back", "A month back (left arrow)", () => this.step(-1)),
        this.playButton,
        button("forward", "forward", "A month on (right arrow)", () => this.step(1)),
        this.clock),
      el("div", { class: "scrubber" }, this.scrub, this.speeds),
    );
  }

  setMonths(months, frame) {
    this.months = months;
    this.scrub.max = months;
    this.seek(clamp(frame, 0, months));
  }

  setSpeed(speed) {
    this.speed = speed;
    this.speeds.value = String(speed);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.playing || !this.months) return;
    if (this.frame >= this.months) this.frame = 0;
    this.playing = true;
    this.started = null;
    this.frames = 0;
    this.face();
    requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.playing) return;
    if (this.started === null) {
      this.started = now;
      this.last = now;
    }
    this.frames += 1;
    this.gap = now - this.last; // how long the last picture took
    const before = Math.floor(this.frame);
    this.frame = Math.min(this.months, this.frame + (Math.min(now - this.last, 250) / 1000) * this.speed);
    this.last = now;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const whole = Math.floor(this.frame) !== before;
    if (whole) this.face();
    if (whole || !still) this.show(still ? Math.floor(this.frame) : this.frame, whole);
    if (this.frame >= this.months) this.pause();
    else requestAnimationFrame((then) => this.tick(then));
  }

  pause() {
    if (this.playing && this.last > this.started) {
      // how many pictures a second were drawn while it played
      document.documentElement.dataset.framesPerSecond = (
        (1000 * (this.frames - 1)) / (this.last - this.started)
      ).toFixed(1);
    }
    this.playing = false;
    this.frame = Math.floor(this.frame);
    this.face();
    this.show(this.frame, true);
    this.onChange(this.frame);
  }

  step(by) {
    this.seek(clamp(Math.floor(this.frame) + by, 0, this.months));
  }

  seek(frame) {
    this.playing = false;
    this.frame = frame;
    this.face();
    this.show(frame, true);
    this.onChange(frame);
  }

  face() {
    const frame = Math.floor(this.frame);
    this.playButton.replaceChildren(icon(this.playing ? "pause" : frame >= this.months && this.months ? "again" : "play"));
    this.playButton.setAttribute("aria-label", this.playing ? "Pause (space)" : "Play (space)");
    this.playButton.classList.toggle("playing", this.playing);
    this.scrub.value = frame;
    this.scrub.setAttribute("aria-valuetext", `month ${frame} of ${this.months}`);
    this.clock.replaceChildren(frame === 0 ? "Start" : `Month ${frame}`, frame === 0 ? "" : el("span", { class: "of", text: ` of ${this.months}` }));
  }

  // The keys that work wherever the focus is, unless what has it needs them.
  onKey(event) {
    const tag = event.target.tagName;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (["INPUT", "SELECT", "TEXTAREA"].includes(tag) || event.target.closest("dialog, [role=slider]")) return;
    const jump = {
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      PageUp: () => this.step(12),
      PageDown: () => this.step(-12),
      Home: () => this.seek(0),
      End: () => this.seek(this.months),
      "+": () => this.faster(1),
      "-": () => this.faster(-1),
      k: () => this.toggle(),
    };
    if (event.key === " " && tag !== "BUTTON" && event.target.getAttribute("role") !== "button") this.toggle();
    else if (jump[event.key]) jump[event.key]();
    else return;
    event.preventDefault();
  }

  faster(by) {
    this.setSpeed(SPEEDS[clamp(SPEEDS.indexOf(this.speed) + by, 0, SPEEDS.length - 1)]);
  }
}
