// Shows how far an import is, and the whole page once there is something to look at.

const OFTEN_MS = 1000;

async function look() {
  const panel = document.querySelector("#progress");
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const news = page.querySelector("#progress");
    if (!answer.ok || !news) return location.reload();
    if (!panel.contains(document.activeElement)) panel.innerHTML = news.innerHTML;
  } catch {
    // the network is away; the next look may find it
  }
  setTimeout(look, OFTEN_MS);
}

setTimeout(look, OFTEN_MS);
