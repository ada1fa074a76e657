/** form[data-suggest]: suggestions while typing, as a combobox with a list. Enter without a choice sends the form as always. */
const PAUSE = 120;
let forms = 0;

export function start(form) {
  const input = form.querySelector("input[type=search]");
  const id = `suggestions-${(forms += 1)}`;
  const list = document.createElement("ul");
  Object.assign(list, { id, className: "suggestions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.suggestLabel);
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.after(list);
  form.append(status);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", id]]) {
    input.setAttribute(name, value);
  }

  let asking = null;
  let timer = 0;
  let active = -1;

  const options = () => [...list.children];

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function activate(next) {
    active = next;
    options().forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    const option = options()[active];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function show({ items, status: told }) {
    list.replaceChildren(...items.map((item, place) => {
      const option = document.createElement("li");
      option.id = `${id}-${place}`;
      option.dataset.url = item.url;
      option.setAttribute("role", "option");
      const label = document.createElement("span");
      label.className = "suggestions__label";
      label.textContent = item.label;
      label.dir = "auto";
      if (item.language) label.lang = item.language;
      const note = document.createElement("span");
      note.className = "suggestions__note";
      note.textContent = item.note;
      option.append(label, " ", note);
      return option;
    }));
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = told;
    activate(-1);
  }

  async function ask() {
    asking?.abort();
    const words = input.value.trim();
    if (!words) return close();
    asking = new AbortController();
    const address = new URL(form.dataset.suggest, location.href);
    address.searchParams.set("q", words);
    try {
      const response = await fetch(address, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (response.ok && document.activeElement === input) show(await response.json());
    } catch (problem) {
      if (problem.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = list.children.length - 1;
    if (list.hidden) {
      if (event.key === "ArrowDown" && input.value.trim()) {
        event.preventDefault();
        ask();
      }
      return;
    }
    if (event.key === "ArrowDown") activate(active === last ? -1 : active + 1);
    else if (event.key === "ArrowUp") activate(active === -1 ? last : active - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) location.assign(list.children[active].dataset.url);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
}
