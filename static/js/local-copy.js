/** A copy of what was typed, kept in this window while the server cannot take it (signed out, no connection). Used by autosave. */
const typed = (form) =>
  [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token" && name !== "revision");
const key = (form) => `copy:${form.dataset.autosave}`;
const revision = (form) => form.elements.revision?.value;

export function keep(form) {
  if (revision(form) === undefined) return;
  try {
    sessionStorage.setItem(key(form), JSON.stringify({ revision: revision(form), fields: typed(form) }));
  } catch {
    // Storage is full or forbidden: the text still stands in the form.
  }
}

export function drop(form) {
  sessionStorage.removeItem(key(form));
}

/** Put a copy back, if nothing was saved since it was made; tell whether anything has changed by it. */
export function restore(form) {
  const stored = sessionStorage.getItem(key(form));
  if (!stored) return false;
  drop(form);
  const copy = JSON.parse(stored);
  if (copy.revision !== revision(form)) return false;
  const before = JSON.stringify(typed(form));
  const values = new Map();
  for (const [name, value] of copy.fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || field.name === "csrf_token" || field.name === "revision" || field.type === "file") continue;
    const wanted = values.get(field.name);
    if (field.type === "radio" || field.type === "checkbox") field.checked = wanted?.includes(field.value) ?? false;
    else if (field.type === "select-multiple") for (const option of field.options) option.selected = wanted?.includes(option.value) ?? false;
    else if (wanted) field.value = wanted.shift() ?? field.value;
  }
  return JSON.stringify(typed(form)) !== before;
}
