// Lessons: predict, see, be confronted with what happened, have it explained, and then try.

import { el } from "./words.js";
import { POINTS } from "./chart.js";

const STEP_NAMES = [["predict", "Predict"], ["see", "See"], ["confront", "Compare"], ["explain", "Explain"], ["try", "Try"]];

// The sentence of a question that asks.
function questionOf(text) {
  const sentences = text.match(/[^.?!]+[.?!]+/g) ?? [text];
  return (sentences.filter((sentence) => sentence.endsWith("?")).pop() ?? sentences[sentences.length - 1]).trim();
}

export class Lessons {
  // handlers: choose(id), go(step), answer(option), hands(option, count), addLine(), clearLines(), sandbox()
  constructor(holder, live, handlers) {
    this.holder = holder;
    this.live = live;
    this.lessons = null; // until they have come
    this.handlers = handlers;
  }

  take(lessons) {
    this.lessons = [...lessons].sort((a, b) => a.order - b.order);
  }

  find(id) {
    return this.lessons?.find((lesson) => lesson.id === id);
  }

  show(state) {
    this.state = state;
    this.holder.hidden = !state.lessons;
    if (!state.lessons) return;
    const lesson = this.find(state.lesson);
    const focused = this.holder.contains(document.activeElement) ? document.activeElement.id : "";
    this.holder.className = lesson ? "card" : "list";
    this.holder.replaceChildren(...(lesson ? this.card(lesson) : this.list()));
    if (focused) document.getElementById(focused)?.focus();
  }

  list() {
    if (!this.lessons) return [el("h1", { text: "Lessons" }), el("p", { class: "lead", text: "The lessons are being worked out: a moment, please." })];
    return [
      el("h1", { text: "Lessons" }),
      el("p", { class: "lead", text: "One idea each, about five minutes. First say what you think will happen; then see what does." }),
      el("ol", { class: "lessons" }, ...this.lessons.map((lesson, place) => el("li", {},
        el("button", { type: "button", id: `lesson-${lesson.id}`, onclick: () => this.handlers.choose(lesson.id) },
          el("span", { class: "count", "aria-hidden": "true", text: place + 1 }),
          el("span", { class: "title", text: lesson.title }), el("span", { class: "idea", text: questionOf(lesson.question.text) }))))),
    ];
  }

  card(lesson) {
    const { step } = this.state;
    const place = STEP_NAMES.findIndex(([name]) => name === step);
    const steps = el("ol", { class: "steps", "aria-label": "Steps of the lesson" }, ...STEP_NAMES.map(([name, title], k) => el("li", {},
      el("button", { type: "button", id: `step-${name}`, text: title, "aria-current": k === place ? "step" : null, disabled: k > place, onclick: () => this.handlers.go(name) }))));
    const number = this.lessons.indexOf(lesson);
    return [
      el("button", { type: "button", class: "link", id: "all-lessons", text: "All lessons", onclick: () => this.handlers.choose("") }),
      el("p", { class: "small", text: `Lesson ${number + 1} of ${this.lessons.length}` }),
      el("h1", { text: lesson.title }),
      steps,
      el("div", { class: "step" }, ...this[step](lesson, number)),
    ];
  }

  forward(text, step, ready = true) {
    return el("button", { type: "button", class: "primary", id: "next", text, disabled: !ready, onclick: () => this.handlers.go(step) });
  }

  predict(lesson) {
    const { question } = lesson;
    const draw = question.kind === "draw";
    const ready = draw ? this.state.drawn.length === POINTS : Boolean(this.state.choice);
    return [
      el("p", { class: "question", text: question.text }),
      draw ? this.drawHelp() : this.options(question),
      this.forward("That is my prediction", "see", ready),
      draw ? this.classLines() : this.hands(question),
    ];
  }

  drawHelp() {
    return el("p", { class: "small", text: "Draw on the chart: press and move, or use Tab and the arrow keys to lift and lower each point." });
  }

  options(question) {
    const field = el("fieldset", { class: "options" }, el("legend", { class: "hidden", text: question.text }));
    for (const option of question.options) {
      const id = `option-${option.id}`;
      field.append(el("label", { for: id },
        el("input", { type: "radio", name: "option", id, value: option.id, checked: this.state.choice === option.id, onchange: () => this.handlers.answer(option.id) }),
        el("span", { text: option.text })));
    }
    return field;
  }

  hands(question) {
    return el("details", { class: "hands", open: Object.values(this.state.tally).some(Boolean) }, el("summary", { text: "Ask the class: how many say which?" }),
      ...question.options.map((option) => el("label", { class: "hand" }, el("span", { text: option.text }),
        el("input", { type: "number", min: 0, max: 999, id: `hands-${option.id}`, value: this.state.tally[option.id] ?? 0,
          onchange: (event) => this.handlers.hands(option.id, Number(event.target.value)) }))));
  }

  classLines() {
    const count = this.state.class.length;
    return el("details", { class: "hands", open: count > 0 }, el("summary", { text: "Gather lines of the class" }),
      el("p", { class: "small", text: count ? `${count === 1 ? "1 line is" : `${count} lines are`} kept and shown in grey.` : "Keep each line before the next is drawn; all are shown together afterwards." }),
      el("button", { type: "button", id: "keep-line", text: "Keep this line", disabled: this.state.drawn.length !== POINTS, onclick: () => this.handlers.addLine() }),
      count ? el("button", { type: "button", id: "drop-lines", text: "Drop all", onclick: () => this.handlers.clearLines() }) : null);
  }

  see(lesson) {
    return [
      el("p", { class: "question", text: "Watch what happens." }),
      el("p", { text: `On the left: ${lesson.labels[0]}. On the right: ${lesson.labels[1]}. It is the same world with the same luck. Blue is a meeting that ended in joint delivery, broken red one that did not.` }),
      el("p", { class: "small", text: "Pause with the space bar, step with the arrow keys, choose an organisation to ask why." }),
      this.forward("What did happen?", "confront"),
    ];
  }

  confront(lesson) {
    const { question, answer } = lesson;
    if (question.kind === "draw") {
      return [el("p", { class: "question", text: "Your line, and what happened." }), el("p", { class: "reveal", text: lesson.reveal }), this.forward("Why is that?", "explain")];
    }
    const text = (id) => question.options.find((option) => option.id === id)?.text ?? "nothing";
    const right = this.state.choice === answer;
    return [
      el("p", { class: `verdict ${right ? "right" : "other"}` }, el("span", { class: "small", text: "You said" }), el("b", { text: text(this.state.choice) })),
      el("p", { class: "verdict right" }, el("span", { class: "small", text: right ? "And so it was" : "What happened" }), el("b", { text: text(answer) })),
      el("p", { class: "reveal", text: lesson.reveal }),
      this.tally(question, answer),
      this.forward("Why is that?", "explain"),
    ];
  }

  tally(question, answer) {
    const total = Object.values(this.state.tally).reduce((sum, count) => sum + count, 0);
    if (!total) return null;
    return el("div", { class: "tally" }, el("p", { class: "small", text: `What ${total} in the class said` }),
      ...question.options.map((option) => {
        const count = this.state.tally[option.id] ?? 0;
        const bar = el("span", { class: `tally-bar${option.id === answer ? " right" : ""}` });
        bar.style.width = `${(100 * count) / total}%`;
        return el("div", {}, el("span", { text: `${option.text}: ${count}` }), bar);
      }));
  }

  explain(lesson) {
    return [
      el("p", { class: "idea", text: lesson.idea }),
      ...lesson.explanation.split(/\n\s*\n/).map((text) => el("p", { text })),
      el("p", { class: "source" }, el("span", { class: "small", text: "What the sources say" }), el("span", { text: lesson.source })),
      this.forward("Now try it yourself", "try"),
    ];
  }

  try(lesson, number) {
    const next = this.lessons[number + 1];
    return [
      el("p", { class: "question", text: lesson.try }),
      el("p", { class: "small", text: this.live ? "Move a slider below the chart, or the ends of its bar, and let go: all is computed anew." : "For this, start the page with 'collabsim app': this file plays what was computed when it was made." }),
      el("button", { type: "button", id: "sandbox", text: "Take it to the sandbox", onclick: () => this.handlers.sandbox() }),
      next ? el("button", { type: "button", class: "primary", id: "next", text: `Next: ${next.title}`, onclick: () => this.handlers.choose(next.id) })
        : el("button", { type: "button", class: "primary", id: "next", text: "To the sandbox", onclick: () => this.handlers.sandbox() }),
    ];
  }
}
