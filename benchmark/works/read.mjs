// How every stream is read.

/** Reads to the end and answers with the number of chunks that had content. */
export async function readAll(stream) {
  let chunks = 0;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) chunks++;
  }
  return chunks;
}

/** The same, and not one chunk may be missing. */
export async function readAllOf(stream, tokens) {
  const chunks = await readAll(stream);
  if (chunks !== tokens) throw new Error(`a stream had ${chunks} chunks instead of ${tokens}`);
  return chunks;
}
