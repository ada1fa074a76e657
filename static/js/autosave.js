/** form[data-autosave="URL"]: save the form as it is typed, and always say whether it is safe. Sentences come from [data-autosave-status]. */
import { drop, keep, restore } from "./local-copy.js";

const PAUSE = 1200;
const RETRY = 8000;

export function start(form) {
  const status = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
  const language = document.documentElement.lang || undefined;
  let changes = 0;
  let saved = 0;
  let timer;
  let running = false;
  let submitting = false;
  let waiting = null;

  const say = (state, text) => {
    if (!status) return;
    status.dataset.state = state;
    status.textContent = text ?? status.dataset[state.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] ?? "";
  };
  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  // What the server knows better: new values of fields (the revision), and texts for [data-shown].
  const take = (told) => {
    for (const [name, value] of Object.entries(told.fields ?? {})) if (form.elements[name]) form.elements[name].value = value;
    for (const place of document.querySelectorAll("[data-shown]")) {
      const text = told.shown?.[place.dataset.shown];
      if (text !== undefined) place.textContent = text;
    }
  };

  async function save() {
    if (running || submitting || saved === changes) return;
    running = true;
    const upTo = changes;
    say("saving");
    const body = new FormData(form);
    for (const input of form.querySelectorAll("input[type=file]")) body.delete(input.name);
    const token = body.get("csrf_token") ?? "";
    let again = 0;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new URLSearchParams(body),
        headers: { Accept: "application/json", "X-CSRFToken": token, "X-Requested-With": "autosave" },
        credentials: "same-origin",
        redirect: "error",
      });
      if (answer.ok) {
        saved = upTo;
        drop(form);
        take(answer.status === 204 ? {} : await answer.json().catch(() => ({})));
        const time = new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(new Date());
        say(saved === changes ? "saved" : "unsaved", saved === changes ? status?.dataset.saved.replace("{time}", time) : undefined);
        form.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true }));
        if (saved !== changes) again = PAUSE;
      } else if (answer.status === 401 || answer.status === 403) {
        say("signed-out");
        keep(form);
      } else {
        const told = await answer.json().catch(() => ({}));
        if (told.message) say("refused", told.message);
        else say("failed");
        if (answer.status >= 500 || answer.status === 429) again = RETRY;
      }
    } catch {
      keep(form);
      say(navigator.onLine ? "failed" : "offline");
      again = RETRY;
    }
    running = false;
    if (waiting) {
      const { submitter } = waiting;
      waiting = null;
      form.requestSubmit(submitter);
    } else if (again) later(again);
  }

  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    changes += 1;
    if (status?.dataset.state !== "unsaved" && !running) say("unsaved");
    later(PAUSE);
  });
  form.addEventListener("change", () => later(200));
  form.addEventListener("submit", (event) => {
    if (running) {
      // A save is on its way: its answer brings the new revision, without which this form would look like another window's.
      event.preventDefault();
      waiting = { submitter: event.submitter };
      return;
    }
    if (saved !== changes) keep(form);
    submitting = true;
    clearTimeout(timer);
  });
  addEventListener("online", () => later(0));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  addEventListener("beforeunload", (event) => {
    if (!submitting && saved !== changes) event.preventDefault();
  });
  if (restore(form)) {
    changes += 1;
    say("unsaved");
    later(0);
  }
  addEventListener("pageshow", () => {
    submitting = false;
  });
}
