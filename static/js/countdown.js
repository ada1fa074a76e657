/** data-countdown="ISO moment": keep the time left alive. Sentences come from data-days, data-hours, data-minutes, data-over. */
export function start(element) {
  const until = Date.parse(element.dataset.countdown);
  let timer;
  const show = () => {
    const seconds = Math.floor((until - Date.now()) / 1000);
    const parts = { d: Math.floor(seconds / 86400), h: Math.floor((seconds % 86400) / 3600), m: Math.floor((seconds % 3600) / 60), s: seconds % 60 };
    let text = element.dataset.over;
    if (parts.d > 0) {
      text = element.dataset.days;
    } else if (seconds >= 3600) {
      text = element.dataset.hours;
    } else if (seconds > 0) {
      text = element.dataset.minutes;
    }
    const sentence = text.replace(/\{([dhms])\}/g, (_, key) => parts[key]);
    if (element.textContent !== sentence) element.textContent = sentence;
    if (seconds <= 0) clearInterval(timer);
  };
  show();
  timer = setInterval(show, 1000);
}
