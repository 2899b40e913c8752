// What every peer asks.

export const model = "gpt-4.1-mini";
export const key = "sk-benchmark";

export const params = {
  messages: [
    { role: "system", content: "You are a helpful assistant." },
    { role: "user", content: "What is the capital of France?" },
  ],
  temperature: 0.7,
};
