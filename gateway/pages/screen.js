// The screen asks for itself again and shows what has changed. A door that does not answer is said, since the code goes stale.
const pause = 5000;

async function renew() {
  const lost = document.querySelector(".lost");
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.status >= 500) throw new Error(answer.statusText);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const shown = document.querySelector("main");
    if (next.innerHTML !== shown.innerHTML) shown.replaceWith(next);
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
  setTimeout(renew, pause);
}

setTimeout(renew, pause);
