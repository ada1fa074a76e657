/** [data-local-time="ISO moment"][data-text]: put the reader's own time under the prize's time, when the two differ. data-text holds "{time}". */
export function start(element) {
  const moment = new Date(element.dataset.localTime);
  if (Number.isNaN(moment.getTime())) return;
  const zone = element.dataset.zone ?? "Asia/Seoul";
  const language = document.documentElement.lang || undefined;
  const plain = (timeZone) => new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short", timeStyle: "short" }).format(moment);
  if (plain(undefined) === plain(zone)) return;
  const own = new Intl.DateTimeFormat(language, { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" }).format(moment);
  const line = document.createElement("span");
  line.className = "local-time";
  line.textContent = element.dataset.text.replace("{time}", own);
  element.after(line);
}
