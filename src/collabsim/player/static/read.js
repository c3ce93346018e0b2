// The trajectory document, read: checked, unpacked, and asked by frame (0 is the start, t the end of month t).

import { hundredths } from "./words.js";

const SCHEMA = "collabsim-trajectory";
const VERSION = 1;
const JUDGED = ["kept_seen", "kept_unseen", "failed", "held_back"];
const NAMED = ["", "named_safe", "named_unsafe"];

async function unpack(packed, what, shape) {
  const bytes = Uint8Array.from(atob(packed.data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const kinds = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
  const values = new kinds[packed.type](await new Response(stream).arrayBuffer());
  const size = packed.shape.reduce((product, length) => product * length, 1);
  if (values.length !== size || shape.some((length, k) => length !== null && length !== packed.shape[k])) {
    throw new Error(`The file is damaged: '${what}' has ${values.length} numbers, where ${size} belong.`);
  }
  return values;
}

export class Run {
  constructor(source, trajectory) {
    this.label = source.label;
    this.scenario = source.scenario;
    this.summary = source.summary;
    this.outcomes = source.outcomes;
    this.pairs = source.pairs;
    this.opened = source.opened;
    this.fine = source.steps.fine / source.steps.shown;
    this.trajectory = trajectory;
    this.turnover = source.turnover;
    this.introductions = source.introductions;
    this.vouched = source.vouched;
    this.byEnds = new Map();
    this.pairs.forEach(([i, j], k) => {
      this.byEnds.set(`${i}-${j}`, [k, 0]);
      this.byEnds.set(`${j}-${i}`, [k, 1]);
    });
  }

  // Unpacks what is packed; the run can be asked when this is done.
  async unpack(source) {
    const frames = this.trajectory.months + 1;
    const pairs = this.pairs.length;
    const people = this.trajectory.organisations.length;
    this.ties = {};
    this.states = {};
    const into = async (home, name, packed, shape) => {
      home[name] = await unpack(packed, name, shape);
    };
    await Promise.all([
      ...["trust", "kept", "broken"].map((name) => into(this.ties, name, source.ties[name], [frames, pairs, 2])),
      ...["contact", "tension"].map((name) => into(this.ties, name, source.ties[name], [frames, pairs])),
      ...Object.entries(source.organisations).map(([name, packed]) => into(this.states, name, packed, [frames, people])),
      this.readMeetings(source),
    ]);
    return this;
  }

  async readMeetings(source) {
    const rows = await unpack(source.meetings.rows, "meetings", [null, 4]);
    this.namedKept = source.meetings.named_kept;
    this.namedBroken = source.meetings.named_broken;
    let at = 0;
    this.meetings = source.meetings.count.map((count) => {
      const met = [];
      for (let k = 0; k < count; k += 1, at += 4) {
        const code = rows[at + 1];
        const judged = [JUDGED[code & 3], JUDGED[(code >> 2) & 3]];
        met.push({
          pair: rows[at],
          judged,
          leader: ((code >> 4) & 3) - 1,
          named: NAMED[code >> 6],
          amounts: [rows[at + 2], rows[at + 3]],
          joint: judged.every((what) => what.startsWith("kept")),
        });
      }
      return met;
    });
  }

  known(frame, pair) {
    return this.opened[pair] <= frame;
  }

  // What side a of a pair trusts the other, 0 to 1, finely enough to draw.
  trust(frame, pair, side) {
    return this.ties.trust[(frame * this.pairs.length + pair) * 2 + side] / (this.fine * 100);
  }

  // The same as it is shown.
  trustShown(frame, pair, side) {
    const fine = this.ties.trust[(frame * this.pairs.length + pair) * 2 + side];
    return hundredths(Math.floor((fine + this.fine / 2) / this.fine));
  }

  sided(name, frame, pair, side) {
    return this.ties[name][(frame * this.pairs.length + pair) * 2 + side];
  }

  shared(name, frame, pair) {
    return this.ties[name][frame * this.pairs.length + pair];
  }

  state(name, frame, row) {
    return this.states[name][frame * this.trajectory.organisations.length + row];
  }

  // The outcome at the end of a month; null where there is none, as before the first.
  outcome(name, frame) {
    return frame < 1 ? null : this.outcomes[name][frame - 1];
  }

  // The ties of an organisation that are known by a frame: partner, pair, and its own side.
  tiesOf(row, frame) {
    const found = [];
    this.pairs.forEach(([i, j], pair) => {
      if (!this.known(frame, pair)) return;
      if (i === row) found.push({ partner: j, pair, side: 0 });
      if (j === row) found.push({ partner: i, pair, side: 1 });
    });
    return found;
  }

  // What happened to side a of a pair in a month (from 0), and what it did to the evidence, in hundredths;
  // what faded is what is left when everything else is counted, so that the lines add up to the change.
  story(pair, side, month) {
    const lines = [];
    const met = this.meetings[month].find((meeting) => meeting.pair === pair);
    if (met) {
      lines.push({ kind: "met", kept: 0, broken: 0 });
      if (met.leader >= 0) lines.push({ kind: met.leader === side ? "led" : "followed", kept: 0, broken: 0 });
      const kept = met.judged[side].startsWith("kept");
      const amount = met.amounts[side];
      lines.push({ kind: met.judged[side], kept: kept ? amount : 0, broken: kept ? 0 : amount });
      if (met.named === "named_safe") lines.push({ kind: met.named, kept: this.namedKept, broken: 0 });
      if (met.named === "named_unsafe") lines.push({ kind: met.named, kept: 0, broken: this.namedBroken });
    }
    for (const [t, k, a, teller, kept, broken] of this.vouched) {
      if (t === month && k === pair && a === side) lines.push({ kind: "vouched", teller, kept, broken });
    }
    const ends = side === 0 ? this.pairs[pair] : [...this.pairs[pair]].reverse();
    for (const [t, i] of this.turnover) {
      if (t === month && ends.includes(i)) lines.push({ kind: "turnover", who: i, kept: 0, broken: 0 });
    }
    const change = ["kept", "broken"].map((name) => {
      const told = lines.reduce((sum, line) => sum + line[name], 0);
      return this.sided(name, month + 1, pair, side) - this.sided(name, month, pair, side) - told;
    });
    if (change[0] || change[1]) lines.push({ kind: "faded", kept: change[0], broken: change[1] });
    return lines;
  }
}

export class Trajectory {
  static async read(source) {
    const made = new Trajectory(source);
    made.runs = await Promise.all(source.runs.map((run) => new Run(run, made).unpack(run)));
    return made;
  }

  constructor(source) {
    if (source.schema !== SCHEMA || source.version !== VERSION) {
      throw new Error(
        `This page plays ${SCHEMA} version ${VERSION}; it was given ${source.schema} version ${source.version}.`,
      );
    }
    this.months = source.months;
    this.seed = source.seed;
    this.world = source.world;
    this.luck = source.luck;
    this.partnership = source.partnership;
    this.organisations = source.partnership.organisations;
    this.sectors = source.partnership.sectors;
  }
}
