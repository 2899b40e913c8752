// Uses asResponse() alone of calls that fail, and leaves streams that fail: no unhandled rejection.
import { hello, multiplexerFor, streaming } from "../program.mjs";
const failing = multiplexerFor({ fault: { kind: "status", status: 400 } });
const statuses = [];
for (const body of [hello, streaming]) {
  await failing.chat.completions
    .create(body)
    .asResponse()
    .catch(({ status }) => statuses.push(status));
  await failing.chat.completions
    .create(body)
    .withResponse()
    .catch(({ status }) => statuses.push(status));
}
for (const kind of ["cut", "errorEvent", "malformedEvent"]) {
  const multiplexer = multiplexerFor({ tokens: 50, fault: { kind, afterTokens: 20 } });
  await multiplexer.chat.completions.create(streaming);
  const stream = await multiplexer.chat.completions.create(streaming);
  await stream[Symbol.asyncIterator]().next();
}
await new Promise((resolve) => setTimeout(resolve, 200));
console.log(statuses.join());
