// The differences between a call through the SDK and one through the multiplexer that are meant:
// where they show, and their row in docs/compatibility.md. A test that needs one names it; one
// that does not show there, or has no row, fails.

/** By name: `row` is the first cell of its row, `at` the paths at which it shows. */
export const differences = {};
