// Keeps one menu open at most; Escape, a choice or a click outside closes it.

const OPEN = "details.menu[open]";

function close(menu) {
  if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  menu.open = false;
}

export function start() {
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("button, a");
    for (const menu of document.querySelectorAll(OPEN)) {
      if (!menu.contains(event.target) || (chosen && menu.contains(chosen))) setTimeout(close, 0, menu);
    }
  });
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector(OPEN);
    if (event.key !== "Escape" || !open) return;
    event.preventDefault();
    close(open);
  });
}
