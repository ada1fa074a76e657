/** [data-score]: number keys pick the score of the criterion in focus, j and k go to the next and the previous one. */
let listening = false;

const criteria = () => [...document.querySelectorAll("[data-score]")];

function current() {
  return document.activeElement?.closest("[data-score]") ?? null;
}

function go(step) {
  const all = criteria();
  const here = all.indexOf(current());
  const next = all[here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, here + step))];
  const target = next.querySelector("input:checked") ?? next.querySelector("input");
  target?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function pick(digit) {
  const group = current();
  if (!group) return false;
  const value = digit === "0" ? "10" : digit;
  const radios = [...group.querySelectorAll("input[type=radio]")];
  const radio = radios.find((r) => Number(r.value) === Number(value)) ?? (digit === "0" ? radios.find((r) => Number(r.value) === 0) : undefined);
  if (!radio) return false;
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** A keyboard that writes another script (Hangul, Cyrillic, Arabic) gives another letter: then the place of the key counts. */
function isKey(event, letter) {
  const typed = event.key.toLowerCase();
  return typed === letter || (!/^[a-z]$/.test(typed) && event.code === `Key${letter.toUpperCase()}`);
}

export function start() {
  if (listening) return;
  listening = true;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])") || event.target.isContentEditable) return;
    let done = false;
    if (isKey(event, "j")) { go(1); done = true; }
    else if (isKey(event, "k")) { go(-1); done = true; }
    else if (/^[0-9]$/.test(event.key)) done = pick(event.key);
    if (done) event.preventDefault();
  });
}
