// Everything that is chosen, as a link: what the page shows is a function of its address and nothing else.

export const START = {
  scenario: "", // the name of a scenario, or of a lesson's where `lesson` is set
  programme: null, // entries, null for the scenario's own
  compare: "none", // a bundled programme's name, or entries
  seed: 0,
  world: 0,
  luck: 0,
  months: null,
  parameters: {},
  frame: 0,
  outcome: "collaborative_advantage",
  selected: null,
  names: {},
  worlds: true,
  meetings: false,
  side: true,
  lessons: false,
  lesson: "",
  step: "predict",
  choice: "",
  drawn: [],
  tally: {},
  class: [],
};

const STEPS = ["predict", "see", "confront", "explain", "try"];

function writeEntries(entries) {
  if (typeof entries === "string") return entries;
  if (!entries.length) return "-";
  return entries
    .map((one) => [one.practice, `${one.from_month}-${one.to_month}`, +one.strength.toFixed(3),
      ...(one.with ? [one.with.map((who) => who.replaceAll("|", "/")).join("|")] : [])].join("~"))
    .join("*");
}

function readEntries(text, practices) {
  if (text === "-") return [];
  return text.split("*").map((part) => {
    const [practice, window, strength, who] = part.split("~");
    const [from, to] = (window || "").split("-").map(Number);
    const known = practices.some((one) => one.name === practice);
    if (!known || !Number.isInteger(from) || !Number.isInteger(to) || !(+strength >= 0 && +strength <= 1)) {
      throw new Error(`the line '${part}' of the programme cannot be read`);
    }
    const entry = { practice, from_month: from, to_month: to, strength: Number(strength) };
    return who ? { ...entry, with: who.split("|") } : entry;
  });
}

export function write(state) {
  const words = new URLSearchParams();
  const put = (key, value, usual) => {
    if (value !== usual && value !== null) words.set(key, value);
  };
  put("s", state.scenario, "");
  if (state.programme) words.set("p", writeEntries(state.programme));
  put("c", writeEntries(state.compare), "none");
  for (const name of ["seed", "world", "luck"]) put(name, state[name], state.lesson ? null : 0); // a lesson has its own
  put("months", state.months, null);
  for (const [name, value] of Object.entries(state.parameters)) words.append("set", `${name}=${value}`);
  put("t", state.frame, 0);
  put("o", state.outcome, START.outcome);
  if (state.selected) {
    const { kind, row, from, to } = state.selected;
    words.set("sel", kind === "tie" ? `${from}-${to}` : String(row));
  }
  for (const [row, name] of Object.entries(state.names)) words.append("n", `${row}=${name}`);
  put("band", state.worlds ? 1 : 0, 1);
  put("met", state.meetings ? 1 : 0, 0);
  put("two", state.side ? 1 : 0, 1);
  put("lessons", state.lessons ? 1 : 0, 0);
  put("lesson", state.lesson, "");
  put("step", state.step, "predict");
  put("choice", state.choice, "");
  if (state.drawn.length) words.set("line", state.drawn.join("."));
  for (const [option, count] of Object.entries(state.tally)) if (count) words.append("hands", `${option}=${count}`);
  for (const line of state.class) words.append("class", line.join("."));
  return words.toString();
}

// Reads a link. What cannot be read is left out and said in `faults`, and the rest is shown all the same.
export function parse(hash, catalogue) {
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  const state = structuredClone(START);
  const faults = [];
  const attempt = (what, read) => {
    try {
      read();
    } catch (error) {
      faults.push(`${what}: ${error.message}`);
    }
  };
  const whole = (key, low, high) => {
    const text = words.get(key);
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high) {
      throw new Error(`'${text}' is not a whole number from ${low} to ${high}`);
    }
    return value;
  };
  const known = new Set(["s", "p", "c", "seed", "world", "luck", "months", "set", "t", "o", "sel", "n", "band",
    "met", "two", "lessons", "lesson", "step", "choice", "line", "hands", "class"]);
  for (const key of new Set(words.keys())) if (!known.has(key)) faults.push(`there is no '${key}' in a link`);

  if (words.has("s")) state.scenario = words.get("s");
  for (const [key, name, what] of [["p", "programme", "programme"], ["c", "compare", "comparison"]]) {
    if (words.has(key)) attempt(what, () => {
      const text = words.get(key);
      const bundled = catalogue.programmes.some((one) => one.name === text);
      state[name] = bundled ? text : readEntries(text, catalogue.practices);
    });
  }
  const limits = { seed: 4294967295, world: 4294967295, luck: 65535, t: catalogue.bounds.months };
  for (const [key, high] of Object.entries(limits)) {
    if (words.has(key)) attempt(key, () => { state[key === "t" ? "frame" : key] = whole(key, 0, high); });
  }
  if (words.has("months")) attempt("months", () => { state.months = whole("months", 1, catalogue.bounds.months); });
  for (const text of words.getAll("set")) attempt("parameter", () => {
    const [name, value] = text.split("=");
    const parameter = catalogue.parameters.find((one) => one.name === name);
    if (!parameter) throw new Error(`there is no parameter '${name}'`);
    if (value === "" || !Number.isFinite(Number(value))) throw new Error(`'${text}' gives no number`);
    state.parameters[name] = Number(value);
  });
  if (words.has("o")) attempt("outcome", () => {
    const name = words.get("o");
    if (!catalogue.outcomes.some((one) => one.name === name)) throw new Error(`there is no outcome '${name}'`);
    state.outcome = name;
  });
  if (words.has("sel")) attempt("selection", () => {
    const found = words.get("sel").match(/^(\d+)(?:-(\d+))?$/);
    if (!found) throw new Error(`'${words.get("sel")}' is neither an organisation nor a tie`);
    state.selected = found[2] === undefined
      ? { kind: "organisation", row: Number(found[1]) }
      : { kind: "tie", from: Number(found[1]), to: Number(found[2]) };
  });
  for (const text of words.getAll("n")) {
    const place = text.indexOf("=");
    state.names[text.slice(0, place)] = text.slice(place + 1, place + 61);
  }
  state.worlds = words.get("band") !== "0";
  state.meetings = words.get("met") === "1";
  state.side = words.get("two") !== "0";
  state.lessons = words.get("lessons") === "1" || words.has("lesson");
  state.lesson = words.get("lesson") || "";
  if (state.lesson) for (const name of ["seed", "world"]) if (!words.has(name)) state[name] = null;
  if (words.has("step")) attempt("step", () => {
    if (!STEPS.includes(words.get("step"))) throw new Error(`'${words.get("step")}' is no step of a lesson`);
    state.step = words.get("step");
  });
  state.choice = words.get("choice") || "";
  const line = (text) => text.split(".").map((value) => {
    if (!/^\d{1,3}$/.test(value) || Number(value) > 100) throw new Error(`'${value}' is no point of a line`);
    return Number(value);
  });
  if (words.has("line")) attempt("your line", () => { state.drawn = line(words.get("line")); });
  for (const text of words.getAll("class")) attempt("a line of the class", () => state.class.push(line(text)));
  for (const text of words.getAll("hands")) {
    const [option, count] = text.split("=");
    if (/^\d{1,3}$/.test(count)) state.tally[option] = Number(count);
  }
  return { state, faults };
}
