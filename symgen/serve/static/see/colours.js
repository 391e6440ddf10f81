/** Colours of the page, and loudness as colour. */

/**
 * Return what the names of CSS colours are worth on this page now.
 *
 * @param {string[]} names such as --soft
 * @returns {string[]} as rgb(r, g, b)
 */
export function resolved(names) {
  const probe = document.createElement("i");
  document.body.append(probe);
  const found = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}

/**
 * Return 128 colours, one for each MIDI velocity, through the given ones.
 *
 * @param {string[]} stops as rgb(r, g, b), from velocity 30 to 100 at equal distances
 * @returns {string[]}
 */
export function ramp(stops) {
  const parts = stops.map((colour) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number));
  return Array.from({ length: 128 }, (_, velocity) => {
    const place = Math.min(1, Math.max(0, (velocity - 30) / 70)) * (parts.length - 1);
    const below = Math.min(Math.floor(place), parts.length - 2);
    const mixed = parts[below].map((from, i) => {
      const to = parts[below + 1][i];
      return Math.round(from + (to - from) * (place - below));
    });
    return `rgb(${mixed.join(" ")})`;
  });
}
