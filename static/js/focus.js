/** [data-focus]: bring a message that must be read first (the error summary) into focus when the page opens. */
export function start(element) {
  element.focus();
}
