// Where trajectories come from: the server that this page came from, or the file itself.

export class Refusal extends Error {
  constructor(faults) {
    super(faults.join(" "));
    this.faults = faults;
  }
}

async function asked(path, question, signal) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question), signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(["The program behind this page does not answer. Start it again with 'collabsim app', then reload."]);
  }
  let document;
  try {
    document = await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error; // given up while the answer was still coming
    throw new Refusal([`The program behind this page gave no answer that can be read (${answer.status}).`]);
  }
  if (!answer.ok) throw new Refusal(document.faults ?? [`It said ${answer.status}.`]);
  return document;
}

export class LiveSource {
  constructor() {
    this.live = true;
  }

  trajectory(question, signal) {
    return asked("api/trajectory", question, signal);
  }

  worlds(question, signal) {
    return asked("api/worlds", question, signal);
  }

  // The lessons; their truth is found by running them, which takes the program a moment.
  async lessons() {
    const answer = await fetch("api/lessons");
    if (!answer.ok) throw new Refusal((await answer.json()).faults);
    return answer.json();
  }
}

// What a file holds, by the name of its scenario or lesson; nothing else can be played from it.
export class StoredSource {
  constructor(stored, lessons) {
    this.live = false;
    this.stored = stored;
    this.told = lessons;
  }

  async lessons() {
    return this.told;
  }

  find(question) {
    const found = this.stored.find((one) => one.name === question.scenario.name);
    if (!found) throw new Refusal(["This file does not hold that scenario. It plays what was computed when it was made."]);
    return found;
  }

  async trajectory(question) {
    return this.find(question).trajectory;
  }

  async worlds(question) {
    return this.find(question).worlds;
  }
}
