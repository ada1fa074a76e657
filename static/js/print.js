/** button[data-print]: prints the page; without a script it stays hidden. */
export function start(button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
