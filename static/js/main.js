/** Load a behaviour only when the page has an element that asks for it. */
const behaviours = {
  "[data-countdown]": "countdown",
  "[data-counter]": "counter",
  "form[data-autosave]": "autosave",
  "[data-submit-on-change]": "submit-on-change",
  "[data-local-time]": "local-time",
  "[data-score]": "keys",
  "form[data-confirm-leave]": "confirm-leave",
  "[data-menu]": "menu",
  "[data-focus]": "focus",
  "form[data-suggest]": "suggest",
  "[data-print]": "print",
};

const address = new URL(import.meta.url);
for (const [selector, name] of Object.entries(behaviours)) {
  if (document.querySelector(selector)) {
    import(new URL(`${name}.js${address.search}`, address).href).then((module) => {
      for (const element of document.querySelectorAll(selector)) module.start(element);
    });
  }
}
for (const element of document.querySelectorAll("[data-hide-with-script]")) element.hidden = true;

// On phones the side lists lie on one line each: bring the page that is open into view.
const middle = (element) => element.getBoundingClientRect().x + element.offsetWidth / 2;
for (const here of document.querySelectorAll(":is(.sidenav, .sections) [aria-current]")) {
  const row = here.closest("ul, ol");
  if (row.scrollWidth > row.clientWidth) row.scrollBy({ left: middle(here) - middle(row), behavior: "instant" });
}
