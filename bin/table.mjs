// Rows as columns of one width.

/**
 * The lines of a table. A cell is text, or `{ text, colour }` with the number of an ANSI colour. What
 * would move the cursor is taken out.
 */
export function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].text.length)));
  return cells.map((row) =>
    row
      .map(({ text, colour }, column) => {
        const padded = column === row.length - 1 ? text : text.padEnd(widths[column]);
        return colour === undefined ? padded : `\u001b[${colour}m${padded}\u001b[0m`;
      })
      .join("  ")
      .trimEnd(),
  );
}

function cell(value) {
  const { text, colour } = typeof value === "object" ? value : { text: value };
  // eslint-disable-next-line no-control-regex -- those are what is looked for
  return { text: text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "�"), colour };
}
