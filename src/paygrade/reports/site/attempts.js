// Attempts as columns of whole numbers, embedded in the page or in a Parquet file beside it:
// which of them fit, and the counts of those.
"use strict";
const attempts = (() => {
  const FAILED = 1;
  const ERRORED = 2;
  const OUTCOMES = ["passed", "failed", "errored"];
  const SEPARATOR = "\u001f"; // between the values of one sample in a slice
  const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };

  /** Columns from the page itself: one after the other, little-endian, gzip, base64. */
  async function embedded(data) {
    const packed = Uint8Array.from(atob(data.packed), (each) => each.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const bytes = await new Response(stream).arrayBuffer();
    const columns = {};
    let start = 0;
    for (const [name, width] of data.columns) {
      columns[name] = new ARRAYS[width](bytes, start, data.rows);
      start += width * data.rows;
    }
    const cases = columns.case; // written as differences: rows are ordered by case
    for (let i = 1; i < cases.length; i++) cases[i] += cases[i - 1];
    return columns;
  }

  /** Columns from the Parquet file beside the page. */
  async function beside(data) {
    const answer = await fetch(data.parquet);
    if (!answer.ok) throw new Error(`${data.parquet}: status ${answer.status}`);
    const file = await answer.arrayBuffer();
    const metadata = await hyparquet.parquetMetadataAsync(file);
    const rows = Number(metadata.num_rows);
    const columns = {};
    for (const [name, width] of data.columns) columns[name] = new ARRAYS[width](rows);
    await hyparquet.parquetRead({
      file,
      metadata,
      columns: Object.keys(columns),
      onChunk: ({ columnName, columnData, rowStart }) =>
        columns[columnName].set(columnData, rowStart),
    });
    return columns;
  }

  /** The columns with rows of one case one after the other, whichever runner answered. */
  function byCase(columns) {
    const cases = columns.case;
    const most = cases.reduce((most, each) => Math.max(most, each), 0);
    const next = new Uint32Array(most + 2);
    for (let i = 0; i < cases.length; i++) next[cases[i] + 1] += 1;
    for (let c = 1; c < next.length; c++) next[c] += next[c - 1];
    const place = new Uint32Array(cases.length);
    for (let i = 0; i < cases.length; i++) place[i] = next[cases[i]]++;
    const moved = ([name, values]) => {
      const to = new values.constructor(values.length);
      for (let i = 0; i < values.length; i++) to[place[i]] = values[i];
      return [name, to];
    };
    return Object.fromEntries(Object.entries(columns).map(moved));
  }

  // -- choosing --------------------------------------------------------------------------------

  /** All attempts, and what was chosen of them. Nothing is allocated by row after this. */
  class Attempts {
    constructor(data, columns, slices) {
      const rows = columns.case.length;
      this.dictionaries = data.dictionaries;
      this.columns = byCase(columns);
      this.keep = new Uint8Array(rows);
      this.picked = new Uint32Array(rows); // the rows that are kept
      this.starts = new Uint32Array(rows + 1); // where each case starts in them
      this.failed = new Uint32Array(rows); // by case
      this.judged = new Uint32Array(rows);
      this.cases = 0;
      this.all = new rates.Tally(1);
      this.checks = new rates.Tally(data.dictionaries.check.length);
      this.slices = slices.map(({ name, values }) => this.slice(name, values));
    }

    slice(name, values) {
      const codes = this.columns[name];
      const cases = this.columns.case;
      const entries = this.dictionaries[name].map((each) => each.split(SEPARATOR));
      const groups = entries.map((each) => values.flatMap((v, g) => (each.includes(v) ? g : [])));
      let uniform = true; // within each case
      for (let i = 1; i < codes.length; i++) {
        if (codes[i] !== codes[i - 1] && cases[i] === cases[i - 1]) uniform = false;
      }
      return { name, codes, entries, groups, uniform, tally: new rates.Tally(values.length) };
    }

    /** Keep the rows that fit `wanted`: names of controls with the value that each asks for. */
    choose(wanted) {
      const { runner, class: classes, outcome } = this.columns;
      this.keep.fill(1);
      if (wanted.runner) {
        narrow(this.keep, runner, this.dictionaries.runner.map((each) => each === wanted.runner));
      }
      const left = this.dictionaries.class.map((each) =>
        wanted.class ? each === wanted.class : each !== "quarantined",
      );
      narrow(this.keep, classes, left);
      if (wanted.outcome) {
        narrow(this.keep, outcome, OUTCOMES.map((each) => each === wanted.outcome));
      }
      for (const { name, codes, entries } of this.slices) {
        const value = wanted[name];
        if (value) narrow(this.keep, codes, entries.map((each) => each.includes(value)));
      }
      this.dictionaries.check.forEach((check, index) => {
        const result = wanted[`check:${check}`];
        if (!result) return;
        narrowChecks(this.keep, ...this.bits(index >> 3), 1 << (index & 7), result === "failed");
      });
    }

    bits(part) {
      return [this.columns[`judged:${part}`], this.columns[`failed:${part}`]];
    }

    /** Count the rows that are kept. */
    count() {
      this.countCases();
      for (const slice of this.slices) this.countSlice(slice);
      this.checks.clear();
      for (let part = 0; part * 8 < this.dictionaries.check.length; part++) this.countChecks(part);
      this.checks.finish();
    }

    /** Find the cases among the rows that are kept, and count those. */
    countCases() {
      const { keep, picked, starts, failed, judged, all } = this;
      const { case: cases, outcome } = this.columns;
      all.clear();
      let [chosen, found, last] = [0, 0, -1];
      for (let row = 0; row < keep.length; row++) {
        if (!keep[row]) continue;
        if (cases[row] !== last) {
          last = cases[row];
          if (found) all.add(0, failed[found - 1], judged[found - 1]);
          starts[found] = chosen;
          failed[found] = 0;
          judged[found] = 0;
          found += 1;
        }
        if (outcome[row] === ERRORED) all.errors[0] += 1;
        else judged[found - 1] += 1;
        if (outcome[row] === FAILED) failed[found - 1] += 1;
        picked[chosen++] = row;
      }
      if (found) all.add(0, failed[found - 1], judged[found - 1]);
      starts[found] = chosen;
      this.cases = found;
      all.finish();
    }

    countSlice({ codes, groups, uniform, tally }) {
      const { picked, starts, failed, judged } = this;
      tally.clear();
      for (let c = 0; c < this.cases; c++) {
        const length = starts[c + 1] - starts[c];
        if (!uniform && length > 1) {
          this.countMixed(tally, codes, groups, c);
          continue;
        }
        const into = groups[codes[picked[starts[c]]]];
        for (let g = 0; g < into.length; g++) {
          tally.add(into[g], failed[c], judged[c]);
          tally.errors[into[g]] += length - judged[c];
        }
      }
      tally.finish();
    }

    /** One case whose samples have different values. */
    countMixed(tally, codes, groups, c) {
      const { outcome } = this.columns;
      const counts = new Map();
      for (let k = this.starts[c]; k < this.starts[c + 1]; k++) {
        const row = this.picked[k];
        for (const group of groups[codes[row]]) {
          const each = counts.get(group) ?? { x: 0, n: 0 };
          if (outcome[row] === ERRORED) tally.errors[group] += 1;
          else each.n += 1;
          if (outcome[row] === FAILED) each.x += 1;
          counts.set(group, each);
        }
      }
      for (const [group, { x, n }] of counts) tally.add(group, x, n);
    }

    /** Eight checks at once: four bits for the count of each in a case, while that is small. */
    countChecks(part) {
      const { picked, starts, checks } = this;
      const [judged, failed] = this.bits(part);
      const first = part * 8;
      const many = Math.min(8, this.dictionaries.check.length - first);
      PATTERNS.fill(0);
      for (let c = 0; c < this.cases; c++) {
        const [start, end] = [starts[c], starts[c + 1]];
        if (end - start === 1) {
          PATTERNS[(judged[picked[start]] << 8) | failed[picked[start]]] += 1;
        } else if (end - start < rates.SMALL) {
          let [x, n] = [0, 0];
          for (let k = start; k < end; k++) {
            n += SPREAD[judged[picked[k]]];
            x += SPREAD[failed[picked[k]]];
          }
          for (let b = 0; b < many; b++) {
            checks.add(first + b, (x >>> (4 * b)) & 15, (n >>> (4 * b)) & 15);
          }
        } else {
          for (let b = 0; b < many; b++) {
            let [x, n] = [0, 0];
            for (let k = start; k < end; k++) {
              n += (judged[picked[k]] >> b) & 1;
              x += (failed[picked[k]] >> b) & 1;
            }
            checks.add(first + b, x, n);
          }
        }
      }
      PATTERNS.forEach((times, pattern) => {
        if (!times) return;
        for (let b = 0; b < many; b++) {
          checks.add(first + b, (pattern >> b) & 1, (pattern >> (8 + b)) & 1, times);
        }
      });
    }
  }

  const PATTERNS = new Uint32Array(1 << 16); // cases of one attempt, by its judged and failed bits
  const SPREAD = Uint32Array.from({ length: 256 }, (_, byte) => {
    let spread = 0;
    for (let b = 0; b < 8; b++) spread += ((byte >> b) & 1) * 16 ** b;
    return spread;
  });

  function narrow(keep, codes, allowed) {
    const fits = Uint8Array.from(allowed, Number);
    for (let i = 0; i < keep.length; i++) keep[i] &= fits[codes[i]];
  }

  function narrowChecks(keep, judged, failed, bit, wantFailed) {
    const other = wantFailed ? 0 : bit;
    for (let i = 0; i < keep.length; i++) {
      keep[i] &= judged[i] & bit && (failed[i] ^ other) & bit ? 1 : 0;
    }
  }

  /** `slices` are the names of sliced columns with the values that are told apart. */
  async function read(data, slices) {
    return new Attempts(data, await (data.parquet ? beside(data) : embedded(data)), slices);
  }

  return { read };
})();
