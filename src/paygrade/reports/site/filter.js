// The filter of a suite's page: its controls, its link, and the figures of what was chosen.
"use strict";
(() => {
  const section = document.getElementById("filter");
  const form = section.querySelector("form");
  const status = section.querySelector("[role=status]");
  const controls = [...form.querySelectorAll("select")];
  const data = JSON.parse(document.getElementById("columns").textContent);
  let reading = null;

  function slices() {
    return controls
      .filter((each) => each.name.startsWith("slice:"))
      .map(({ name, options }) => ({ name, values: [...options].slice(1).map((o) => o.value) }));
  }

  function wanted() {
    return Object.fromEntries(controls.map((each) => [each.name, each.value]));
  }

  /** Is an outcome or a check's result asked for? Then a rate says what was asked, nothing else. */
  function byResult() {
    return controls.some(({ name, value }) => value && (name === "outcome" || name.startsWith("check:")));
  }

  async function show(note) {
    section.setAttribute("aria-busy", "true");
    if (data.parquet && !reading) status.textContent = `Reading ${data.parquet} …`;
    try {
      reading ??= attempts.read(data, slices());
      const found = await reading;
      const start = performance.now();
      found.choose(wanted());
      found.count();
      fill(found, note);
      section.dataset.milliseconds = (performance.now() - start).toFixed(1);
    } catch (problem) {
      reading = null;
      status.textContent = `The attempts could not be read (${problem.message}). All figures above need no filter.`;
    }
    section.setAttribute("aria-busy", "false");
  }

  function fill(found, note) {
    const sums = found.all.of(0);
    const errors = rates.plural(sums.errors, "error");
    const words = found.cases
      ? `${sums.judged ? `Failure rate ${rates.told(sums)}` : "Nothing scored"}, ${errors}.`
      : "No attempt fits.";
    const artefact = byResult() && found.cases ? "Chosen by their result: no rate of the suite. " : "";
    status.textContent = note + artefact + words;
    mark(status, sums);
    for (const each of controls) each.classList.toggle("set", each.value !== "");
    section.querySelector(".found").hidden = false;
    rows("check", found.checks);
    for (const { name, tally } of found.slices) rows(name, tally);
  }

  function rows(name, tally) {
    const lines = section.querySelectorAll(`table[data-of="${CSS.escape(name)}"] tbody tr`);
    lines.forEach((line, group) => {
      const sums = tally.of(group);
      mark(line, sums);
      line.querySelector(".rate").textContent = rates.told(sums);
      const errors = line.querySelector(".errors");
      if (errors) errors.textContent = rates.whole(sums.errors);
    });
  }

  /** The raw figures beside the words. */
  function mark(element, sums) {
    const [low, high] = rates.bounds(sums);
    const { failed, judged, errors, cases } = sums;
    Object.assign(element.dataset, { failed, judged, errors, cases, low, high });
  }

  /** Set the controls as a link asks; returns a sentence on what is not on this page. */
  function follow(link) {
    const asked = new URLSearchParams(link.slice("#filter?".length));
    for (const each of controls) {
      const value = asked.get(each.name) ?? "";
      each.value = value;
      if (each.selectedIndex >= 0) asked.delete(each.name);
      else each.value = "";
    }
    const unknown = [...asked].map((pair) => pair.join(" "));
    return unknown.length ? `The link asks for what is not here: ${unknown.join(", ")}. ` : "";
  }

  function link() {
    const chosen = Object.entries(wanted()).filter(([, value]) => value);
    history.replaceState(null, "", `#filter${chosen.length ? "?" : ""}${new URLSearchParams(chosen)}`);
  }

  const isLink = () => location.hash.startsWith("#filter?");

  function start() {
    if (data.parquet && location.protocol === "file:") {
      section.querySelector(".served").hidden = false;
      return;
    }
    form.hidden = false;
    section.querySelector(".needless").hidden = true;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => {
      link();
      show("");
    });
    form.addEventListener("reset", () =>
      setTimeout(() => {
        link();
        show("");
      }),
    );
    addEventListener("hashchange", () => isLink() && show(follow(location.hash)));
    if (isLink()) {
      section.scrollIntoView();
      show(follow(location.hash));
    } else if (data.parquet) {
      status.textContent = `Choose what to count: the attempts are then read from ${data.parquet}.`;
    } else show("");
  }

  start();
})();
