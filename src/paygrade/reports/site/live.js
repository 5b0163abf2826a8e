// Keeps a page that is served while runs go on up to date, where its reader left it.
(() => {
  "use strict";
  const PAUSE_MS = 2000;
  const page = decodeURIComponent(location.pathname.split("/").pop()) || "index.html";
  const kept = `paygrade ${page}`;
  const time = () => document.querySelector("footer time");
  const runs = (script) => script.type === "" || script.type === "module";
  const alone = () => [...document.scripts].filter(runs).length === 1; // others come after this one
  let version = time().dateTime;
  let asking = false;

  const status = document.createElement("span");
  status.className = "small";
  status.setAttribute("role", "status");
  document.querySelector(".brand").append(" ", status);
  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
    delete status.dataset.passing;
  };
  const sayForNow = (text) => {
    say(text);
    status.dataset.passing = "yes";
  };
  const sayUpdated = () => {
    const clock = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    say(`updated ${clock}`);
  };

  const folds = () => [...document.querySelectorAll("main details")];
  const nameOf = (fold) =>
    [fold.querySelector("summary"), fold.querySelector("pre")]
      .map((part) => (part ? part.dataset.name || part.textContent.trim().slice(0, 200) : ""))
      .join(" ");
  const stops = () => [...document.querySelectorAll('main :is(a[href], summary, [tabindex="0"])')];
  const look = () => ({
    open: folds().filter((fold) => fold.open).map(nameOf),
    focus: document.activeElement ? document.activeElement.id : "",
    stop: stops().indexOf(document.activeElement),
    x: scrollX,
    y: scrollY,
  });
  const lookAgain = (before) => {
    for (const fold of folds()) if (before.open.includes(nameOf(fold))) fold.open = true;
    const focused = (before.focus && document.getElementById(before.focus)) || stops()[before.stop];
    if (focused) focused.focus({ preventScroll: true });
    scrollTo(before.x, before.y);
  };

  const busy = () => {
    const field = document.activeElement && document.activeElement.matches("input, select, textarea");
    return field || !getSelection().isCollapsed;
  };
  const ask = (path, method = "GET") => fetch(path, { method, cache: "no-store" });
  const sayBroken = () => sayForNow("not live: this page cannot be shown now");
  const reload = async () => {
    if (!(await ask(location.pathname, "HEAD")).ok) return sayBroken();
    sessionStorage.setItem(kept, JSON.stringify(look()));
    history.scrollRestoration = "manual";
    location.reload();
  };
  const swap = async () => {
    const answer = await ask(location.pathname);
    if (!answer.ok) return sayBroken();
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = next.querySelector("main");
    if (!main || next.scripts.length !== document.scripts.length) return reload();
    const before = look();
    document.querySelector("main").replaceChildren(...main.childNodes);
    document.querySelector("nav").replaceChildren(...next.querySelector("nav").childNodes);
    document.querySelector("footer").replaceChildren(...next.querySelector("footer").childNodes);
    version = time().dateTime;
    lookAgain(before);
    sayUpdated();
  };
  const follow = async () => {
    const answer = await ask("/state");
    if (!answer.ok) return sayForNow("not live: the server cannot say what is new");
    const state = await answer.json();
    const newest = state[page] || state.version;
    if (newest === version) {
      if (status.dataset.passing) say("");
    } else if (busy()) {
      sayForNow("newer figures wait until you leave this list or selection");
    } else {
      await (alone() ? swap() : reload());
    }
  };
  const poll = async () => {
    setTimeout(poll, PAUSE_MS);
    if (document.hidden || asking) return;
    asking = true;
    try {
      await follow();
    } catch {
      sayForNow("not live: the server has ended");
    }
    asking = false;
  };

  const before = sessionStorage.getItem(kept);
  if (before) {
    sessionStorage.removeItem(kept);
    addEventListener("load", () => {
      lookAgain(JSON.parse(before));
      sayUpdated();
    });
  }
  setTimeout(poll, PAUSE_MS);
})();
