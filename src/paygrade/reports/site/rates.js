// Failure rates with 95 % intervals, and how they are written.
//
// Each figure is reckoned as paygrade.stats.interval reckons it, to the last bit, and written as
// paygrade.reports.figures writes it.
"use strict";
const rates = (() => {
  const Z_95 = 1.9599639845400536; // as Python's NormalDist().inv_cdf(0.975) has it

  /** Wilson's 95 % interval of a proportion; counts may be fractional. */
  function wilson(failed, trials) {
    if (trials === 0) return [0, 1];
    const z = Z_95;
    const share = failed / trials;
    const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
    const centre = share + (z * z) / (2 * trials);
    const scale = 1 + (z * z) / trials;
    return [
      failed === 0 ? 0 : Math.max(0, (centre - spread) / scale),
      failed === trials ? 1 : Math.min(1, (centre + spread) / scale),
    ];
  }

  /** The double that is nearest to the quotient of two whole numbers. */
  function quotient(top, bottom) {
    const bits = (whole) => whole.toString(16).length * 4;
    const shift = BigInt(Math.max(0, bits(bottom) - bits(top) + 72));
    const scaled = top << shift;
    const odd = scaled % bottom ? 1n : 0n; // what is left over decides a tie
    return Number((scaled / bottom) * 2n + odd) * 2 ** -Number(shift + 1n);
  }

  /** Wilson's interval on effective counts, of attempts that come in cases. */
  function bounds(sums) {
    const { failed, judged, cases } = sums;
    if (judged === 0) return [0, 1]; // nothing is known
    if (sums.nn === judged) return wilson(failed, judged); // one attempt in every case
    const share = failed / judged;
    const [n, x] = [BigInt(judged), BigInt(failed)];
    const squares = // of (failed in a case) * judged - failed * (judged in a case), summed
      n * n * BigInt(sums.xx) - 2n * n * x * BigInt(sums.xn) + x * x * BigInt(sums.nn);
    const variance = cases < 2 ? 0 : (quotient(squares, n ** 4n) * cases) / (cases - 1);
    const effective = variance > 0 ? Math.min((share * (1 - share)) / variance, judged) : cases;
    return wilson(share * effective, effective);
  }

  const SMALL = 16; // cases of fewer attempts are counted by how many were judged and failed

  /** Counts of several groups of attempts, which are added case by case. */
  class Tally {
    constructor(groups) {
      const numbers = () => new Float64Array(groups);
      this.small = new Uint32Array(groups * SMALL * SMALL);
      this.errors = numbers();
      this.sums = { failed: numbers(), judged: numbers(), cases: numbers() };
      this.squares = { xx: numbers(), xn: numbers(), nn: numbers() }; // over cases
    }

    clear() {
      const every = [this.small, this.errors, ...Object.values(this.sums)];
      for (const each of [...every, ...Object.values(this.squares)]) each.fill(0);
    }

    /** A case of which x attempts failed and n were judged, such as `times` others. */
    add(group, x, n, times = 1) {
      if (n < SMALL) this.small[(group * SMALL + n) * SMALL + x] += times;
      else this.addSums(group, x, n, times);
    }

    addSums(group, x, n, times) {
      if (n === 0) return;
      this.sums.failed[group] += x * times;
      this.sums.judged[group] += n * times;
      this.sums.cases[group] += times;
      this.squares.xx[group] += x * x * times;
      this.squares.xn[group] += x * n * times;
      this.squares.nn[group] += n * n * times;
    }

    /** Bring all cases into the sums: after the last one, before the first is asked for. */
    finish() {
      this.small.forEach((times, index) => {
        const [group, rest] = [Math.floor(index / SMALL / SMALL), index % (SMALL * SMALL)];
        if (times) this.addSums(group, rest % SMALL, Math.floor(rest / SMALL), times);
      });
      this.small.fill(0);
    }

    of(group) {
      const found = { errors: this.errors[group] };
      for (const [name, values] of Object.entries({ ...this.sums, ...this.squares })) {
        found[name] = values[group];
      }
      return found;
    }
  }

  const whole = (count) => count.toLocaleString("en-US");
  const plural = (count, word) => `${whole(count)} ${word}${count === 1 ? "" : "s"}`;

  /** One decimal; a tie goes to the even digit, as Python writes it. */
  function tenths(value) {
    if (Math.abs((value * 4) % 2) !== 1) return value.toFixed(1);
    const below = Math.floor(value * 10);
    return ((below % 2 ? below + 1 : below) / 10).toFixed(1);
  }

  function percent(share) {
    if (share > 0 && share < 0.0005) return "<0.1 %";
    if (share < 1 && share > 1 - 0.0005) return ">99.9 %";
    return `${tenths(share * 100)} %`;
  }

  function told(sums) {
    if (!sums.judged) return "nothing scored";
    const [low, high] = bounds(sums);
    const between = `${tenths(low * 100)} to ${tenths(high * 100)} %`;
    const counts = `${whole(sums.failed)} of ${whole(sums.judged)}`;
    return `${percent(sums.failed / sums.judged)} (${between}), ${counts}`;
  }

  return { SMALL, Tally, bounds, plural, told, whole };
})();
