// Keeps a page that is served while runs go on up to date, where its reader left it.
(() => {
  "use strict";
  const PAUSE_MS = 2000;
  const page = decodeURIComponent(location.pathname.split("/").pop()) || "index.html";
  const kept = `paygrade ${page}`;
  const time = () => document.querySelector("footer time");
  const runs = (script) => script.type === "" || script.type === "module";
  const alone = [...document.scripts].filter(runs).length === 1;
  let version = time().dateTime;
  let asking = false;

  const status = document.createElement("span");
  status.className = "small";
  status.setAttribute("role", "status");
  document.querySelector(".brand").append(" ", status);
  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
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
  const look = () => ({
    open: folds().filter((fold) => fold.open).map(nameOf),
    focus: document.activeElement ? document.activeElement.id : "",
    x: scrollX,
    y: scrollY,
  });
  const lookAgain = (before) => {
    for (const fold of folds()) if (before.open.includes(nameOf(fold))) fold.open = true;
    const focused = before.focus && document.getElementById(before.focus);
    if (focused) focused.focus({ preventScroll: true });
    scrollTo(before.x, before.y);
  };

  const busy = () => {
    const field = document.activeElement && document.activeElement.matches("input, select, textarea");
    return field || !getSelection().isCollapsed;
  };
  const reload = () => {
    sessionStorage.setItem(kept, JSON.stringify(look()));
    history.scrollRestoration = "manual";
    location.reload();
  };
  const swap = async () => {
    const text = await (await fetch(location.pathname, { cache: "no-store" })).text();
    const next = new DOMParser().parseFromString(text, "text/html");
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
  const poll = async () => {
    setTimeout(poll, PAUSE_MS);
    if (document.hidden || asking) return;
    asking = true;
    try {
      const state = await (await fetch("/state", { cache: "no-store" })).json();
      if (status.dataset.lost) say("");
      delete status.dataset.lost;
      const newest = state[page] || state.version;
      if (newest !== version && !busy()) await (alone ? swap() : reload());
    } catch {
      status.dataset.lost = "yes";
      say("not live: the server has ended");
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
