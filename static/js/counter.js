/** data-counter="id of a field": say how many words or characters are used. data-unit, data-limit, data-text, data-over. */
const language = document.documentElement.lang || undefined;

function count(text, unit) {
  const trimmed = text.trim();
  if (!trimmed) return 0;
  if (!("Segmenter" in Intl)) return unit === "words" ? trimmed.split(/\s+/).length : [...trimmed].length;
  const segmenter = new Intl.Segmenter(language, { granularity: unit === "words" ? "word" : "grapheme" });
  let total = 0;
  for (const segment of segmenter.segment(trimmed)) {
    if (unit !== "words" || segment.isWordLike) total += 1;
  }
  return total;
}

export function start(element) {
  const field = document.getElementById(element.dataset.counter);
  if (!field) return;
  const limit = Number(element.dataset.limit);
  const format = new Intl.NumberFormat(language);
  const show = () => {
    const used = count(field.value, element.dataset.unit);
    const over = used > limit;
    const text = over ? element.dataset.over : element.dataset.text;
    element.textContent = text.replace("{used}", format.format(used)).replace("{limit}", format.format(limit));
    element.classList.toggle("field__count--over", over);
  };
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 200);
  });
  show();
}
