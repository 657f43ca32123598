// Tells a plain click from one that asks for a new tab or a download.

export function isPlain(event) {
  return !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}
