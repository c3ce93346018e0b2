// Numbers as words, and elements made in few words.

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "text") made.textContent = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function svgEl(name, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  return made;
}

export function isShare(outcome) {
  return outcome.unit.startsWith("share");
}

// A value of an outcome as it is shown everywhere: shares in per cent, all else with two decimals.
export function shown(outcome, value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return (isShare(outcome) ? `${(100 * value).toFixed(1)}%` : value.toFixed(2)).replace("-", "−");
}

// A difference of two such values, with its sign.
export function shownDifference(outcome, value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const number = isShare(outcome) ? (100 * value).toFixed(1) : value.toFixed(2);
  const sign = Number(number) > 0 ? "+" : Number(number) < 0 ? "−" : "±";
  return `${sign}${number.replace("-", "")}${isShare(outcome) ? " points" : ""}`;
}

export function hundredths(steps) {
  return (steps / 100).toFixed(2);
}

export function signed(steps, decimals = 2) {
  const number = (Math.abs(steps) / 100).toFixed(decimals);
  return `${steps > 0 ? "+" : steps < 0 ? "−" : "±"}${number}`;
}

export function months(count) {
  return count === 1 ? "1 month" : `${count} months`;
}

export function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
