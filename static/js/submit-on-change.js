/** form[data-submit-on-change]: narrow a list as soon as a box is ticked. The place on the page and the focus are kept. */
const KEY = "submit-on-change";

export function start(form) {
  const remembered = sessionStorage.getItem(KEY);
  if (remembered) {
    sessionStorage.removeItem(KEY);
    const { path, id, top } = JSON.parse(remembered);
    const element = path === location.pathname ? document.getElementById(id) : null;
    if (element && form.contains(element)) {
      for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      scrollTo({ top, behavior: "instant" });
      element.focus({ preventScroll: true });
    }
  }
  form.addEventListener("change", (event) => {
    if (event.target.matches("input[type=text], input[type=search]")) return;
    sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, id: event.target.id, top: scrollY }));
    form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const input of form.querySelectorAll("input[value=''], select")) {
      if (!input.value) input.disabled = true;
    }
  });
}
