import { Multiplexer } from "@upstash/model-multiplexer";
import OpenAI from "openai";

interface Config {
  primary: { key: string; baseURL?: string; models: Record<string, number> }[];
  fallback: { key: string; models: Record<string, number> }[];
}

export class MultiplexerFactory {
  static create(config: Config): Multiplexer {
    const multiplexer = new Multiplexer();
    for (const { key, baseURL, models } of config.primary) {
      const client = new OpenAI({ apiKey: key, baseURL: baseURL ?? null });
      for (const [name, weight] of Object.entries(models))
        multiplexer.addModel(client, weight, name);
    }
    for (const { key, models } of config.fallback) {
      const client = new OpenAI({ apiKey: key });
      for (const [name, weight] of Object.entries(models)) {
        multiplexer.addFallbackModel(client, weight, name);
      }
    }
    return multiplexer;
  }
}

export class SummaryService {
  readonly #multiplexer: Multiplexer;

  constructor(multiplexer: Multiplexer = MultiplexerFactory.create({ primary: [], fallback: [] })) {
    this.#multiplexer = multiplexer;
  }

  async summarize(text: string): Promise<string | null> {
    const result = await this.#multiplexer.chat.completions.create({
      model: "auto",
      temperature: 0.2,
      max_tokens: 200,
      messages: [
        { role: "system", content: "Summarize." },
        { role: "user", content: text },
      ],
    });
    return result.choices[0]?.message?.content ?? null;
  }
}
